"""What the rows come to now, beside what they came to when they were read."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from workbench.core.units import grouped
from workbench.panes.data.editing.figures import Sums
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import label

NAMES = ("Rows", "Used", "Tokens", "Learned", "To look at")


class SumsTable(QWidget):
    """Five lines of a word and two figures."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._lines: list[tuple[QLabel, QLabel, QLabel]] = []
        for place, name in enumerate(NAMES):
            words, now, was = label(name, "label"), label("", "medium"), label("", "fact")
            was.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, part in enumerate((words, now, was)):
                self._grid.addWidget(part, place, column)
            self._lines.append((words, now, was))
        self._grid.setColumnStretch(1, 1)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._grid.setColumnMinimumWidth(0, self._theme.size("size.form_label"))
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(self._theme.px(6))

    def show_sums(self, now: Sums, was: Sums, *, is_of_file: bool, is_complete: bool) -> None:
        """Shows both; while not all rows are counted, the figures that need it are marked so."""
        for (words, left, right), text, before in zip(self._lines, _texts(now), _texts(was), strict=True):
            about = "" if is_complete or words.text() == "Rows" else " so far"
            left.setText(text + about)
            left.setAccessibleName(f"{words.text()}: {text}{about}")
            right.setText(before if is_of_file else "")
            right.setAccessibleName(f"{words.text()} before: {before}" if is_of_file else "")

    @property
    def texts(self) -> dict[str, tuple[str, str]]:
        """What stands there by its word: now, and before."""
        return {words.text(): (now.text(), was.text()) for words, now, was in self._lines}


def _texts(sums: Sums) -> tuple[str, ...]:
    about = "≈ " if sums.is_estimate else ""
    return (
        grouped(sums.rows),
        grouped(sums.used),
        f"{about}{grouped(sums.tokens)}",
        f"{about}{grouped(sums.learned)}",
        grouped(sums.to_look_at),
    )
