"""Pages that are not built yet: each says what will be there, and what can be done instead today."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import button, label
from workbench.panes.parts.page import Page

# A line of text longer than this is hard to read; the cards of a wide window do not grow with it.
WIDEST_LIST = 860
WIDEST_ASIDE = 392


class Point(NamedTuple):
    """One thing that will be on the page."""

    icon: str
    title: str
    text: str


class Meanwhile(NamedTuple):
    """What can be done today, and the page where it is done."""

    text: str
    page: str
    words: str


class LaterPage(Page):
    """An honest page: no control that does nothing, and a button to where there is something to do."""

    def __init__(
        self,
        theme: Theme,
        sentence: str,
        points: Sequence[Point],
        meanwhile: Meanwhile,
    ) -> None:
        self.sentence = sentence
        self._marks: list[tuple[QLabel, str]] = []
        super().__init__(theme, has_form=False)
        self.header.add(Tag(theme, "Not built yet", "info"))
        self._points = Card(theme, "What will be here")
        self._points.body.setSpacing(0)
        for index, point in enumerate(points):
            if index:
                self._points.body.addWidget(_divider())
            self._points.body.addWidget(self._row(point))
        self._aside = Card(theme, "Meanwhile")
        self._aside.body.addWidget(label(meanwhile.text, wraps=True))
        self.onward = button(meanwhile.words, theme, "arrow-right")
        self.onward.clicked.connect(lambda: self.go_to.emit(meanwhile.page))
        self._aside.body.addLayout(in_row(self.onward, 1, margins=(0, theme.px(4), 0, 0)))
        top = Qt.AlignmentFlag.AlignTop
        self._line = in_row((self._points, 7, top), (self._aside, 4, top), 0, of=self.picture)
        theme.follow(self._restyle)

    def _row(self, point: Point) -> QWidget:
        row = QWidget()
        mark = QLabel()
        mark.setAccessibleName("")
        self._marks.append((mark, point.icon))
        px = self.theme.px
        words = in_column(label(point.title, "heading"), label(point.text, "sentence", wraps=True), gap=px(3))
        around = (0, px(11), 0, px(12))
        in_row((mark, 0, Qt.AlignmentFlag.AlignTop), (words, 1), gap=px(12), margins=around, of=row)
        return row

    def _restyle(self) -> None:
        theme = self.theme
        edge = theme.size("size.page_padding")
        self._line.setContentsMargins(edge, theme.px(11), edge, edge)
        self._line.setSpacing(theme.size("space.card_gap"))
        self._points.setMaximumWidth(theme.px(WIDEST_LIST))
        self._aside.setMaximumWidth(theme.px(WIDEST_ASIDE))
        for mark, icon in self._marks:
            mark.setPixmap(theme.icon(icon, "accent.line").pixmap(theme.icon_size("icon_rail")))


def _divider() -> QFrame:
    line = QFrame()
    line.setProperty("role", "divider")
    return line


def try_page(theme: Theme) -> LaterPage:
    """Where a model will be asked."""
    return LaterPage(
        theme,
        "Ask the base model and the tuned one, and lay their answers side by side.",
        (
            Point(
                "columns",
                "Base and tuned, side by side",
                "One prompt goes to both: the frozen model as it was, and the same model with the adapter of a "
                "run. Both answers grow token by token, with their speed.",
            ),
            Point(
                "chats",
                "A conversation",
                "Turns are kept and wrapped in the model's own chat template; what it is given can be read as text.",
            ),
            Point(
                "sliders",
                "How it answers",
                "Temperature, top-p, a seed and the longest answer: each with a sentence that says what it does.",
            ),
            Point(
                "export",
                "Taking it along",
                "The adapter alone, or merged into the weights, with the difference that merging makes measured first.",
            ),
        ),
        Meanwhile(
            "The samples on the Train page show the same prompts answered before and after training, base beside "
            "tuned. The adapter in a run's folder loads with PEFT in four lines, which its README.md spells out.",
            "train",
            "See the samples on Train",
        ),
    )
