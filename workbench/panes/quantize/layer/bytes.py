"""The bytes of a group one by one: their bits, their hexadecimal digits, and the weights that they come back as."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent

from workbench.core.figures import MINUS, short_power, with_minus
from workbench.core.quantized.layer_block import OpenGroup
from workbench.numerics.number_format import FieldKind
from workbench.panes.charts.bit_cells import CellLayout, CellPainter
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring

LEAST_WIDTH, GAP = 92, 6
# With what the weights were, and without.
HEIGHT, LOW_HEIGHT = 82, 64
CELL_WIDTH, CELL_HEIGHT, HALF_GAP = 9, 17, 7


def short(value: float, largest: float) -> str:
    """Three decimals, or three digits of a tensor whose numbers are small or large."""
    if 0.05 <= largest < 100:
        return with_minus(f"{value:.3f}")
    text = short_power(f"{value:.1e}") if value else "0"
    return MINUS + text[1:] if text.startswith("-") else text


class ByteStrip(Canvas):
    """As many bytes as there is room for; arrows, Page Up and Down go on to others.

    Signals:
        moved: Other bytes are in sight.
    """

    moved = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Bytes of the block", takes_keys=True)
        self._cells = CellPainter(theme)
        self.opened: OpenGroup | None = None
        self.first = 0  # byte in sight

    def _restyle(self) -> None:
        self._cells.read()
        self.updateGeometry()
        self.update()

    @property
    def has_stored(self) -> bool:
        """Whether what the weights were stands below what they come back as: the projector has no room for it."""
        return not self._theme.projector

    @property
    def _tall(self) -> int:
        return self._theme.px(HEIGHT if self.has_stored else LOW_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(8 * LEAST_WIDTH), self._tall)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(LEAST_WIDTH), self._tall)

    def show_group(self, opened: OpenGroup | None) -> None:
        was = self.opened
        self.opened = opened
        is_same = was is not None and opened is not None and was.start == opened.start
        self.go_to(self.first if is_same else 0)

    # -- which bytes --------------------------------------------------------------------------------------------------

    @property
    def across(self) -> int:
        """Bytes in a line: a power of two, as long as there is room for four."""
        fit = max(1, (self.width() + self._theme.px(GAP)) // self._theme.px(LEAST_WIDTH + GAP))
        return 1 << fit.bit_length() - 1 if fit in range(4, 8) else fit // 4 * 4 if fit >= 8 else int(fit)

    @property
    def lines(self) -> int:
        return max(1, (self.height() + self._theme.px(GAP)) // (self._tall + self._theme.px(GAP)))

    @property
    def shown(self) -> range:
        """The bytes in sight."""
        count = 0 if self.opened is None else len(self.opened.packed)
        return range(self.first, min(count, self.first + self.across * self.lines))

    @property
    def weights(self) -> range:
        """Those of the bytes in sight."""
        each = 1 if self.opened is None else self.opened.codes_per_byte
        count = 0 if self.opened is None else len(self.opened.codes)
        return range(min(count, self.shown.start * each), min(count, self.shown.stop * each))

    def go_to(self, first: int) -> None:
        count = 0 if self.opened is None else len(self.opened.packed)
        page = self.across * self.lines
        last = max(0, -(-(count - page) // self.across) * self.across)
        self.first = min(max(0, first), last)
        self.setAccessibleDescription(self._in_words())
        self.update()
        self.moved.emit()

    def turn(self, pages: int) -> None:
        self.go_to(self.first + pages * self.across * self.lines)

    @property
    def has_before(self) -> bool:
        return self.first > 0

    @property
    def has_after(self) -> bool:
        return self.opened is not None and self.shown.stop < len(self.opened.packed)

    def _in_words(self) -> str:
        if self.opened is None:
            return ""
        largest = self.opened.absmax
        return "; ".join(
            f"0x{self.opened.packed[place]:02X}: {' '.join(short(value, largest) for value, _ in self.pairs(place))}"
            for place in self.shown
        )

    def pairs(self, place: int) -> list[tuple[float, float]]:
        """What the weights of a byte come back as, and what they were, as they lie in it from left to right."""
        opened = self.opened
        assert opened is not None
        each = opened.codes_per_byte
        found = list(range(place * each, min(len(opened.codes), (place + 1) * each)))
        if opened.is_first_low:
            found.reverse()
        return [(float(opened.restored[at]), float(opened.values[at])) for at in found]

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.opened is not None:
            self._cells.set_font(px(CELL_HEIGHT))
            across = self.across
            wide = (self.width() - (across - 1) * px(GAP)) / across
            for count, place in enumerate(self.shown):
                line, column = divmod(count, across)
                top = line * (self._tall + px(GAP))
                self._paint_byte(painter, QRectF(column * (wide + px(GAP)), top, wide, self._tall), place)
        if self.has_ring:
            paint_ring(painter, theme, self.rect().adjusted(1, 1, -1, -1), 6)

    def _paint_byte(self, painter: QPainter, box: QRectF, place: int) -> None:
        theme, px, opened = self._theme, self._theme.px, self.opened
        assert opened is not None
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("border.card"), 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        code = int(opened.packed[place])
        layout = self._layout(box, opened.study.scheme.quantizer.kinds)
        self._cells.paint(painter, layout, code)
        middle = Qt.AlignmentFlag.AlignCenter
        painter.setFont(theme.font("small", weight=500, mono=True))
        painter.setPen(theme.color("text.primary"))
        painter.drawText(QRectF(box.left(), box.top() + px(27), box.width(), px(16)), middle, f"0x{code:02X}")
        pairs = self.pairs(place)
        largest = max(opened.absmax, 0.0)
        for place_in_byte, (restored, stored) in enumerate(pairs):
            part = box.width() / len(pairs)
            left = box.left() + place_in_byte * part
            painter.setFont(theme.font("axis"))
            painter.setPen(theme.color("text.primary"))
            painter.drawText(QRectF(left, box.top() + px(44), part, px(15)), middle, short(restored, largest))
            if self.has_stored:
                painter.setPen(theme.color("text.tertiary"))
                painter.drawText(QRectF(left, box.top() + px(60), part, px(15)), middle, short(stored, largest))

    def _layout(self, box: QRectF, kinds: tuple[FieldKind, ...]) -> CellLayout:
        """Eight cells in the middle of the box, the codes apart."""
        px = self._theme.px
        halves = 8 // len(kinds)
        gap = px(HALF_GAP) if halves == 2 else 0
        width = min(px(CELL_WIDTH + 2), int((box.width() - px(10) - gap - 6) // 8))
        wide = 8 * width + 6 + gap
        x, y = round(box.center().x() - wide / 2), round(box.top() + px(8))
        boxes: dict[int, QRectF] = {}
        meanings: dict[int, FieldKind] = {}
        for bit in range(7, -1, -1):
            boxes[bit] = QRectF(x, y, width, px(CELL_HEIGHT))
            meanings[bit] = kinds[(7 - bit) % len(kinds)]
            x += width + 1 + (gap - 1 if halves == 2 and bit == 4 else 0)
        return CellLayout(boxes, meanings, None, None, wide, px(CELL_HEIGHT), 1)

    # -- hands --------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.go_to(self.first // self.across * self.across)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Up:
                self.go_to(self.first - self.across)
            case Qt.Key.Key_Right | Qt.Key.Key_Down:
                self.go_to(self.first + self.across)
            case Qt.Key.Key_PageUp:
                self.turn(-1)
            case Qt.Key.Key_PageDown:
                self.turn(1)
            case Qt.Key.Key_Home:
                self.go_to(0)
            case Qt.Key.Key_End:
                self.go_to(1 << 30)
            case _:
                super().keyPressEvent(event)
