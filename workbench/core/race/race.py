"""What a race of precisions has found: its rows, who is best at what, and what NF4 buys and costs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.core import places
from workbench.core.data import texts
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import read_request
from workbench.core.job.study_base import Finding
from workbench.core.job.study_kinds import PRECISIONS, MeasureRequest, PrecisionMeasured
from workbench.core.problems import UserError
from workbench.core.race.answer_words import MarkedAnswer, marked
from workbench.core.race.measures import Measure, title_of
from workbench.core.units import bytes_in_words

STARTER = "starter"  # the model of a request that is fetched where it is not kept
# What the picture's arrow goes from, and to: the first of each that ran.
BASELINES = ("bf16", "fp16", "fp32")
BOUGHT = ("nf4", "nf4-dq", "fp4", "int8")


@dataclass(frozen=True)
class Race:
    """All that is known of a race so far."""

    request: MeasureRequest
    rows: tuple[PrecisionMeasured, ...]  # the widest first
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, request: MeasureRequest, findings: Iterable[Finding], versions: Mapping[str, str] | None = None
    ) -> "Race":
        latest = {event.precision: event for event in findings if isinstance(event, PrecisionMeasured)}
        known = [name for name in PRECISIONS if name in latest] + [name for name in latest if name not in PRECISIONS]
        return cls(request, tuple(latest[name] for name in known), versions or {})

    @property
    def ran(self) -> tuple[PrecisionMeasured, ...]:
        return tuple(row for row in self.rows if not row.problem)

    def row(self, precision: str) -> PrecisionMeasured | None:
        return next((row for row in self.rows if row.precision == precision), None)

    @property
    def reference(self) -> PrecisionMeasured | None:
        """What next-token distributions and answers are compared with."""
        return next((row for row in self.ran if not row.reference), None)

    @property
    def baseline(self) -> PrecisionMeasured | None:
        """What a quantized precision is an alternative to."""
        return self._first(BASELINES)

    @property
    def bought(self) -> PrecisionMeasured | None:
        """The quantized precision that the summary is about."""
        return self._first(BOUGHT)

    def _first(self, names: tuple[str, ...]) -> PrecisionMeasured | None:
        ran = {row.precision: row for row in self.ran}
        return next((ran[name] for name in names if name in ran), None)

    def best(self, measure: Measure) -> str | None:
        """The precision that is ahead in a measure; None where fewer than two have it.

        What is compared with the reference leaves the reference itself out.
        """
        values = {row.precision: measure.value(row) for row in self.ran}
        if measure.name in ("kl_divergence", "same_top_token") and self.reference:
            values.pop(self.reference.precision, None)
        known = {name: value for name, value in values.items() if value is not None and math.isfinite(value)}
        if len(known) < 2:
            return None
        return (max if measure.is_more_better else min)(known, key=lambda name: known[name])

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        return self.request.prompts or texts.our_prompts()

    @property
    def text_name(self) -> str:
        return Path(self.request.text).name if self.request.text else "the program's own prose"

    @property
    def model_name(self) -> str:
        return places.STARTER if self.request.model == STARTER else Path(self.request.model).name

    def marked(self, row: PrecisionMeasured, place: int) -> MarkedAnswer:
        """The answer of a row to one of the prompts, beside that of the reference."""
        answer = row.answers[place] if place < len(row.answers) else ""
        reference = self.reference
        if reference is None or place >= len(reference.answers):
            return MarkedAnswer(answer)
        return marked(answer, reference.answers[place])

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to stand by the figures, each sentence once."""
        return tuple(dict.fromkeys(note for row in self.ran for note in row.notes))

    @property
    def sentence(self) -> str:
        """What NF4 buys and costs; nothing until both sides have run."""
        base, bought = self.baseline, self.bought
        if base is None or bought is None or not base.size_bytes or not bought.size_bytes:
            return ""
        name, other = title_of(bought.precision), title_of(base.precision)
        saved = 1 - bought.size_bytes / base.size_bytes
        words = (
            f"{name} holds the weights in {bytes_in_words(bought.size_bytes)} where {other} takes "
            f"{bytes_in_words(base.size_bytes)}: {abs(saved):.0%} {'less' if saved >= 0 else 'more'}."
        )
        return " ".join(filter(None, [words, self._costs(base, bought), _speed(base, bought)]))

    def _costs(self, base: PrecisionMeasured, bought: PrecisionMeasured) -> str:
        costs = []
        before, after = base.perplexity or math.nan, bought.perplexity or math.nan
        if math.isfinite(before) and math.isfinite(after):
            change = after / before - 1
            costs.append(
                f"its perplexity is {after:.2f} in place of {before:.2f} "
                f"({abs(change):.1%} {'more' if change >= 0 else 'less'})"
            )
        if bought.same_top_token is not None and bought.reference:
            costs.append(
                f"it holds the same next token for the likeliest as {title_of(bought.reference)} "
                f"at {bought.same_top_token:.0%} of the places"
            )
        words = ", and ".join(costs)
        return f"{words[:1].upper()}{words[1:]}." if words else ""

    def rows_as_json(self) -> list[dict[str, Any]]:
        """What `measure --json` prints of each precision; what is not a finite number is null."""
        return [
            {name: _finite(value) for name, value in row if name not in ("kind", "at", "elapsed_seconds")}
            for row in self.rows
        ]


def _speed(base: PrecisionMeasured, bought: PrecisionMeasured) -> str:
    mine, theirs = bought.answer_tokens_per_second, base.answer_tokens_per_second
    if not mine or not theirs:
        return ""
    return f"It writes {mine:.1f} tokens/s in place of {theirs:.1f}."


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_race(run: RunFolder) -> Race:
    """The race in a study's folder, as far as it has come. Raises UserError."""
    request = read_request(run)
    if not isinstance(request, MeasureRequest):
        raise UserError(f"{run.path} is not a race of precisions.")
    history = run.history()
    return Race.of(request, history.findings, history.started.versions if history.started else None)
