"""The verb `fetch`: a model, or the Parquet files of a dataset, from the Hub into the cache that programs share."""

import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from workbench.core.hub.repo import Repo
from workbench.core.job.events import Event, Paused
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import Fetched, FetchPlanned, FetchRequest
from workbench.core.problems import UserError
from workbench.core.units import bytes_in_words
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def fetch(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="A Hub id, org/name; of a dataset datasets/org/name.")],
    revision: Annotated[
        str, typer.Option("--revision", metavar="R", help="A branch, tag or commit; main where none is named.")
    ] = "",
    config: Annotated[
        str, typer.Option("--config", metavar="C", help="Of a dataset: its configuration, where it has several.")
    ] = "",
    split: Annotated[
        str, typer.Option("--split", metavar="S", help="Of a dataset: train, test, ...; all where none is named.")
    ] = "",
    json: Json = False,
) -> None:
    """Fetch a model or a dataset from the Hub; Ctrl-C ends it, and the same again goes on from what came."""
    repo = Repo.of(name)
    if repo.kind == "model" and (config or split):
        raise UserError("--config and --split are of datasets.", remedy=f"Write datasets/{repo.id}, or leave them out.")
    run = create_study(FetchRequest(name=repo.name, revision=revision, config=config, split=split))
    history = terminal.run_to_its_end(run, _Follower)
    ended = history.ended
    run.remove()  # what came lies in the cache
    terminal.refuse(history)
    if ended is not None and ended.state == "stopped":  # it held itself
        why = next((event.why for event in reversed(history.others) if isinstance(event, Paused)), "")
        raise UserError(
            "The download broke off.", why=why, remedy=f"`workbench fetch {name}` goes on from what came of it."
        )
    if ended is not None and ended.state == "cancelled":
        terminal.errors.print("What came of it is kept: the same command goes on from there.")
    if json:
        terminal.printed(facts(repo, history))
    elif history.findings and isinstance(found := history.findings[-1], Fetched):
        came = f", {bytes_in_words(found.came_bytes)} of it now" if found.came_bytes < found.total_bytes else ""
        size = bytes_in_words(found.total_bytes)
        out.print(escape(f"{found.name} is here, whole and checked: {size}{came}, in {found.folder}"), soft_wrap=True)
    raise typer.Exit(terminal.exit_code(run, history))


class _Follower(terminal.Follower):
    """Says how many bytes have come; Ctrl-C cancels, a second one kills. One that holds itself is ended here."""

    interrupts = ("cancel",)

    def _show(self, event: Event) -> None:
        match event:
            case FetchPlanned():
                self._print_line(f"{event.in_words()}.")
            case Paused(why=why) if why:
                self.run.give(Order(order="stop"))
            case _:
                super()._show(event)


def facts(repo: Repo, history: History) -> dict[str, Any]:
    """What `fetch --json` prints."""
    found = next((finding for finding in history.findings if isinstance(finding, Fetched)), None)
    planned = next((finding for finding in history.findings if isinstance(finding, FetchPlanned)), None)
    return {
        "name": repo.name,
        "state": history.ended.state if history.ended else "crashed",
        "folder": found.folder if found else None,
        "commit": planned.commit if planned else None,
        "files": [{"name": name, "bytes": size} for name, size in planned.files] if planned else [],
        "bytes": planned.total_bytes if planned else None,
        "bytes_fetched": found.came_bytes if found else None,
        "seconds": found.seconds if found else None,
    }
