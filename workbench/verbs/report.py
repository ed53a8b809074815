"""The verb `report`: a run that is over as one HTML file."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from workbench.core.job.run_folder import RunFolder
from workbench.core.report.page import check_place
from workbench.core.runs.report import write_report
from workbench.core.runs.result import RunResult
from workbench.core.units import bytes_in_words
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json
from workbench.verbs.runs import Run

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def report(
    run: Run,
    place: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write, such as report.html.")],
    json: Json = False,
) -> None:
    """Write what was asked of a run and what came of it into one HTML file that stands alone."""
    folder = RunFolder.find(run)
    check_place(place)
    write_report(place, RunResult.read(folder))
    size_bytes = place.stat().st_size
    if json:
        terminal.printed({"run": folder.name, "path": str(place.absolute()), "bytes": size_bytes})
    else:
        out.print(escape(f"{place} is written: {bytes_in_words(size_bytes)}"), soft_wrap=True)
