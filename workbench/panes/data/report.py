"""The report on a dataset: how many rows are whole, and each kind of thing that is told of rows with its count."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from workbench.core.job.study_kinds import RowsFound
from workbench.core.tokens.prepared.kinds import KINDS
from workbench.core.tokens.token_kinds import SETTLED_BY, Settling
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import breakable, button, label, set_least_width
from workbench.panes.parts.form_rows import in_form_words

MOST_LINES_NAMED = 6
MARK, GAP, FIGURE = 15, 8, 32  # widths in a line
BEFORE_WORDS = 14 + MARK + GAP + FIGURE + GAP
# What a kind's mark is by what is done with its rows: icon and colour.
MARKS = {
    "left out": ("warning-circle", "status.danger"),
    "cut": ("scissors", "status.warn"),
    "changed": ("pencil-simple", "text.secondary"),
    "told": ("info", "status.info"),
}
# A report's words are of several rows: of one, their verb is another.
_OF_ONE = {"are": "is", "have": "has", "hold": "holds", "lack": "lacks", "end": "ends", "equal": "equals"}


def found_in_words(found: RowsFound, unit: str) -> str:
    """What is so with these rows, behind their count: "are cut at their end"; of one broken row its place.

    `unit` is what a place counts: "line" or "row".
    """
    words = KINDS[found.why].kind.words
    if found.count == 1:
        first, space, rest = words.partition(" ")
        words = _OF_ONE.get(first, first) + space + rest
        example = found.examples[0] if found.examples else None
        if example is not None and found.done == "left out" and example.line:
            said = f", {example.text}" if example.text else ""
            return f"{found.why}: {unit} {grouped(example.line)}{said}"
    done = {"left out": ": left out", "changed": "", "told": "", "cut": ""}[found.done]
    part = " (held out)" if found.part == "held out" else ""
    return f"{words}{done}{part}"


class ReportCard(Card):
    """Shows what was found.

    Signals:
        show_wanted: The kind whose rows are to be shown.
        setting_wanted: A setting's path and the value that settles a kind.
    """

    show_wanted = Signal(str)
    setting_wanted = Signal(str, object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Report")
        self.set_margins(0, 0, 0, 6)
        self._inside = QWidget()
        self._rows = in_column(gap=0, of=self._inside)
        self._scroll = in_scroll(self._inside)
        self.body.addWidget(self._scroll)
        self._lines: list[_Line] = []
        self._buttons: list[_Below] = []
        theme.changed.connect(self._restyle)

    def show_report(
        self, whole: int, found: Sequence[RowsFound], scope: str, notes: Sequence[str] = (), *, unit: str = "line"
    ) -> None:
        """Takes how many rows are whole, what is told of the others, and what the files themselves had to tell.

        `unit` is what a row's place counts: "line" or "row".
        """
        while (item := self._rows.takeAt(0)) is not None:
            if (made := item.widget()) is not None:
                made.hide()  # a layout shows later what was put into it: without a parent, as a window
                made.setParent(None)
                made.deleteLater()
        self._lines.clear()
        self._buttons.clear()
        self.scope.setText(scope)
        icon, color = ("check-circle", "status.success") if whole else ("circle", "text.tertiary")
        self._add(icon, color, grouped(whole), f"row{'s are' if whole != 1 else ' is'} whole")
        for each in found:
            self._add_found(each, unit)
        for note in notes:
            self._add("info", "status.info", "", note)
        self._rows.addStretch(1)
        self._restyle()

    @property
    def lines(self) -> list[str]:
        """What is shown, a line each: "566 rows are whole"."""
        return [f"{line.figure.text()} {line.said}".strip() for line in self._lines]

    def _add_found(self, found: RowsFound, unit: str) -> None:
        icon, color = MARKS[found.done]
        words = found_in_words(found, unit)
        row = self._add(icon, color, grouped(found.count), words)
        lines = [grouped(example.line) for example in found.examples if example.line]
        named = ", ".join(lines[:MOST_LINES_NAMED]) + (", …" if found.count > MOST_LINES_NAMED else "")
        at = f"{unit.capitalize()}{'s' * (found.count != 1)} {named}. " if lines else ""
        remedy = in_form_words(found.remedy or KINDS[found.why].kind.remedy)
        row.words.setAccessibleDescription(f"{at}{remedy}")
        row.setToolTip(f"{at}{remedy}")
        shows = button("Show", self.theme, kind="link")
        shows.setAccessibleName(f"Show the rows told as: {words[:80]}")
        shows.clicked.connect(lambda _checked=False, why=found.why: self.show_wanted.emit(why))
        row.line.addWidget(shows)
        if (settling := SETTLED_BY.get(found.why)) is not None:
            self._add_settling(settling, words)

    def _add_settling(self, settling: Settling, words: str) -> None:
        """A button below a kind's line, by which its rows are learned as they were meant."""
        settles = button(settling.title, self.theme, "check")
        settles.setAccessibleName(f"{settling.title}, for the rows told as: {words[:80]}")
        settles.setToolTip(in_form_words(f"Sets {settling.path} = {str(settling.value).lower()}."))
        settles.clicked.connect(lambda _checked=False: self.setting_wanted.emit(settling.path, settling.value))
        below = _Below(self.theme, settles)
        self._buttons.append(below)
        self._rows.addWidget(below)

    def _add(self, icon: str, color: str, figure: str, text: str) -> "_Line":
        row = _Line(self.theme, icon, color, figure, text)
        self._lines.append(row)
        divider = QFrame()
        divider.setProperty("role", "divider")
        self._rows.addWidget(divider)
        self._rows.addWidget(row)
        return row

    def _restyle(self) -> None:
        for line in self._lines:
            line.restyle()
        for below in self._buttons:
            below.restyle()


class _Below(QFrame):
    """A button under the words of the line above."""

    def __init__(self, theme: Theme, made: QPushButton) -> None:
        super().__init__()
        self._theme = theme
        self._line = in_row(made, 1, of=self)

    def restyle(self) -> None:
        px = self._theme.px
        self._line.setContentsMargins(px(BEFORE_WORDS), 0, px(10), px(6))


class _Line(QFrame):
    """A mark, a count and what was counted."""

    def __init__(self, theme: Theme, icon: str, color: str, figure: str, text: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon, self._color, self.said = icon, color, text
        self._mark = QLabel()
        self.figure = label(figure, "heading")
        self.figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words = label(breakable(text), wraps=True)
        self.words.setMinimumWidth(1)
        self.line = in_row(self._mark, self.figure, (self.words, 1), of=self)

    def restyle(self) -> None:
        px = self._theme.px
        self.setMinimumHeight(px(29))
        self.line.setContentsMargins(px(14), px(4), px(10), px(4))
        self.line.setSpacing(px(GAP))
        set_least_width(self.figure, px(FIGURE))
        self._mark.setPixmap(self._theme.icon(self._icon, self._color).pixmap(QSize(px(MARK), px(MARK))))
