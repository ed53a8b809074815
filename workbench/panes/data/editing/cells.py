"""The rows of a draft as a table shows them: read page by page, each kept until it is written anew."""

import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.value import Value, answer, asked, spelling_of
from workbench.core.problems import UserError
from workbench.panes.data.editing.figures import advice_bits, hash_of
from workbench.panes.parts.tables import one_line

PAGE_ROWS = 100
MOST_KEPT = 20_000
# A draft of so few bytes is read at once.
FEW_BYTES, FEW_ROWS = 300_000, 1000
_OF_A_ROW = {"prompt", "completion", "messages", "text", "tools"}


class Cells(NamedTuple):
    """A row in words of one line."""

    asked: str
    answer: str
    others: dict[str, str]
    advice: int
    question: int  # hash; 0 where it is empty


def cells_of(value: Value) -> Cells:
    question = asked(value)
    stripped = question.strip()
    return Cells(
        one_line(question),
        one_line(answer(value)) if spelling_of(value) != "text" else "",
        {name: one_line(str(other)) for name, other in value.items() if name not in _OF_A_ROW},
        advice_bits(value),
        hash_of(stripped) if stripped else 0,
    )


class CellPages(QObject):
    """Gives what is read already, and reads what is asked for beside the window.

    Signals:
        read: Rows that are there now (a list of ids).
    """

    read = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._draft: Draft | None = None
        self._kept: dict[int, Cells] = {}
        self._wanted: set[int] = set()
        self._asking = once_after(self, 0, self._ask)
        self._is_reading = False
        self._turn = 0

    def begin(self, draft: Draft | None) -> None:
        """Forgets what is kept; a small draft is read at once."""
        self._turn += 1
        self._draft = draft
        self._kept.clear()
        self._wanted.clear()
        self._is_reading = False
        if draft is not None and draft.base.size_bytes < FEW_BYTES and len(draft.base) < FEW_ROWS:
            try:
                self._kept = _read(draft, range(len(draft.base)))
            except UserError:
                self._kept = {}  # told by who reads a row alone

    def forget(self, rows: Sequence[int]) -> None:
        for row in rows:
            self._kept.pop(row, None)

    def cells(self, row: int) -> Cells | None:
        """A row's; None where they are read now."""
        found = self._kept.get(row)
        if found is None and self._draft is not None:
            if self._draft.is_in_memory(row):
                found = self._kept[row] = cells_of(self._draft.value(row))
            else:
                self._wanted.add(row)
                if not self._asking.isActive() and not self._is_reading:
                    self._asking.start()
        return found

    def _ask(self) -> None:
        draft, turn = self._draft, self._turn
        if draft is None or not self._wanted:
            return
        around = np.asarray(sorted(self._wanted)[:PAGE_ROWS], np.int64)
        self._wanted.clear()
        self._is_reading = True

        def take(found: dict[int, Cells]) -> None:
            if turn != self._turn:
                return
            self._is_reading = False
            if len(self._kept) + len(found) > MOST_KEPT:
                self._kept.clear()
            self._kept.update({row: cells for row, cells in found.items() if not draft.is_in_memory(row)})
            self.read.emit(list(found))

        def fail(_error: UserError) -> None:
            if turn == self._turn:
                self._is_reading = False

        run_task(lambda: _read(draft, around.tolist()), take, fail, parent=self)


def _read(draft: Draft, rows: Sequence[int]) -> dict[int, Cells]:
    with draft.base.open() as file:
        return {row: cells_of(json.loads(draft.base.text(row, file))) for row in rows if not draft.is_in_memory(row)}
