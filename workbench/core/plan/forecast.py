"""What a run will do, said before it: steps, time, memory, and how sure each figure is."""

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from workbench.core.data import rows as data_rows
from workbench.core.data.glance import DataGlance, estimated_tokens
from workbench.core.data.rows import RowProblem
from workbench.core.job.events import Ended, Planned
from workbench.core.job.journal import parsed
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory import ledger
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import QUANTIZED, Recipe
from workbench.core.units import bytes_in_words, counted, duration_in_words

# Floating-point operations a second of one core, from the starter: 112 tokens/s on two cores at 6 operations a
# parameter and token (its journal, `workbench runs`); one figure for all CPUs is a rough one.
CORE_FLOPS = 4.6e10
# On two cores, from the starter's journal: its start and load, 3 prompts of 72 tokens in 6 to 11 s, 100 in 42 to 51 s.
LOAD_SECONDS, ANSWER_TOKENS_PER_SECOND, MOST_ANSWER_TOKENS_PER_SECOND = 12.0, 10.0, 160.0
STARTER_PARAMETERS = 134_515_008
# Of the rows to be scored, this many are counted at most.
MOST_SCORED = 2000
# Of a journal's beginning and of its end.
READ_BYTES = 65536
# Tokens that a chat template adds to a row.
TEMPLATE_TOKENS = 40


class ForecastPhase(NamedTuple):
    """A stretch of a run; its seconds are None where nothing is known of them."""

    name: str
    seconds: float | None


@dataclass(frozen=True)
class Forecast:
    """Figures before a run; `seconds` is None where nothing is known to work it out from."""

    steps: int
    tokens_per_step: int
    seconds: float | None
    seconds_basis: str
    peak_bytes: int
    free_bytes: int | None
    trainable_parameters: int
    trainable_share: float
    phases: tuple[ForecastPhase, ...] = ()

    @property
    def fits(self) -> bool | None:
        return None if self.free_bytes is None else self.peak_bytes <= self.free_bytes


def forecast(
    recipe: Recipe,
    shape: ModelShape,
    glance: DataGlance | None,
    *,
    device: str,
    free_bytes: int | None,
    tokens_per_second: float | None = None,
    peak_bytes: int | None = None,
) -> Forecast:
    """The forecast of a recipe; `tokens_per_second` is that of an earlier run of the same model, if there is one.

    `peak_bytes` is the memory as finished runs have corrected it; without, it is the ledger's.
    """
    if peak_bytes is None:
        peak_bytes = ledger.predict(shape, recipe, device=device).peak_bytes
    per_row = _tokens_per_row(recipe, glance)
    per_step = training_tokens(recipe, per_row)
    steps = _steps(recipe, glance, per_row)
    rate, basis = tokens_per_second, "from your last run of this model"
    if rate is None and device == "cpu" and shape.parameters:
        rate = CORE_FLOPS * (os.cpu_count() or 1) / (6 * shape.parameters)
        basis = "a rough figure: from the arithmetic of this CPU"
    if rate is None:
        basis = "known after the first run on this card" if device == "cuda" else "known after the first run"
    train_seconds = steps * per_step / rate if rate and steps else None
    trained = ledger.trainable_parameters(shape, recipe)
    phases = _phases(recipe, shape, train_seconds, is_cpu=device == "cpu")
    known = [phase.seconds for phase in phases if phase.seconds is not None]
    return Forecast(
        steps=steps,
        tokens_per_step=per_step,
        seconds=sum(known) if train_seconds is not None else None,
        seconds_basis=basis,
        peak_bytes=peak_bytes,
        free_bytes=free_bytes,
        trainable_parameters=trained,
        trainable_share=trained / max(1, shape.parameters + (trained if recipe.lora.enabled else 0)),
        phases=phases,
    )


def headline(recipe: Recipe, expected: Forecast) -> tuple[str, str]:
    """What the Train button says, and the line below it."""
    steps = expected.steps
    facts = [duration_in_words(expected.seconds)] if expected.seconds is not None else []
    facts.append(f"about {bytes_in_words(expected.peak_bytes)}")
    title = f"Train {counted(steps, 'step')}" if steps else "Train"
    return title, ", ".join(facts)


def _phases(
    recipe: Recipe, shape: ModelShape, train_seconds: float | None, *, is_cpu: bool
) -> tuple[ForecastPhase, ...]:
    """What a run goes through; on a card only a run itself can show how long."""
    size = shape.parameters / STARTER_PARAMETERS
    load = LOAD_SECONDS * max(1.0, size) if is_cpu else None
    prompts = [count for count in (_answered(recipe), _scored(recipe)) if count]
    answers = None
    if is_cpu:
        rates = [min(ANSWER_TOKENS_PER_SECOND * count, MOST_ANSWER_TOKENS_PER_SECOND) for count in prompts]
        answers = max(size, 0.1) * sum(
            count * recipe.samples.max_new_tokens / rate for count, rate in zip(prompts, rates, strict=True)
        )
    answering = [ForecastPhase("Answer", answers)] if prompts else []
    return (
        ForecastPhase("Quantize" if recipe.model.precision in QUANTIZED else "Load", load),
        *answering,
        ForecastPhase("Train", train_seconds),
        *answering,
        ForecastPhase("Save", 1.0 if is_cpu else None),
    )


def training_tokens(recipe: Recipe, per_row: float) -> int:
    """Tokens of one optimizer step."""
    training = recipe.training
    per_sequence = training.max_length if training.packing else min(per_row, training.max_length)
    return round(training.batch_size * training.accumulation * per_sequence)


def _tokens_per_row(recipe: Recipe, glance: DataGlance | None) -> float:
    if glance is None or not glance.lengths:
        return recipe.training.max_length
    has_turns = glance.mapping is None or glance.mapping.shape.has_turns
    extra = TEMPLATE_TOKENS if recipe.data.chat_template and has_turns else 0
    return estimated_tokens(glance.characters / len(glance.lengths)) + extra


def _steps(recipe: Recipe, glance: DataGlance | None, per_row: float) -> int:
    training = recipe.training
    if training.max_steps or glance is None:
        return training.max_steps
    rows = max(1, round(glance.rows * (1 - recipe.evaluation.fraction)))
    sequences = math.ceil(rows * per_row / training.max_length) if training.packing else rows
    return max(1, round(math.ceil(sequences / (training.batch_size * training.accumulation)) * training.epochs))


def _answered(recipe: Recipe) -> int:
    return len(recipe.samples.prompts) or recipe.samples.count


def _scored(recipe: Recipe) -> int:
    """Rows that are answered before and after, as far as they are counted."""
    path = recipe.evaluation.score_path
    try:
        rows = data_rows.each(data_rows.settings_at(recipe.data, path)) if path else iter(())
        return sum(not isinstance(row, RowProblem) for _, row in islice(rows, MOST_SCORED))
    except UserError:
        return 0  # said where the file is checked


def last_rate(runs: Iterable[RunFolder], recipe: Recipe, *, device: str = "") -> float | None:
    """Tokens a second of the first of the runs that ended with the same model and precision, on "cuda" or "cpu"."""
    for run in runs:
        try:
            earlier = run.recipe().model
            if (earlier.source, earlier.precision) != (recipe.model.source, recipe.model.precision):
                continue
            with run.journal.open("rb") as file:
                head = file.read(READ_BYTES)
                file.seek(max(0, run.journal.stat().st_size - READ_BYTES))
                last = file.read().splitlines()[-1:]
        except (OSError, UserError):
            continue
        ended = parsed(last[0]) if last else None
        if isinstance(ended, Ended) and ended.tokens_per_second > 0 and device in ("", _device(head)):
            return ended.tokens_per_second
    return None


def _device(head: bytes) -> str:
    """The kind of device that the beginning of a journal names; nothing where it does not."""
    planned = next((event for event in map(parsed, head.splitlines()) if isinstance(event, Planned)), None)
    return "" if planned is None else "cpu" if planned.device == "CPU" else "cuda"
