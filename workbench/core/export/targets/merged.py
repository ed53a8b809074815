"""The adapter merged into the original weights; of a full training the model itself."""

from workbench.core.export.item import Item
from workbench.core.export.merging import plan_merged
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.job.export_kinds import PlannedStep


def _plan(subject: Subject, item: Item) -> PlannedStep:
    return plan_merged(subject, item, "original")


TARGET = Target("merged", "Merged into the original weights", 1, _plan)
