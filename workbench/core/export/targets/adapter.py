"""The adapter as PEFT keeps it, which stands on its base."""

from workbench.core.export.item import Item
from workbench.core.export.merging import measure_seconds
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.job.export_kinds import PlannedStep
from workbench.core.problems import UserError


def _plan(subject: Subject, item: Item) -> PlannedStep:
    if subject.adapter is None:
        raise UserError(
            f"{subject.title} has no adapter: its training has changed the weights themselves.",
            remedy="Export it as merged, which is the whole model.",
        )
    seconds = 2 * measure_seconds(subject)
    return PlannedStep(
        item=str(item), title="Adapter", path="adapter", size_bytes=subject.adapter_bytes, seconds=seconds
    )


TARGET = Target("adapter", "Adapter", 0, _plan)
