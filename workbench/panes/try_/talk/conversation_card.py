"""The card of the conversation: its questions and answers, as a chat or as they are sent; or how far it is loaded."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from workbench.core.job.events import Phase
from workbench.core.units import counted
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import Segmented, button
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.try_.talk.answer_block import AnswerBlock
from workbench.panes.try_.talk.conversation import Conversation, Exchange, Part, Said
from workbench.panes.try_.talk.exchange_view import COLORS, ExchangeView
from workbench.panes.try_.talk.loading_strip import LoadingStrip
from workbench.panes.try_.talk.sent_tokens import Piece

CHAT, SENT = "chat", "sent"
QUIET: dict[Part, str] = {
    "base": "What the model says that nobody has trained.",
    "tuned": "What the same model says with the adapter of the run.",
    "second": "What another one says, with the same question.",
}


class ConversationCard(ScopedCard):
    """Shows a conversation, and follows it while it stands at its end.

    Signals:
        edit_wanted: The exchange whose question is to be changed.
        again_wanted: The exchange that is to be answered anew.
        go_on_wanted: An exchange, and the speaker whose answer is to go on.
        tokens_wanted: An exchange, and the speaker whose answer is to be looked at token by token.
        new_wanted: Another conversation is to begin.
    """

    edit_wanted = Signal(object)
    again_wanted = Signal(object)
    go_on_wanted = Signal(object, str)
    tokens_wanted = Signal(object, str)
    new_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        conversation: Conversation,
        pieces_of: Callable[[Exchange, Said], Sequence[Piece]],
        markdown: Callable[[], str],
    ) -> None:
        super().__init__(theme, "Conversation")
        self._conversation, self._pieces_of = conversation, pieces_of
        self._is_stacked = False
        self._length = ""
        self.set_margins(0, 0, 0, 0)
        self.views = Segmented(((CHAT, "Chat"), (SENT, "As sent")), "The conversation as")
        self.views.set_value(CHAT)
        self.views.chosen.connect(self.show_as)
        self.copy = copy_button(theme, markdown, "Copy the conversation as Markdown")
        self.new = button("New", theme, "plus", "flat")
        self.new.setToolTip("Begin another conversation")
        self.new.clicked.connect(self.new_wanted)
        for made in (self.views, self.copy, self.new):
            self.add_to_head(made)
        self.strip = LoadingStrip(theme)
        self.strip.hide()
        self._inside = QWidget()
        self._column = in_column(gap=0, of=self._inside)
        self.quiet: list[AnswerBlock] = []
        self._quiet = QWidget()
        self._quiet_line = in_row(of=self._quiet)
        self._column.addWidget(self._quiet)
        self._column.addStretch(1)
        self.area = in_scroll(self._inside)
        self.area.verticalScrollBar().rangeChanged.connect(self._follow)
        self.area.verticalScrollBar().valueChanged.connect(self._note_place)
        self._is_at_end = True
        line = QFrame()
        line.setProperty("role", "divider")
        self.body.setSpacing(0)
        self.body.addWidget(line)
        self.body.addWidget(self.strip)
        self.body.addWidget(self.area, 1)
        self.shown: list[tuple[Exchange, ExchangeView]] = []
        conversation.changed.connect(self.refresh)
        theme.follow(self._restyle)
        self.refresh()

    def _restyle(self) -> None:
        px = self.theme.px
        self._quiet_line.setContentsMargins(px(14), px(12), px(14), px(12))
        self._quiet_line.setSpacing(px(18))

    @property
    def is_as_sent(self) -> bool:
        return self.views.value() == SENT

    def show_as(self, view: str) -> None:
        """The conversation as a "chat", or as it is "sent"."""
        self.views.set_value(view)
        self.refresh(None)

    def set_stacked(self, is_stacked: bool) -> None:
        self._is_stacked = is_stacked
        for _, view in self.shown:
            view.set_stacked(is_stacked)

    def say_length(self, words: str) -> None:
        """How long the conversation is, where no tile says it."""
        self._length = words
        self._say_scope()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_quiet(self, titles: Sequence[tuple[str, Part]]) -> None:
        """Who will answer, before anybody has."""
        while len(self.quiet) < len(titles):
            part = titles[len(self.quiet)][1]
            self.quiet.append(AnswerBlock(self.theme, COLORS[part]))
            self._quiet_line.addWidget(self.quiet[-1], 1)
        for place, block in enumerate(self.quiet):
            block.setVisible(place < len(titles))
            if place < len(titles):
                title, part = titles[place]
                block.set_color(COLORS[part])
                block.show_quiet(title, QUIET[part])

    def show_loading(self, is_loading: bool, phase: Phase | None) -> None:
        """How far what is to answer is loaded, above what was said."""
        self.strip.setVisible(is_loading)
        if is_loading:
            self.strip.show_phase(phase)

    def refresh(self, changed: Exchange | None = None) -> None:
        """Shows an exchange anew, or all of them."""
        exchanges = self._conversation.exchanges
        if changed is None or [entry for entry, _ in self.shown] != exchanges:
            self._match(exchanges)
        may_ask = not self._conversation.is_busy
        for exchange, view in self.shown:
            if changed is None or exchange is changed or not self._conversation.is_busy:
                pieces = None
                if self.is_as_sent:
                    pieces = {name: self._pieces_of(exchange, said) for name, said in exchange.said.items()}
                view.show_exchange(exchange, pieces, may_ask=may_ask)
        self._say_scope()
        self._quiet.setVisible(not exchanges)
        self.copy.setEnabled(bool(exchanges))
        self.new.setEnabled(bool(exchanges) and may_ask)

    def _say_scope(self) -> None:
        count = len(self._conversation.exchanges)
        words = (counted(count, "question") if count else "", self._length, "each model keeps its own answers")
        self.scope.set_text(", ".join(filter(None, words)))

    def _match(self, exchanges: Sequence[Exchange]) -> None:
        for exchange, view in list(self.shown):
            if exchange not in exchanges:
                self.shown.remove((exchange, view))
                view.hide()
                view.deleteLater()
        known = [exchange for exchange, _ in self.shown]
        for exchange in exchanges:
            if exchange not in known:
                view = ExchangeView(self.theme)
                view.set_stacked(self._is_stacked)
                view.edit_wanted.connect(lambda exchange=exchange: self.edit_wanted.emit(exchange))
                view.again_wanted.connect(lambda exchange=exchange: self.again_wanted.emit(exchange))
                view.go_on_wanted.connect(lambda name, exchange=exchange: self.go_on_wanted.emit(exchange, name))
                view.tokens_wanted.connect(lambda name, exchange=exchange: self.tokens_wanted.emit(exchange, name))
                self.shown.append((exchange, view))
                self._column.insertWidget(self._column.count() - 1, view)
                self.to_end()

    # -- following -----------------------------------------------------------------------------------------------------

    def to_end(self) -> None:
        """Goes to the end, and follows what comes there."""
        self._is_at_end = True
        QTimer.singleShot(0, self, lambda: self._follow())

    def _follow(self, *_range: int) -> None:
        if self._is_at_end:
            bar = self.area.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _note_place(self, value: int) -> None:
        bar = self.area.verticalScrollBar()
        self._is_at_end = value >= bar.maximum() - self.theme.px(4)
