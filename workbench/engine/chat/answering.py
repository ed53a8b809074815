"""Questions answered: what each side says to what it is given, and which weights said it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from workbench.core.job.question import Question
from workbench.core.problems import UserError
from workbench.engine.chat.generating import Growing, generate, generate_more, ready_to_answer
from workbench.engine.chat.loading import Loaded, Side
from workbench.engine.chat.questions import Questions, Ready
from workbench.engine.chat.room import have_room_together
from workbench.engine.chat.taking_turns import TakingTurns
from workbench.engine.chat.voices import Witness
from workbench.engine.job.devices import free_memory
from workbench.engine.job.job import Job
from workbench.engine.job.out_of_memory import is_out_of_memory
from workbench.engine.model.answers import SCORE_BATCH


class Answering(Questions):
    """Answers with the base and the adapters on it: one prompt of several sides at the same time, else one by one."""

    def __init__(self, job: Job, loaded: Loaded) -> None:
        super().__init__(job, loaded)
        self._voices = loaded.voices

    def _answer_ready(self, question: Question, answering: Sequence[tuple[Side, Sequence[Ready]]]) -> None:
        is_one_each = len(answering) > 1 and all(len(ready) == 1 for _, ready in answering)
        sizes = [len(entry.prompt.ids) + entry.most for _, ready in answering for entry in ready]
        if is_one_each and have_room_together(self._voices.model, sizes):
            answering = self._answer_together(question, [(side, ready[0]) for side, ready in answering])
        for side, ready in answering:
            self._answer_as(question, side, ready)

    def _answer_as(self, question: Question, side: Side, ready: Sequence[Ready]) -> None:
        # What is drawn by chance depends on what else is in the batch.
        most = SCORE_BATCH if question.settings.temperature == 0 else 1
        for start in range(0, len(ready), most):
            if self._job.orders.is_interrupted:
                break
            self._answer_batch(question, side, ready[start : start + most])

    def _answer_together(
        self, question: Question, parts: Sequence[tuple[Side, Ready]]
    ) -> list[tuple[Side, list[Ready]]]:
        """Answers one prompt of each side, all at the same time; gives those for which the memory was not enough."""
        voices, began = self._voices, time.perf_counter()
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
        left: list[tuple[Side, list[Ready]]] = []
        for place, ((side, entry), answer) in enumerate(zip(parts, found, strict=True)):
            if isinstance(answer, Growing):
                self._keep_of(question, side, entry, answer, witnesses[place])
            elif is_out_of_memory(answer):
                left.append((side, [entry]))
            else:
                raise answer
        if left:
            free_memory()
        return left

    def _answer_batch(self, question: Question, side: Side, batch: Sequence[Ready]) -> None:
        settings = question.settings
        self._send(question, side, batch)
        began = time.perf_counter()
        try:
            with self._voices.speaking(side.name, settings.strength) as witness:
                found = generate(
                    self._voices.model,
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
                self._keep_of(question, side, entry, answer, witness)
            return
        finally:
            self._seconds += time.perf_counter() - began
        free_memory()
        if len(batch) > 1:
            self._answer_batch(question, side, batch[: len(batch) // 2])
            self._answer_batch(question, side, batch[len(batch) // 2 :])
            return
        refusal = UserError(
            "The memory was not enough for this answer.", why=trouble, remedy="Shorten the conversation or the answer."
        )
        self._refuse(question, [batch[0].place], side.name, refusal)

    def _keep_of(self, question: Question, side: Side, entry: Ready, answer: Growing, witness: Witness) -> None:
        """Keeps an answer with the weights that were found to be at work."""
        self._keep(question, side, entry, answer, self._voices.adapter_sha256(witness), witness.strength)
