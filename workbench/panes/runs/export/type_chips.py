"""The types that a GGUF file is stored as: a chip each, and a menu of the others."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from workbench.core.units import bytes_in_digits
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import set_icon
from workbench.panes.runs.export.gguf_card import GgufRow

MOST_CHIPS = 2  # the others are told by their number; the table has them all


class TypeChips(QWidget):
    """Shows what it is given.

    Signals:
        turned: A type, and whether it is wanted now.
    """

    turned = Signal(str, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: tuple[GgufRow, ...] = ()
        self.chips: dict[str, QToolButton] = {}
        self._line = in_row(gap=4, of=self)
        self.another = self._chip("another", "Choose another type")
        set_icon(self.another, theme, "plus", "text.secondary")
        self.another.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.another.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.another)
        self.another.setMenu(self.menu)
        self._line.addWidget(self.another)
        self._line.addStretch(1)

    def _chip(self, words: str, name: str) -> QToolButton:
        made = QToolButton(self)
        made.setText(words)
        made.setProperty("role", "chip")
        made.setAccessibleName(name)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return made

    def show_types(self, rows: Sequence[GgufRow], *, is_open: bool) -> None:
        """Shows the ticked ones; none can be added where the plan is not `is_open`."""
        if tuple(rows) == self._rows and self.another.isEnabled() == is_open:
            return
        self._rows = tuple(rows)
        ticked = [row for row in rows if row.is_ticked]
        for chip in self.chips.values():
            self._line.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = {}
        for place, row in enumerate(ticked[:MOST_CHIPS]):
            chip = self._chip(row.title, f"Stored as {row.title}")
            chip.setCheckable(True)
            chip.setChecked(True)
            chip.setEnabled(not row.is_locked)
            chip.setToolTip("It has begun" if row.is_locked else "Leave it out")
            chip.clicked.connect(lambda _checked=False, name=row.type: self.turned.emit(name, False))
            self._line.insertWidget(place, chip)
            self.chips[row.type] = chip
        more = len(ticked) - len(self.chips)
        self.another.setText(f"{more} more" if more else "another" if ticked else "choose")
        self.another.setEnabled(is_open)
        self._fill_menu(rows)

    def _fill_menu(self, rows: Sequence[GgufRow]) -> None:
        self.menu.clear()
        for row in rows:
            words = row.why_not or bytes_in_digits(row.size_bytes)
            action = self.menu.addAction(f"{row.title}, {words}")
            action.setCheckable(True)
            action.setChecked(row.is_ticked)
            action.setEnabled(not row.why_not and not row.is_locked)
            action.triggered.connect(
                lambda _checked=False, name=row.type, ticked=row.is_ticked: self.turned.emit(name, not ticked)
            )
