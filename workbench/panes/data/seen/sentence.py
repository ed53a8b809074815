"""The line at the foot of the card: a mark, and a sentence in which a token's text has its own font."""

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy

from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme

ICON, GAP, LINES = 15, 8, 2
STATE_ICONS = {"info": "info", "warn": "warning", "danger": "warning-circle"}


class Sentence(Canvas):
    """At most two lines, for which room is kept, so that nothing moves while the pointer does."""

    GROWS = (True, False)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._before, self._name, self._after = "", "", ""
        self._state = "info"
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def words(self) -> str:
        return f"{self._before}{self._name}{self._after}"

    def say(self, before: str, name: str = "", after: str = "", *, state: str = "info") -> None:
        """Says `before`, then a name in the fixed font, then `after`."""
        self._before, self._name, self._after, self._state = before, name, after, state
        self.setAccessibleName(self.words)
        self.setToolTip("")
        self.update()

    def _line_high(self) -> float:
        return QFontMetricsF(self._theme.font("small")).lineSpacing()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), round(self._line_high() * LINES) + self._theme.px(6))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(120), self.sizeHint().height())

    def _text(self, wide: float) -> tuple[QTextLayout, float]:
        """The sentence in lines of a width, and the height of those that are shown."""
        made = QTextLayout(self.words, self._theme.font("small"))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        made.setTextOption(option)
        if self._name:
            name = QTextLayout.FormatRange()
            name.start, name.length = (
                len(self._before.encode("utf-16-le")) // 2,
                len(self._name.encode("utf-16-le")) // 2,
            )
            look = QTextCharFormat()
            font = QFont(self._theme.font("token", weight=600, mono=True))
            look.setFont(font)
            look.setForeground(self._theme.color("text.primary"))
            name.format = look
            made.setFormats([name])
        made.beginLayout()
        high = 0.0
        for _ in range(LINES):
            line = made.createLine()
            if not line.isValid():
                break
            line.setLineWidth(wide)
            line.setPosition(QPointF(0, high))
            high += line.height()
        made.endLayout()
        return made, high

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.words:
            return
        theme = self._theme
        painter = QPainter(self)
        side, gap = theme.px(ICON), theme.px(GAP)
        text, high = self._text(max(1.0, self.width() - side - gap))
        top = (self.height() - high) / 2
        icon = theme.icon(STATE_ICONS[self._state], f"status.{self._state}")
        first = text.lineAt(0).height() if text.lineCount() else high
        painter.drawPixmap(QPointF(0, round(top + (first - side) / 2)), icon.pixmap(side, side))
        painter.setPen(theme.color("text.secondary" if self._state == "info" else f"status.{self._state}"))
        text.draw(painter, QPointF(side + gap, top))
