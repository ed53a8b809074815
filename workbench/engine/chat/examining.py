"""Sides examined: how likely they hold the tokens of a text, and how well they do on held-out rows, by strength."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import torch

from workbench.core.data.row import DataRow
from workbench.core.job.chat_kinds import QuestionDone, QuestionRefused, StrengthMeasured, TextScored
from workbench.core.job.question import AnswerSettings
from workbench.core.job.scoring import Measurement, Scoring
from workbench.core.problems import UserError
from workbench.core.tokens.token_kinds import FAULTS, Fault
from workbench.core.tokens.token_row import IGNORED
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.core.units import grouped
from workbench.engine.chat.generating import generate
from workbench.engine.chat.loading import Loaded, Side
from workbench.engine.chat.token_scores import token_scores
from workbench.engine.job.devices import free_memory
from workbench.engine.job.job import Job
from workbench.engine.job.out_of_memory import is_out_of_memory
from workbench.engine.model import reach
from workbench.engine.model.answers import SCORE_BATCH, Prompt
from workbench.engine.model.trained_tokens import loss_of_trained_tokens
from workbench.engine.prepare.held_out import HeldOut

# Longer than any text: a text is looked at whole or refused.
_NO_LONGEST_ROW = 1 << 30


class _Interrupted(Exception):
    """What is asked is to be done no further."""


class Examining:
    """Examines sides into the journal."""

    def __init__(self, job: Job, loaded: Loaded) -> None:
        self._job = job
        self._loaded = loaded
        self._held_out: dict[str, HeldOut] = {}  # by side
        self._tokens = 0  # looked at for what is asked

    # -- the tokens of a text ------------------------------------------------------------------------------------------

    def score(self, scoring: Scoring) -> None:
        """Emits the scores of each side at each strength, or why there are none, then that all is done."""
        with self._timed(scoring.number):
            for name in scoring.sides or tuple(self._loaded.sides):
                with self._refusing(scoring.number, name, scoring.prompt.text):
                    self._score_as(scoring, self._loaded.side(name))

    def _score_as(self, scoring: Scoring, side: Side) -> None:
        sent, ids, text = self._given(scoring, side)
        tokens, positions = len(sent) + len(ids), self._loaded.limits.positions
        if positions and tokens > positions:
            raise UserError(
                f"Prompt and answer have {grouped(tokens)} tokens, and {self._loaded.limits.model} reads "
                f"{grouped(positions)}.",
                remedy="Shorten them.",
            )
        reach.refuse_ids_beyond([*sent, *ids], side.tokenizer, self._loaded.limits, "The text")
        for strength in _strengths(side, scoring.strengths):
            if self._job.orders.is_interrupted:
                return
            began = time.perf_counter()
            voices = self._loaded.voices
            with voices.speaking(side.name, strength) as witness:
                found = token_scores(
                    voices.model, side.text_tokenizer, sent, ids, lambda: self._job.orders.is_interrupted
                )
            if found is None:
                return
            self._tokens += len(found)
            self._job.emit(
                TextScored(
                    number=scoring.number,
                    side=side.name,
                    sent=text,
                    tokens=found,
                    seconds=time.perf_counter() - began,
                    peak_bytes=self._loaded.device.memory().peak_bytes,
                    base_hash=self._loaded.base_hash,
                    adapter_sha256=voices.adapter_sha256(witness),
                    strength=witness.strength,
                )
            )

    def _given(self, scoring: Scoring, side: Side) -> tuple[list[int], list[int], str]:
        """What is sent and what answers it as ids, and what is sent as text. Raises UserError."""
        tokenizer = side.text_tokenizer
        if scoring.ids:
            return list(scoring.sent), list(scoring.ids), tokenizer.decode(scoring.sent)
        asked = scoring.prompt
        user = [{"role": "user", "content": asked.text}] if asked.text else []
        turns = (*asked.before, *user, {"role": "assistant", "content": scoring.text})
        recipe = side.told(scoring.system, scoring.template)
        recipe = recipe.model_copy(
            update={
                "data": recipe.data.model_copy(update={"train_on": "last", "too_long": "cut_end"}),
                "training": recipe.training.model_copy(update={"max_length": _NO_LONGEST_ROW}),
            }
        )
        made = RowTokenizer(tokenizer, recipe).rows([DataRow(turns=turns, tools=asked.tools)])[0]
        if isinstance(made, Fault):
            raise UserError(
                "The template does not take this prompt with this answer.",
                why=made.detail or FAULTS[made.kind].words,
                remedy=made.advice,
            )
        row = made[-1]
        answer = row.trained.nonzero()[0]
        first, last = int(answer[0]), int(answer[-1]) + 1
        if not first:
            raise UserError("There is nothing to ask: the prompt has no tokens.", remedy="Write something.")
        ids = row.ids.tolist()
        return ids[:first], ids[first:last], row.text[: row.start_of(first)]

    # -- the rows that are held out ------------------------------------------------------------------------------------

    def measure(self, measurement: Measurement) -> None:
        """Emits what is measured at each strength, or why nothing is, then that all is done."""
        with (
            self._timed(measurement.number),
            suppress(_Interrupted),
            self._refusing(measurement.number, measurement.side, ""),
        ):
            side = self._loaded.side(measurement.side)
            self._obey()
            rows = self._rows(side)
            prompts = self._prompts(side, rows) if measurement.by == "match" else []
            count = len(prompts) or len(rows.sequences)
            strengths = _strengths(side, measurement.strengths)
            self._job.announce("measure", total=count * len(strengths), unit="rows")
            for place, strength in enumerate(strengths):
                self._measure_at(measurement, side, strength, rows, prompts, place * count)

    def _rows(self, side: Side) -> HeldOut:
        if side.name not in self._held_out:
            run = side.speaker.run
            if run is None:
                raise UserError(
                    f"{side.speaker.title} belongs to no run: no rows were held out of its training.",
                    remedy="Measure a run.",
                )
            self._held_out[side.name] = HeldOut(run, side.text_tokenizer, self._obey)
        return self._held_out[side.name]

    def _obey(self) -> None:
        """Raises _Interrupted where what is asked is to be done no further, and Ordered."""
        self._job.obey()
        if self._job.orders.is_interrupted:
            raise _Interrupted

    def _prompts(self, side: Side, rows: HeldOut) -> list[Prompt]:
        found = [prompt for prompt in side.asking(AnswerSettings()).of(rows.rows) if prompt.expected is not None]
        if not found:
            raise UserError("The held-out rows have no answers to compare with.", remedy="Measure the perplexity.")
        for prompt in found:
            reach.refuse_ids_beyond(prompt.ids, side.tokenizer, self._loaded.limits, "A held-out row")
        return sorted(found, key=lambda prompt: len(prompt.ids))

    def _measure_at(
        self,
        measurement: Measurement,
        side: Side,
        strength: float,
        rows: HeldOut,
        prompts: Sequence[Prompt],
        done: int,
    ) -> None:
        """Emits what is measured; `done` counts what was done at the strengths before."""
        began = time.perf_counter()
        with self._loaded.voices.speaking(side.name, strength) as witness:
            loss = self._loss(side, rows, done) if not prompts else None
            right = self._right(side, prompts, measurement.max_tokens, done) if prompts else None
        self._job.emit(
            StrengthMeasured(
                number=measurement.number,
                side=side.name,
                loss=loss,
                right=right,
                rows=len(prompts) or rows.row_count,
                seconds=time.perf_counter() - began,
                peak_bytes=self._loaded.device.memory().peak_bytes,
                base_hash=self._loaded.base_hash,
                adapter_sha256=self._loaded.voices.adapter_sha256(witness),
                strength=witness.strength,
            )
        )

    def _loss(self, side: Side, rows: HeldOut, done: int) -> float:
        """The mean of the batches' losses, each by its sequences, as transformers' Trainer evaluates."""
        model = self._loaded.voices.model
        total, sequences = 0.0, 0
        for batch in rows.batches(side.tokenizer.pad_token_id):
            inputs = {
                name: value.to(model.device) if isinstance(value, torch.Tensor) else value
                for name, value in batch.inputs.items()
            }
            self._tokens += int((inputs["labels"] != IGNORED).sum())
            with torch.inference_mode():
                loss = loss_of_trained_tokens(model, inputs, None)
            total += float(loss) * batch.sequences
            sequences += batch.sequences
            self._obey()
            self._job.show_progress(done + sequences)
        return total / sequences

    def _right(self, side: Side, prompts: Sequence[Prompt], max_tokens: int, done: int) -> int:
        """How many greedy answers equal those expected."""
        limits, right = self._loaded.limits, 0
        for start in range(0, len(prompts), SCORE_BATCH):
            batch = prompts[start : start + SCORE_BATCH]
            most = [
                min(max_tokens, max(1, limits.positions - len(prompt.ids))) if limits.positions else max_tokens
                for prompt in batch
            ]
            answers = generate(
                self._loaded.voices.model,
                side.tokenizer,
                batch,
                most,
                AnswerSettings(max_tokens=max_tokens),
                lambda _row, _text, _token, _answer: None,
                lambda: self._job.orders.is_interrupted,
            )
            self._obey()
            for prompt, answer in zip(batch, answers, strict=True):
                self._tokens += len(answer.ids)
                right += answer.spelled.text.strip() == (prompt.expected or "").strip()
            self._job.show_progress(done + start + len(batch))
        return right

    # -- both ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def _timed(self, number: int) -> Iterator[None]:
        """Says at the end of the block that all is done."""
        self._tokens, began = 0, time.perf_counter()
        yield
        self._job.emit(
            QuestionDone(
                number=number,
                tokens=self._tokens,
                seconds=time.perf_counter() - began,
                peak_bytes=self._loaded.device.memory().peak_bytes,
            )
        )

    @contextmanager
    def _refusing(self, number: int, side: str, prompt: str) -> Iterator[None]:
        """Emits why a side could not be examined in the block: a UserError, or too little memory."""
        try:
            yield
            return
        except UserError as error:
            refusal = error
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            reason = (str(error).strip().splitlines() or [""])[0][:300]
            refusal = UserError(
                "The memory was not enough.", why=reason, remedy="Shorten the text, or end other programs."
            )
        free_memory()
        self._job.emit(
            QuestionRefused(
                number=number, side=side, prompt=prompt, what=refusal.what, why=refusal.why, remedy=refusal.remedy
            )
        )


def _strengths(side: Side, wanted: Sequence[float]) -> Sequence[float]:
    """Those that are told apart: without an adapter all are the same."""
    return wanted if side.speaker.adapter is not None else wanted[:1]
