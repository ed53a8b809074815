"""A text in lines with marked runs, as a widget as high as it is, or as one of a few lines that scrolls."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from workbench.panes.charts.marked_text import MarkedText
from workbench.panes.look.theme import Theme

PITCH = 19
# A painter lays out what it holds each time its width changes.
LONGEST_SHOWN = 60_000


class MarkedWords(QWidget):
    """A text in lines with marked runs; what scrolls is around it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text, self._color, self._ink = "", "text.primary", "text.primary"
        self._runs: Sequence[tuple[int, int]] = ()
        self._laid_out: MarkedText | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._lay_out)

    def show_text(self, text: str, runs: Sequence[tuple[int, int]], color: str, ink: str = "text.primary") -> None:
        """Shows it; `runs` are marked in a colour of the theme."""
        self._text, self._runs, self._color, self._ink = text, runs, color, ink
        self.setAccessibleName(text)
        self._lay_out()

    def _lay_out(self) -> None:
        font, pitch = self._theme.font("body"), self._theme.px(PITCH)
        self._laid_out = MarkedText(self._text, self._runs, font, max(1, self.width()), pitch)
        self.setFixedHeight(round(self._laid_out.height))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._laid_out is not None:
            painter = QPainter(self)
            self._laid_out.paint(painter, QPointF(0, 0), self._theme.color(self._ink), self._theme.color(self._color))


class FewLines(QScrollArea):
    """A text as high as it is, up to a few lines; the rest of a longer one is scrolled to."""

    MOST_LINES = 3

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self.words = MarkedWords(theme)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self.words)
        self.text = ""

    def show_text(self, text: str) -> None:
        self.text = text
        self.words.show_text(text[:LONGEST_SHOWN], (), "text.primary")
        self.setAccessibleName(f"{self._name}: {text[:LONGEST_SHOWN]}")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(min(self.words.height(), self.MOST_LINES * self._theme.px(PITCH)))
