"""Axes that wait for a curve, with one quiet sentence in them."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen

from workbench.core.ticks import spacing_of, ticks
from workbench.core.units import grouped
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
        font = theme.font("axis")
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        high = metrics.height()
        left = metrics.horizontalAdvance(LEVELS[0]) + theme.px(8)
        right = self.width() - metrics.horizontalAdvance(grouped(self._last)) / 2 - 1
        top, bottom = high / 2 + 2, self.height() - high - theme.px(8)
        for index, level in enumerate(LEVELS):
            y = round(top + (bottom - top) * index / (len(LEVELS) - 1)) + 0.5
            is_last = index == len(LEVELS) - 1
            painter.setPen(QPen(theme.color("border.control" if is_last else "border.divider"), 1))
            painter.drawLine(QPointF(left, y), QPointF(right, y))
            painter.setPen(theme.color("text.tertiary"))
            words = QRectF(0, y - high / 2, left - theme.px(8), high)
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, level)
        for tick in map(round, ticks(0, self._last, spacing_of(self._last, MOST_TICKS, whole=True))):
            x = left + (right - left) * tick / self._last
            painter.setPen(QPen(theme.color("border.control"), 1))
            painter.drawLine(QPointF(x, bottom + 1), QPointF(x, bottom + 4))
            painter.setPen(theme.color("text.tertiary"))
            words = QRectF(x - theme.px(40), bottom + 5, theme.px(80), high)
            painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, grouped(tick))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text.secondary"))
        words = QRectF(left, top, right - left, bottom - top)
        wide = QFontMetricsF(theme.font("body")).horizontalAdvance(self._sentence) + theme.px(20)
        height = QFontMetricsF(theme.font("body")).height() + theme.px(4)
        ground = QRectF(words.center().x() - wide / 2, words.center().y() - height - theme.px(4), wide, height)
        painter.fillRect(ground, theme.color("surface.card"))
        painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, self._sentence)
