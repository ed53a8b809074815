"""The axes of a race's picture: bytes across, a measure upwards."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from workbench.core.ticks import marks, spacing_of
from workbench.panes.charts.axes import paint_levels, paint_ticks
from workbench.panes.look.theme import Theme


@dataclass(frozen=True)
class Scale:
    """Where values lie: bytes across, the measure upwards."""

    area: QRectF
    most: float
    low: float
    high: float
    spacing: float  # of the ticks upwards

    def x(self, size: float) -> float:
        return self.area.left() + self.area.width() * size / self.most

    def y(self, value: float) -> float:
        return self.area.bottom() - self.area.height() * (value - self.low) / (self.high - self.low)


def draw_axes(
    painter: QPainter, theme: Theme, scale: Scale, caption: str, *, has_values: bool, has_sizes: bool
) -> None:
    """Grid, ticks and what is upwards; ticks have words where there is something to be read at them."""
    px, area = theme.px, scale.area
    levels = [(round(scale.y(value)) + 0.5, words) for value, words in marks(scale.low, scale.high, scale.spacing)]
    shown = [(y, words if has_values else "") for y, words in reversed(levels)]
    paint_levels(painter, theme, area, shown, gap=px(6), reach=0.5)
    bottom = round(area.bottom()) + 0.5
    painter.setPen(QPen(theme.color("border.control"), 1))
    painter.drawLine(QPointF(area.left(), bottom), QPointF(area.right(), bottom))
    if has_sizes:
        unit, size = ("GB", 1e9) if scale.most >= 1e9 else ("MB", 1e6)
        each = spacing_of(scale.most / size, max(2, min(8, int(area.width() / px(62)))))
        found = marks(0, scale.most / size, each)
        sizes = [(scale.x(value * size), f"{words} {unit}" if value else "0") for value, words in found]
        ends = (-1, area.right() + px(6) + 1)
        paint_ticks(painter, theme, sizes, bottom, length=5, gap=px(5), ends=ends, is_centered=True)
    metrics = QFontMetricsF(painter.font())
    painter.setPen(theme.color("text.tertiary"))
    elided = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(QPointF(area.left(), metrics.ascent()), elided)
