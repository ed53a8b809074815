"""A conversation: questions with what each column has said to them, asked of the chat and kept here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.core.chat.speakers import BASE
from workbench.core.job.chat_kinds import Answered, QuestionRefused, QuestionSent
from workbench.core.job.question import AnswerSettings, Asking
from workbench.core.problems import UserError
from workbench.panes.try_.form.choices import Choices

# Of a prompt, beside its turns: what a template puts around another one.
SPARE_TOKENS = 32

Stage = Literal["waits", "answering", "done", "refused"]
Part = Literal["base", "tuned", "second"]


@dataclass(eq=False)
class Said:
    """What one has said to a question.

    Attributes:
        speaker: Its name, as the chat knows it: "base", a run, a checkpoint, a model.
        title: What it is called.
        part: Which of the parts it has: the base, what was tuned, or another run or checkpoint beside that.
        text: As far as it has come.
        ids: Its tokens.
        answers: The answer, and where it was cut and went on, those that followed.
        own_tokens: Tokens that this question and its answer have added to what is read.
    """

    speaker: str
    title: str
    part: Part
    stage: Stage = "waits"
    text: str = ""
    ids: list[int] = field(default_factory=list)
    sent: QuestionSent | None = None
    answers: list[Answered] = field(default_factory=list)
    refused: QuestionRefused | None = None
    own_tokens: int = 0

    @property
    def last(self) -> Answered | None:
        return self.answers[-1] if self.answers else None

    @property
    def seconds(self) -> float:
        return sum(answer.seconds for answer in self.answers)

    @property
    def is_cut(self) -> bool:
        """Whether it ended only because it was to be no longer, or was stopped."""
        return self.stage == "done" and self.last is not None and self.last.finish in ("length", "interrupted")

    @property
    def tokens(self) -> int:
        """What was read for it, and what it has."""
        return (len(self.sent.ids) if self.sent else 0) + len(self.ids)


@dataclass(eq=False)
class Exchange:
    """A question, with what was said to it by each speaker's name; one that is dropped is no longer read."""

    asked: Asking
    settings: AnswerSettings
    said: dict[str, Said]
    is_dropped: bool = False


class Conversation(QObject):
    """Asks both columns at once, each after what it has said itself.

    Signals:
        changed: An exchange (or None for all of them) is another now.
        failed: Why something could not be asked (a UserError).
        returned: The text of a question that nobody has come to answer.
    """

    changed = Signal(object)
    failed = Signal(object)
    returned = Signal(str)

    def __init__(self, chat: ChatControl, choices: Choices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chat, self._choices = chat, choices
        self.exchanges: list[Exchange] = []
        # What is asked once those who are to answer are loaded: an exchange, and who of it, what goes on and how.
        self._waiting: tuple[Exchange, tuple[str, ...]] | None = None
        self._asked: dict[int, tuple[Exchange, tuple[str, ...]]] = {}
        # One after the other, where the memory was not enough for both.
        self.is_one_by_one = False
        chat.advanced.connect(self._advance)
        chat.state_changed.connect(self._chat_changed)

    @property
    def is_busy(self) -> bool:
        """Whether something is loaded for, or answered of, this conversation."""
        return self._waiting is not None or bool(self._asked)

    @property
    def current(self) -> Exchange | None:
        """The one that is being answered."""
        if self._waiting is not None:
            return self._waiting[0]
        return next(iter(self._asked.values()))[0] if self._asked else None

    @property
    def tokens(self) -> int:
        """Of the longest column, what is read and said."""
        live = [entry for entry in self.exchanges if not entry.is_dropped]
        return max((said.tokens for said in live[-1].said.values()), default=0) if live else 0

    # -- asking --------------------------------------------------------------------------------------------------------

    def ask(self, asked: Asking, *, in_place_of: Exchange | None = None) -> None:
        """Asks everyone that is chosen; in the place of another question, whose followers go with it."""
        if in_place_of in self.exchanges:
            del self.exchanges[self.exchanges.index(in_place_of) :]
        settings = self._choices.for_question()
        names = (self._choices.model, *self._choices.beside)
        said = {name: Said(name, self.title_of(name), self.part_of(name)) for name in names}
        exchange = Exchange(asked, settings, said)
        self.exchanges.append(exchange)
        self._waiting = (exchange, names)
        self.changed.emit(None)
        self._begin(exchange, names)

    def again(self, exchange: Exchange) -> None:
        """Has a question answered anew, by another seed."""
        self.ask(exchange.asked, in_place_of=exchange)

    def go_on(self, exchange: Exchange, speaker: str) -> None:
        """Lets an answer that was cut go on."""
        exchange.said[speaker].stage = "waits"
        self._waiting = (exchange, (speaker,))
        self.changed.emit(exchange)
        self._begin(exchange, (speaker,))

    def clear(self) -> None:
        """Begins anew with nothing said."""
        if not self.is_busy:
            self.exchanges.clear()
            self.changed.emit(None)

    def stop(self) -> None:
        """Ends the answers that grow; what has come of them stays."""
        if self._waiting is not None:
            exchange, names = self._waiting
            self._waiting = None
            self._withdraw(exchange, names)
        try:
            self._chat.interrupt()
        except UserError as error:
            self.failed.emit(error)

    def _begin(self, exchange: Exchange, names: tuple[str, ...]) -> None:
        first, *others = (self._choices.model, *self._choices.beside)
        try:
            self._chat.load(first, others)
        except UserError as error:
            self._waiting = None
            self._withdraw(exchange, names)
            self.failed.emit(error)
            return
        self._ask_waiting()

    def _ask_waiting(self) -> None:
        """Asks what waits, once all who are to answer are there."""
        if self._waiting is None or self._chat.state is not ChatState.READY:
            return
        exchange, names = self._waiting
        if not set(names) <= set(self._chat.named):
            return
        self._waiting = None
        self._drop_oldest(exchange, names)
        prompts = [self._prompt(exchange, name) for name in names]
        try:
            for part in [[prompt] for prompt in prompts] if self.is_one_by_one else [prompts]:
                sides = [prompt.side for prompt in part]
                asked = tuple(name for name in names if self._chat.named[name].side in sides)
                number = self._chat.ask(part, exchange.settings, sides=sides)
                self._asked[number] = (exchange, asked)
        except UserError as error:
            self._withdraw(exchange, names)
            self.failed.emit(error)
        self.changed.emit(exchange)

    def _prompt(self, exchange: Exchange, name: str) -> Asking:
        asked, said = exchange.asked, exchange.said[name]
        turns = (*self._turns_before(exchange, name), *asked.before)
        return asked.model_copy(
            update={
                "before": turns,
                "side": self._chat.named[name].side,
                "begun": tuple(said.ids),
            }
        )

    def _turns_before(self, exchange: Exchange, name: str) -> Iterator[dict[str, Any]]:
        for earlier in self._read_before(exchange, name):
            yield from earlier.asked.before
            if earlier.asked.text:
                yield {"role": "user", "content": earlier.asked.text}
            yield {"role": "assistant", "content": earlier.said[name].text}

    def _read_before(self, exchange: Exchange, name: str) -> list[Exchange]:
        """The exchanges that a speaker reads before a question: those that it has answered itself."""
        earlier = self.exchanges[: self.exchanges.index(exchange)]
        return [entry for entry in earlier if not entry.is_dropped and name in entry.said and entry.said[name].answers]

    def _drop_oldest(self, exchange: Exchange, names: Sequence[str]) -> None:
        """Where the model reads no more, the oldest pairs are read no longer."""
        positions = self._chat.loaded.positions if self._chat.loaded is not None else 0
        if not positions:
            return
        wanted = len(exchange.asked.text) // 3 + exchange.settings.max_tokens + SPARE_TOKENS
        for name in names:
            while True:
                earlier = self._read_before(exchange, name)
                read = sum(entry.said[name].own_tokens for entry in earlier)
                if not earlier or read + len(exchange.said[name].ids) + wanted <= positions:
                    break
                earlier[0].is_dropped = True
                self.changed.emit(earlier[0])

    def part_of(self, name: str) -> Part:
        """Which part somebody has who is chosen now."""
        known = self._choices.known
        is_base = name == BASE or (name == self._choices.model and known is not None and known.recipe is None)
        is_base = is_base and not (name != BASE and known is not None and known.has_base)
        return "base" if is_base else "tuned" if name == self._choices.model else "second"

    def title_of(self, name: str) -> str:
        """What somebody is called who is chosen now."""
        known, part = self._choices.known, self.part_of(name)
        if part != "second":
            return {"base": "Base", "tuned": "Tuned"}[part]
        checkpoint = next((entry.words for entry in known.checkpoints if entry.name == name), "") if known else ""
        run = next((entry.title for entry in self._choices.runs if entry.name == name), "")
        return checkpoint.capitalize() or run or name

    # -- what comes ----------------------------------------------------------------------------------------------------

    def _advance(self, events: list[Any]) -> None:
        touched: dict[int, Exchange] = {}
        for event in events:
            if event.kind == "side loaded":
                self._ask_waiting()
            elif event.kind == "side refused":
                self._refuse_waiting(UserError(event.what, why=event.why, remedy=event.remedy))
            elif (found := self._asked.get(getattr(event, "number", 0))) is not None:
                exchange, names = found
                touched[id(exchange)] = exchange
                if event.kind == "question done":
                    del self._asked[event.number]
                    self._withdraw(exchange, names)
                else:
                    self._take(exchange, names, event)
        for exchange in touched.values():
            self.changed.emit(exchange)

    def _take(self, exchange: Exchange, names: tuple[str, ...], event: Any) -> None:
        said = next((exchange.said[name] for name in names if self._is_side(name, event.side)), None)
        if said is None:
            return
        match event.kind:
            case "question sent":
                said.stage, said.sent = "answering", event
                earlier = self._read_before(exchange, said.speaker)
                said.own_tokens = len(event.ids) - sum(entry.said[said.speaker].own_tokens for entry in earlier)
                if said.ids:  # it goes on: what it has said already was sent with it
                    said.sent = event.model_copy(update={"ids": event.ids[: -len(said.ids)]})
            case "answer piece":
                said.text += event.text
                said.ids += event.ids
            case "answered":
                said.stage = "done"
                said.answers.append(event)
                said.own_tokens += len(event.ids)
            case "question refused":
                said.stage, said.refused = "refused", event

    def _is_side(self, name: str, side: str) -> bool:
        facts = self._chat.named.get(name)
        return facts is not None and facts.side == side

    def _withdraw(self, exchange: Exchange, names: Sequence[str]) -> None:
        """Has those wait no more that were to answer and did not come to it."""
        for name in names:
            said = exchange.said[name]
            if said.stage in ("waits", "answering"):
                said.stage = "done"
        if exchange in self.exchanges and all(not said.ids and not said.refused for said in exchange.said.values()):
            self.exchanges.remove(exchange)
            self.changed.emit(None)
            self.returned.emit(exchange.asked.text)
        else:
            self.changed.emit(exchange)

    def _refuse_waiting(self, error: UserError) -> None:
        if self._waiting is not None:
            exchange, names = self._waiting
            self._waiting = None
            self._withdraw(exchange, names)
            self.failed.emit(error)

    def _chat_changed(self) -> None:
        if self._chat.is_there:
            self._ask_waiting()
            return
        # It has ended: nothing more comes of what it was asked.
        left = list(self._asked.values()) + ([self._waiting] if self._waiting is not None else [])
        self._asked.clear()
        self._waiting = None
        for exchange, names in left:
            self._withdraw(exchange, names)
