"""The training as a script of transformers, trl, peft and bitsandbytes alone, with its rows beside it."""

from workbench.core.export.item import Item
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.export.training_plan import plan_training
from workbench.core.job.export_kinds import PlannedStep


def _plan(subject: Subject, item: Item) -> PlannedStep:
    return plan_training(subject, item, TARGET.title, "script")


TARGET = Target("script", "Python script", 8, _plan)
