"""The verb `measure`: one model in several precisions, their memory, speed, perplexity and answers side by side."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core import places, sources
from workbench.core.data import texts
from workbench.core.data.rows import settings_at
from workbench.core.job.events import Event
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import PRECISIONS, MeasureRequest, PrecisionMeasured
from workbench.core.model import folder as model_folder
from workbench.core.model.kept import kept_models
from workbench.core.plan import preflight
from workbench.core.problems import UserError, nearest, shown
from workbench.core.race.measures import MEASURES, in_order, title_of
from workbench.core.race.race import STARTER, Race
from workbench.core.race.report import write_report
from workbench.core.recipe.recipe import Recipe
from workbench.core.report.page import check_place
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def measure(
    further: Annotated[
        list[str] | None, typer.Argument(metavar="[PRECISION ...]", help="After --precisions: further ones.")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", metavar="M", help="A model folder, or a kept model by its name.")
    ] = STARTER,
    precisions: Annotated[
        list[str] | None,
        typer.Option(
            "--precisions", metavar="P ...", help=f"Some of {', '.join(PRECISIONS)}; all where none is named."
        ),
    ] = None,
    text: Annotated[
        str, typer.Option("--text", metavar="FILE", help="The text to measure perplexity on; ours where none is named.")
    ] = "",
    prompt: Annotated[
        list[str] | None,
        typer.Option(
            "--prompt", metavar="TEXT", help="Answered in every precision; repeatable. Ours where none is given."
        ),
    ] = None,
    train_steps: Annotated[
        int, typer.Option("--train-steps", min=0, metavar="N", help="Also train for this many steps in each precision.")
    ] = 0,
    data: Annotated[str, typer.Option("--data", metavar="DATA", help="What is trained on.")] = "shopping",
    seed: Annotated[int, typer.Option("--seed", min=0, max=2_147_483_647, help="The same seed for all of them.")] = 1,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the race as an HTML page that stands alone.")
    ] = None,
    json: Json = False,
) -> None:
    """Race one model in several precisions: memory, speed, perplexity, answers."""
    named = [*(precisions or []), *(further or [])]
    request = MeasureRequest(
        model=model_of(model),
        precisions=in_order(named) if named else PRECISIONS,
        text=_text(text),
        prompts=tuple(prompt or ()),
        seed=seed,
        train_steps=train_steps,
        data=_data(data) if train_steps else "shopping",
    )
    if report is not None:
        check_place(report)
    run = create_study(request)
    terminal.errors.print(f"Study {escape(str(run.path))}", soft_wrap=True)
    history = terminal.run_to_its_end(run, _Follower)
    ended = history.ended
    if ended is not None and ended.state != "finished":
        run.remove()  # nobody reads half a race, and a refused one would only be in the way
        terminal.refuse(history)
    race = Race.of(request, history.findings, history.started.versions if history.started else None)
    if race.ran and report is not None:
        write_report(report, race)
    if json:
        terminal.printed(facts(run, race, str(run.state(history)) if ended is None else ended.state))
    elif race.rows:
        show(race)
        if report is not None:
            out.print(escape(f"The report is in {report}"), soft_wrap=True)
    raise typer.Exit(terminal.exit_code(run, history))


def model_of(name: str) -> str:
    """The folder of a model that is named, or the starter where it has yet to be fetched. Raises UserError."""
    path = sources.expanded(name)
    if name in (STARTER, places.STARTER) and not path.is_dir():
        return STARTER
    try:
        is_there = path.exists()
    except (OSError, ValueError):  # a name longer than a file's can be, or of characters that none has
        is_there = False
    if not is_there:
        kept = kept_models()
        found = next((model for model in kept if model.name.lower() == name.lower()), None)
        if found is None:
            raise UserError(
                f'There is no model "{shown(name)}".{nearest(name, [model.name for model in kept])}',
                remedy="Name a model folder, a model that is kept here, or starter.",
            )
        path = found.path
    model_folder.inspect_for_text(path)
    return str(path.resolve())


def _text(name: str) -> str:
    texts.read_text(name)
    return str(sources.expanded(name).resolve()) if name else ""


def _data(name: str) -> str:
    path = sources.data_path(name)
    preflight.check_rows(settings_at(Recipe().data, name))
    return name if name in places.built_in_datasets() else str(path.resolve())


class _Follower(terminal.Follower):
    """Says what each precision came to as it is known; Ctrl-C cancels, a second one kills."""

    interrupts = ("cancel",)

    def _show(self, event: Event) -> None:
        if isinstance(event, PrecisionMeasured):
            values = [f"{measure.title} {words}" for measure in MEASURES if (words := measure.words(event))]
            self._print_line(f"{title_of(event.precision)}: {event.problem or ', '.join(values)}")
        else:
            super()._show(event)


def facts(run: RunFolder, race: Race, state: str) -> dict[str, Any]:
    """What `measure --json` prints."""
    reference = race.reference
    return {
        "study": str(run.path),
        "state": state,
        "model": race.request.model,
        "seed": race.request.seed,
        "text": race.request.text or str(texts.our_text()),
        "prompts": list(race.prompts),
        "reference": reference.precision if reference else None,
        "sentence": race.sentence,
        "notes": list(race.notes),
        "versions": dict(race.versions),
        "precisions": race.rows_as_json(),
    }


def show(race: Race) -> None:
    """The table, the answers, and what NF4 buys and costs."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Precision")
    for measure in MEASURES:
        table.add_column(measure.title, justify="right")
    for row in race.ran:
        best = {measure.name for measure in MEASURES if race.best(measure) == row.precision}
        cells = [
            f"[bold]{words}[/bold]" if measure.name in best else words
            for measure in MEASURES
            for words in [measure.words(row)]
        ]
        table.add_row(title_of(row.precision), *cells)
    out.print(table)
    for row in race.rows:
        for problem in filter(None, (row.problem, row.training_problem and f"not trained: {row.training_problem}")):
            out.print(escape(f"{title_of(row.precision)}: {problem}"), soft_wrap=True)
    for place, prompt in enumerate(race.prompts):
        out.print(f"\n[bold]{escape(shown(prompt, 300))}[/bold]")
        for row in race.ran:
            parts = race.marked(row, place)
            marked = escape(_flat(parts.same)) + f"[reverse]{escape(parts.word)}[/reverse]" + escape(_flat(parts.rest))
            ending = " [reverse] [/reverse]" if parts.ends_sooner else ""
            out.print(f"  {title_of(row.precision):<9} {marked}{ending}", soft_wrap=True)
    out.print()
    for sentence in filter(None, (race.sentence, *race.notes)):
        out.print(escape(sentence), soft_wrap=True)


def _flat(text: str) -> str:
    """An answer on one line, without what a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)
