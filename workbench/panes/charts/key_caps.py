"""Keys that a page teaches: each key as a cap, and what it does behind it."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen

from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme

# In a narrower window the caps go.
LEAST_WINDOW = 1280
HIGH, SIDE, BEHIND, APART, RADIUS = 16, 5, 5, 8, 3


class KeyCaps(Canvas):
    """A line of keys and words, such as ("Ctrl N", "add"), as wide as they are."""

    GROWS = (False, False)

    def __init__(self, theme: Theme, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__(theme, f"Keys: {', '.join(f'{key} {words}' for key, words in keys)}")
        self.keys = tuple(keys)

    def fits(self) -> bool:
        """Whether the window is wide enough for keys to be taught."""
        return self.window().width() >= self._theme.px(LEAST_WINDOW)

    def _widths(self) -> list[tuple[float, float]]:
        """Pixels of each cap and of the words behind it."""
        cap, words = QFontMetricsF(self._theme.font("caption")), QFontMetricsF(self._theme.font("small"))
        side = 2 * self._theme.px(SIDE)
        return [(round(cap.horizontalAdvance(key)) + side, words.horizontalAdvance(said)) for key, said in self.keys]

    def sizeHint(self) -> QSize:
        px = self._theme.px
        inside = sum(cap + px(BEHIND) + words for cap, words in self._widths())
        return QSize(round(inside) + px(APART) * (len(self.keys) - 1) + 2, px(HIGH) + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        high = px(HIGH)
        top = (self.height() - high) // 2
        x = 0.0
        for (key, said), (wide, words) in zip(self.keys, self._widths(), strict=True):
            cap = QRectF(round(x) + 0.5, top + 0.5, wide - 1, high - 1)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("border.control"), 1))
            painter.setBrush(theme.color("surface.inset"))
            painter.drawRoundedRect(cap, RADIUS, RADIUS)
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("text.secondary"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            x += wide + px(BEHIND)
            painter.setFont(theme.font("small"))
            line = QRectF(x, 0, words + 2, self.height())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, said)
            x += words + px(APART)
