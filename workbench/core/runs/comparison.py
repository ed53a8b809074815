"""Runs beside each other: the settings that differ, what came of each, and what hinders a comparison."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import settings
from workbench.core.runs.result import RunResult

# What a loss depends on beside the settings: the part as a preparation names it, and the settings that say it where
# nothing was prepared.
_PARTS = {
    "the data": ("data.path", "data.also", "data.sheet", "data.config", "data.split"),
    "the template": ("data.template", "data.chat_template", "data.system_prompt", "data.train_on"),
    "the tokenizer": ("model.source",),
}
_WHY = {
    "the data": "They learned other rows, so their losses cannot be compared.",
    "the template": "Their rows were wrapped in other templates, so their losses cannot be compared.",
    "the tokenizer": "Their tokenizers differ: a loss is that of one token, and theirs are others.",
}

# Of each measure the figure that is the better the smaller it is.
_COST: dict[str, Callable[[RunResult], float | None]] = {
    "Loss": lambda result: result.loss_last,
    "Evaluation loss": lambda result: result.evaluation_loss,
    "Exact match": lambda result: -(after.right / after.rows) if (after := result.scored("after")) else None,
    "Answers right": lambda result: -(found.right / found.rows) if (found := result.judged) and found.rows else None,
    "Peak memory": lambda result: result.peak_bytes,
    "Time": lambda result: result.seconds,
    "Tokens a second": lambda result: -result.tokens_per_second if result.tokens_per_second else None,
}


def differing_settings(results: Sequence[RunResult]) -> dict[str, list[Any]]:
    """The values of each setting that differs, in the order of the runs; None where it means nothing in one."""
    found: dict[str, list[Any]] = {}
    for path in settings():
        values = [result.recipe.value(path) for result in results]
        applies = [result.recipe.applies(path) for result in results]
        if any(value != values[0] for value in values) and any(applies):
            found[path] = [value if means else None for value, means in zip(values, applies, strict=True)]
    return found


def common_settings(results: Sequence[RunResult]) -> dict[str, Any]:
    """The value of each setting that is the same in all, and means something there."""
    differing = differing_settings(results)
    first = results[0].recipe
    return {
        path: first.value(path)
        for path in settings()
        if path not in differing and any(result.recipe.applies(path) for result in results)
    }


def stand_alone(values: Sequence[object]) -> list[bool]:
    """Which one differs where all the others agree; none of two, which differ from each other."""
    alone = [values.count(value) == 1 for value in values]
    return alone if len(values) > 2 and sum(alone) == 1 else [False] * len(values)


def are_best(title: str, results: Sequence[RunResult]) -> list[bool]:
    """Which of the runs is the best in a measure; none where they are alike, or the measure has no better."""
    cost = _COST.get(title)
    values = [cost(result) for result in results] if cost else []
    numbers = [value for value in values if value is not None and value == value]
    if len(numbers) < 2 or min(numbers) == max(numbers):
        return [False] * len(results)
    return [value == min(numbers) for value in values]


def hindrances(results: Sequence[RunResult]) -> list[str]:
    """Why the losses of runs cannot be compared, a sentence each."""
    return [_WHY[part] for part in _PARTS if len({_part(part, result, results) for result in results}) > 1]


def _part(part: str, result: RunResult, results: Sequence[RunResult]) -> object:
    """What a part of the preparation was in one run, as far as all of them tell it."""
    prepared = [other.prepared for other in results]
    if all(found is not None and part in found.parts for found in prepared):
        assert result.prepared is not None
        return result.prepared.parts[part]
    planned = [other.history.planned for other in results]
    if part == "the data" and all(plan is not None and plan.data_sha256 for plan in planned):
        assert result.history.planned is not None
        return result.history.planned.data_sha256
    return tuple(result.recipe.value(path) for path in _PARTS[part])


def result_facts(result: RunResult) -> dict[str, Any]:
    """What came of a run, as `compare --json` prints it; None where nothing was measured."""
    before, after = result.scored("before"), result.scored("after")
    return {
        "run": result.run.name,
        "name": result.called,
        "state": result.state,
        "steps": result.history.step,
        "loss_first": result.loss_first,
        "loss_last": result.loss_last,
        "evaluation_loss": result.evaluation_loss,
        "right_before": before.right if before else None,
        "right": after.right if after else None,
        "scored": after.rows if after else None,
        "judged": asdict(result.judged) if result.judged else None,
        "peak_memory_bytes": result.peak_bytes,
        "predicted_peak_memory_bytes": result.predicted_peak_bytes,
        "seconds": result.seconds,
        "tokens": result.tokens,
    }


def refuse_the_same(results: Sequence[RunResult]) -> None:
    """Raises UserError where there are not two runs to compare, or one is named twice."""
    if len(results) < 2:
        raise UserError("One run cannot be compared.", remedy="Name two or more.")
    names = [result.run.path for result in results]
    twice = next((path.name for path in names if names.count(path) > 1), None)
    if twice is not None:
        raise UserError(f"Run {shown(twice)} is named twice.", remedy="Name each run once.")
