"""The merged model as a GGUF file, read back and compared tensor by tensor."""

from collections.abc import Iterator
from pathlib import Path

from workbench.core.export.gguf import type_of
from workbench.core.llamacpp import gguf_export, packing
from workbench.core.llamacpp.packing import GgufPlan
from workbench.engine.export.step import Check, Step


class GgufStep(Step):
    def make(self, staging: Path) -> None:
        planned = self.made
        for note in planned.notes:
            self.work.job.notice(note)
        self.work.phase("export", self.planned.item, planned.numbers, "numbers")
        packing.write(planned, staging, self.work.progress)

    def check(self, made: Path) -> Iterator[Check]:
        self.work.phase("check", self.planned.item, self.made.numbers, "numbers")
        for found in packing.compare(self.made, made, self.work.progress):
            yield Check(f"read back, {found.type.title}", found.is_right, f"{found.in_words}.")

    @property
    def made(self) -> GgufPlan:
        merged = self.work.path_of(self.planned.needs[0])
        return gguf_export.source(merged, self.work.subject.name, merged).plan(type_of(self.item.type))


STEP = GgufStep
