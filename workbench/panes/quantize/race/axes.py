"""The axes of a race's picture: bytes across, a measure upwards."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from workbench.core.ticks import in_words, spacing_of, ticks
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
    painter.setFont(theme.font("axis"))
    metrics = QFontMetricsF(theme.font("axis"))
    high = metrics.height()
    spacing = scale.spacing
    for value in ticks(scale.low, scale.high, spacing):
        y = round(scale.y(value)) + 0.5
        painter.setPen(QPen(theme.color("border.divider"), 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        if has_values:
            painter.setPen(theme.color("text.tertiary"))
            box = QRectF(0, y - high / 2, area.left() - px(6), high)
            words = in_words(value, spacing)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), words)
    bottom = round(area.bottom()) + 0.5
    painter.setPen(QPen(theme.color("border.control"), 1))
    painter.drawLine(QPointF(area.left(), bottom), QPointF(area.right(), bottom))
    unit, size = ("GB", 1e9) if scale.most >= 1e9 else ("MB", 1e6)
    each = spacing_of(scale.most / size, max(2, min(8, int(area.width() / px(62)))))
    for value in ticks(0, scale.most / size, each) if has_sizes else ():
        x = scale.x(value * size)
        painter.setPen(QPen(theme.color("border.control"), 1))
        painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + 4))
        painter.setPen(theme.color("text.tertiary"))
        words = f"{in_words(value, each)} {unit}" if value else "0"
        wide = metrics.horizontalAdvance(words)
        left = min(max(0.0, x - wide / 2), area.right() + px(6) - wide)
        painter.drawText(QPointF(left, bottom + px(5) + metrics.ascent()), words)
    painter.setPen(theme.color("text.tertiary"))
    told = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(QPointF(area.left(), metrics.ascent()), told)
