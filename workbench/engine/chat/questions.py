"""What is asked of a chat: what each side is given, and what it was asked and has said before."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from workbench.core.data.row import Turn
from workbench.core.job.chat_kinds import Answered, AnswerPiece, QuestionDone, QuestionRefused, QuestionSent
from workbench.core.job.question import Question
from workbench.core.problems import UserError
from workbench.core.units import grouped
from workbench.engine.chat.generating import Growing, Told
from workbench.engine.chat.loading import Ground, Side
from workbench.engine.job.job import Job
from workbench.engine.model import reach
from workbench.engine.model.answers import Asking, Prompt


class Ready(NamedTuple):
    """A prompt that can be answered: its place in the question, and how many tokens its answer may have."""

    place: int
    prompt: Prompt
    most: int


class Questions(ABC):
    """Answers questions into the journal; remembers what each side was asked and has said.

    What an earlier process of the same chat has answered is remembered too.
    """

    def __init__(self, job: Job, loaded: Ground) -> None:
        self._job = job
        self._loaded = loaded
        # The turns of a conversation up to an answer, by the question's number and the side.
        self._turns: dict[tuple[int, str], tuple[Turn, ...]] = {}
        self._tokens, self._seconds = 0, 0.0  # generated for the question at hand, and spent on it
        self._remember()

    def answer(self, question: Question) -> None:
        """Emits what is sent, said and refused of each side, then that the question is done."""
        self._tokens, self._seconds = 0, 0.0
        asked = {name: self._ready_of(question, name) for name in question.sides or tuple(self._loaded.sides)}
        self._answer_ready(question, [(self._loaded.sides[name], ready) for name, ready in asked.items() if ready])
        self._job.emit(
            QuestionDone(
                number=question.number,
                tokens=self._tokens,
                seconds=self._seconds,
                peak_bytes=self._loaded.device.memory().peak_bytes,
            )
        )

    @abstractmethod
    def _answer_ready(self, question: Question, answering: Sequence[tuple[Side, Sequence[Ready]]]) -> None:
        """Answers what each side can be asked, in this order, until that is interrupted."""

    # -- what is asked -------------------------------------------------------------------------------------------------

    def _ready_of(self, question: Question, name: str) -> list[Ready]:
        """What a side can be asked, the shortest first; the rest of what it was to be asked is refused."""
        places = [place for place, asked in enumerate(question.prompts) if asked.side in ("", name)]
        try:
            side = self._loaded.side(name)
        except UserError as error:
            self._refuse(question, places, name, error)
            return []
        try:
            asking = side.asking(question.settings)
        except UserError as error:
            self._refuse(question, places, name, error)
            return []
        ready: list[Ready] = []
        for place in places:
            try:
                ready.append(self._ready(question, place, side, asking))
            except UserError as error:
                self._refuse(question, [place], name, error)
        return sorted(ready, key=lambda entry: len(entry.prompt.ids))

    def _ready(self, question: Question, place: int, side: Side, asking: Asking) -> Ready:
        """Raises UserError where the model cannot be given it."""
        asked = question.prompts[place]
        prompt = asking.of_turns(self._asked_turns(question, place, side.name), asked.tools, asked.expected)
        if prompt is not None and asked.begun:
            said = side.text_tokenizer.decode(asked.begun)
            prompt = prompt._replace(ids=[*prompt.ids, *asked.begun], begun=asked.begun, text=prompt.text + said)
        if prompt is None:
            raise UserError("There is nothing to ask: the prompt has no tokens.", remedy="Write something.")
        limits, tokens = self._loaded.limits, len(prompt.ids)
        if limits.positions and tokens >= limits.positions:
            raise UserError(
                f"The prompt has {grouped(tokens)} tokens, and {limits.model} reads {grouped(limits.positions)} with "
                "its answer.",
                remedy="Shorten it, or begin a new conversation.",
            )
        reach.refuse_ids_beyond(prompt.ids, side.tokenizer, limits, "The prompt")
        left = limits.positions - tokens if limits.positions else question.settings.max_tokens
        return Ready(place, prompt, min(left, question.settings.max_tokens))

    def _asked_turns(self, question: Question, place: int, side: str) -> tuple[Turn, ...]:
        asked = question.prompts[place]
        earlier: tuple[Turn, ...] = ()
        if question.after:
            if (question.after, side) not in self._turns:
                raise UserError(
                    f"There is no answer of {side} to question {question.after} to follow.",
                    remedy="Begin a new conversation.",
                )
            earlier = self._turns[question.after, side]
        # A row may end with what a tool has said: nothing is asked by a user then.
        return (*earlier, *asked.before, *([{"role": "user", "content": asked.text}] if asked.text else []))

    # -- what is answered ----------------------------------------------------------------------------------------------

    def _send(self, question: Question, side: Side, batch: Sequence[Ready]) -> None:
        for entry in batch:
            self._job.emit(
                QuestionSent(
                    number=question.number,
                    place=entry.place,
                    side=side.name,
                    text=entry.prompt.text,
                    ids=entry.prompt.ids,
                )
            )

    def _telling(self, question: Question, side: Side, batch: Sequence[Ready]) -> Told:
        """Tells an answer as it grows; those to a list are told whole, or the journal of 5 000 had a million lines."""
        is_list = sum(asked.side in ("", side.name) for asked in question.prompts) > 1

        def told(row: int, text: str, token: int, answer: Growing) -> None:
            self._tokens += 1
            if is_list:
                return
            self._job.emit(
                AnswerPiece(
                    number=question.number,
                    place=batch[row].place,
                    side=side.name,
                    text=text,
                    ids=[token],
                    seconds=answer.seconds,
                )
            )

        return told

    def _keep(
        self,
        question: Question,
        side: Side,
        entry: Ready,
        answer: Growing,
        adapter_sha256: str = "",
        strength: float = 0.0,
    ) -> None:
        asked = question.prompts[entry.place]
        answered = Answered(
            number=question.number,
            place=entry.place,
            side=side.name,
            prompt=asked.text,
            text=answer.spelled.text,
            ids=answer.ids,
            finish=answer.finish or "length",
            seconds=answer.seconds,
            first_token_seconds=answer.first_token_seconds,
            peak_bytes=self._loaded.device.memory().peak_bytes,
            base_hash=self._loaded.base_hash,
            adapter_sha256=adapter_sha256,
            strength=strength,
            expected=asked.expected,
        )
        self._job.emit(answered)
        self._note(question, answered)

    def _refuse(self, question: Question, places: Iterable[int], side: str, error: UserError) -> None:
        for place in places:
            self._job.emit(
                QuestionRefused(
                    number=question.number,
                    place=place,
                    side=side,
                    prompt=question.prompts[place].text,
                    what=error.what,
                    why=error.why,
                    remedy=error.remedy,
                )
            )

    # -- what was said before ------------------------------------------------------------------------------------------

    def _note(self, question: Question, answered: Answered) -> None:
        """A conversation goes on from a question's first prompt, unless its answer is only the end of one."""
        if answered.place == 0 and not question.prompts[0].begun:
            turns = self._asked_turns(question, 0, answered.side)
            said: Turn = {"role": "assistant", "content": answered.text}
            self._turns[question.number, answered.side] = (*turns, said)

    def _remember(self) -> None:
        orders, _ = self._job.run.read_orders()
        asked = {order.question.number: order.question for order in orders if order.question is not None}
        for event in self._job.history:
            if isinstance(event, Answered) and event.number in asked:
                self._note(asked[event.number], event)
