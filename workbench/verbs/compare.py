"""The verb `compare`: what runs were asked differently, and what came of each."""

import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core.figures import measured_text, setting_text
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory import reconcile
from workbench.core.problems import shown
from workbench.core.runs.comparison import differing_settings, hindrances, refuse_the_same, result_facts
from workbench.core.runs.result import RunResult
from workbench.core.ticks import clock
from workbench.core.units import bytes_in_words, grouped
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

LONGEST_CELL = 60  # letters
# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Two runs or more.")],
    json: Json = False,
) -> None:
    """Lay runs beside each other: only the settings that differ, then what came of each."""
    results = [RunResult.read(RunFolder.find(name)) for name in runs]
    refuse_the_same(results)
    differing, told = differing_settings(results), hindrances(results)
    if json:
        facts = [result_facts(result) for result in results]
        terminal.printed({"settings": differing, "results": facts, "hindrances": told})
        return
    out.print(_table(results, differing))
    if not differing:
        out.print("They were asked the same.")
    for sentence in told:
        terminal.errors.print(sentence, soft_wrap=True)


def _table(results: list[RunResult], differing: dict[str, list[Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    for result in results:
        table.add_column(escape(shown(result.called, LONGEST_CELL)), justify="right", overflow="fold")
    for path, values in differing.items():
        table.add_row(path, *(escape(shown(_setting(value), LONGEST_CELL)) for value in values))
    table.add_section()
    columns = [_outcome(result) for result in results]
    for title in columns[0]:
        cells = [column[title] for column in columns]
        if any(cells):
            table.add_row(title, *cells)
    return table


def _setting(value: Any) -> str:
    match value:
        case None:
            return reconcile.NOT_KNOWN
        case bool():
            return "true" if value else "false"
        case int() | float():
            return setting_text(value)
        case tuple():
            return ", ".join(map(str, value))
    return str(value)


def _outcome(result: RunResult) -> dict[str, str]:
    """What came of it by its titles; nothing where it was not measured."""
    after = result.scored("after")
    return {
        "State": str(result.state),
        "Steps": grouped(result.history.step),
        "Loss": "" if result.loss_last is None else measured_text(result.loss_last),
        "Evaluation loss": "" if result.evaluation_loss is None else measured_text(result.evaluation_loss),
        "Exact match": f"{after.right} of {after.rows}" if after else "",
        "Peak memory": bytes_in_words(result.peak_bytes) if result.peak_bytes else "",
        "predicted": bytes_in_words(result.predicted_peak_bytes) if result.predicted_peak_bytes else "",
        "Time": clock(result.seconds) if result.seconds else "",
        "Tokens": grouped(result.tokens) if result.tokens else "",
    }
