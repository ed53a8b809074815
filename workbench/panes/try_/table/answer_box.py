"""One answer of the chosen row: who says it, its verdict, its text with the words that differ, and two buttons."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from workbench.core.chat.words import marks
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.cards import OwnWords, Tag
from workbench.panes.parts.controls import button, fill, label, set_icon
from workbench.panes.try_.table.marked_words import LONGEST_SHOWN, MarkedWords

BAR = 3
TAGS: dict[bool | None, tuple[str, str, str]] = {
    True: ("right", "success", "check"),
    False: ("wrong", "danger", "x"),
    None: ("not rated", "none", "circle-dashed"),
}


class AnswerBox(QFrame):
    """What one says to the chosen row.

    Signals:
        picked: It was clicked: keys are to act on it.
        rated: A button was pressed: whether the answer is right, or None where the mark is taken away.
    """

    picked = Signal()
    rated = Signal(object)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._color = "text.tertiary"
        self.is_chosen = False
        self.text = ""
        self.name = OwnWords(theme, name, "small")
        self.tag = Tag(theme)
        self.words = MarkedWords(theme)
        self.facts = label("", "fact", wraps=True)
        self._scroll = in_scroll(self.words)
        self._scroll.viewport().setAutoFillBackground(False)
        self.right = self._verdict_button("Right", "check", True)
        self.wrong = self._verdict_button("Wrong", "x", False)
        self._buttons = QWidget()
        in_row(self.right, self.wrong, 1, gap=6, of=self._buttons)
        self._head = in_row(self.name, self.tag, 1, gap=8)
        self._layout = in_column(self._head, (self._scroll, 1), self.facts, self._buttons, gap=4, of=self)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.follow(self._restyle)

    def _verdict_button(self, words: str, icon: str, verdict: bool) -> QPushButton:
        made = button(words, self._theme, icon)
        made.setCheckable(True)
        made.setProperty("role", "verdict")
        made.clicked.connect(lambda is_on: self.rated.emit(verdict if is_on else None))
        return made

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(18), px(7), px(10), px(8))
        self.tag.setMinimumHeight(px(20))
        self.update()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_answer(self, name: str, color: str, text: str, reference: str | None, facts: str) -> None:
        """Shows an answer, with the words marked that the reference has not."""
        self._show_head(name, color)
        self.text = text
        shown = text[:LONGEST_SHOWN]
        found = marks(shown, reference) if reference is not None else None
        self.words.show_text(shown or "An empty answer.", found.runs if found is not None else (), color)
        cut = "only its beginning is shown" if len(text) > LONGEST_SHOWN else ""
        different = "wholly different" if found is not None and found.is_wholly_different else ""
        self.facts.setText(", ".join(filter(None, (different, facts, cut))))
        self.update()

    def show_none(self, name: str, color: str, words: str) -> None:
        """Shows why there is no answer."""
        self._show_head(name, color)
        self.text = ""
        self.words.show_text(words, (), color, "text.secondary")
        self.facts.setText("")
        self.update()

    def _show_head(self, name: str, color: str) -> None:
        self._color = color
        self.name.set_text(name)

    def show_verdict(self, verdict: bool | None, *, has_buttons: bool, has_tag: bool, can_be_rated: bool) -> None:
        """Shows whether it is right; where a person judges there are buttons to say so."""
        text, state, icon = TAGS[verdict]
        self.setAccessibleName(f"{self.name.whole}: {text}, {self.text}" if self.text else self.name.whole)
        self.tag.show_state(text if has_tag else "", state, icon)
        self._buttons.setVisible(has_buttons)
        for made, own in ((self.right, True), (self.wrong, False)):
            made.setEnabled(can_be_rated)
            made.setChecked(verdict is own)
            state = ("success" if own else "danger") if verdict is own else ""
            polish(made, verdict=state)
            set_icon(made, self._theme, "check" if own else "x", f"status.{state}" if state else "text.primary")
            made.setAccessibleName(f"{self.name.whole} is {'right' if own else 'wrong'}")

    def show_problem(self) -> None:
        """Marks that it could not be answered."""
        self.tag.show_state("not answered", "warn")
        self.setAccessibleName(f"{self.name.whole}: not answered, {self.words.accessibleName()}")
        self._buttons.hide()

    def set_chosen(self, is_chosen: bool) -> None:
        """Whether keys act on it."""
        if is_chosen != self.is_chosen:
            self.is_chosen = is_chosen
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        bar = QRectF(px(7), px(8), px(BAR), self.height() - 2 * px(8))
        fill(painter, bar, theme.color(self._color))
        if self.is_chosen:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent.line"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.picked.emit()
