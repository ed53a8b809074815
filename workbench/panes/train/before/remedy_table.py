"""The table of what makes a recipe need less memory: saving, need, verdict and a button each."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from workbench.core.figures import MINUS
from workbench.core.memory.fitting import Change
from workbench.core.units import bytes_in_words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import button, label
from workbench.panes.parts.room import Room

SCOPE = "what is enough first; the result stays the same where nothing else is said"
MOST_REMEDIES = 5
# Other programs that hold more than this share of the memory are worth closing.
WORTH_CLOSING = 0.05


class RemedyTable(Card):
    """The remedies, most saving first, each with a button of these words; the first may be the page's primary."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, words: str, most: int = MOST_REMEDIES, *, has_primary: bool = False) -> None:
        super().__init__(theme, "What would help", SCOPE)
        self.set_margins(0, 2, 0, 0)
        self.body.setSpacing(0)
        self._rows = [_Row(theme, words, is_primary=has_primary and index == 0) for index in range(most)]
        for row in self._rows:
            row.button.clicked.connect(lambda _checked=False, row=row: self.chosen.emit(row.remedy))
            self.body.addWidget(row)
        self._note = QWidget()
        self._note_icon = QLabel()
        self._note_words = label("", "small", wraps=True)
        self._note_layout = in_row(self._note_icon, (self._note_words, 1), gap=10, of=self._note)
        self._note_line = _divider()
        self.body.addWidget(self._note_line)
        self.body.addWidget(self._note)
        theme.follow(self._draw)

    def _draw(self) -> None:
        pad = self.theme.size("size.card_padding")
        self._note_layout.setContentsMargins(pad, 9, pad, 9)
        side = self.theme.px(16)
        self._note_icon.setPixmap(self.theme.icon("info", "status.info").pixmap(side, side))

    @property
    def buttons(self) -> list[QPushButton]:
        return [row.button for row in self._rows]

    @property
    def shown(self) -> list[Change]:
        return [row.remedy for row in self._rows if row.remedy is not None]

    def show_remedies(self, remedies: Sequence[Change], room: Room | None) -> None:
        for index, row in enumerate(self._rows):
            row.show_remedy(remedies[index] if index < len(remedies) else None)
        if room is None:
            return
        others = room.others_bytes
        is_worth = others > WORTH_CLOSING * max(1, room.total_bytes)
        whose = "this card" if room.is_card else "this machine's memory"
        self._note_words.setText(
            f"Other programs hold {bytes_in_words(others)} of {whose}. Closing some makes room for this run."
        )
        self._note.setVisible(is_worth)
        self._note_line.setVisible(is_worth)


class _Row(QWidget):
    """One remedy."""

    def __init__(self, theme: Theme, button_words: str, *, is_primary: bool) -> None:
        super().__init__()
        self.remedy: Change | None = None
        self._theme = theme
        self._button_words = button_words
        self._title = label("", "medium", wraps=True)
        self._cost = label("", "small", wraps=True)
        self._saving = label("", "medium")
        self._need = label("", "small")
        self._verdict = Tag(theme, "fits", "success")
        self.button = button(button_words, theme, kind="primary" if is_primary else "")
        for figure in (self._saving, self._need):
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._slot = QWidget()
        in_row(self._verdict, 1, of=self._slot)
        words = in_column(self._title, self._cost, gap=2)
        self._line = in_row((words, 1), self._saving, self._need, self._slot, self.button, gap=12)
        in_column(_divider(), self._line, gap=0, of=self)
        theme.follow(self._resize)

    def _resize(self) -> None:
        pad = self._theme.size("size.card_padding")
        self._line.setContentsMargins(pad, 7, pad, 7)
        self._saving.setFixedWidth(self._theme.px(80))
        self._need.setFixedWidth(self._theme.px(110))
        self._slot.setFixedWidth(self._theme.px(96))

    def show_remedy(self, remedy: Change | None) -> None:
        self.remedy = remedy
        self.setVisible(remedy is not None)
        if remedy is None:
            return
        self._title.setText(remedy.title)
        self._cost.setText(remedy.cost)
        self._saving.setText(f"{MINUS}{bytes_in_words(remedy.saved_bytes)}")
        self._need.setText(f"needs {bytes_in_words(remedy.peak_bytes)}")
        self._verdict.show_state(*(("fits", "success") if remedy.fits else ("not alone", "warn")))
        self.button.setAccessibleName(f"{self._button_words}: {remedy.title}")


def _divider() -> QFrame:
    line = QFrame()
    line.setProperty("role", "divider")
    return line
