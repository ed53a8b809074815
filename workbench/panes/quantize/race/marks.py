"""The mark of a precision: a disc in its colour, hollow where another precision has the same one."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from workbench.core.race.measures import color_key_of
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme


def color_of(precision: str) -> str:
    """Its colour's name in the theme."""
    return f"formats.{color_key_of(precision)}"


def is_hollow(precision: str) -> bool:
    """Whether it shares its colour with another: NF4 with double quantization has NF4's."""
    return "-" in precision


def draw_mark(painter: QPainter, theme: Theme, precision: str, at: QPointF, radius: float) -> None:
    """A disc with an edge in the card's colour, so that one before another is seen."""
    color = theme.color(color_of(precision))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("surface.card"), 1.5))
    painter.setBrush(color)
    painter.drawEllipse(at, radius + 0.75, radius + 0.75)
    if is_hollow(precision):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("surface.card"))
        painter.drawEllipse(at, radius * 0.5, radius * 0.5)


class Mark(Canvas):
    """A mark beside words."""

    SIZE = (12, 12)
    GROWS = (False, False)

    def __init__(self, theme: Theme, precision: str) -> None:
        super().__init__(theme)
        self._precision = precision

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_mark(painter, self._theme, self._precision, QRectF(self.rect()).center(), self._theme.px(4))
