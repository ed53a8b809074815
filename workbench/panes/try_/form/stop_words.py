"""Texts that end an answer, each a chip beside the end that the template has of its own."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from workbench.core.problems import shortened
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import plain_tip, set_icon
from workbench.panes.parts.fields import put_fact

LONGEST_CHIP = 16  # of letters: a wider chip would widen the form


class StopWords(QWidget):
    """A field whose Enter adds a text, and a chip of each that takes it away again.

    Signals:
        edited: The texts (a tuple) that end an answer now.
    """

    edited = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._words: tuple[str, ...] = ()
        self.field = QLineEdit()
        self.field.setAccessibleName("Stop at")
        self.field.setToolTip(
            "A text that ends the answer where it comes; Enter adds it. It is not part of the answer."
        )
        self.field.editingFinished.connect(self._add)
        self.chips: list[QToolButton] = []
        self._column = in_column(self.field, gap=3, of=self)
        self.show_own("")

    def show_own(self, end: str) -> None:
        """Shows what ends an answer anyway."""
        self.field.setPlaceholderText(end)
        put_fact(self.field, "template\u2019s" if end else "the model\u2019s own end")

    def show_words(self, words: Sequence[str]) -> None:
        """Shows texts without telling them."""
        if tuple(words) == self._words:
            return
        self._words = tuple(words)
        for chip in self.chips:
            chip.deleteLater()
        self.chips = [self._chip(word) for word in words]

    def _chip(self, word: str) -> QToolButton:
        chip = QToolButton()
        chip.setProperty("role", "chip")
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        set_icon(chip, self._theme, "x", "text.secondary")
        chip.setText(shortened(_visible(word), LONGEST_CHIP))
        chip.setToolTip(plain_tip(f"Stop no longer at {_visible(word)}"))
        chip.setAccessibleName(f"Stop no longer at {_visible(word)}")
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.clicked.connect(lambda: self._tell(tuple(other for other in self._words if other != word)))
        self._column.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)
        return chip

    def _add(self) -> None:
        word = self.field.text().replace("\\n", "\n").replace("\\t", "\t")
        self.field.clear()
        if word and word not in self._words:
            self._tell((*self._words, word))

    def _tell(self, words: tuple[str, ...]) -> None:
        self.show_words(words)
        self.edited.emit(words)


def _visible(word: str) -> str:
    return word.replace("\n", "\\n").replace("\t", "\\t")
