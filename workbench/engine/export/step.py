"""One step of an export: what makes an item, and what looks at it before it takes its place."""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from workbench.core.export.item import item_of
from workbench.core.job.export_kinds import PlannedStep
from workbench.engine.export.work import Work


class Check(NamedTuple):
    """What was found as a step's result was looked at; `found` is a sentence with its figures."""

    name: str
    ok: bool
    found: str


class Step(ABC):
    """Makes one item. What it needs is made already: `work.path_of` says where.

    The one that makes the item "to:type" is STEP of steps/to.py, with _ for - in the name.
    """

    def __init__(self, work: Work, planned: PlannedStep) -> None:
        self.work = work
        self.planned = planned
        self.item = item_of(planned.item)

    @abstractmethod
    def make(self, staging: Path) -> None:
        """Makes a file or a folder at `staging`, which is not there yet and is renamed to its place afterwards.

        A step whose result does not stay on this disk leaves nothing there. Says how far it is by
        `work.progress`, at least twice a second, which is where an order to cancel is obeyed. Raises UserError where
        it cannot be made, Ordered, and OSError.
        """

    @abstractmethod
    def check(self, made: Path) -> Iterator[Check]:
        """Reads back what was made and compares it; the first check that fails rejects it. Raises as `make` does."""


def step_of(work: Work, planned: PlannedStep) -> Step:
    name = item_of(planned.item).to.replace("-", "_")
    made: Step = importlib.import_module(f"workbench.engine.export.steps.{name}").STEP(work, planned)
    return made
