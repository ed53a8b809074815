"""One step's memory by the ledger's lines: of the tensors on a CPU, by the allocator's snapshot on a card."""

import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from workbench.core.job.events import Attributed
from workbench.core.memory.line_names import LINES
from workbench.engine.job.devices import Device
from workbench.engine.job.job import Job
from workbench.engine.train import allocator, tensor_bytes
from workbench.engine.train.telemetry import Telemetry

# In the first one the optimizer makes its states, which the second one's peak holds.
CPU_STEP, CARD_STEP = 1, 2


class Attribution(TrainerCallback):
    """Looks into one step of the attempt, once gradients and optimizer states are all there, and records it."""

    def __init__(self, job: Job, device: Device, telemetry: Telemetry) -> None:
        self._job = job
        self._device = device
        self._telemetry = telemetry
        self._steps = 0
        self._is_done = False
        self._is_recording = False

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._steps += 1
        if self._device.kind == "cuda" and self._steps >= CARD_STEP and not self._is_done:
            self._is_recording = True
            allocator.start()

    def on_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: Any = None,
        optimizer: Any = None,
        **_: Any,
    ) -> None:
        if self._is_done or self._steps < (CARD_STEP if self._device.kind == "cuda" else CPU_STEP):
            return
        began = time.perf_counter()
        self._is_done = True
        step = state.global_step + 1
        if self._is_recording:
            self._job.emit(self._of_snapshot(step, model, optimizer))
        else:
            lines = tensor_bytes.bytes_by_line(model, optimizer, self._job.recipe)
            peak = self._device.memory().peak_bytes
            rest = max(0, peak - sum(lines.values()))
            self._job.emit(Attributed(step=step, method="tensors", lines=lines, rest_bytes=rest, peak_bytes=peak))
        self._telemetry.leave_out(time.perf_counter() - began)

    def _of_snapshot(self, step: int, model: Any, optimizer: Any) -> Attributed:
        known = tensor_bytes.tensors_by_line(model, optimizer, self._job.recipe)
        found, peak = allocator.stop(self._device.index, {address: line for address, (line, _) in known.items()})
        self._is_recording = False
        lines = {name: found.get(name, 0) for name in LINES if name != "overhead"}
        return Attributed(
            step=step, method="snapshot", lines=lines, rest_bytes=found.get(allocator.OTHER, 0), peak_bytes=peak
        )
