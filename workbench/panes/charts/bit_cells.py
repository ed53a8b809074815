"""The bit cells of a code: where each one lies, and how it is painted."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGlyphRun, QPaintEngine, QPainter, QPen, QRawFont

from workbench.numerics.float_format import FloatFormat
from workbench.numerics.number_format import FieldKind, NumberFormat
from workbench.panes.look.theme import Theme, tokens

RADIUS = 3
# Room for the binary point after the hidden bit, and for the ring of the chosen bit around the cells.
POINT_ROOM, RING_ROOM = 7, 3
LEAST_BREAK = 8  # a strip that needs a second line breaks where the bit's number can be divided by this


@dataclass(frozen=True)
class CellSize:
    """Pixels of a cell, between cells, between fields and between lines."""

    width: int
    height: int
    gap: int
    field_gap: int
    line_gap: int

    @staticmethod
    def small(theme: Theme, scale: float = 1.0) -> "CellSize":
        """As in the rows."""
        wide, high = round(theme.size("size.bit") * scale), round(theme.size("size.bit_height") * scale)
        return CellSize(wide, high, 1, theme.px(6), theme.px(4))

    @staticmethod
    def large(theme: Theme, scale: float = 1.0) -> "CellSize":
        """As worked out."""
        return CellSize(round(theme.px(29) * scale), round(theme.px(31) * scale), 1, theme.px(9), theme.px(4))

    def narrowed(self, width: int) -> "CellSize":
        return CellSize(min(self.width, width), self.height, self.gap, self.field_gap, self.line_gap)


@dataclass(frozen=True)
class CellLayout:
    """Where the cells of a format lie; boxes by the numbers of their bits."""

    boxes: dict[int, QRectF]
    kinds: dict[int, FieldKind]
    ghost: QRectF | None  # the hidden bit's
    point: QPointF | None  # the binary point's middle
    width: float
    height: float
    lines: int

    def bit_at(self, place: QPointF) -> int | None:
        """The bit under a point; what lies between two cells belongs to one of them."""
        return next((bit for bit, box in self.boxes.items() if box.adjusted(0, -3, 1, 3).contains(place)), None)


def lay_out(
    format_: NumberFormat, size: CellSize, *, room: float = 1e9, has_ghost: bool = False, top: float = RING_ROOM
) -> CellLayout:
    """Puts the cells from left to right, in more than one line where they need more room than there is."""
    left = float(RING_ROOM)
    x, y, lines, widest = left, top, 1, 0.0
    boxes: dict[int, QRectF] = {}
    kinds: dict[int, FieldKind] = {}
    ghost: QRectF | None = None
    point: QPointF | None = None
    pitch, step = size.width + size.gap, size.height + size.line_gap
    has_ghost = has_ghost and isinstance(format_, FloatFormat)
    per_line = max(LEAST_BREAK, int((room - 2 * RING_ROOM - 2 * size.field_gap) // pitch) // LEAST_BREAK * LEAST_BREAK)
    needs_lines = _natural_width(format_, size, has_ghost=has_ghost) > room
    for number, field in enumerate(format_.fields):
        if number:
            x += size.field_gap - size.gap
        if has_ghost and field.kind is FieldKind.FRACTION:
            ghost, point, x = _ghost_at(x, y, size)
        for bit in range(field.high, field.low - 1, -1):
            if needs_lines and bit != format_.bits - 1 and (bit + 1) % per_line == 0:
                x, y, lines = left, y + step, lines + 1
            boxes[bit] = QRectF(x, y, size.width, size.height)
            kinds[bit] = field.kind
            x += pitch
            widest = max(widest, x - size.gap)
    if has_ghost and ghost is None:  # a format without a fraction has a hidden bit all the same
        ghost, point, x = _ghost_at(x + size.field_gap - size.gap, y, size)
        widest = max(widest, x)
    return CellLayout(boxes, kinds, ghost, point, widest + RING_ROOM, y + size.height + RING_ROOM, lines)


def _ghost_at(x: float, y: float, size: CellSize) -> tuple[QRectF, QPointF, float]:
    """The hidden bit's box, the binary point after it, and where the fraction begins."""
    box = QRectF(x, y, size.width, size.height)
    return box, QPointF(box.right() + POINT_ROOM / 2 + 1, box.bottom() - size.height / 3), box.right() + POINT_ROOM + 2


def _natural_width(format_: NumberFormat, size: CellSize, *, has_ghost: bool) -> float:
    cells = format_.bits * (size.width + size.gap)
    gaps = (len(format_.fields) - 1) * (size.field_gap - size.gap)
    return 2 * RING_ROOM - size.gap + cells + gaps + (size.width + POINT_ROOM + 2 if has_ghost else 0)


class CellPainter:
    """Paints cells in the theme's colours; a one is solid, a zero is pale."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._colors: dict[FieldKind, tuple[QColor, QColor]] = {}
        self._font = QFont()
        self._raw = QRawFont()
        self._glyphs: list[int] = []
        self._half = 0.0  # of a digit's width
        self.read()

    def read(self) -> None:
        """Takes the colours that the theme has now."""
        theme = self._theme
        strength = tokens()["opacity"]["bit_zero_dark" if theme.is_dark else "bit_zero_light"]
        for kind in FieldKind:
            solid = theme.color(f"bits.{kind.value}")
            pale = QColor(solid)
            pale.setAlphaF(strength)
            self._colors[kind] = (pale, solid)
        self._digits = (
            theme.color("text.primary"),
            theme.color("surface.window" if theme.is_dark else "text.on_accent"),
        )
        self._hidden = theme.color("bits.hidden")
        self._ring = theme.color("focus.ring")

    def set_font(self, cell_height: int) -> None:
        self._font = self._theme.font("body", weight=500, mono=True)
        self._font.setPixelSize(max(8, round(cell_height * 0.6 if cell_height < 26 else cell_height * 0.5)))
        self._raw = QRawFont.fromFont(self._font)
        self._glyphs = self._raw.glyphIndexesForString("01")
        self._half = self._raw.advancesForGlyphIndexes(self._glyphs)[0].x() / 2

    def paint(self, painter: QPainter, layout: CellLayout, code: int) -> None:
        """All cells of a code."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for bit, box in layout.boxes.items():
            painter.setBrush(self._colors[layout.kinds[bit]][code >> bit & 1])
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        is_drawn_on = painter.paintEngine().type() == QPaintEngine.Type.Raster
        for value in (0, 1):
            boxes = [box for bit, box in layout.boxes.items() if code >> bit & 1 == value]
            painter.setPen(self._digits[value])
            if is_drawn_on:
                self._paint_digits(painter, boxes, value)
                continue
            painter.setFont(self._font)
            for box in boxes:
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(value))

    def _paint_digits(self, painter: QPainter, boxes: Sequence[QRectF], value: int) -> None:
        """All of them at once, which takes a tenth of the time; an SVG file has no glyphs."""
        if not boxes:
            return
        below = (self._raw.ascent() - self._raw.descent()) / 2
        run = QGlyphRun()
        run.setRawFont(self._raw)
        run.setGlyphIndexes([self._glyphs[value]] * len(boxes))
        half = self._half
        run.setPositions([QPointF(box.left() + box.width() / 2 - half, box.center().y() + below) for box in boxes])
        painter.drawGlyphRun(QPointF(), run)

    def paint_ghost(self, painter: QPainter, layout: CellLayout, hidden_bit: int | None) -> None:
        """The hidden bit, which is not stored: an outline, and the binary point after it."""
        if layout.ghost is None or layout.point is None or hidden_bit is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._hidden, 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(layout.ghost.adjusted(0.75, 0.75, -0.75, -0.75), RADIUS, RADIUS)
        painter.setPen(self._hidden)
        painter.drawText(layout.ghost, Qt.AlignmentFlag.AlignCenter, str(hidden_bit))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._hidden)
        painter.drawEllipse(layout.point, 1.6, 1.6)

    def paint_ring(self, painter: QPainter, box: QRectF, *, has_focus: bool) -> None:
        """Around the chosen bit."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._ring, 2.0 if has_focus else 1.2))
        painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), RADIUS + 2, RADIUS + 2)
