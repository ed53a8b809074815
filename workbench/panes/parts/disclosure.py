"""A row that shows or hides what stands under it, and what a form folds under such a row."""

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import label, set_icon
from workbench.panes.parts.page import FormColumn


class Disclosure(QPushButton):
    """One row with a caret that shows or hides what stands under it."""

    def __init__(self, theme: Theme, words: str) -> None:
        super().__init__(words)
        self.setProperty("kind", "disclosure")
        self.setCheckable(True)
        self._theme = theme
        set_icon(self, theme, "caret-right", "text.secondary")
        self.toggled.connect(self._turn)

    def _turn(self, is_open: bool) -> None:
        set_icon(self, self._theme, "caret-down" if is_open else "caret-right", "text.secondary")


class Folded:
    """Rows of a form under a disclosure with a fact; once a hand opened them they stay open in a narrow window too."""

    def __init__(
        self, theme: Theme, words: str, column: FormColumn, rows: QWidget, fill: Callable[[], object] | None = None
    ) -> None:
        """`fill` makes what is in the rows when they are first looked at."""
        self.opener = Disclosure(theme, words)
        self.fact = label("", "fact")
        self._words = words
        self._column, self._rows, self._fill = column, rows, fill
        self._stays_open = False
        line = QWidget()
        in_row(self.opener, (self.fact, 1), gap=8, of=line)
        column.add_group(line)
        rows.hide()
        column.add_group(rows)
        self.opener.toggled.connect(self._turn)
        self.opener.clicked.connect(self._keep)

    def _turn(self, is_open: bool) -> None:
        if is_open and self._fill is not None:
            fill, self._fill = self._fill, None
            fill()
        self._rows.setVisible(is_open)
        self._column.unfolded.emit()

    def _keep(self, is_open: bool) -> None:
        self._stays_open = is_open

    def show_wide(self, is_wide: bool) -> None:
        """A wide window shows what is folded in a narrow one."""
        self.opener.setChecked(is_wide or self._stays_open)

    def show_differing(self, differing: int, count: int) -> None:
        """How many of the settings are not at their defaults."""
        words = f"{differing} of {count} settings differ" if differing else f"{count} settings at their defaults"
        self.fact.setText(words)
        self.opener.setAccessibleName(f"{self._words}: {words}")
