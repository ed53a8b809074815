"""The merged model as a GGUF file: read back number by number, and measured against the merged model."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from workbench.core.export.gguf import type_of
from workbench.core.llamacpp import gguf_export, packing
from workbench.core.llamacpp.gguf_types import GgufType
from workbench.core.llamacpp.packing import GgufPlan
from workbench.core.llamacpp.tensors import plain
from workbench.core.problems import UserError
from workbench.engine.export.measuring import MOST_KL, compared_in_words, loaded, measure, measure_folder
from workbench.engine.export.step import Check, Step

# Of types that are said to be hardly told from 16 bits.
CLOSE_BITS = 8


class GgufStep(Step):
    def make(self, staging: Path) -> None:
        for note in self.made.notes:
            self.work.job.notice(note)
        self.work.phase("export", self.planned.item, self.made.numbers, "numbers")
        packing.write(self.made, staging, self.work.progress)

    def check(self, made: Path) -> Iterator[Check]:
        self.work.phase("check", self.planned.item, self.made.numbers, "numbers")
        for found in packing.compare(self.made, made, self.work.progress):
            yield Check(f"read back, {found.type.title}", found.is_right, f"{found.in_words}.")
        try:
            yield self._measured(made)
        except UserError as error:  # of memory: what was made is whole
            yield Check("measured", True, f"Not measured: {error}")

    @cached_property
    def made(self) -> GgufPlan:
        return gguf_export.source(self._merged, self.work.subject.name, self._merged).plan(self._type)

    @property
    def _merged(self) -> Path:
        return self.work.path_of(self._need)

    @property
    def _need(self) -> str:
        (need,) = self.planned.needs
        return need

    @property
    def _type(self) -> GgufType:
        return type_of(self.item.type)

    # -- beside the merged model ---------------------------------------------------------------------------------------

    def _measured(self, made: Path) -> Check:
        """The merged model with the file's numbers in place of its own, held in its own type. Raises UserError."""
        if not self.work.logits_of(self._need).is_file():
            measure_folder(self.work, self._need, "Merged", self._merged)
        with loaded(self.work, self._merged, self.planned.item) as model:
            self._put(made, model)
            found = measure(self.work, self.planned.item, self.planned.title, model, against=self._need)
        is_close = found.kl is not None and found.kl <= MOST_KL
        ok = found.perplexity < float("inf") and (is_close or self._type.bits < CLOSE_BITS)
        return Check("measured", ok, compared_in_words(found))

    def _put(self, made: Path, model: Any) -> None:
        held = {plain(name): weight for name, weight in model.named_parameters()}
        with torch.no_grad():
            for name, numbers in packing.weights(self.made, made):
                weight = held.get(plain(name))
                if weight is None:
                    raise UserError(f"The loaded model has no weight of the name {name}.")
                if weight.is_meta:
                    raise UserError("The memory was not enough to hold the model with other weights.")
                weight.copy_(torch.from_numpy(numbers))
                self.work.job.obey()


STEP = GgufStep
