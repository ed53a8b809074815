"""The list of runs, quick however many there are: what their files said is known until one of them changes.

What is known stands in a file beside the folders, for the next process. The folders are the truth: an index that is
missing, damaged or of another version is made anew from them.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core import places
from workbench.core.job.label import LABEL, NOTES
from workbench.core.job.marks import MARKS
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.row import RunRow, row_of, with_words
from workbench.core.whole_file import write_whole

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from workbench.core.job.outline import Outline

# What a row holds: an index with others is of another version.
_FIELDS = tuple(field.name for field in fields(RunRow))
# Of each file: its size and when it was changed, in nanoseconds; nothing where there is none.
_Stamp = tuple[int, int] | None


@dataclass(frozen=True)
class _Entry:
    """A run that is over, and its files as they were when they were read.

    A run whose journal holds its end is over as long as that stands unchanged: an engine that takes it writes there
    first. Of one that crashed without a word, the lock is asked each time.
    """

    job: _Stamp
    journal: _Stamp
    lock: _Stamp
    label: _Stamp
    notes: _Stamp
    marks: _Stamp
    has_ended: bool
    row: RunRow


@dataclass(frozen=True)
class _Document:
    fields: tuple[str, ...]
    runs: dict[str, _Entry]


def index_path() -> Path:
    return places.runs() / ".index.json"


class RunIndex:
    """The rows of the runs at home; one object may be asked again and again, by one thread at a time."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] | None = None

    def rows(self) -> tuple[RunRow, ...]:
        """Every run, the newest first. Raises UserError where the runs cannot be listed."""
        runs = RunFolder.all()
        before = self._entries if self._entries is not None else _read()
        after: dict[str, _Entry] = {}
        found: list[RunRow] = []
        for run in runs:
            with suppress(FileNotFoundError):  # it was deleted just now
                known = before.get(run.name)
                entry = _current(run, known)
                found.append(entry.row)
                if not (entry.row.state.is_alive or entry.row.unreadable or entry.row.error):
                    after[run.name] = entry
        found += _without_a_job()
        self._entries = after
        if after != before:
            _keep(after)
        return tuple(sorted(found, key=_by_age, reverse=True))


def _without_a_job() -> list[RunRow]:
    """Folders that tell what happened and not what was asked: none is left out of the list."""
    found: list[RunRow] = []
    for path in places.runs().iterdir() if places.runs().is_dir() else ():
        run = RunFolder(path)
        if path.name.startswith(".") or run.job.is_file() or not run.journal.is_file():
            continue
        with suppress(OSError, UserError):  # it goes just now, or cannot be read at all
            made_at = run.journal.stat().st_mtime
            at, error = datetime.fromtimestamp(made_at), f"{path.name} has no job.toml: what it was asked is not known."
            found.append(RunRow(run.name, path, run.state(), at, made_at, error=error))
    return found


def read_row(run: RunFolder) -> RunRow:
    """The row of one run, read anew. Raises FileNotFoundError where it is gone."""
    return _current(run, None).row


def readable(rows: Iterable[RunRow]) -> tuple[list[RunRow], list[str]]:
    """The rows whose journals could be read, and what is wrong with the others, and with labels, notes and marks."""
    whole: list[RunRow] = []
    problems: list[str] = []
    for row in rows:
        problems += [row.unreadable] if row.unreadable else row.told
        if not row.unreadable:
            whole.append(row)
    return whole, problems


def _by_age(row: RunRow) -> tuple[datetime, float]:
    return row.started_at, row.made_at


def _current(run: RunFolder, known: _Entry | None) -> _Entry:
    """What is known of a run where its files are as they were, else what they say now. Raises FileNotFoundError."""
    job, journal, lock = map(_stamp, (run.job, run.journal, run.lock))
    label, notes, marks = (_stamp(run.path / name) for name in (LABEL, NOTES, MARKS))
    if job is None:
        raise FileNotFoundError(run.job)
    if (
        known is not None
        and (known.job, known.journal, known.lock, known.row.path) == (job, journal, lock, run.path)
        and (known.has_ended or not run.is_held())
    ):
        if (known.label, known.notes, known.marks) == (label, notes, marks):
            return known
        return replace(known, label=label, notes=notes, marks=marks, row=with_words(known.row, run))
    has_ended, row = _read_run(run)
    return _Entry(job, journal, lock, label, notes, marks, has_ended, row)


def _read_run(run: RunFolder) -> tuple[bool, RunRow]:
    """Whether its journal holds its end, and its row."""
    try:
        recipe: Recipe | str = run.recipe()
    except UserError as error:
        recipe = str(error)
    seen, unreadable = _outline(run, recipe)
    state = run.state(seen)
    if not state.is_alive:
        seen, unreadable = _outline(run, recipe)  # it may have written its end just before it let go of the lock
        state = run.state(seen)
    return seen.ended is not None, replace(row_of(run, recipe, seen, state), unreadable=unreadable)


def _outline(run: RunFolder, recipe: Recipe | str) -> "tuple[Outline, str]":
    """Where it stands, and why that cannot be read."""
    from workbench.core.job.outline import Outline, last_evaluation, outline

    try:
        seen = outline(run.journal, counts_attempts=False)
        evaluates = isinstance(recipe, Recipe) and recipe.evaluation.every_steps > 0
        if seen.evaluation_loss is None and evaluates:
            seen = replace(seen, evaluation_loss=last_evaluation(run.journal, seen.step))
    except OSError as error:
        return Outline(), str(run.unreadable(error))
    return seen, ""


def _stamp(path: Path) -> _Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116  of thousands of files a third quicker than Path's
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


# -- the file ----------------------------------------------------------------------------------------------------------


@cache
def _adapter() -> "TypeAdapter[_Document]":
    from pydantic import TypeAdapter  # its building takes 9 ms

    return TypeAdapter(_Document)


def _read() -> dict[str, _Entry]:
    try:
        document = _adapter().validate_json(index_path().read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return document.runs if document.fields == _FIELDS else {}


def _keep(entries: dict[str, _Entry]) -> None:
    with suppress(OSError):  # the next process reads the folders then
        if entries:
            write_whole(index_path(), _adapter().dump_json(_Document(_FIELDS, entries)))
        else:
            index_path().unlink(missing_ok=True)
