"""What merging takes, and where there is nothing to merge into."""

from workbench.core.export.item import Item
from workbench.core.export.measured import run_of
from workbench.core.export.subject import Subject
from workbench.core.job.export_kinds import PlannedStep, Way
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import QUANTIZED
from workbench.numerics.formats import FORMATS

# Rounded, merged, written and read back: the starter in NF4, on one core.
MERGED_BYTES_A_SECOND = 35e6
# What most runs hold out, with what is asked, and how much faster than a step of training a model reads it.
MEASURED_TOKENS, FASTER_THAN_TRAINING = 6000, 3
LOADING_SECONDS = 4.0
# Of a run that does not say how fast it was: the starter on two cores.
UNKNOWN_MEASURE_SECONDS = 20.0
_TITLES: dict[Way, str] = {"original": "Merged into the original weights", "nf4": "Merged into {}'s values"}


def merge_seconds(subject: Subject) -> float:
    return subject.merged_bytes / MERGED_BYTES_A_SECOND


def measure_seconds(subject: Subject) -> float:
    """To load some weights and read the held-out rows, at the pace that the run was trained at."""
    run = run_of(subject.speaker)
    ended = run.outline().ended if run is not None else None
    if ended is None or not ended.tokens_per_second:
        return UNKNOWN_MEASURE_SECONDS
    return LOADING_SECONDS + MEASURED_TOKENS / (FASTER_THAN_TRAINING * ended.tokens_per_second)


def plan_merged(subject: Subject, item: Item, way: Way) -> PlannedStep:
    """Raises UserError where this subject has no such weights to merge into."""
    refuse_way(subject, way)
    title = _TITLES[way].format(FORMATS[subject.precision].title) if subject.adapter is not None else "Model"
    seconds = merge_seconds(subject) + 2 * measure_seconds(subject)
    return PlannedStep(item=str(item), title=title, path=item.to, size_bytes=subject.merged_bytes, seconds=seconds)


def refuse_without_adapter(subject: Subject) -> None:
    """Raises UserError where there is nothing to merge."""
    if subject.adapter is None:
        raise UserError(f"{subject.title} has no adapter: there is nothing to merge.", remedy="Export it as merged.")


def refuse_way(subject: Subject, way: Way) -> None:
    """Raises UserError where the adapter cannot be merged into these weights."""
    if way in subject.ways:
        return
    if way == "original":
        raise UserError(
            f"The base of {subject.title} is stored as {FORMATS[subject.precision].title}: its original weights are "
            "not there.",
            remedy="Export merged-nf4, which merges into the weights that are there.",
        )
    if subject.adapter is None:
        raise UserError(f"{subject.title} has no adapter: there is nothing to merge.", remedy="Export it as merged.")
    assert subject.precision not in QUANTIZED
    raise UserError(
        f"{subject.title} was trained on {FORMATS[subject.precision].title} weights, which were never rounded.",
        remedy="Export merged: there is one way alone.",
    )
