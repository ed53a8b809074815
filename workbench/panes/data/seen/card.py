"""What the model will see: one row as a conversation, as tokens, and as the text that is tokenized."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from workbench.core.units import counted, grouped
from workbench.panes.data.seen.chat import ChatView
from workbench.panes.data.seen.legend import TokenLegend
from workbench.panes.data.seen.rendering import RenderingView
from workbench.panes.data.seen.row_view import RowView
from workbench.panes.data.seen.sentence import Sentence
from workbench.panes.data.seen.shown_tokens import TRAINED, ShownTokens
from workbench.panes.data.seen.token_flow import TokenFlow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import Segmented, icon_button
from workbench.panes.parts.form_rows import in_form_words
from workbench.panes.parts.lab_view import Views

VIEWS = (("chat", "Chat"), ("tokens", "Tokens"), ("text", "Text"))


class SeenCard(Card):
    """Shows the row it is given; the arrows ask for its neighbours.

    Signals:
        step_wanted: 1 for the next row, -1 for the one before.
    """

    step_wanted = Signal(int)

    def __init__(self, theme: Theme, title: str = "What the model will see", *, has_tag: bool = True) -> None:
        """Without a tag the foot alone says what is wrong with a row."""
        super().__init__(theme, title)
        self._has_tag = has_tag
        self.set_margins(0, 0, 0, 0)
        self.row: RowView | None = None
        self.tag = Tag(theme)
        self.tag.hide()
        self.views = Segmented(VIEWS, "The row as")
        self.views.chosen.connect(self.show_view)
        self.before = icon_button("The row before", theme, "caret-left")
        self.after = icon_button("The next row", theme, "caret-right")
        for made in (self.tag, self.views, self.before, self.after):
            self.add_to_head(made)
        for made, way in ((self.before, -1), (self.after, 1)):
            made.clicked.connect(lambda _checked=False, way=way: self.step_wanted.emit(way))
        self.legend = TokenLegend(theme)
        self.chat, self.flow, self.text = ChatView(theme), TokenFlow(theme), RenderingView(theme)
        self._stack = Views()
        for view in (self.chat, self.flow, self.text):
            self._stack.addWidget(view)
        self.sentence = Sentence(theme)
        self._legend_line = in_row((self.legend, 1))
        self._foot = in_row((self.sentence, 1))
        self.body.setSpacing(0)
        self.body.addLayout(self._legend_line)
        self.body.addWidget(_divider())
        self.body.addWidget(self._stack, 1)
        self.body.addWidget(_divider())
        self.body.addLayout(self._foot)
        self.flow.told.connect(self._say_token)
        self.show_view("tokens")
        theme.follow(self._restyle)
        self.show_row(None)

    def _restyle(self) -> None:
        px = self.theme.px
        self._legend_line.setContentsMargins(px(14), px(1), px(14), px(7))
        self._foot.setContentsMargins(px(14), px(3), px(14), px(3))

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        return self.views.value()

    def show_view(self, name: str) -> None:
        """The row as "chat", "tokens" or "text"."""
        self.views.set_value(name)
        self._stack.setCurrentIndex([view for view, _ in VIEWS].index(name))
        self._say()

    def show_row(
        self,
        row: RowView | None,
        *,
        has_before: bool = False,
        has_after: bool = False,
        keeps_place: bool = False,
    ) -> None:
        """Shows a row; with `keeps_place` it is the same one, with another limit or template."""
        self.row = row
        self.before.setEnabled(has_before)
        self.after.setEnabled(has_after)
        self.scope.setText(row.place if row else "")
        self.tag.show_state(row.tag if row and self._has_tag else "", row.tag_state if row else "none")
        tokens = row.tokens if row else None
        self.legend.show_counts(tokens.counts if tokens else ())
        self.flow.empty_words = (row.why_no_tokens or row.problem) if row else "No row is chosen."
        self.flow.show_tokens(tokens, keeps_place=keeps_place)
        self.chat.show_turns(row.turns if row else ())
        self.text.show_stretches(row.stretches if row else ())
        self._say()

    @property
    def tokens(self) -> ShownTokens | None:
        return self.flow.tokens

    def focus_row(self) -> None:
        """Gives the keyboard to the view that is shown."""
        {"chat": self.chat, "tokens": self.flow, "text": self.text}[self.view].setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the sentence at the foot -------------------------------------------------------------------------------------

    def _say_token(self, token: int) -> None:
        if self.view == "tokens" and self.row is not None and not self.row.problem and self.tokens and token >= 0:
            self.sentence.say(*self.tokens.sentence(token))

    def _say(self) -> None:
        row = self.row
        if row is None:
            self.sentence.say("")
        elif row.problem:
            state = row.tag_state if row.tag_state in ("warn", "danger") else "danger"
            self.sentence.say(f"{row.problem} {in_form_words(row.remedy)}".strip(), state=state)
        elif row.tokens is None:
            self.sentence.say(row.why_no_tokens)
        elif self.view == "tokens" and len(row.tokens):
            self._say_token(self.flow.chosen)
        else:
            counts = row.tokens.counts
            said = f"{grouped(counts[TRAINED])} of {counted(sum(counts), 'token')} are learned."
            self.sentence.say(f"{said} The rest is read, not learned." if counts[TRAINED] < sum(counts) else said)


def _divider() -> QFrame:
    made = QFrame()
    made.setProperty("role", "divider")
    return made
