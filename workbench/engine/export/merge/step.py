"""The step that merges an adapter into its base's weights, and looks at every tensor of what it has written."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import torch
from transformers import AutoConfig

from workbench.core.job.export_kinds import Way
from workbench.core.model.folder import stored_tensors
from workbench.core.problems import UserError
from workbench.core.units import bytes_in_words, counted, grouped
from workbench.engine.export.measuring import measured_checks
from workbench.engine.export.merge.merged_folder import as_bytes, write_merged
from workbench.engine.export.merge.merging import Made, Merging, difference
from workbench.engine.export.merge.stored import StoredModel
from workbench.engine.export.step import Check, Step
from workbench.engine.model import whole

# Of a layer's output, how far a merged weight may be off: what its type rounds a number by at most, twice.
ROUNDINGS = 2
# FP32 matrices multiply by pieces in another order.
LEAST_TOLERANCE = 1e-5


class MergedStep(Step):
    """Of a full training the model as it is, in files of the size that was asked for."""

    way: Way
    grown_bytes = 0

    def make(self, staging: Path) -> None:
        self.work.phase("export", self.planned.item, 0)
        process = psutil.Process()
        before = process.memory_info().rss
        merging = self._merging()
        self.work.phase("export", self.planned.item, sum(made.entry.size_bytes for made in merging.made))
        done = 0
        largest = self.work.request.largest_file_bytes
        for written in write_merged(merging, staging, largest, self.work.tokenizer_folder):
            self.grown_bytes = max(self.grown_bytes, process.memory_info().rss - before)
            done += written
            self.work.progress(done)

    def check(self, made: Path) -> Iterator[Check]:
        self.work.phase("check", self.planned.item, 0)
        try:
            whole.refuse_partial(made, AutoConfig.from_pretrained(made, local_files_only=True))
        except UserError as error:
            yield Check("whole", False, error.what)
            return
        held = stored_tensors(made)
        files = counted(len({tensor.path for tensor in held.values()}), "file")
        yield Check("whole", True, f"{counted(len(held), 'tensor')} in {files}, exactly the architecture's.")
        yield from self._tensors(made)
        grown = bytes_in_words(self.grown_bytes)
        yield Check("memory", True, f"Merged one matrix at a time, with {grown} more resident than before it began.")
        yield from measured_checks(self.work, self.planned.item, self.planned.title, made)

    def _merging(self) -> Merging:
        adapter = self.work.subject.adapter
        return Merging(
            self.work.base,
            adapter.path if adapter is not None else None,
            self.work.recipe,
            self.work.device,
            is_rounded=self.way == "nf4",
        )

    # -- what is read back ---------------------------------------------------------------------------------------------

    def _tensors(self, made: Path) -> Iterator[Check]:
        """Every tensor once more: what is unchanged byte by byte, what is merged by what its layer makes of numbers."""
        merging, read = self._merging(), StoredModel(made)
        self.work.phase("check", self.planned.item, sum(each.entry.size_bytes for each in merging.made))
        done, same, layers, others = 0, 0, 0, 0
        farthest, where = 0.0, ""
        for each in merging.made:
            found = self._compared(merging, read, each)
            if found is None:
                yield Check("tensors", False, f"{each.entry.name} is not what was written.")
                return
            share, tolerance = found
            same += not each.is_changed
            if tolerance:
                layers += 1
                if share / tolerance >= farthest:
                    farthest, where = share / tolerance, f"{share:.2g} of its output, at {each.entry.name}"
            elif each.is_changed:
                others += 1
            done += each.entry.size_bytes
            self.work.progress(done)
        words = f"{counted(same, 'tensor')} equal the base's, bit for bit"
        words += f"; {grouped(others)} are what they were made to be, bit for bit" if others else ""
        yield Check("tensors", True, f"{words}.")
        if layers:
            found_words = (
                f"{counted(layers, 'merged layer')} against PEFT's layer beside its base: the farthest is off "
            )
            yield Check("layers", farthest <= 1, f"{found_words}by {where}.")

    def _compared(self, merging: Merging, read: StoredModel, made: Made) -> tuple[float, float] | None:
        """How far a layer is off and how far it may be, (0, 0) of what is equal bit for bit; None where it differs."""
        if not made.is_changed:
            pairs = zip(read.pieces(made.entry.name), merging.stored.pieces(made.source), strict=True)
            return (0.0, 0.0) if all(left == right for left, right in pairs) else None
        merged = read.numbers(made.entry.name)
        layer = merging.layer(made)
        if layer is None:
            return (0.0, 0.0) if torch.equal(as_bytes(merged), as_bytes(merging.value(made))) else None
        tolerance = max(ROUNDINGS * torch.finfo(merged.dtype).eps, LEAST_TOLERANCE)
        return difference(layer, merging.base_value(made), merged), tolerance
