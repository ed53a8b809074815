"""What stands in place of the rows: why they cannot be shown, what to do, and what a dataset looks like."""

import re
import unicodedata

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import button
from workbench.panes.parts.form_rows import in_form_words


def in_quotes(sentence: str) -> str:
    """A sentence that marks names as a terminal does, as a page does: “Question” is the prompt.

    A name that is read from the right is set apart, or it would turn the sentence around.
    """
    return re.sub(r"`([^`]*)`", lambda found: _apart(f"\u201c{found[1]}\u201d"), sentence)


def _apart(name: str) -> str:
    is_from_the_right = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    return f"\u2068{name}\u2069" if is_from_the_right else name


class Trouble(QWidget):
    """A message above examples.

    Signals:
        find_wanted: A file is to be found.
        anew_wanted: What the recipe says of the columns is to be forgotten.
    """

    find_wanted = Signal()
    anew_wanted = Signal()

    def __init__(self, theme: Theme, help: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self.message = Message(theme)
        self._find = button("Find a file", theme, "folder-open", "")
        self._find.clicked.connect(self.find_wanted)
        self.anew = button("Find the columns anew", theme, "arrow-clockwise")
        self.anew.clicked.connect(lambda: self.anew_wanted.emit())
        self.message.add_button(self.anew)
        self.message.add_button(self._find)
        self._rows = in_column(self.message, help, 1, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._rows.setSpacing(self._theme.size("space.card_gap"))

    def ask(self) -> None:
        """Asks for a file."""
        self.anew.hide()
        self.message.say("info", "Which file is it?", "Find one, drop one here, or type its path at the left.")

    def say(self, error: UserError, *, is_of_columns: bool) -> None:
        """Says what is wrong; where the recipe says what columns are for, that can be what is wrong."""
        self.anew.setVisible(is_of_columns)
        self.message.say("danger", error.what, error.why, in_form_words(error.remedy))
