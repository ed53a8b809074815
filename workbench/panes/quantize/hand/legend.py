"""Which mark is a number and which what is stored of it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.picture import NUMBER_COLOR, stored_color


class HandLegend(QWidget):
    """A dot and a square with their names, for the head of the number lines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries = [(NUMBER_COLOR, "number"), (NUMBER_COLOR, "")]
        self._resize()
        theme.changed.connect(self._resize)

    def show_entries(self, model: HandModel, stored: str) -> None:
        entries = [(NUMBER_COLOR, "number"), (stored_color(model), stored)]
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName(f"Legend: number, {stored}")
            self._resize()

    def _resize(self) -> None:
        metrics = QFontMetricsF(self._theme.font("small"))
        wide = sum(self._theme.px(16) + metrics.horizontalAdvance(words) + 3 for _color, words in self._entries)
        self.setFixedSize(round(wide) + self._theme.px(12), round(metrics.height()) + 2)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, font = self._theme, self._theme.font("small")
        side, x = theme.px(9), 0.0
        for place, (color, words) in enumerate(self._entries):
            mark = QRectF(x, (self.height() - side) / 2, side, side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(color))
            if place:
                painter.drawRect(mark)
            else:
                painter.drawEllipse(mark)
            x += theme.px(16)
            wide = QFontMetricsF(font).horizontalAdvance(words) + 2
            painter.setFont(font)
            painter.setPen(theme.color("text.secondary"))
            painter.drawText(QRectF(x, 0, wide, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
            x += wide + theme.px(12)
