"""The view Talk: one question to the base and the tuned model, side by side."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from workbench.bridge.chat_control import ChatState
from workbench.core.chat.speakers import BASE
from workbench.core.chat.transcript import Column, Exchanged, as_markdown, proof_in_words
from workbench.core.job.question import Asking
from workbench.core.problems import UserError
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import button
from workbench.panes.parts.page import NARROW_WINDOW
from workbench.panes.parts.save_as import ask_where, save_and_say
from workbench.panes.try_.form.how_answers import HowAnswers, MoreOfAnswers
from workbench.panes.try_.form.what_told import WhatTold
from workbench.panes.try_.form.who_answers import WhoAnswers
from workbench.panes.try_.talk.actions import TalkActions
from workbench.panes.try_.talk.ask_card import AskCard
from workbench.panes.try_.talk.conversation import Conversation, Exchange, Said
from workbench.panes.try_.talk.conversation_card import ConversationCard
from workbench.panes.try_.talk.sent_tokens import Piece, SentTokens
from workbench.panes.try_.talk.tiles import Tiles
from workbench.panes.try_.talk.trouble import Trouble
from workbench.panes.try_.view import Given, OnPage, TryView

# Below this width of the window answers stand one below the other.
STACKED_WINDOW = 1024
SAVE_WORDS = "Save as Markdown"
MARKDOWN = {".md": "Markdown (*.md)"}


class TalkView(TryView):
    """What is typed at the foot is asked of all that are chosen, each in a conversation of its own."""

    name = "talk"
    title = "Talk"

    def __init__(self, on_page: OnPage) -> None:
        super().__init__(on_page)
        theme, chat, choices = on_page.theme, self.chat, self.choices
        self.conversation = Conversation(chat, choices, self)
        self.sent = SentTokens(chat, self)
        self._build_form()
        self.trouble = Trouble(
            theme,
            shorten=lambda: choices.set(max_tokens=max(1, choices.settings.max_tokens // 2)),
            part=self._answer_one_by_one,
            to_run=lambda: self.go_to.emit("train"),
            again=self.ask,
        )
        self.no_run = Message(theme)
        self.train = button("Train one", theme, "play", "primary")
        self.train.clicked.connect(lambda: self.go_to.emit("train"))
        self.no_run.add_button(self.train)
        self.no_run.hide()
        self.tiles = Tiles(theme, chat, choices, self.conversation, on_page.gpu)
        self.card = ConversationCard(theme, self.conversation, self._pieces_of, self.markdown)
        self.card.edit_wanted.connect(self._edit)
        self.card.again_wanted.connect(self.conversation.again)
        self.card.go_on_wanted.connect(self.conversation.go_on)
        self.card.tokens_wanted.connect(self._look_at)
        self.card.new_wanted.connect(self._begin_new)
        self.foot = AskCard(theme)
        self.foot.field.asked.connect(self.ask)
        self.foot.field.last_wanted.connect(self._bring_back)
        self.foot.field.left.connect(self._leave)
        self.foot.field.textChanged.connect(self._text_changed)
        self.foot.asked.connect(self._ask_row)
        self._outer = in_column(self.trouble, self.no_run, self.tiles, (self.card, 1), self.foot, of=self)
        self.save = button(SAVE_WORDS, theme, "floppy-disk")
        self.save.setAccessibleName(SAVE_WORDS)
        self.save.clicked.connect(self._save)
        self.tools_line.addWidget(self.save)
        self._edited: Exchange | None = None
        self._is_queued = False
        self._told: object = None
        self._connect()
        theme.follow(self._restyle)
        self.refresh()

    def _build_form(self) -> None:
        theme, choices, form = self.theme, self.choices, self.form
        self.who = WhoAnswers(theme, choices, self.chat)
        self.how = HowAnswers(theme, choices)
        form.add_group(self.who)
        form.add_group(self.how)
        self.more = MoreOfAnswers(theme, choices, form)
        self.what = WhatTold(theme, choices)
        form.add_group(self.what)
        form.end()
        self.actions_bar = TalkActions(theme, form.action_bar)
        self.actions_bar.ask_wanted.connect(self.ask)
        self.actions_bar.stop_wanted.connect(self.stop)

    def _connect(self) -> None:
        self.chat.state_changed.connect(self.refresh)
        self.choices.changed.connect(self.refresh)
        self.choices.known_changed.connect(self.refresh)
        self.conversation.changed.connect(lambda _exchange: self._conversation_changed())
        self.conversation.failed.connect(self._say)
        self.conversation.returned.connect(self._take_back)
        self.sent.changed.connect(self._tokenizer_changed)
        self.on_page.gpu.changed.connect(self._show_tiles)
        # Of the whole window, since the form is not within the view: one that is hidden takes no keys.
        for keys, act in (("Ctrl+L", self.to_field), ("Esc", self._leave)):
            QShortcut(QKeySequence(keys), self, act, context=Qt.ShortcutContext.WindowShortcut)

    def _restyle(self) -> None:
        keep_edge(self._outer, self.theme)
        self._outer.setSpacing(self.theme.size("space.card_gap"))
        self.arranged()

    def arranged(self) -> None:
        px, width = self.theme.px, self.window().width()
        is_narrow = width < px(NARROW_WINDOW) or self.theme.projector
        self.tiles.show_all(not is_narrow)
        self.card.set_stacked(width < px(STACKED_WINDOW) and not self.theme.projector)
        self.more.folded.show_wide(self.is_wide)
        self.save.setText("" if self.theme.projector else SAVE_WORDS)
        self._show_tiles()

    def shown_first(self) -> None:
        self.choices.look_around()

    def _look_at(self, exchange: Exchange, name: str) -> None:
        said = exchange.said[name]
        if said.sent is not None and said.last is not None:
            sent, ids = tuple(said.sent.ids), tuple(said.ids)
            self.tokens_wanted.emit(Given(exchange.asked.text, sent, ids, said.text, said.last.base_hash))

    # -- asking --------------------------------------------------------------------------------------------------------

    def act(self) -> bool:
        self.ask()
        return True

    def ask(self) -> None:
        """Asks what stands in the field, once what is being answered has ended."""
        text = self.foot.text.strip()
        if not text or not self._may_ask:
            self.to_field()
            return
        if self.conversation.is_busy:
            self._is_queued = True
            self._say_field()
            return
        edited, self._edited = self._edited, None
        self.foot.set_text("")
        self.trouble.hide()
        asked = (
            Asking(text=text) if edited is None else edited.asked.model_copy(update={"text": text, "expected": None})
        )
        self.conversation.ask(asked, in_place_of=edited)
        self.to_field()

    def _ask_row(self, row: Asking) -> None:
        if self._may_ask and not self.conversation.is_busy:
            self.trouble.hide()
            self.conversation.ask(row)
            self.to_field()

    def stop(self) -> None:
        """Ends the answers that grow, and what waits for them."""
        self._is_queued = False
        self.conversation.stop()
        self.refresh()

    def to_field(self) -> None:
        self.foot.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _leave(self) -> None:
        """Escape: what is answered stops, else a question that was to be changed stays as it is."""
        if self.conversation.is_busy:
            self.stop()
        elif self._edited is not None:
            self._edited = None
            self.foot.set_text("")

    def _edit(self, exchange: Exchange) -> None:
        self._edited = exchange
        self.foot.set_text(exchange.asked.text)
        self.to_field()

    def _bring_back(self) -> None:
        if self.conversation.exchanges:
            self.foot.set_text(self.conversation.exchanges[-1].asked.text)

    def _take_back(self, text: str) -> None:
        if not self.foot.text:
            self.foot.set_text(text)

    def _begin_new(self) -> None:
        self._edited = None
        self.conversation.clear()
        self.to_field()

    def _answer_one_by_one(self) -> None:
        self.conversation.is_one_by_one = True
        if self.conversation.exchanges:
            self.conversation.again(self.conversation.exchanges[-1])

    # -- what is shown -------------------------------------------------------------------------------------------------

    @property
    def _may_ask(self) -> bool:
        return bool(self.choices.model) and self.choices.problem is None

    @property
    def _names(self) -> tuple[str, ...]:
        """Those who answer, the one at the left first."""
        return (*reversed(self.choices.beside), self.choices.model) if self.choices.model else ()

    def refresh(self) -> None:
        """Shows what is chosen, how it is loaded and what may be done."""
        conversation, chat, choices = self.conversation, self.chat, self.choices
        self.card.show_loading(conversation.is_busy and chat.state is ChatState.LOADING, chat.phase)
        who = [(conversation.title_of(name), conversation.part_of(name)) for name in self._names]
        self.card.show_quiet(who or (("Base", "base"), ("Tuned", "tuned")))
        self.foot.show_rows(choices.held_out)
        self.save.setEnabled(bool(conversation.exchanges))
        sides = len(self._names)
        self.how.fact.setText("the same for both" if sides > 1 else "")
        longest = choices.settings.max_tokens
        self.actions_bar.show(chat, conversation, sides=sides, longest=longest, may_ask=self._may_ask)
        has_none = not choices.model and not choices.is_looking
        if has_none and self.no_run.isHidden():
            why = "A model of this machine or of the Hub can be talked to too: choose it at the left."
            self.no_run.say("info", "No run has anything to talk to yet.", why)
        self.no_run.setVisible(has_none)
        if chat.trouble is not None and chat.trouble is not self._told:
            self._say(chat.trouble)
        self._told = chat.trouble
        self._say_facts()
        self._show_tiles()
        self._say_field()

    def _show_tiles(self) -> None:
        self.tiles.refresh(self._names)
        self.card.say_length("" if self.tiles.has_all else self.tiles.length.text)

    def _conversation_changed(self) -> None:
        self.refresh()
        newest = self.conversation.exchanges[-1] if self.conversation.exchanges else None
        refused = next((said.refused for said in newest.said.values() if said.refused), None) if newest else None
        if refused is not None and refused is not self._told_refusal:
            self._told_refusal = refused
            self._say(UserError(refused.what, why=refused.why, remedy=refused.remedy))
        if self._is_queued and not self.conversation.is_busy:
            self._is_queued = False
            self.ask()

    _told_refusal: object = None

    def _say(self, error: UserError) -> None:
        self.trouble.say_trouble(
            error,
            sides=len(self._names),
            longest=self.choices.settings.max_tokens,
            runs=self.on_page.control.is_busy,
            may_retry=error is self.chat.trouble or bool(self.foot.text),
        )

    def _text_changed(self) -> None:
        self._is_queued = False
        self._say_field()

    def _say_field(self) -> None:
        both = " both" if len(self._names) > 1 else ""
        if self._is_queued:
            words = f"asked when {'both have' if both else 'it has'} ended"
        elif self.conversation.is_busy:
            words = f"Enter waits for {'both' if both else 'it'} to end"
        elif self._edited is not None:
            words = "Enter asks it anew, Esc leaves it"
        else:
            text = self.foot.text
            count = self.sent.count_in_words(text) if text.strip() else ""
            words = f"{count}, Enter asks{both}" if count else f"Enter asks{both}"
        self.foot.field.say(words)

    def _tokenizer_changed(self) -> None:
        self.how.stop.show_own(self.sent.end())
        self.card.refresh(None)
        self._say_facts()
        self._say_field()

    def _say_facts(self) -> None:
        self.what.fact.setText(self.sent.count_in_words(self.what.system.text()) if self.what.system.text() else "")

    def _pieces_of(self, exchange: Exchange, said: Said) -> Sequence[Piece]:
        exchanges = self.conversation.exchanges
        earlier = [entry.said.get(said.speaker) for entry in exchanges[: exchanges.index(exchange)]]
        return self.sent.pieces_of(said, next((entry for entry in reversed(earlier) if entry is not None), None))

    # -- taking it along -----------------------------------------------------------------------------------------------

    def markdown(self) -> str:
        """The conversation with its settings, as a page."""
        exchanges = self.conversation.exchanges
        if not exchanges:
            return ""
        names = list(dict.fromkeys(name for exchange in exchanges for name in reversed(exchange.said)))
        newest = {
            name: said.last for exchange in exchanges for name, said in exchange.said.items() if said.last is not None
        }
        titles = {name: exchange.said[name].title for exchange in exchanges for name in exchange.said}
        columns = [
            Column(self._title_in_full(name, titles[name]), proof_in_words(newest[name]) if name in newest else "")
            for name in names
        ]
        turns = [
            Exchanged(
                exchange.asked.text,
                tuple(exchange.said[name].text if name in exchange.said else None for name in names),
            )
            for exchange in exchanges
        ]
        title = self.choices.known.title if self.choices.known is not None else "A conversation"
        return as_markdown(title, columns, exchanges[-1].settings, self.what.system.text(), turns)

    def _title_in_full(self, name: str, title: str) -> str:
        return title if name == BASE else f"{title} ({Path(name).name})"

    def _save(self) -> None:
        text = self.markdown()
        if text:
            ask_where(
                self, SAVE_WORDS, "conversation.md", MARKDOWN, lambda path: save_and_say(path, text, self.message.emit)
            )
