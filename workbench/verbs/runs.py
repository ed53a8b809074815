"""The verbs about runs that are kept: the list, and what a person says of one."""

import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core import places
from workbench.core.figures import measured_text
from workbench.core.job.label import change_label, read_notes, tidy_tag, write_notes
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError, shown
from workbench.core.runs.index import RunIndex, read_row, readable
from workbench.core.runs.row import RunRow
from workbench.core.units import bytes_in_words, counted
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

LONGEST_CELL = 200  # letters
# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's name, the beginning of it, or its folder.")]


def runs(
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Only runs with this tag; repeatable.")
    ] = None,
    search: Annotated[
        str,
        typer.Option("--search", metavar="WORDS", help="Only runs in whose name, model, data, tags and notes all are."),
    ] = "",
    json: Json = False,
) -> None:
    """List the runs, oldest first; one that cannot be read is named beside the others, with exit code 2."""
    there = RunIndex().rows()
    rows, problems = readable(there)
    found = [row for row in reversed(rows) if row.has_tags(*(tag or [])) and row.holds(search)]
    if json:
        terminal.printed([facts(row) for row in found])
    elif found:
        out.print(_table(found))
    elif rows:
        out.print(f"None of {counted(len(rows), 'run')} is like that.")
    elif not there:
        out.print(f"There are no runs in {escape(str(places.runs()))} yet. `workbench demo` makes the first.")
    for problem in problems:
        terminal.errors.print(escape(problem), soft_wrap=True)
    if problems:
        raise typer.Exit(terminal.REFUSED)


def tag(
    run: Run,
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG...", help="What to tag it with.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Take the tags off.")] = False,
    json: Json = False,
) -> None:
    """Tag a run, or take tags off it; without a tag it tells those it has."""
    folder = RunFolder.find(run)
    given = [tidy_tag(text) for text in tags or []]
    label = change_label(folder.path, lambda label: label.without(*given) if off else label.tagged(*given))
    if json:
        terminal.printed({"run": folder.name, "name": label.name or folder.name, "tags": list(label.tags)})
    else:
        said = ", ".join(label.tags) if label.tags else "none"
        out.print(escape(f"Tags of run {label.name or folder.name}: {said}."))


def rename(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help='What to call it; "" for the name of its folder.')],
    json: Json = False,
) -> None:
    """Give a run a name of your own; its folder keeps the one it has."""
    folder = RunFolder.find(run)
    label = change_label(folder.path, lambda label: label.named(name))
    if json:
        terminal.printed({"run": folder.name, "name": label.name or folder.name, "tags": list(label.tags)})
    else:
        out.print(escape(f"Run {folder.name} is called {label.name or folder.name}."))


def notes(
    run: Run,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help='The new notes, "" for none; "-" reads them from the input.')
    ] = None,
    json: Json = False,
) -> None:
    """Show what is noted of a run, or note something else."""
    folder = RunFolder.find(run)
    if text is not None:
        write_notes(folder.path, _input() if text == "-" else text)
    kept = read_notes(folder.path)
    if json:
        terminal.printed({"run": folder.name, "notes": kept})
    elif kept:
        sys.stdout.write(kept if kept.endswith("\n") else f"{kept}\n")
    else:
        terminal.errors.print(escape(f"Nothing is noted of run {folder.name}."))


def _input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise UserError("What was given is not UTF-8 text.", remedy="Notes are plain text.") from None


def facts(row: RunRow) -> dict[str, Any]:
    """What `runs --json` prints of one run."""
    found = row.answers_right
    return {
        "run": row.name,
        "name": row.called,
        "state": row.state,
        "step": row.step,
        "steps": row.steps,
        "model": row.model,
        "precision": row.precision,
        "data": row.data,
        "loss": row.loss_last,
        "evaluation_loss": row.evaluation_loss,
        "right": found.right if found else None,
        "scored": found.rows if found else None,
        "judged_by": found.judge if found else None,
        "peak_memory_bytes": row.peak_bytes or None,
        "seconds": row.elapsed_seconds,
        "tags": list(row.tags),
        "notes": row.notes,
    }


def facts_of(run: RunFolder) -> dict[str, Any]:
    """The same of a run as it is now. Raises UserError where its journal cannot be read."""
    row = read_row(run)
    if row.unreadable:
        raise UserError(row.unreadable)
    return facts(row)


def _table(rows: list[RunRow]) -> Table:
    """The runs for people; a column that would be empty is left out."""
    columns = {
        "Run": [row.called for row in rows],
        "State": [str(row.state) for row in rows],
        "Step": [f"{row.step} of {row.steps}" if row.steps else str(row.step) for row in rows],
        "Loss": ["" if row.loss_last is None else measured_text(row.loss_last) for row in rows],
        "Evaluation": ["" if row.evaluation_loss is None else measured_text(row.evaluation_loss) for row in rows],
        "Right": [_right(row) for row in rows],
        "Peak": [bytes_in_words(row.peak_bytes) if row.peak_bytes else "" for row in rows],
        "Model": [row.model for row in rows],
        "Precision": [row.precision.upper() for row in rows],
        "Tags": [", ".join(row.tags) for row in rows],
    }
    table = Table(box=None, pad_edge=False)
    for title in [title for title, cells in columns.items() if not any(cells)]:
        del columns[title]
    for title in columns:
        is_number = title in ("Step", "Loss", "Evaluation", "Right", "Peak")
        table.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*(escape(shown(cell, LONGEST_CELL)) for cell in cells))
    return table


def _right(row: RunRow) -> str:
    """How many answers were right; what a person has marked is told from an exact match."""
    found = row.answers_right
    if found is None:
        return ""
    return found.in_words if found.judge == "person" else f"{found.right} of {found.rows}"
