"""One answer: who says it, how it stands, its text, what it took, and which weights it is of."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from workbench.core.chat.transcript import proof_in_words, took_in_words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import OwnWords, Tag
from workbench.panes.parts.controls import button, fill, icon_button
from workbench.panes.try_.talk.answer_text import AnswerText
from workbench.panes.try_.talk.conversation import Said
from workbench.panes.try_.talk.sent_tokens import Piece

BAR_WIDTH = 3
NO_ANSWER = "An empty answer."
STOPPED_EARLY = "Stopped before it said anything."


class AnswerBlock(QWidget):
    """Shows what one has said.

    Signals:
        go_on_wanted: An answer that was cut is to go on.
        tokens_wanted: The answer is to be looked at token by token.
    """

    go_on_wanted = Signal()
    tokens_wanted = Signal()

    def __init__(self, theme: Theme, color: str) -> None:
        super().__init__()
        self._theme, self._color = theme, color
        self.name = OwnWords(theme, "", "small")
        self.tag = Tag(theme)
        self.tag.hide()
        self.copy = icon_button("Copy this answer", theme, "copy-simple")
        self.look = icon_button("Look at this answer token by token", theme, "eye")
        self.text = AnswerText(theme, "Answer", color)
        self.took = OwnWords(theme, "", "fact")
        self.go_on = button("Go on", theme, "play", "link")
        self.go_on.setAccessibleName("Let this answer go on")
        self._said: Said | None = None
        self.copy.clicked.connect(self._copy)
        self.go_on.clicked.connect(self.go_on_wanted)
        self.look.clicked.connect(self.tokens_wanted)
        self._head = in_row(self.name, self.tag, 1, self.look, self.copy)
        self._foot = in_row(self.took, self.go_on, 1)
        self._layout = in_column(self._head, self.text, self._foot, 1, gap=2, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        self._head.setSpacing(px(8))
        self._layout.setContentsMargins(px(BAR_WIDTH + 11), 0, 0, px(2))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        box = QRectF(0, 0, self._theme.px(BAR_WIDTH), self.height())
        fill(QPainter(self), box, self._theme.color(self._color))

    def set_color(self, color: str) -> None:
        """The colour of who says it."""
        self._color = color
        self.text.set_color(color)
        self.update()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_said(self, said: Said, pieces: Sequence[Piece] | None) -> None:
        """Shows what was said so far; with `pieces` what was sent for it, token by token, and the answer after it."""
        self._said = said
        last, refused = said.last, said.refused
        self.name.set_text(said.title)
        self.text.setAccessibleName(f"{said.title} answers")
        self._show_tag(said)
        if pieces:
            self.text.show_tokens(pieces)
        elif refused is not None and not said.text:
            self.text.show_quiet(refused.in_words())
        elif said.text or said.stage == "answering":
            self.text.show_markdown(said.text, is_growing=said.stage == "answering")
        elif said.stage == "waits":
            self.text.show_quiet("")
        else:
            self.text.show_quiet(NO_ANSWER if last is not None else STOPPED_EARLY)
        is_done = said.stage in ("done", "refused") and last is not None
        words = ""
        if pieces and said.sent is not None:
            words = f"{len(said.sent.ids)} tokens sent, {len(said.ids)} said"
        elif is_done and last is not None:
            words = took_in_words(last, len(said.ids), said.seconds)
            if last.adapter_sha256 == "" and last.strength == 0 and said.part == "tuned":
                words += "; the same as the base model"
        self.took.set_text(words)
        self.go_on.setVisible(said.is_cut and not pieces)
        self.copy.setEnabled(bool(said.text))
        self.look.setEnabled(is_done and bool(said.ids))
        self.setToolTip(proof_in_words(last) if last is not None else "")
        self.setAccessibleDescription(self.toolTip())

    def show_quiet(self, title: str, sentence: str) -> None:
        """Shows that nothing was said yet."""
        self._said = None
        self.name.set_text(title)
        self.tag.show_state("", "none")
        self.text.show_quiet(sentence)
        self.took.set_text("")
        self.go_on.hide()
        self.copy.hide()
        self.look.hide()

    def _show_tag(self, said: Said) -> None:
        match said.stage:
            case "waits":
                self.tag.show_state("waits", "none", "clock")
            case "answering":
                self.tag.show_state("answering", "info", "circle")
            case "refused":
                self.tag.show_state("cannot answer", "danger")
            case _ if said.is_cut and said.last is not None:
                stopped = said.last.finish == "interrupted"
                self.tag.show_state("stopped" if stopped else f"cut at {len(said.ids)}", "none" if stopped else "warn")
            case _:
                self.tag.show_state("", "none")

    def _copy(self) -> None:
        if self._said is not None:
            QGuiApplication.clipboard().setText(self._said.text)
