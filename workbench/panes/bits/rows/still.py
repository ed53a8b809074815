"""A strip of bits to be read and not changed."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent

from workbench.core.bits.inspection import spaced_bits
from workbench.numerics.number_format import NumberFormat
from workbench.panes.charts.bit_cells import CellLayout, CellPainter, CellSize, lay_out
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme

LEAST_CELL = 12  # in pixels of the drawing: digits are still read


class StillStrip(Canvas):
    """The cells of one code, in as many lines as they take."""

    GROWS = (False, False)

    def __init__(self, theme: Theme, *, is_large: bool = False) -> None:
        super().__init__(theme)
        self._is_large = is_large
        self._cells = CellPainter(theme)
        self._format: NumberFormat | None = None
        self._code = 0
        self._room = 0
        self._layout: CellLayout | None = None

    def show_code(self, format_: NumberFormat, code: int) -> None:
        has_moved = format_ != self._format
        self._format, self._code = format_, code
        self.setAccessibleName(f"Bits {spaced_bits(format_, code)}")
        if has_moved:
            self._lay_out()
        self.update()

    def set_room(self, room: int) -> None:
        """At most this wide, by narrower cells or by more lines."""
        if room != self._room:
            self._room = room
            self._lay_out()

    def _restyle(self) -> None:
        self._cells.read()
        self._lay_out()

    def _lay_out(self) -> None:
        if self._format is None:
            return
        size = CellSize.large(self._theme) if self._is_large else CellSize.small(self._theme)
        natural = lay_out(self._format, size)
        if 0 < self._room < natural.width:  # narrower cells first, then more lines
            gaps = natural.width - self._format.bits * (size.width + size.gap)
            fitting = int((self._room - gaps) // self._format.bits) - size.gap
            size = size.narrowed(fitting) if fitting >= self._theme.px(LEAST_CELL) else size
        self._cells.set_font(min(size.height, round(size.width * 1.5)))
        self._layout = lay_out(self._format, size, room=self._room or 1e9)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if self._layout is None:
            return QSize(self._theme.px(40), self._theme.size("size.bit_height"))
        return QSize(round(self._layout.width), round(self._layout.height))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._layout is not None:
            self._cells.paint(QPainter(self), self._layout, self._code)
