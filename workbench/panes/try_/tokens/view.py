"""The view Tokens: an answer token by token, as likely as base and tuned hold it."""

from collections.abc import Sequence

from workbench.core.chat.speakers import BASE
from workbench.core.job.chat_kinds import Answered, QuestionSent, SideFacts, TextScored
from workbench.core.job.events import Event
from workbench.core.job.question import Asking
from workbench.core.problems import UserError
from workbench.core.units import counted, duration_in_words
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.try_.asking_view import AskingView
from workbench.panes.try_.form.who_answers import WhoAnswers
from workbench.panes.try_.tokens.form import TokensForm
from workbench.panes.try_.tokens.picture import COLORS, EMPTY, Shown, TokensPicture
from workbench.panes.try_.view import Given, OnPage

BUSY = "The tokens come once the answer is there."


class TokensView(AskingView):
    """Has an answer given, or takes one, and has every side look at it."""

    name = "tokens"
    title = "Tokens"

    def __init__(self, on_page: OnPage) -> None:
        super().__init__(on_page, "Show the tokens")
        theme, choices = on_page.theme, self.choices
        self.who = WhoAnswers(theme, choices, self.chat)
        self.fields = TokensForm(theme, self.form, choices, self.prompt, self.who)
        self.picture = TokensPicture(theme)
        self._outer = in_column(self.notice, self.no_run, (self.picture, 1), of=self)
        self.scored: list[TextScored] = []
        self._sides: tuple[SideFacts, ...] = ()  # those that look at the answer
        self._asked: Asking | None = None
        self._sent: QuestionSent | None = None
        self._tokens = 0
        self.fields.changed.connect(self.refresh)
        theme.follow(self._restyle)
        self._begin()

    def _restyle(self) -> None:
        keep_edge(self._outer, self.theme)
        self._outer.setSpacing(self.theme.size("space.card_gap"))

    def arranged(self) -> None:
        super().arranged()
        self.picture.arrange()

    # -- asking --------------------------------------------------------------------------------------------------------

    def missing(self) -> str:
        if not self.choices.model:
            return "Choose a run or a model to look at."
        if self.prompt.asking() is None:
            return "Write a prompt."
        if self.fields.is_typed and not self.fields.typed.text().strip():
            return "Write the answer that is to be looked at."
        return ""

    def ask_all(self) -> list[int]:
        asked = self.prompt.asking()
        assert asked is not None, "nothing is missing"
        self.scored, self._sent, self._tokens, self._asked = [], None, 0, asked
        settings = self.choices.settings
        if self.fields.is_typed:
            return [self.chat.score(asked, text=self.fields.typed.text().strip(), settings=settings)]
        side = BASE if self.fields.answers_as_base else self.own_side
        return [self.chat.ask([asked], self.choices.for_question(), sides=[side])]

    def look_at(self, given: Given) -> None:
        """Has all sides look at an answer that was given in another view, where nothing else is under way."""
        if self.is_busy:
            return
        self.prompt.show_asking(given.prompt)
        self.fields.show_answer(given.text)
        self.scored, self._tokens, self._asked = [], len(given.ids), Asking(text=given.prompt)
        loaded = self.chat.loaded
        if loaded is None or loaded.base_hash != given.base_hash:
            self.notice.say(
                "info", "The model that has given this answer is not loaded any more.", remedy="Show the tokens anew."
            )
            self.notice.show()
        else:
            self.notice.hide()
            self._score(given.sent, given.ids, [])
        self.refresh()

    def take(self, event: Event) -> None:
        match event:
            case QuestionSent():
                self._sent = event
            case Answered():
                self.fields.show_answer(event.text)
                if self._sent is not None and event.ids:
                    self._score(self._sent.ids, event.ids, self.asked)
            case TextScored():
                self.scored.append(event)
                self._tokens = len(event.tokens)
            case _ if event.kind == "answer piece":
                self._tokens += 1

    def _score(self, sent: Sequence[int], ids: Sequence[int], before: Sequence[int]) -> None:
        """Has the tokens looked at, as one thing with what has the numbers `before`."""
        assert self._asked is not None, "something is asked"
        try:
            number = self.chat.score(self._asked, sent=sent, ids=ids, settings=self.choices.settings)
        except UserError as error:
            self.notice.say_error(error)
        else:
            self.asked = [*before, number]

    # -- what is shown -------------------------------------------------------------------------------------------------

    def share_done(self) -> float:
        sides = max(1, len(self.chat.sides))
        most = max(1, self.choices.settings.max_tokens)
        answered = 1.0 if self.scored or self.fields.is_typed else min(1.0, self._tokens / most)
        return (answered + len(self.scored) / sides) / 2

    def facts(self) -> str:
        if self.is_busy:
            return f"{counted(self._tokens, 'token')} answered" if not self.scored else "Looking at the tokens"
        if self.scored:
            spent = sum(event.seconds for event in self.scored)
            return f"{counted(self._tokens, 'token')} looked at in {duration_in_words(spent)}"
        return "The model is loaded first" if not self.chat.is_there else "The answer, then its tokens"

    def show_state(self) -> None:
        self.fields.refresh()
        sides = tuple(sorted(self.chat.sides, key=lambda side: side.side != BASE))  # the base stands first
        if sides and (self.is_busy or not self.scored):  # another chat would give its names to what this one has said
            self._sides = sides
        self.picture.show_sides(self._shown(), BUSY if self.is_busy else EMPTY)

    def _shown(self) -> list[Shown]:
        if not self._sides:
            known = self.choices.known
            has_base = known is None or known.has_base
            pairs = [("The base model", COLORS[0]), ("Tuned", COLORS[1])] if has_base else [("The model", COLORS[0])]
            return [Shown(title, color, None) for title, color in pairs]
        found = {event.side: event for event in self.scored}
        # Identity is a side's own: the base is blue, the tuned one orange, a further run plum.
        others = iter(COLORS[1:] + COLORS[-1:] * len(self._sides))
        return [
            Shown(
                "The base model" if side.side == BASE and len(self._sides) > 1 else side.title,
                COLORS[0] if side.side == BASE else next(others),
                found.get(side.side),
            )
            for side in self._sides
        ]
