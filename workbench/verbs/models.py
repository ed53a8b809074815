"""The verb `models`: what lies on this machine, who uses it, and its removal."""

import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core.hub import cache as hub_cache
from workbench.core.machine.models_here import ModelHere, everything_here, find_here, removal_in_words, remove
from workbench.core.problems import UserError, shown
from workbench.core.units import bytes_in_words, counted
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

LONGEST_CELL = 300  # letters
app = typer.Typer(invoke_without_command=True, add_completion=False, no_args_is_help=False)
# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@app.callback()
def models(context: typer.Context, json: Json = False) -> None:
    """List the models and datasets on this machine; `models remove NAME` deletes one."""
    if context.invoked_subcommand is not None:
        return
    found = everything_here()
    if json:
        terminal.printed([_facts(entry) for entry in found])
    elif found:
        out.print(_table(found))
        out.print(f"{bytes_in_words(sum(entry.size_bytes for entry in found))} in all.")
    else:
        out.print(escape(f"There are no models on this machine yet, neither ours nor in {hub_cache.root()}."))


@app.command("remove")
def remove_model(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `workbench models` names it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Delete a model or a dataset from this machine, once that is confirmed."""
    entry = find_here(name)
    if not yes:
        if not sys.stdin.isatty():
            raise UserError(
                f"{removal_in_words(entry)} There is no terminal to answer at.", remedy="Add --yes to delete it."
            )
        if not typer.confirm(removal_in_words(entry), err=True):
            raise typer.Exit(terminal.EXIT_CODES["cancelled"])
    gone = remove(entry.source)
    if json:
        terminal.printed({"removed": gone.name, "kind": gone.kind, "bytes": gone.size_bytes})
    else:
        out.print(
            escape(f"{shown(gone.name, LONGEST_CELL)} is deleted; {bytes_in_words(gone.size_bytes)} are free again.")
        )


def _table(found: list[ModelHere]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("Name", "Size", "Licence", "Used by", "Last used", ""):
        table.add_column(title, justify="right" if title == "Size" else "left", overflow="fold")
    for entry in found:
        day = f"{datetime.fromtimestamp(entry.last_used):%Y-%m-%d}" if entry.last_used else ""
        uses = counted(len(entry.used_by), "run") if entry.used_by else ""
        state = f"in use by {entry.running[0]}" if entry.running else entry.problem
        cells = (entry.name, bytes_in_words(entry.size_bytes), entry.licence, uses, day, state)
        table.add_row(*(escape(shown(cell, LONGEST_CELL)) for cell in cells))
    return table


def _facts(entry: ModelHere) -> dict[str, Any]:
    """What `models --json` prints of each."""
    return {
        "name": entry.name,
        "kind": entry.kind,
        "source": entry.source,
        "folder": str(entry.folder) if entry.folder else None,
        "bytes": entry.size_bytes,
        "part_bytes": entry.part_bytes,
        "licence": entry.licence or None,
        "used_by": list(entry.used_by),
        "last_used": datetime.fromtimestamp(entry.last_used).isoformat() if entry.last_used else None,
        "running": list(entry.running),
        "problem": entry.problem or None,
    }
