"""All rows of a draft counted beside the window, batch by batch, and counted anew where something is written."""

import json
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.value import Value
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.row_count import RowCount, RowCounter
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.panes.data.editing.figures import (
    FIGURE,
    NO_TWINS,
    Sums,
    Twins,
    counted_figures,
    figure_of,
    figures_in_order,
    sums_of,
)

BATCH_ROWS = 300
BATCH_BYTES = 500_000
# From a change of a row until the sums are made anew; and from a batch of rows of the file, for a million take 0.5 s.
SUM_MILLISECONDS, BATCH_SUM_MILLISECONDS = 60, 1000


class Counting(QObject):
    """Follows one draft at a time; answers that are too late are dropped.

    Signals:
        rows_counted: Figures of rows are others now.
        summed: `sums`, `was` and `twins` are others now.

    Attributes:
        base: Figures of the rows as they came from the file, those of `counted` of them so far.
        written: Figures of the rows that are written anew, by row.
        sums, was: What the rows come to now, and what they came to.
        twins: Rows that ask the same as others.
        problem: Why nothing can be counted; empty where it can.
    """

    rows_counted = Signal()
    summed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._draft: Draft | None = None
        self._counter: RowCounter | None = None
        self._recipe = Recipe()
        self._pending: dict[int, Value] = {}
        self._typed: dict[int, tuple[int, ...]] = {}
        self._turn = 0
        self._is_at_work = self._is_summing = self._sums_are_old = False
        self._summing = once_after(self, SUM_MILLISECONDS, self._sum)
        self._forget()

    def _forget(self) -> None:
        self.base = np.zeros(0, FIGURE)
        self.counted = 0
        self.written: dict[int, tuple[int, ...]] = {}
        self.sums, self.was, self.twins = Sums(), Sums(), NO_TWINS
        self.problem = ""

    @property
    def is_complete(self) -> bool:
        """Whether every row of the file is counted."""
        return self.counted == len(self.base)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be counted or summed up."""
        return self._is_at_work or self._is_summing or self._summing.isActive()

    def begin(self, draft: Draft, recipe: Recipe, tokenizer: TextTokenizer | None) -> None:
        """Counts all rows, as a recipe would have them."""
        sums, was, twins = (self.sums, self.was, self.twins) if draft is self._draft else (Sums(), Sums(), NO_TWINS)
        self.end()
        self.sums, self.was, self.twins = sums, was, twins
        self._draft, self._recipe = draft, recipe
        self.base = np.zeros(len(draft.base), FIGURE)
        self._pending = {row: draft.value(row) for row in draft.changed_rows}
        turn, spelling, group = self._turn, draft.spelling, draft.group_column

        def take(counter: RowCounter) -> None:
            if turn == self._turn:
                self._counter = counter
                self._go_on()

        def fail(error: UserError) -> None:
            if turn == self._turn:
                self.problem = str(error)
                self.summed.emit()

        run_task(lambda: RowCounter(spelling, recipe, tokenizer, group), take, fail, parent=self)

    def end(self) -> None:
        """Leaves the draft."""
        self._turn += 1
        self._draft = self._counter = None
        self._pending, self._typed = {}, {}
        self._is_at_work = self._is_summing = False
        self._summing.stop()
        self._forget()

    def count_again(self, rows: Sequence[int]) -> None:
        """Counts rows in which something was written."""
        draft = self._draft
        if draft is None:
            return
        for row in rows:
            figure = self._typed.pop(row, None)
            if figure is not None:
                self.written[row] = figure  # what is counted now is the same, or comes in a moment
            if draft.is_in_memory(row):
                self._pending[row] = draft.value(row)
            else:
                self._pending.pop(row, None)
                self.written.pop(row, None)
        self._summing.start(SUM_MILLISECONDS)
        if not self._is_at_work and self._counter is not None:
            self._go_on()

    def take_typed(self, row: int, value: Value, count: RowCount) -> None:
        """Takes what a row comes to as it is typed, before that is a change."""
        self._typed = {row: figure_of(value, count)}
        self._summing.start(SUM_MILLISECONDS)

    # -- counting -----------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Counts one batch: what is written first, then the rows of the file."""
        draft, counter, turn = self._draft, self._counter, self._turn
        assert draft is not None
        assert counter is not None
        if self._pending:
            rows = list(self._pending)[:BATCH_ROWS]
            values = [self._pending.pop(row) for row in rows]
            self._is_at_work = True
            run_task(
                lambda: counted_figures(values, counter.count(values)),
                lambda found: self._take_written(turn, rows, values, found),
                lambda error: self._fail(turn, error),
                parent=self,
            )
        elif not self.is_complete:
            start = self.counted
            self._is_at_work = True
            run_task(
                lambda: _count_base(draft, counter, start),
                lambda found: self._take_base(turn, start, found),
                lambda error: self._fail(turn, error),
                parent=self,
            )
        else:
            self._is_at_work = False
            self._summing.start(0)

    def _take_written(
        self, turn: int, rows: Sequence[int], values: Sequence[Value], found: Sequence[tuple[int, ...]]
    ) -> None:
        if turn != self._turn or self._draft is None:
            return
        for row, value, figure in zip(rows, values, found, strict=True):
            if self._draft.is_in_memory(row) and self._draft.value(row) is value:
                self.written[row] = figure
        self.rows_counted.emit()
        self._summing.start(0)
        self._go_on()

    def _take_base(self, turn: int, start: int, found: Sequence[tuple[int, ...]]) -> None:
        if turn != self._turn:
            return
        self.base[start : start + len(found)] = np.array(found, FIGURE)
        self.counted = start + len(found)
        self.rows_counted.emit()
        if not self._summing.isActive():
            self._summing.start(BATCH_SUM_MILLISECONDS)
        self._go_on()

    def _fail(self, turn: int, error: UserError) -> None:
        if turn == self._turn:
            self._is_at_work = False
            self.problem = str(error)
            self.summed.emit()

    # -- sums ---------------------------------------------------------------------------------------------------------

    def _sum(self) -> None:
        draft, turn = self._draft, self._turn
        if draft is None:
            return
        if self._is_summing:
            self._sums_are_old = True
            return
        self._is_summing, self._sums_are_old = True, False
        order, base, written = draft.order, self.base, {**self.written, **self._typed}
        keeps_equals = self._recipe.data.duplicates == "keep"

        def make() -> tuple[Sums, Sums, Twins]:
            figures = figures_in_order(order, base, written)
            sums, twins = sums_of(order, figures, keeps_equals=keeps_equals)
            was, _ = sums_of(np.arange(len(base)), base, keeps_equals=keeps_equals)
            return sums, was, twins

        def take(found: tuple[Sums, Sums, Twins]) -> None:
            if turn != self._turn:
                return
            self._is_summing = False
            self.sums, self.was, self.twins = found
            self.summed.emit()
            if self._sums_are_old:
                self._sum()

        run_task(make, take, lambda error: self._fail(turn, error), parent=self)


def _count_base(draft: Draft, counter: RowCounter, start: int) -> list[tuple[int, ...]]:
    """Figures of the next rows as they came from the file; fewer of them where they are long."""
    values: list[Value] = []
    size = 0
    with draft.base.open() as file:
        for row in range(start, min(len(draft.base), start + BATCH_ROWS)):
            line = draft.base.text(row, file)
            values.append(json.loads(line))
            size += len(line)
            if size > BATCH_BYTES:
                break
    return counted_figures(values, counter.count(values))
