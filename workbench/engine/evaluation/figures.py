"""Figures of the rows that lm-eval has measured: of each side, and of what is between two."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from workbench.core.evaluation import paired
from workbench.core.evaluation.paired import Interval
from workbench.core.evaluation.rows import LeftOut
from workbench.core.job.evaluation_kinds import Comparison, Measured, SideMeasured, TaskMeasured
from workbench.engine.evaluation.harness import PAIRS

# lm-eval's names in words; others stay as they are.
_WORDS = {"exact_match": "exact match", "acc": "accuracy", "acc_norm": "accuracy by length"}
# Metrics whose row is the sum of its log-probabilities beside what that is of, tokens, words or bytes.
_PERPLEXITIES = ("word_perplexity", "byte_perplexity")


class SideRows(NamedTuple):
    """One side's rows of one task, in lm-eval's form, and which weights gave them."""

    side: str
    title: str
    base_hash: str
    adapter_sha256: str
    strength: float
    samples: list[dict[str, Any]]
    figures: dict[str, Any]
    higher_is_better: dict[str, bool]


class _Found(NamedTuple):
    """One metric of all sides, and what is between the first two; None without an interval or a second side."""

    sides: list[Measured]
    apart: Measured | None
    comparison: Comparison = "difference"


def figures_of(
    task: str, rows: Sequence[SideRows], settings: str, left_out: LeftOut, docs: Sequence[dict[str, Any]] | None
) -> Iterator[TaskMeasured]:
    """Each metric of a task; `docs` are the rows of one of ours, which know how many tokens they have."""
    first = rows[0]
    filters = list(dict.fromkeys(sample["filter"] for sample in first.samples))
    for way in filters:
        sides = [side._replace(samples=[each for each in side.samples if each["filter"] == way]) for side in rows]
        for metric in sides[0].samples[0]["metrics"]:
            found = _found(metric, way, sides, docs)
            if found is None:
                continue
            words = _WORDS.get(metric, metric)
            yield TaskMeasured(
                task=task,
                metric=words if way == "none" else f"{words}, {way}",
                higher_is_better=bool(first.higher_is_better.get(metric, True)),
                settings=settings,
                rows=len(sides[0].samples),
                left_out=left_out.count,
                why_left_out=left_out.first,
                sides=[
                    SideMeasured(
                        side=side.side,
                        title=side.title,
                        base_hash=side.base_hash,
                        adapter_sha256=side.adapter_sha256,
                        strength=side.strength,
                        figure=figure,
                    )
                    for side, figure in zip(sides, found.sides, strict=True)
                ],
                comparison=found.comparison,
                apart=found.apart,
            )


def _found(metric: str, way: str, sides: Sequence[SideRows], docs: Sequence[dict[str, Any]] | None) -> _Found | None:
    values = [[sample[metric] for sample in side.samples] for side in sides]
    if metric == "perplexity" and docs is not None:
        tokens = [len(docs[int(sample["doc_id"])][PAIRS][0][1]) for sample in sides[0].samples]
        return _perplexity(values, tokens)
    if metric in _PERPLEXITIES:
        return _perplexity([[entry[0] for entry in side] for side in values], [entry[1] for entry in values[0]])
    flat = [entry for side in values for entry in side]
    if all(isinstance(entry, bool | int | float) for entry in flat):
        if all(entry in (0, 1) for entry in flat):
            rights = [[bool(entry) for entry in side] for side in values]
            return _compared(rights, paired.share, paired.difference_of_shares)
        return _compared(values, paired.mean, paired.difference_of_means)
    whole = [side.figures.get(f"{metric},{way}") for side in sides]
    if not all(isinstance(entry, int | float) for entry in whole):
        return None
    return _Found([Measured(value=float(entry or 0)) for entry in whole], None)  # of all rows at once, such as BLEU


def _perplexity(log_likelihoods: list[list[float]], tokens: list[int]) -> _Found:
    found = _compared(
        log_likelihoods,
        lambda values: paired.perplexity(values, tokens),
        lambda one, two: paired.ratio_of_perplexities(one, two, tokens),
    )
    return found._replace(comparison="ratio")


def _compared(
    values: list[list[Any]],
    of_one: Callable[[list[Any]], Interval],
    of_two: Callable[[list[Any], list[Any]], Interval],
) -> _Found:
    apart = _measured(of_two(values[0], values[1])) if len(values) == 2 else None
    return _Found([_measured(of_one(side)) for side in values], apart)


def _measured(interval: Interval) -> Measured:
    return Measured(value=interval.value, low=interval.low, high=interval.high)
