"""How far each way to merge lies from the run as it was trained: merged for the moment, measured, and removed."""

from collections.abc import Iterator
from pathlib import Path

from workbench.core.export.item import item_of
from workbench.core.export.known import target_of
from workbench.core.export.made import remove
from workbench.core.export.measured import ITEMS, REFERENCE
from workbench.engine.export.measuring import compared_in_words, measure_folder
from workbench.engine.export.step import Check, Step, step_of


class MeasureStep(Step):
    def make(self, staging: Path) -> None:
        for way in self.work.subject.ways:
            item = ITEMS[way]
            if item in self.work.measured and REFERENCE in self.work.measured:
                continue
            planned = target_of(item).plan(self.work.subject, item_of(item))
            try:
                step_of(self.work, planned).make(staging)
                measure_folder(self.work, item, planned.title, staging)
            finally:
                remove(staging)

    def check(self, made: Path) -> Iterator[Check]:
        for way in self.work.subject.ways:
            event = self.work.measured[ITEMS[way]]
            yield Check(event.title, True, compared_in_words(event))


STEP = MeasureStep
