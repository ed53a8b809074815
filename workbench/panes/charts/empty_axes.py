"""Axes that wait for a curve, with one quiet sentence in them."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from workbench.core.ticks import spacing_of, ticks
from workbench.core.units import grouped
from workbench.panes.charts.axes import paint_levels, paint_ticks
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme

LEVELS = ("2.0", "1.0", "0.0")
MOST_TICKS = 7


class EmptyAxes(Canvas):
    """The grid and the ticks that the curve will have, and no curve."""

    SIZE, LEAST = (300, 80), (200, 80)

    def __init__(self, theme: Theme, sentence: str) -> None:
        super().__init__(theme, sentence)
        self._sentence = sentence
        self._last = 100

    def set_last(self, last: int) -> None:
        """The last step that is planned, where the axis ends."""
        if last != self._last:
            self._last = last
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        metrics = QFontMetricsF(theme.font("axis"))
        high = metrics.height()
        left = metrics.horizontalAdvance(LEVELS[0]) + theme.px(8)
        right = self.width() - metrics.horizontalAdvance(grouped(self._last)) / 2 - 1
        top, bottom = high / 2 + 2, self.height() - high - theme.px(8)
        area = QRectF(left, top, right - left, bottom - top)
        ys = [round(top + area.height() * index / (len(LEVELS) - 1)) + 0.5 for index in range(len(LEVELS))]
        paint_levels(painter, theme, area, zip(ys, LEVELS, strict=True), gap=theme.px(8), reach=0.5)
        painter.fillRect(QRectF(left, ys[-1] - 0.5, area.width() + 1, 1), theme.color("border.control"))
        steps = ticks(0, self._last, spacing_of(self._last, MOST_TICKS, whole=True))
        marks = [(left + area.width() * step / self._last, grouped(round(step))) for step in steps]
        paint_ticks(painter, theme, marks, bottom + 1, length=4, gap=4, is_centered=True)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text.secondary"))
        wide = QFontMetricsF(theme.font("body")).horizontalAdvance(self._sentence) + theme.px(20)
        height = QFontMetricsF(theme.font("body")).height() + theme.px(4)
        ground = QRectF(area.center().x() - wide / 2, area.center().y() - height - theme.px(4), wide, height)
        painter.fillRect(ground, theme.color("surface.card"))
        painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, self._sentence)
