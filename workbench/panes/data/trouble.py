"""What stands in place of the rows: why they cannot be shown, what to do, and what a dataset looks like."""

import re
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.core.data.mapping import Mapping, UnclearRows
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import button
from workbench.panes.parts.form_rows import in_form_words

MOST_OFFERED = 3


def in_quotes(sentence: str) -> str:
    """A sentence that marks names as a terminal does, as a page does: “Question” is the prompt."""
    return re.sub(r"`([^`]*)`", "\u201c\\1\u201d", sentence)


class Trouble(QWidget):
    """A message above examples; what the columns may be taken for is offered by buttons.

    Signals:
        find_wanted: A file is to be found.
        mapping_wanted: The Mapping that the columns are to be taken by.
    """

    find_wanted = Signal()
    mapping_wanted = Signal(object)

    def __init__(self, theme: Theme, help: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self.message = Message(theme)
        self._find = button("Find a file", theme, "folder-open", "")
        self._find.clicked.connect(self.find_wanted)
        self.message.add_button(self._find)
        self.offers: list[QPushButton] = []
        self._help = help
        self._rows = in_column(self.message, help, 1, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._rows.setSpacing(self._theme.size("space.card_gap"))

    def ask(self) -> None:
        """Asks for a file."""
        self._offer(())
        self.message.say("info", "Which file is it?", "Find one, drop one here, or type its path at the left.")

    def say(self, error: UserError, likely: Sequence[Mapping]) -> None:
        """Says what is wrong; `likely` is what the columns may be taken for."""
        is_unclear = isinstance(error, UnclearRows)
        self._offer(likely[:MOST_OFFERED] if is_unclear else ())
        if is_unclear:
            remedy = "Choose below, or name the columns at the left." if likely else "Name the columns at the left."
            self.message.say("warn", in_quotes(error.what), error.why, remedy)
        else:
            self.message.say("danger", error.what, error.why, in_form_words(error.remedy))

    def _offer(self, likely: Sequence[Mapping]) -> None:
        for made in self.offers:
            made.setParent(None)
            made.deleteLater()
        self.offers = []
        for mapping in likely:
            made = button(in_quotes(mapping.sentence), self._theme, "check")
            made.clicked.connect(lambda _checked=False, mapping=mapping: self.mapping_wanted.emit(mapping))
            self.message.add_line(made)
            self.offers.append(made)
        self._find.setVisible(not likely)
