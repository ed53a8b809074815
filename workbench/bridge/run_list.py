"""The runs there are, whoever started them."""

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.bridge.tasks import run_task
from workbench.core.problems import UserError
from workbench.core.runs.index import RunIndex
from workbench.core.runs.row import RunRow

SCAN_SECONDS = 2.0


class RunList(QObject):
    """The runs at home, newest first, looked at every SCAN_SECONDS while it is started.

    Signals:
        changed: `rows` or `error` has changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[RunRow, ...] = ()
        self.error = ""  # why the runs cannot be listed
        self._index = RunIndex()
        self._is_scanning = False
        self._is_asked_again = False
        self._timer = QTimer(self)
        self._timer.setInterval(int(SCAN_SECONDS * 1000))
        self._timer.timeout.connect(self.refresh)

    def start(self) -> None:
        self._timer.start()
        self.refresh()

    def stop(self) -> None:
        self._timer.stop()
        self._is_asked_again = False

    def refresh(self) -> None:
        """Looks now, or again once the look that is under way is done."""
        if self._is_scanning:
            self._is_asked_again = True
            return
        self._is_scanning = True
        run_task(self._index.rows, self._show, self._fail, parent=self)

    def _show(self, rows: tuple[RunRow, ...], error: str = "") -> None:
        self._is_scanning = False
        if (rows, error) != (self.rows, self.error):
            self.rows, self.error = rows, error
            self.changed.emit()
        if self._is_asked_again:
            self._is_asked_again = False
            self.refresh()

    def _fail(self, error: UserError) -> None:
        self._show((), str(error))
