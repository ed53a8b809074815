"""The adapter merged into the rounded weights that it was trained on."""

from workbench.core.export.item import Item
from workbench.core.export.merging import plan_merged
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.job.export_kinds import PlannedStep


def _plan(subject: Subject, item: Item) -> PlannedStep:
    return plan_merged(subject, item, "nf4")


TARGET = Target("merged-nf4", "Merged into the rounded weights", 2, _plan)
