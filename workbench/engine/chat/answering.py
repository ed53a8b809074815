"""Questions answered: what each side is given, what it says to it, and which weights said it."""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import torch

from workbench.core.data.row import Turn
from workbench.core.job.chat_kinds import Answered, AnswerPiece, QuestionDone, QuestionRefused, QuestionSent
from workbench.core.job.question import Question
from workbench.core.problems import UserError
from workbench.core.units import grouped
from workbench.engine.chat.generating import Growing, Told, generate, generate_more, ready_to_answer
from workbench.engine.chat.loading import Loaded, Side
from workbench.engine.chat.room import have_room_together
from workbench.engine.chat.taking_turns import TakingTurns
from workbench.engine.chat.voices import Witness
from workbench.engine.job.job import Job
from workbench.engine.job.out_of_memory import is_out_of_memory
from workbench.engine.model import reach
from workbench.engine.model.answers import SCORE_BATCH, Asking, Prompt


class _Ready(NamedTuple):
    """A prompt that can be answered: its place in the question, and how many tokens its answer may have."""

    place: int
    prompt: Prompt
    most: int


class Answering:
    """Answers questions into the journal; remembers what each side was asked and has said.

    What an earlier process of the same chat has answered is remembered too.
    """

    def __init__(self, job: Job, loaded: Loaded) -> None:
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
        answering = [(self._loaded.sides[name], ready) for name, ready in asked.items() if ready]
        is_one_each = len(answering) > 1 and all(len(ready) == 1 for _, ready in answering)
        sizes = [len(entry.prompt.ids) + entry.most for _, ready in answering for entry in ready]
        if is_one_each and have_room_together(self._loaded.voices.model, sizes):
            answering = self._answer_together(question, [(side, ready[0]) for side, ready in answering])
        for side, ready in answering:
            self._answer_as(question, side, ready)
        self._job.emit(
            QuestionDone(
                number=question.number,
                tokens=self._tokens,
                seconds=self._seconds,
                peak_bytes=self._loaded.device.memory().peak_bytes,
            )
        )

    # -- what is asked -------------------------------------------------------------------------------------------------

    def _ready_of(self, question: Question, name: str) -> list[_Ready]:
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
        ready: list[_Ready] = []
        for place in places:
            try:
                ready.append(self._ready(question, place, side, asking))
            except UserError as error:
                self._refuse(question, [place], name, error)
        return sorted(ready, key=lambda entry: len(entry.prompt.ids))

    def _ready(self, question: Question, place: int, side: Side, asking: Asking) -> _Ready:
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
        return _Ready(place, prompt, min(left, question.settings.max_tokens))

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

    def _answer_as(self, question: Question, side: Side, ready: Sequence[_Ready]) -> None:
        # What is drawn by chance depends on what else is in the batch.
        most = SCORE_BATCH if question.settings.temperature == 0 else 1
        for start in range(0, len(ready), most):
            if self._job.orders.is_interrupted:
                break
            self._answer_batch(question, side, ready[start : start + most])

    def _answer_together(
        self, question: Question, parts: Sequence[tuple[Side, _Ready]]
    ) -> list[tuple[Side, list[_Ready]]]:
        """Answers one prompt of each side, all at the same time; gives those for which the memory was not enough."""
        voices, began = self._loaded.voices, time.perf_counter()
        witnesses: dict[int, Witness] = {}

        @contextmanager
        def speaking(place: int) -> Iterator[None]:
            with voices.speaking(parts[place][0].name, question.settings.strength) as witness:
                if witnesses.setdefault(place, witness) != witness:
                    raise RuntimeError(f"{witness} speaks in the place of {witnesses[place]}")
                yield

        def work(place: int, let_others: Callable[[], float]) -> Growing:
            side, entry = parts[place]
            self._send(question, side, [entry])
            (found,) = generate_more(
                voices.model,
                side.tokenizer,
                [entry.prompt],
                [entry.most],
                question.settings,
                self._telling(question, side, [entry]),
                lambda: self._job.orders.is_interrupted,
                let_others,
            )
            return found

        turns = TakingTurns[Growing]([partial(speaking, place) for place in range(len(parts))])
        with ready_to_answer(voices.model, [side.tokenizer for side, _ in parts]):
            found = turns.run([partial(work, place) for place in range(len(parts))])
        self._seconds += time.perf_counter() - began
        left: list[tuple[Side, list[_Ready]]] = []
        for place, ((side, entry), answer) in enumerate(zip(parts, found, strict=True)):
            if isinstance(answer, Growing):
                self._keep(question, side, entry, answer, witnesses[place])
            elif is_out_of_memory(answer):
                left.append((side, [entry]))
            else:
                raise answer
        if left:
            _give_back()
        return left

    def _send(self, question: Question, side: Side, batch: Sequence[_Ready]) -> None:
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

    def _telling(self, question: Question, side: Side, batch: Sequence[_Ready]) -> Told:
        def told(row: int, text: str, token: int, answer: Growing) -> None:
            self._tokens += 1
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

    def _answer_batch(self, question: Question, side: Side, batch: Sequence[_Ready]) -> None:
        settings = question.settings
        self._send(question, side, batch)
        began = time.perf_counter()
        try:
            with self._loaded.voices.speaking(side.name, settings.strength) as witness:
                found = generate(
                    self._loaded.voices.model,
                    side.tokenizer,
                    [entry.prompt for entry in batch],
                    [entry.most for entry in batch],
                    settings,
                    self._telling(question, side, batch),
                    lambda: self._job.orders.is_interrupted,
                )
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            trouble = (str(error).strip().splitlines() or [""])[0][:300]
        else:
            for entry, answer in zip(batch, found, strict=True):
                self._keep(question, side, entry, answer, witness)
            return
        finally:
            self._seconds += time.perf_counter() - began
        _give_back()
        if len(batch) > 1:
            self._answer_batch(question, side, batch[: len(batch) // 2])
            self._answer_batch(question, side, batch[len(batch) // 2 :])
            return
        refusal = UserError(
            "The memory was not enough for this answer.", why=trouble, remedy="Shorten the conversation or the answer."
        )
        self._refuse(question, [batch[0].place], side.name, refusal)

    def _keep(self, question: Question, side: Side, entry: _Ready, answer: Growing, witness: Witness) -> None:
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
            adapter_sha256=self._loaded.voices.adapter_sha256(witness),
            strength=witness.strength,
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


def _give_back() -> None:
    """Lets go of what a failed answer held."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
