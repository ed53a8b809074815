"""The verb `compare`: what runs were asked differently, and what came of each."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import shown
from workbench.core.report.page import check_place
from workbench.core.runs.comparison import differing_settings, hindrances, refuse_the_same, result_facts
from workbench.core.runs.comparison_report import write_comparison
from workbench.core.runs.result import RunResult
from workbench.core.runs.result_words import outcome_in_words, value_in_words
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

LONGEST_CELL = 60  # letters
# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Two runs or more.")],
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write it into an HTML file too, with the curves.")
    ] = None,
    json: Json = False,
) -> None:
    """Lay runs beside each other: only the settings that differ, then what came of each."""
    if report is not None:
        check_place(report)
    results = [RunResult.read(RunFolder.find(name)) for name in runs]
    refuse_the_same(results)
    differing, told = differing_settings(results), hindrances(results)
    if report is not None:
        write_comparison(report, results)
    if json:
        facts = [result_facts(result) for result in results]
        terminal.printed({"settings": differing, "results": facts, "hindrances": told})
        return
    out.print(comparison_table(results, differing))
    if not differing:
        out.print("They were asked the same.")
    for sentence in told:
        terminal.errors.print(sentence, soft_wrap=True)


def comparison_table(results: list[RunResult], differing: dict[str, list[Any]]) -> Table:
    """The runs for people, a column each."""
    table = Table(box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    for result in results:
        table.add_column(escape(shown(result.called, LONGEST_CELL)), justify="right", overflow="fold")
    for path, values in differing.items():
        table.add_row(path, *(escape(shown(value_in_words(value), LONGEST_CELL)) for value in values))
    table.add_section()
    columns = [outcome_in_words(result) for result in results]
    for title in columns[0]:
        cells = [column[title] for column in columns]
        if any(cells):
            table.add_row(title, *cells)
    return table
