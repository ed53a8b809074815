"""The verbs `delete` and `import`: runs that go, and runs that come."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.runs.arrival import import_run
from workbench.core.runs.index import RunIndex
from workbench.core.runs.removal import removal_in_words, to_bin, trained_further
from workbench.core.units import bytes_in_words
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json
from workbench.verbs.runs import Run

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def delete(
    run: Run,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Put a run into the system's bin, once that is confirmed."""
    folder = RunFolder.find(run)
    if not yes:
        question = removal_in_words(folder, trained_further(folder, RunIndex().rows()))
        if not sys.stdin.isatty():
            raise UserError(f"{question} There is no terminal to answer at.", remedy="Add --yes to delete it.")
        if not typer.confirm(question, err=True):
            raise typer.Exit(terminal.EXIT_CODES["cancelled"])
    size_bytes = to_bin(folder)
    if json:
        terminal.printed({"removed": folder.name, "bytes": size_bytes})
    else:
        out.print(
            escape(f"Run {folder.name} is in the system's bin: {bytes_in_words(size_bytes)}, free once it is empty.")
        )


def import_folder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A run folder, from another home or machine.")],
    json: Json = False,
) -> None:
    """Check a run folder from elsewhere and copy it among the runs."""
    came = import_run(folder.expanduser())
    for sentence in came.told:
        terminal.errors.print(escape(sentence), soft_wrap=True)
    if json:
        told = list(came.told)
        terminal.printed({"run": came.run.name, "path": str(came.run.path), "bytes": came.size_bytes, "told": told})
    else:
        out.print(escape(f"Run {came.run.name} is here: {bytes_in_words(came.size_bytes)}."))
