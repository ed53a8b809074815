"""The answered prompts of a run, put in order by prompt and by when they were asked."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from workbench.core.job.events import Sample, Scored
from workbench.core.units import grouped


class Stage(NamedTuple):
    """When prompts were answered: before training, at a step, or after it."""

    step: int
    is_after: bool

    @property
    def words(self) -> str:
        return "after" if self.is_after else grouped(self.step)


@dataclass
class Asked:
    """A prompt with its answers; `expected` where the right one is known."""

    prompt: str
    expected: str | None
    group: str
    is_scored: bool
    answers: dict[Stage, str] = field(default_factory=dict)


class SampleBook:
    """Prompts in the order in which they were first asked, those of the samples before those that are only counted."""

    def __init__(self, samples: Iterable[Sample] = ()) -> None:
        self.asked: list[Asked] = []
        self.stages: list[Stage] = []
        found: dict[tuple[bool, str, int], Asked] = {}
        times: dict[tuple[Stage, bool, str], int] = {}
        stages: set[Stage] = set()
        for sample in samples:
            stage = Stage(sample.step, sample.when == "after")
            stages.add(stage)
            nth = times[stage, sample.is_scored, sample.prompt] = (
                times.get((stage, sample.is_scored, sample.prompt), 0) + 1
            )
            asked = found.setdefault(
                (sample.is_scored, sample.prompt, nth),
                Asked(sample.prompt, sample.expected, sample.group, sample.is_scored),
            )
            asked.answers[stage] = sample.answer
        self.stages = sorted(stages)
        self.asked = sorted(found.values(), key=lambda each: each.is_scored)
        self.unscored = sum(not each.is_scored for each in self.asked)

    def name(self, place: int) -> str:
        """What the prompt at a place is called: "Sample 3 of 5"."""
        if place < self.unscored:
            return f"Sample {place + 1} of {self.unscored}"
        return f"Held-out row {grouped(place - self.unscored + 1)} of {grouped(len(self.asked) - self.unscored)}"

    def stages_of(self, *, is_scored: bool) -> list[Stage]:
        """The stages at which prompts of that kind were answered."""
        there = {stage for each in self.asked if each.is_scored == is_scored for stage in each.answers}
        return [stage for stage in self.stages if stage in there]

    def count(self, stage: Stage, *, is_scored: bool) -> tuple[int, int]:
        """How many answers of a stage are right, among those whose right answer is known."""
        there = [
            (each, each.answers[stage])
            for each in self.asked
            if each.is_scored == is_scored and stage in each.answers and each.expected is not None
        ]
        return sum(answer.strip() == (each.expected or "").strip() for each, answer in there), len(there)


def verdict(answer: str, expected: str | None) -> tuple[str, str, str]:
    """An answer held against the right one, as word, state and icon of a tag; nothing where that is not known."""
    if expected is None:
        return "", "none", ""
    if answer.strip() == expected.strip():
        return "matches", "success", "check"
    if _is_json(expected) and not _is_json(answer):
        return "not JSON", "danger", "x"
    return "differs", "danger", "x"


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def scores_in_words(scores: list[Scored]) -> tuple[str, str]:
    """The exact match before and after training, and the same by group."""
    before = next((score for score in scores if score.when == "before"), None)
    after = next((score for score in reversed(scores) if score.when == "after"), None)
    there = [score for score in (before, after) if score is not None]
    if not there:
        return "", ""
    whole = ", ".join(f"{score.right} of {score.rows} {score.when}" for score in there)
    groups = []
    for name in there[-1].groups:
        parts = [f"{score.groups[name][0]} of {score.groups[name][1]}" for score in there if name in score.groups]
        groups.append(f"{name} {', then '.join(parts)}")
    return f"Exact match {whole}", "; ".join(groups)
