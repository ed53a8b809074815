"""The report on a dataset: how many rows are whole, and each kind of problem with its count."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from workbench.core.data.rows import RowProblem
from workbench.core.units import counted, grouped
from workbench.panes.data.rows_table import sentence
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, button, label, set_least_width

_DETAIL = re.compile(r'"[^"]*"|0x[0-9a-f]+|\d+|U\+[0-9A-F]+')


@dataclass(frozen=True)
class ProblemKind:
    """Problems that differ only in a number or a name; `lines` are those of the file, in order."""

    text: str
    remedy: str
    lines: tuple[int, ...]


def kinds(problems: Sequence[RowProblem]) -> list[ProblemKind]:
    """The problems by kind, in the order of the file."""
    found: dict[str, list[RowProblem]] = {}
    for problem in problems:
        found.setdefault(_DETAIL.sub("…", problem.text), []).append(problem)
    return [ProblemKind(same[0].text, same[0].remedy, tuple(each.line for each in same)) for same in found.values()]


class ReportCard(Card):
    """Shows what was found.

    Signals:
        show_wanted: The line of the first row of a kind of problem.
    """

    show_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Report")
        self.set_margins(0, 0, 0, 6)
        self._inside = QWidget()
        self._rows = in_column(gap=0, of=self._inside)
        self._scroll = in_scroll(self._inside)
        self.body.addWidget(self._scroll)
        self._lines: list[_Line] = []
        theme.changed.connect(self._restyle)

    def show_report(self, rows: int, problems: Sequence[RowProblem], problem_count: int, *, is_complete: bool) -> None:
        """Takes what was counted; of many problems only the first are given."""
        while (item := self._rows.takeAt(0)) is not None:
            if (made := item.widget()) is not None:
                made.setParent(None)
                made.deleteLater()
        self._lines.clear()
        total = rows + problem_count
        self.scope.setText(f"{'' if is_complete else 'the first '}{counted(total, 'row')} read")
        icon, state = ("check-circle", "success") if rows else ("circle", "none")
        self._add(icon, state, rows, f"row{'s are' if rows != 1 else ' is'} whole")
        for kind in kinds(problems):
            self._add("warning-circle", "danger", len(kind.lines), sentence(kind.text), kind)
        if problem_count > len(problems):
            self._add("dots-three", "warn", problem_count - len(problems), "more are wrong, not listed")
        self._rows.addStretch(1)
        self._restyle()

    def _add(self, icon: str, state: str, count: int, text: str, kind: ProblemKind | None = None) -> None:
        row = _Line(self.theme, icon, "text.tertiary" if state == "none" else f"status.{state}", count, text)
        self._lines.append(row)
        if kind is not None:
            lines = ", ".join(grouped(line) for line in kind.lines[:6]) + (", …" if len(kind.lines) > 6 else "")
            row.words.setAccessibleDescription(f"Lines {lines}. {kind.remedy}")
            shows = button("Show", self.theme, kind="link")
            shows.setAccessibleName(f"Show line {kind.lines[0]}: {text[:80]}")
            shows.clicked.connect(lambda _checked=False, line=kind.lines[0]: self.show_wanted.emit(line))
            row.line.addWidget(shows)
        divider = QFrame()
        divider.setProperty("role", "divider")
        self._rows.addWidget(divider)
        self._rows.addWidget(row)

    def _restyle(self) -> None:
        for line in self._lines:
            line.restyle()


class _Line(QFrame):
    """A mark, a count and what was counted."""

    def __init__(self, theme: Theme, icon: str, color: str, count: int, text: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon, self._color = icon, color
        self._mark = QLabel()
        self._figure = label(grouped(count), "heading")
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words = ElidedLabel(text, "", Qt.TextElideMode.ElideRight)
        self.line = in_row(self._mark, self._figure, (self.words, 1), of=self)

    def restyle(self) -> None:
        px = self._theme.px
        self.setMinimumHeight(px(29))
        self.line.setContentsMargins(px(14), 0, px(10), 0)
        self.line.setSpacing(px(8))
        set_least_width(self._figure, px(32))
        self._mark.setPixmap(self._theme.icon(self._icon, self._color).pixmap(QSize(px(15), px(15))))
