"""The rest of a long file, read beside the window for what is wrong with its rows."""

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.bridge.tasks import run_task
from workbench.core.data.file_count import FileCount, count_rows
from workbench.core.data.rows import OpenRows
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.first_look import FirstLook
from workbench.core.units import grouped
from workbench.panes.data.numbers import two_digits

TICK_MILLISECONDS = 150


class _Order:
    """What a count that is under way is told, and tells."""

    def __init__(self) -> None:
        self.is_wanted = True
        self.rows = 0

    def goes_on(self, rows: int) -> bool:
        """Notes how many rows were read; says whether to read on."""
        self.rows = rows
        return self.is_wanted


class Counting(QObject):
    """Counts the rows of one look after the other; the latest is what is wanted.

    Signals:
        changed: How far it is, or what was found, is something else now.

    Attributes:
        found: What was counted of the latest look; None before, and where nothing has to be counted.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found: FileCount | None = None
        self._look_of: object = None
        self._order: _Order | None = None
        self._total = ""
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(self.changed)

    @property
    def is_busy(self) -> bool:
        return self._order is not None

    @property
    def words(self) -> str:
        """How far it is, or what came of it; empty where there is nothing to count."""
        if self._order is not None:
            return f"reading row {grouped(self._order.rows)}{self._total}"
        return self.found.in_words if self.found is not None else ""

    def count(self, look: FirstLook, recipe: Recipe) -> None:
        """Counts the rows of a look whose files hold more; the same ones are counted once."""
        key = (look.opened, look.mapping)
        if key == self._look_of:
            return
        self.stop()
        self._look_of, self.found = key, None
        mapping = look.mapping
        if look.is_complete or mapping is None:
            return
        rows, _ = look.rows_in_all()
        self._total = f" of about {grouped(two_digits(rows))}" if rows else ""
        order = self._order = _Order()

        def take(found: FileCount) -> None:
            if order is self._order:
                self.found = found
                self._end()

        def fail(_error: UserError) -> None:
            if order is self._order:
                self._end()  # the file is not there any more: the page says so when it is looked at

        run_task(lambda: count_rows(OpenRows(recipe.data), mapping, order.goes_on), take, fail, parent=self)
        self._timer.start()
        self.changed.emit()

    def cancel(self) -> None:
        """Ends the count with what was read so far."""
        if self._order is not None:
            self._order.is_wanted = False

    def stop(self) -> None:
        """Leaves a count, of which nothing is kept."""
        self.cancel()
        self._order, self._look_of = None, None
        self._timer.stop()

    def _end(self) -> None:
        self._order = None
        self._timer.stop()
        self.changed.emit()
