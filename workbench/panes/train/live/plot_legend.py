"""Which stroke is which curve, for the head of a plot's card."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from workbench.panes.look.theme import Theme


class Legend(QWidget):
    """Strokes in the curves' colours with their names, for the head of a card."""

    def __init__(self, theme: Theme, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._theme = theme
        self._entries = list(entries)
        self.setAccessibleName("Legend: " + ", ".join(words for _, words in entries))
        self._resize()
        theme.changed.connect(self._resize)

    @property
    def entries(self) -> list[tuple[str, str]]:
        return self._entries

    def set_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        if list(entries) != self._entries:
            self._entries = list(entries)
            self._resize()

    def _resize(self) -> None:
        metrics = QFontMetricsF(self._theme.font("small"))
        width = sum(self._lead(color) + metrics.horizontalAdvance(words) for color, words in self._entries)
        gaps = self._theme.px(16) * max(0, len(self._entries) - 1)
        self.setFixedSize(max(0, round(width + gaps) + 4), round(metrics.height()) + 2)
        self.update()

    def _lead(self, color: str) -> int:
        return self._theme.px(20) if color else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        x, middle = 0.0, self.height() / 2
        for color, words in self._entries:
            if color:
                painter.fillRect(QRectF(x, round(middle) - 1, theme.px(14), 2), theme.color(color))
                x += self._lead(color)
            painter.setPen(theme.color("text.secondary"))
            wide = metrics.horizontalAdvance(words) + 2
            painter.drawText(QRectF(x, 0, wide, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
            x += wide - 2 + theme.px(16)
