"""What merging takes, and where there is nothing to merge into."""

from workbench.core.export.item import Item
from workbench.core.export.subject import Subject
from workbench.core.job.export_kinds import PlannedStep, Way
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import QUANTIZED
from workbench.numerics.formats import FORMATS

# Read, added to, written and flushed: the starter on a CPU of 2019 and a SATA disk.
MERGED_BYTES_A_SECOND = 100e6
# Some thousand tokens through a model that has to be loaded first.
MEASURE_SECONDS = 20.0
_TITLES: dict[Way, str] = {"original": "Merged into the original weights", "nf4": "Merged into {}'s values"}


def merge_seconds(subject: Subject) -> float:
    return subject.merged_bytes / MERGED_BYTES_A_SECOND


def plan_merged(subject: Subject, item: Item, way: Way) -> PlannedStep:
    """Raises UserError where this subject has no such weights to merge into."""
    refuse_way(subject, way)
    title = _TITLES[way].format(FORMATS[subject.precision].title) if subject.adapter is not None else "Model"
    seconds = merge_seconds(subject) + 2 * MEASURE_SECONDS
    return PlannedStep(item=str(item), title=title, path=item.to, size_bytes=subject.merged_bytes, seconds=seconds)


def refuse_quantized(subject: Subject) -> None:
    """Raises UserError where there is one way alone, and nothing to compare."""
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
