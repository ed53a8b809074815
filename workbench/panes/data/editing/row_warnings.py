"""What is to be told of the row that is written: a line each, and a button where one click mends it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QWidget

from workbench.core.data.system import ADDED, IN_THE_QUESTION, REPLACED
from workbench.core.tokens.prepared.kinds import KINDS, of_rows
from workbench.core.units import grouped
from workbench.panes.data.editing.row_counted import REFUSED
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.controls import breakable, button, label
from workbench.panes.parts.form_rows import in_form_words

NOTHING = "Nothing wrong with this row."
MOST_LINES = 3
MOST_WARNED = 20
ICON, PITCH, GAP = 15, 25, 8


class Warned(NamedTuple):
    """A warning.

    Attributes:
        words: A sentence.
        action: What its button says; empty without one.
        mend: What the button does.
        why: More, for who asks.
    """

    words: str
    action: str = ""
    mend: Callable[[], object] = lambda: None
    why: str = ""


def told_in_words(
    told: Sequence[tuple[str, str]], action: str = "", mend: Callable[[], object] = lambda: None
) -> list[Warned]:
    """What preparing tells of the row, but for what the recipe does; an action is of what a template refuses."""
    found = []
    for name, detail in dict.fromkeys(told):
        kind = KINDS[name]
        if name in (ADDED, REPLACED, IN_THE_QUESTION):
            continue
        words = of_rows(1, name).removeprefix("1 row")
        about = f": {detail}" if detail else ""
        remedy = in_form_words(kind.kind.remedy)
        left_out = ", and is left out" if kind.done == "left out" else ""
        if action and name in REFUSED:
            why = " ".join(filter(None, (detail, remedy)))
            found.append(Warned(f"This row{words}{left_out}.", action, mend, why))
        elif left_out:
            found.append(Warned(f"This row{words}{left_out}{about}. {remedy}".strip()))
        else:
            found.append(Warned(f"This row{words}{about}.", why=remedy))
    return found


class _Line(QWidget):
    """One warning; the same line shows another one, so that a button does not go while it is pressed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._warned: Warned | None = None
        self.icon = QLabel()
        self.words = label("", "small", wraps=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.action = button("", theme, kind="link")
        self.action.clicked.connect(self._mend)
        in_row((self.icon, 0, Qt.AlignmentFlag.AlignVCenter), (self.words, 1), self.action, gap=GAP, of=self)
        theme.changed.connect(self._draw)

    def show_warned(self, warned: Warned | None) -> None:
        self._warned = warned
        self.words.setText(breakable(warned.words) if warned else NOTHING)
        self.words.setToolTip(warned.why if warned else "")
        self.words.setAccessibleDescription(warned.why if warned else "")
        self.action.setText(warned.action if warned else "")
        self.action.setAccessibleName(f"{warned.action}: {warned.words}" if warned else "")
        self.action.setVisible(bool(warned and warned.action))
        self._draw()

    def _draw(self) -> None:
        self.setMinimumHeight(self._theme.px(PITCH))
        name, color = ("warning", "status.warn") if self._warned else ("check-circle", "status.success")
        self.icon.setPixmap(self._theme.icon(name, color).pixmap(self._theme.px(ICON), self._theme.px(ICON)))

    def natural_width(self) -> int:
        """Pixels with which it stands in one line."""
        px, action = self._theme.px, self.action.sizeHint().width() if not self.action.isHidden() else 0
        return px(ICON + 2 * GAP) + self.words.fontMetrics().horizontalAdvance(self.words.text()) + action

    def _mend(self) -> None:
        if self._warned is not None:
            self._warned.mend()


class RowWarnings(QWidget):
    """A few lines, of which more than three are scrolled; one that says so where nothing is wrong."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.warned: tuple[Warned, ...] = ()
        self._inside = QWidget()
        self._column = in_column(gap=0, of=self._inside)
        self._lines: list[_Line] = []
        self._area: QScrollArea = in_scroll(self._inside)
        in_column((self._area, 1), of=self)
        self.setAccessibleName("What is to be told of the row")
        self.show_warned(())
        theme.changed.connect(self._resize)

    def show_warned(self, warned: Sequence[Warned]) -> None:
        more = len(warned) - MOST_WARNED
        self.warned = (*warned[:MOST_WARNED], *([Warned(f"And {grouped(more)} more.")] * (more > 0)))
        shown: list[Warned | None] = [*self.warned] or [None]
        while len(self._lines) < len(shown):
            made = _Line(self._theme)
            self._lines.append(made)
            self._column.addWidget(made)
        for line, each in zip(self._lines, shown, strict=False):
            line.show_warned(each)
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(shown))
        self._resize()

    def natural_width(self) -> int:
        """Pixels with which every warning stands in one line."""
        return max((line.natural_width() for line in self._lines if not line.isHidden()), default=0)

    @property
    def words(self) -> tuple[str, ...]:
        """The sentences as they stand there."""
        return tuple(each.words for each in self.warned) or (NOTHING,)

    def action_of(self, words: str) -> QWidget | None:
        """The button of a warning; None where it has none."""
        lines = (line for line, each in zip(self._lines, self.warned, strict=False) if each.words == words)
        return next((line.action for line in lines if not line.action.isHidden()), None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._resize()

    def _resize(self) -> None:
        """As high as the lines are as they are wrapped here."""
        pitch = self._theme.px(PITCH)
        self._column.activate()
        high = self._column.heightForWidth(max(1, self._area.viewport().width()))
        self.setFixedHeight(min(MOST_LINES * pitch, max(pitch, high)))
