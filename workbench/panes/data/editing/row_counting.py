"""The row that is written counted beside the window while it is typed; what comes too late is dropped."""

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.data.edits.value import Value
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.panes.data.editing.row_counted import CountedRow, FieldCounter

# From the last key until the tokens are counted.
COUNT_MILLISECONDS = 120


class RowCounting(QObject):
    """Counts one row at a time, one after the other: a counter is in one thread.

    Signals:
        counted: The row's id, and its CountedRow.
        failed: Why nothing can be counted.
    """

    counted = Signal(int, object)
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._counter: FieldCounter | None = None
        self._wanted: tuple[int, Value, Value | None] | None = None
        self._asked = 0  # what is counted for an earlier number is dropped
        self._is_at_work = False
        self._waiting = once_after(self, COUNT_MILLISECONDS, self._count)

    def read_with(self, recipe: Recipe, tokenizer: TextTokenizer | None) -> None:
        """Counts as a recipe asks for it, the row that is shown anew."""
        self._counter = FieldCounter(recipe, tokenizer)
        if self._wanted is not None:
            self.show(*self._wanted)

    def show(self, row: int, value: Value, before: Value | None) -> None:
        """Counts a row at once."""
        self._want((row, value, before))
        self._waiting.stop()
        self._count()

    def type(self, row: int, value: Value, before: Value | None) -> None:
        """Counts a row once nothing more is typed."""
        self._want((row, value, before))
        self._waiting.start()

    def clear(self) -> None:
        """There is nothing to count."""
        self._want(None)
        self._waiting.stop()

    def _want(self, wanted: tuple[int, Value, Value | None] | None) -> None:
        self._asked += 1
        self._wanted = wanted

    def _count(self) -> None:
        counter, asked = self._counter, self._asked
        if self._wanted is None or counter is None or self._is_at_work:
            return  # what is at work asks for this once it is done
        row, value, before = self._wanted
        self._is_at_work = True

        def take(made: CountedRow) -> None:
            if self._end(asked):
                self.counted.emit(row, made)

        def fail(error: UserError) -> None:
            if self._end(asked):
                self.failed.emit(str(error))

        run_task(lambda: counter.count(value, before), take, fail, parent=self)

    def _end(self, asked: int) -> bool:
        """Says whether what was counted is what is wanted still; else that is counted."""
        self._is_at_work = False
        if asked == self._asked:
            return True
        if not self._waiting.isActive():
            self._count()
        return False
