"""The adapter as a GGUF file, read back and compared matrix by matrix."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from workbench.core.llamacpp import lora, packing
from workbench.core.llamacpp.packing import GgufPlan
from workbench.engine.export.step import Check, Step


class AdapterGgufStep(Step):
    def make(self, staging: Path) -> None:
        self.work.phase("export", self.planned.item, self.made.numbers, "numbers")
        packing.write(self.made, staging, self.work.progress)

    def check(self, made: Path) -> Iterator[Check]:
        self.work.phase("check", self.planned.item, self.made.numbers, "numbers")
        for found in packing.compare(self.made, made, self.work.progress):
            yield Check("read back", found.is_right, f"{found.in_words}.")

    @cached_property
    def made(self) -> GgufPlan:
        assert self.work.subject.adapter is not None, "the plan has refused it"
        return lora.plan(self.work.subject.adapter.path, self.work.base, self.work.subject.name)


STEP = AdapterGgufStep
