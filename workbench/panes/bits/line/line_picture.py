"""The number line painted: a lane per format, the number as a needle, and an arrow to what it is rounded to."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.core.figures import MINUS, with_minus
from workbench.numerics.decimal_text import significant
from workbench.numerics.number import Number
from workbench.panes.bits.line.lane_colors import color_of
from workbench.panes.bits.line.lanes import Lane
from workbench.panes.bits.shown.letters import LetterCase, Letters
from workbench.panes.bits.shown.model import BitsRow
from workbench.panes.bits.shown.scale import View, WholeView, ticks_of
from workbench.panes.look.ink import readable_on
from workbench.panes.look.theme import Theme

LEFT, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
MIDDLE, CENTER = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignHCenter
WIDEST_NAMES = 118
HIGHEST_LANE = 56


@dataclass(frozen=True)
class Geometry:
    """Where the line's parts lie, in pixels."""

    plot: QRectF  # lanes and needle, without names and axis
    lane_height: float
    first: int  # the first row that there is room for

    def center_of(self, row: int) -> float:
        return self.plot.top() + (row - self.first + 0.5) * self.lane_height

    def row_at(self, y: float) -> int:
        return self.first + int((y - self.plot.top()) // self.lane_height)

    @property
    def shown(self) -> int:
        """How many lanes there is room for."""
        return max(1, int((self.plot.height() + 0.5) // self.lane_height))


def geometry_of(
    theme: Theme, letters: LetterCase, rows: Sequence[BitsRow], selected: int, width: int, height: int
) -> Geometry:
    """Lanes share the height; where they would be too low, those around the selected row are shown."""
    px = theme.px
    strong = letters.of("small", weight=600)
    names = max(strong.width(row.format.name) for row in rows)
    left = px(14) + min(px(WIDEST_NAMES), max(px(72), names)) + px(10)
    top, bottom = px(14), height - px(19)
    room = max(1.0, bottom - px(6) - top)
    lane = max(float(px(19)), min(float(px(HIGHEST_LANE)), room / len(rows)))
    shown = max(1, int((room + 0.5) // lane))
    first = min(max(0, selected - shown // 2), max(0, len(rows) - shown))
    plot = QRectF(left, top, max(20.0, width - px(15) - left), min(shown, len(rows)) * lane)
    return Geometry(plot, lane, first)


class LinePicture:
    """Paints one state of the line."""

    def __init__(self, painter: QPainter, theme: Theme, letters: LetterCase, geometry: Geometry, view: View) -> None:
        self._painter, self._theme, self._geometry, self._view = painter, theme, geometry, view
        self._plot = geometry.plot
        self._small, self._strong = letters.of("small"), letters.of("small", weight=600)
        self._caption = letters.of("caption")
        self._ground = "surface.card"

    def x_of(self, value: Fraction) -> float:
        return self._plot.left() + self._view.share_of(value) * self._plot.width()

    # -- lanes --------------------------------------------------------------------------------------------------------

    def paint_lane(self, index: int, row: BitsRow, lane: Lane, *, is_selected: bool, full_width: int) -> None:
        theme, painter, plot = self._theme, self._painter, self._plot
        middle, high = self._geometry.center_of(index), self._geometry.lane_height
        if is_selected:
            ground = QRectF(1, middle - high / 2, full_width - 2, high)
            painter.fillRect(ground, theme.color("surface.selected"))
            painter.fillRect(QRectF(1, ground.top(), 3, high), theme.color("accent.line"))
        name = QRectF(theme.px(14), middle - high / 2, plot.left() - theme.px(24), high)
        font = self._strong if is_selected else self._small
        self._words(name, LEFT, row.format.name, font, "text.primary" if is_selected else "text.secondary")
        painter.fillRect(QRectF(plot.left(), round(middle), plot.width(), 1), theme.color("border.subtle"))
        color = color_of(theme, row.format)
        tall = min(max(theme.px(15), high * 0.45), high - theme.px(4))
        for start, end in lane.bands:
            left, right = plot.left() + max(0.0, start), plot.left() + min(plot.width(), end)
            painter.fillRect(QRectF(left, round(middle - tall / 2), max(2.0, right - left), tall), color)
        thick = 2 if not theme.projector else 3
        left, top = plot.left() - thick / 2, round(middle - tall / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRects([QRectF(round(left + place), top, thick, tall) for place in lane.marks])

    def paint_count(self, index: int, row: BitsRow, lane: Lane, number: Number) -> None:
        """How many values there are: in the band where that is long enough, else where the lane is free."""
        if not lane.bands:
            return
        plot, taken = self._plot, self._taken_by_arrow(row, number)
        bands = [(plot.left() + max(0.0, one), plot.left() + min(plot.width(), other)) for one, other in lane.bands]
        marks = [(plot.left() + place - 2, plot.left() + place + 2) for place in lane.marks]
        for words in (lane.words, lane.figure):
            wide, pad = self._caption.width(words) + 2, self._theme.px(6)
            box = QRectF(0, self._geometry.center_of(index) - self._theme.px(10), wide, self._theme.px(20))
            inside = self._inside_bands(bands, wide, pad, taken)
            beside = [place for start, end in bands for place in (end + pad, start - pad - wide)]
            places = [plot.right() - wide, *beside, plot.left()] if words is lane.words else beside
            free = self._free(places, wide, pad, [*taken, *bands, *marks])
            left = free if inside is None else inside
            if left is not None:
                box.moveLeft(left)
                ground = color_of(self._theme, row.format)
                ink = (
                    "text.secondary"
                    if inside is None
                    else readable_on(ground, (self._theme.color("text.primary"), self._theme.color("surface.card")))
                )
                self._words(box, LEFT, words, self._caption, ink)
                return

    def _inside_bands(
        self, bands: list[tuple[float, float]], wide: float, pad: float, taken: list[tuple[float, float]]
    ) -> float | None:
        """Where so wide words fit into the widest band, at its right or at its left."""
        for start, end in sorted(bands, key=lambda band: band[0] - band[1]):
            for left in (end - pad - wide, start + pad):
                if start + pad <= left <= end - pad - wide and not _meets(left - pad, left + wide + pad, taken):
                    return left
        return None

    def _free(self, places: list[float], wide: float, pad: float, taken: list[tuple[float, float]]) -> float | None:
        """The first place in the plot where nothing is."""
        for left in places:
            inside = self._plot.left() <= left and left + wide <= self._plot.right() + 1
            if inside and not _meets(left - pad / 2, left + wide + pad / 2, taken):
                return left
        return None

    def _taken_by_arrow(self, row: BitsRow, number: Number) -> list[tuple[float, float]]:
        """From the needle to what is stored, with room for words at either end."""
        if number.value is None or not self._is_in_sight(number.value):
            return []
        start = self.x_of(number.value)
        stored = row.inspection.decoded.number if row.inspection.decoded else None
        pad = float(self._theme.px(8))
        if stored is None or stored.is_nan:
            return [(start - pad, start + self._theme.px(96))]
        end = self._plot.left() if stored.is_negative else self._plot.right()
        if stored.value is not None:
            end = min(max(self.x_of(stored.value), self._plot.left()), self._plot.right())
        return [(min(start, end) - pad, max(start, end) + pad)]

    # -- the number ---------------------------------------------------------------------------------------------------

    def paint_arrow(self, index: int, row: BitsRow, number: Number, *, is_selected: bool) -> None:
        """From the number to what the row stores of it."""
        self._ground = "surface.selected" if is_selected else "surface.card"
        if number.value is None or not self._is_in_sight(number.value):
            return
        plot, middle = self._plot, self._geometry.center_of(index)
        start = self.x_of(number.value)
        stored = row.inspection.decoded.number if row.inspection.decoded else None
        if stored is None:
            self._beside(start, middle, "no code for it")
        elif stored.is_nan:
            self._beside(start, middle, "NaN")
        elif stored.value is None:
            end = plot.left() if stored.is_negative else plot.right()
            self._paint_shaft(start, end, middle)
            words = f"{MINUS}∞" if stored.is_negative else "∞"
            self._at_edge(end, middle, words)
        elif stored.value == number.value:
            self._dot(start, middle)
        elif self._is_in_sight(stored.value):
            self._paint_shaft(start, self.x_of(stored.value), middle)
        else:
            end = plot.left() if stored.value < number.value else plot.right()
            self._paint_shaft(start, end, middle)
            self._at_edge(end, middle, with_minus(significant(stored, 5)))

    def paint_needle(self, number: Number) -> None:
        theme, painter, plot = self._theme, self._painter, self._plot
        top, side = plot.top() - theme.px(6), float(theme.px(5))
        ink = theme.color("text.primary")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        if number.is_nan:
            self._words(
                QRectF(plot.left(), top - theme.px(8), plot.width(), theme.px(14)),
                RIGHT, "NaN has no place on the line", self._caption, "text.tertiary",
            )  # fmt: skip
            return
        share = self._view.share_of(number.value) if number.value is not None else (-1.0 if number.is_negative else 2.0)
        if 0 <= share <= 1:
            x = round(plot.left() + share * plot.width())
            painter.fillRect(QRectF(x - 1, top, 2, plot.bottom() + theme.px(5) - top), ink)
            tip = [QPointF(x - side, top - side), QPointF(x + side, top - side), QPointF(x, top + side * 0.7)]
            painter.drawPolygon(tip)
            return
        edge, way = (plot.left(), 1) if share < 0 else (plot.right(), -1)
        back, middle = edge + way * side * 1.5, top - 1
        painter.drawPolygon([QPointF(edge, middle), QPointF(back, middle - side), QPointF(back, middle + side)])
        words = "∞" if number.value is None else with_minus(significant(Number.of(abs(number.value)), 5))
        words = (MINUS if number.is_negative else "") + words
        wide = self._caption.width(words) + 2
        box = QRectF(edge + way * side * 2.2 - (wide if way < 0 else 0), top - 1 - theme.px(8), wide, theme.px(16))
        self._words(box, LEFT, words, self._caption, "text.primary")

    def _paint_shaft(self, start: float, end: float, y: float) -> None:
        """Nothing where both ends fall together."""
        way = 1 if end > start else -1
        length = abs(end - start)
        if length < 3:
            return
        painter, ink = self._painter, self._theme.color("text.primary")
        head = min(float(self._theme.px(6)), length - 1)
        painter.setPen(QPen(ink, 2))
        painter.drawLine(QPointF(start, y), QPointF(end - way * head, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        half = head * 0.62
        tip = [QPointF(end, y), QPointF(end - way * head, y - half), QPointF(end - way * head, y + half)]
        painter.drawPolygon(tip)

    def _dot(self, x: float, y: float) -> None:
        radius = self._theme.px(4)
        self._painter.setPen(QPen(self._theme.color("surface.card"), 1.5))
        self._painter.setBrush(self._theme.color("text.primary"))
        self._painter.drawEllipse(QPointF(round(x), y), radius, radius)

    def _is_in_sight(self, value: Fraction) -> bool:
        return 0 <= self._view.share_of(value) <= 1

    # -- axis ---------------------------------------------------------------------------------------------------------

    def paint_axis(self) -> None:
        theme, painter, plot = self._theme, self._painter, self._plot
        y = round(plot.bottom() + theme.px(5))
        painter.fillRect(QRectF(plot.left(), y, plot.width(), 1), theme.color("border.control"))
        if isinstance(self._view, WholeView):
            self._paint_zero_stretch(y)
        base, found = ticks_of(self._view, max(3, int(plot.width() / theme.px(60))))
        last = -1e9
        for tick in found:
            x = plot.left() + tick.share * plot.width()
            wide = self._caption.width(tick.text) + 2
            left = min(max(plot.left() - theme.px(8), x - wide / 2), plot.right() + theme.px(8) - wide)
            painter.fillRect(QRectF(round(x), y, 1, theme.px(4)), theme.color("border.control"))
            if left < last + theme.px(6):
                continue
            box = QRectF(left, y + theme.px(4), wide, theme.px(16))
            self._words(box, CENTER, tick.text, self._caption, "text.tertiary")
            last = left + wide
        if base:
            box = QRectF(theme.px(14), y + theme.px(4), plot.left() - theme.px(26), theme.px(16))
            room = self._caption.metrics.elidedText(base, Qt.TextElideMode.ElideMiddle, box.width())
            self._words(box, LEFT, room, self._caption, "text.secondary")

    def _paint_zero_stretch(self, y: float) -> None:
        """Around zero the line is not logarithmic: its axis is interrupted there."""
        assert isinstance(self._view, WholeView)
        edge = Fraction(2) ** self._view.bottom
        left, right = (min(max(self.x_of(value), self._plot.left()), self._plot.right()) for value in (-edge, edge))
        if right - left > 4:
            self._painter.fillRect(QRectF(left, y, right - left, 1), self._theme.color("surface.card"))
            self._painter.setPen(QPen(self._theme.color("border.control_strong"), 1, Qt.PenStyle.DotLine))
            self._painter.drawLine(QPointF(left, y + 0.5), QPointF(right, y + 0.5))

    # -- words --------------------------------------------------------------------------------------------------------

    def _words(self, box: QRectF, side: Qt.AlignmentFlag, text: str, letters: Letters, color: str | QColor) -> None:
        self._painter.setFont(letters.font)
        self._painter.setPen(self._theme.color(color) if isinstance(color, str) else color)
        shown = text
        if letters.width(text) > box.width() + 1:
            shown = letters.metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 1)
        self._painter.drawText(box, side | MIDDLE, shown)

    def _beside(self, x: float, middle: float, text: str) -> None:
        wide = self._caption.width(text) + 4
        box = QRectF(x + self._theme.px(7), middle - self._theme.px(8), wide, self._theme.px(16))
        if box.right() > self._plot.right():
            box.moveRight(x - self._theme.px(7))
        self._painter.fillRect(box, self._theme.color(self._ground))
        self._words(box, CENTER, text, self._caption, "text.primary")

    def _at_edge(self, x: float, middle: float, text: str) -> None:
        """A value beyond the edge, written before the arrow's tip."""
        wide = self._caption.width(text) + 6
        gap = self._theme.px(9)
        box = QRectF(x + gap, middle - self._theme.px(8), wide, self._theme.px(16))
        if x > self._plot.center().x():
            box.moveRight(x - gap)
        self._painter.fillRect(box, self._theme.color(self._ground))
        self._words(box, CENTER, text, self._caption, "text.primary")


def _meets(left: float, right: float, taken: Sequence[tuple[float, float]]) -> bool:
    return any(start < right and left < end for start, end in taken)
