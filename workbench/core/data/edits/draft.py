"""Rows that are being written: a base of rows, the changes to it, and the order in which they stand now.

Every change is a line of a journal beside the base: what was written is there again after a crash, and can be undone.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from workbench.core.data.edits import journal
from workbench.core.data.edits import value as values
from workbench.core.data.edits.base import Base
from workbench.core.data.edits.change import Change, ChangeKind, Insert, Put, Remove, Step
from workbench.core.data.edits.journal import JOURNAL, Saved, Went
from workbench.core.data.edits.value import Spelling, Value
from workbench.core.problems import UserError, shown
from workbench.core.whole_file import whole_file

NUMBERS_KEPT = 8
SAVED_ROWS_BETWEEN = 1000


class Draft:
    """The rows in a draft's folder. Raises UserError where they cannot be read.

    A change that cannot be kept on the disk raises UserError, too, and is made all the same: it is kept with the next.

    Attributes:
        changes: All that were made, oldest first, also those that are undone.
        done: How many of them are done.
        order: Ids of the rows as they stand, an int64 array of shape (rows,): below `len(base)` those of the base.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = Base(folder)
        self.changes: list[Change] = []
        self.done = 0
        self.order: NDArray[np.int64] = np.arange(len(self.base), dtype=np.int64)
        self._values: dict[int, Value] = {}
        self._next_row = len(self.base)
        self._saved = (0, "")
        self._problems = {row: (kind, text) for row, kind, text in self.base.facts.problems}
        self._unkept: list[bytes] = []  # lines of the journal that could not be written yet
        self._replay()

    # -- what stands there --------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.order)

    @property
    def name(self) -> str:
        """Of the file the rows came from; empty where they are written from nothing."""
        return self.base.facts.name

    @property
    def spelling(self) -> Spelling:
        return self.base.facts.spelling

    @property
    def group_column(self) -> str:
        return self.base.facts.group_column

    @property
    def saved_as(self) -> str:
        """The path of the last copy; empty before the first."""
        return self._saved[1]

    @property
    def unsaved_changes(self) -> int:
        """How many steps the rows are away from the last copy, or from the file where there is none."""
        return abs(self.done - self._saved[0])

    def row_at(self, position: int) -> int:
        return int(self.order[position])

    def position_of(self, row: int) -> int | None:
        """Where a row stands now; None where it was deleted."""
        found = np.flatnonzero(self.order == row)
        return int(found[0]) if len(found) else None

    def number_of(self, row: int) -> int:
        """A row's number for a person: that of its line in the file, and for new ones those that follow the last."""
        over = row - len(self.base)
        return self.base.line(row) if over < 0 else self.base.last_line + 1 + over

    def value(self, row: int) -> Value:
        """A row as it stands now."""
        found = self._values.get(row)
        return found if found is not None else self.base.value(row)

    def value_before(self, row: int) -> Value | None:
        """A row as it came from the file; None for one that was written here."""
        return None if self.is_new(row) else self.base.value(row)

    def is_new(self, row: int) -> bool:
        """Whether it came from no file: added, or of rows that are all written here."""
        return row >= len(self.base) or not self.name

    def is_changed(self, row: int) -> bool:
        return not self.is_new(row) and row in self._values

    @property
    def changed_rows(self) -> frozenset[int]:
        """Ids of rows that do not stand as they were in the file: written anew, or new."""
        return frozenset(self._values)

    def problem_as_read(self, row: int) -> str:
        """What was wrong with a row of the file as it was read, as long as nothing was written in it; else empty."""
        return self.wrong_as_read(row)[1]

    def wrong_as_read(self, row: int) -> tuple[str, str]:
        """The same with its kind, a name of `row_kinds.PROBLEMS`: the kind, and what is said; both empty for none."""
        return ("", "") if row in self._values else self._problems.get(row, ("", ""))

    def is_in_memory(self, row: int) -> bool:
        """Whether a row is held, so that nothing is read for it."""
        return row in self._values

    # -- changes ------------------------------------------------------------------------------------------------------

    def write(self, row: int, made: Value, field: str) -> Change | None:
        """Gives a row another value, of which `field` is what was written; None where nothing is different."""
        before = self.value(row)
        if made == before:
            return None
        return self._change("edited", [row], [Put(row=row, before=self._values.get(row), after=made)], field=field)

    def write_many(self, made: Sequence[tuple[int, Value]], kind: ChangeKind = "replaced") -> Change | None:
        """Gives several rows other values in one change."""
        steps: list[Step] = [
            Put(row=row, before=self._values.get(row), after=value) for row, value in made if value != self.value(row)
        ]
        return self._change(kind, [step.row for step in steps if isinstance(step, Put)], steps) if steps else None

    def revert(self, row: int) -> Change | None:
        """Gives a row of the file its first value again."""
        if not self.is_changed(row):
            return None
        return self._change("reverted", [row], [Put(row=row, before=self._values[row], after=None)])

    def add(self, after: int | None, made: Sequence[Value] | None = None, kind: ChangeKind = "added") -> Change:
        """Puts new rows below a position, or at the end; an empty one where none are given."""
        made = [values.empty_value(self.spelling)] if made is None else made
        start = len(self.order) if after is None else after + 1
        rows = list(range(self._next_row, self._next_row + len(made)))
        puts: list[Step] = [Put(row=row, before=None, after=value) for row, value in zip(rows, made, strict=True)]
        placed = Insert(positions=list(range(start, start + len(rows))), rows=rows)
        return self._change(kind, rows, [*puts, placed])

    def duplicate(self, positions: Sequence[int]) -> Change:
        """Puts a copy of each row below the last of them."""
        positions = sorted(positions)
        originals = [self.row_at(position) for position in positions]
        made = [self.value(row) for row in originals]
        rows = list(range(self._next_row, self._next_row + len(made)))
        start = positions[-1] + 1
        puts: list[Step] = [Put(row=row, before=None, after=value) for row, value in zip(rows, made, strict=True)]
        placed = Insert(positions=list(range(start, start + len(rows))), rows=rows)
        return self._change("duplicated", originals, [*puts, placed], copies=rows)

    def delete(self, positions: Sequence[int]) -> Change:
        """Takes rows away."""
        positions = sorted(positions)
        rows = [self.row_at(position) for position in positions]
        return self._change("deleted", rows, [Remove(positions=positions, rows=rows)])

    def go_to(self, done: int) -> None:
        """Undoes or does again until this number of changes is done."""
        done = max(0, min(done, len(self.changes)))
        if done != self.done:
            self._move(done)
            self._keep(Went(went_to=done))

    def undo(self) -> None:
        self.go_to(self.done - 1)

    def redo(self) -> None:
        self.go_to(self.done + 1)

    # -- the copy -----------------------------------------------------------------------------------------------------

    def lines(self, order: NDArray[np.int64] | None = None) -> Iterator[bytes]:
        """The rows as lines of JSON, in order, as they stand when the first is asked for.

        `order` holds ids of rows, int64 of shape (rows,).
        """
        written = dict(self._values)
        order = self.order if order is None else order  # replaced by each change, never written into
        with self.base.open() as file:
            for row in order:
                made = written.get(int(row))
                if made is None:
                    yield self.base.text(int(row), file)
                else:
                    yield json.dumps(made, ensure_ascii=False).encode("utf-8", "replace") + b"\n"

    def save(self, path: Path, progress: Callable[[int], None] = lambda done: None) -> None:
        """Writes the rows as they stand into a JSONL file, whole or not at all. Raises UserError.

        `progress` is given the number of rows so far, and may raise to end it.
        """
        done = self.done
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as file:
                for number, line in enumerate(self.lines(), start=1):
                    file.write(line)
                    if number % SAVED_ROWS_BETWEEN == 0:
                        progress(number)
        except OSError as error:
            raise UserError(
                f"The copy {shown(str(path), 300)} cannot be written: {error.strerror or error}.",
                why="The changes are kept.",
                remedy="Make room or grant writing there, or name another file.",
            ) from None
        self._saved = (done, str(path))
        self._keep(Saved(saved_at=done, path=str(path)))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _change(
        self, kind: ChangeKind, rows: Sequence[int], steps: list[Step], *, field: str = "", copies: Sequence[int] = ()
    ) -> Change:
        change = Change(
            kind=kind,
            at=time.time(),
            numbers=[self.number_of(row) for row in rows[:NUMBERS_KEPT]],
            count=len(rows),
            field=field,
            copies=[self.number_of(row) for row in copies[:NUMBERS_KEPT]],
            steps=steps,
        )
        self._take(change)
        self._keep(change)
        return change

    def _take(self, change: Change) -> None:
        """A new change: what was undone is gone."""
        if self._saved[0] > self.done:
            self._saved = (-1, self._saved[1])  # the state of the last copy cannot be reached any more
        del self.changes[self.done :]
        self.changes.append(change)
        self._move(len(self.changes))

    def _move(self, done: int) -> None:
        while self.done < done:
            for step in self.changes[self.done].steps:
                self._do(step)
            self.done += 1
        while self.done > done:
            self.done -= 1
            for step in reversed(self.changes[self.done].steps):
                self._undo(step)

    def _do(self, step: Step) -> None:
        match step:
            case Put():
                self._set(step.row, step.after)
            case Insert():
                self._insert(step.positions, step.rows)
            case Remove():
                self.order = np.delete(self.order, step.positions)

    def _undo(self, step: Step) -> None:
        match step:
            case Put():
                self._set(step.row, step.before)
            case Insert():
                self.order = np.delete(self.order, step.positions)
            case Remove():
                self._insert(step.positions, step.rows)

    def _set(self, row: int, made: Any) -> None:
        if made is None:
            self._values.pop(row, None)
        else:
            self._values[row] = made
            self._next_row = max(self._next_row, row + 1)

    def _insert(self, positions: list[int], rows: list[int]) -> None:
        """numpy counts positions before the insertion, a step those after it."""
        before = np.asarray(positions) - np.arange(len(positions))
        self.order = np.insert(self.order, before, rows)

    def _keep(self, line: BaseModel) -> None:
        """Writes a line of the journal, after those that could not be written before. Raises UserError."""
        self._unkept.append(line.model_dump_json().encode("utf-8", "replace") + b"\n")
        path = self.folder / JOURNAL
        try:
            with path.open("ab") as journal:
                before = journal.tell()
                try:
                    journal.write(b"".join(self._unkept))
                    journal.flush()
                except OSError:
                    os.truncate(path, before)  # half a line would spoil the next
                    raise
        except OSError as error:
            raise UserError(
                f"What is written cannot be kept on the disk: {error.strerror or error}.",
                why="It is still here, until the window closes.",
                remedy=f"Make room or grant writing in {self.folder}, then go on.",
            ) from None
        self._unkept.clear()

    def _replay(self) -> None:
        """What the journal says; a last line that was cut is nothing that was done, and goes."""
        for found in journal.lines(self.folder, mends=True):
            match found:
                case Change():
                    self._take(found)
                case Went():
                    self._move(found.went_to)
                case Saved():
                    self._saved = (found.saved_at, found.path)
