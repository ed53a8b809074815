"""What an upload to the Hub asks: its name there, who may see it, and what is sent beside the base's licence."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from workbench.core.model.licences import licence_in_words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import Segmented, label
from workbench.panes.parts.fields import TextField, lock

PRIVATE, OPEN = "private", "open"


class HubFields(QWidget):
    """Stands below its line of the plan.

    Signals:
        named: What it is to be called on the Hub.
        access_chosen: Whether it is to be private.
        sends_turned: A target, and whether it is to be sent.
    """

    named = Signal(str)
    access_chosen = Signal(bool)
    sends_turned = Signal(str, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.name = TextField()
        self.name.setAccessibleName("Name on the Hub")
        self.name.setPlaceholderText("name, or org/name")
        self.name.edited.connect(self.named)
        self.access = Segmented([(PRIVATE, "Private"), (OPEN, "Open")], "Who sees it")
        self.access.chosen.connect(lambda value: self.access_chosen.emit(value == PRIVATE))
        self.licence = label("", wraps=True)
        self.chips: dict[str, QToolButton] = {}
        self._sends = in_row(gap=4)
        self._sends.addStretch(1)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 2)
        self._grid.setColumnStretch(1, 1)
        for row, (words, field) in enumerate((("named", self.name), ("seen", self.access), ("licence", self.licence))):
            self._grid.addWidget(label(words, "label"), row, 0)
            self._grid.addWidget(field, row, 1)
        self._grid.addWidget(label("sends", "label"), 3, 0)
        self._grid.addLayout(self._sends, 3, 1)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(px(3))
        self._grid.setColumnMinimumWidth(0, px(72))

    def show_hub(self, name: str, *, is_private: bool, licence: str, is_locked: bool) -> None:
        if not self.name.hasFocus():
            self.name.show_text(name)
        self.access.set_value(PRIVATE if is_private else OPEN)
        self.licence.setText(licence_in_words(licence) or "not stated by the base")
        lock(self.name, is_locked)
        self.access.setEnabled(not is_locked)

    def show_sends(self, entries: Sequence[tuple[str, str, bool]], *, is_locked: bool) -> None:
        """What can be sent: each by its target, its words, and whether it is."""
        for place, (target, words, is_sent) in enumerate(entries):
            if target not in self.chips:
                self.chips[target] = self._chip(target, words)
                self._sends.insertWidget(place, self.chips[target])
            self.chips[target].setChecked(is_sent)
            self.chips[target].setEnabled(not is_locked)
        shown = {target for target, _, _ in entries}
        for target, chip in self.chips.items():
            chip.setVisible(target in shown)

    def _chip(self, target: str, words: str) -> QToolButton:
        made = QToolButton(self)
        made.setText(words)
        made.setProperty("role", "chip")
        made.setCheckable(True)
        made.setAccessibleName(f"Send {words}")
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.clicked.connect(lambda is_sent: self.sends_turned.emit(target, is_sent))
        return made
