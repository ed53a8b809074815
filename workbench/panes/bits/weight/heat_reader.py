"""Reads what of a tensor comes into sight, in threads, a part at a time."""

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.model.stored_tensor import StoredTensor
from workbench.core.problems import UserError
from workbench.panes.bits.weight.heat_paint import MOST_WRITTEN, Part
from workbench.panes.charts.heat_colors import limit_of, shades_of


class PartReader(QObject):
    """One part is read at a time: what was scrolled past meanwhile never is.

    Signals:
        found: The Part that was asked for last, or a while ago.
        limit_known: The magnitude of the strongest colour, once a tensor.
        failed: The UserError that reading ended with.
    """

    found = Signal(object)
    limit_known = Signal(float)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tensor: StoredTensor | None = None
        self._limit: float | None = None
        self._wanted: tuple[range, range] | None = None
        self._is_reading = False

    def read_from(self, tensor: StoredTensor | None) -> None:
        """From now on it is this tensor that is read."""
        self._tensor, self._limit, self._wanted = tensor, None, None

    def want(self, lines: range, columns: range) -> None:
        """Asks for a part in place of the one that was asked for before."""
        self._wanted = (lines, columns)
        if not self._is_reading:
            self._read()

    def _read(self) -> None:
        tensor, wanted, limit = self._tensor, self._wanted, self._limit
        if tensor is None or wanted is None:
            return
        self._wanted = None
        self._is_reading = True

        def read() -> tuple[float, Part]:
            known = limit_of(tensor.sample()) if limit is None else limit
            window = tensor.window(*wanted)
            shades = shades_of(window.values, known, window.missing)
            return known, Part(*wanted, shades, window.values if shades.size <= MOST_WRITTEN else None)

        run_task(
            read, lambda found: self._keep_part(tensor, *found), lambda error: self._fail(tensor, error), parent=self
        )

    def _keep_part(self, tensor: StoredTensor, limit: float, part: Part) -> None:
        self._is_reading = False
        if tensor is self._tensor:
            if self._limit is None:
                self._limit = limit
                self.limit_known.emit(limit)
            self.found.emit(part)
        self._read()

    def _fail(self, tensor: StoredTensor, error: UserError) -> None:
        self._is_reading = False
        if tensor is self._tensor:
            self._wanted = None
            self.failed.emit(error)
        self._read()
