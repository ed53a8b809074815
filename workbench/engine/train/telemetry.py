"""What a run measures of itself at its steps, and where it listens for orders."""

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from workbench.core.job.events import Continued, Memory, Milestone, MilestoneName, Paused, PhaseName, Step
from workbench.core.memory.spill import spill_in_words
from workbench.engine.job.devices import Device
from workbench.engine.job.job import Job


class Telemetry(TrainerCallback):
    """Times steps, counts tokens, passes milestones, and obeys stop, cancel and pause at step boundaries.

    Time spent away from training (evaluating, saving, sampling, paused) is in no step's seconds.
    """

    def __init__(self, job: Job, device: Device) -> None:
        self._job = job
        self._device = device
        self._milestones: set[str] = set()
        self._tokens: int | torch.Tensor = 0
        self._began = 0.0
        self._away_seconds = 0.0
        self._steps_since = 0
        self.is_training = False
        self._evaluated = 0
        self.sample: Callable[[int], None] | None = None
        self.free_at_start_bytes = 0  # on the device, before anything was loaded
        self._said_spilled = False

    # -- called by the trainer ----------------------------------------------------------------------------------------

    def count(self, inputs: dict[str, Any]) -> None:
        """Counts a batch's tokens without padding; on a card the sum stays there until a step is logged."""
        if not self.is_training:
            return
        mask = inputs.get("attention_mask")
        self._tokens = self._tokens + (inputs["input_ids"].numel() if mask is None else mask.sum())

    def reached(self, name: MilestoneName) -> None:
        """Writes a milestone with its memory, the first time."""
        if name not in self._milestones and (self.is_training or not name.startswith("first")):
            self._milestones.add(name)
            self._job.emit(Milestone(name=name, memory=self._device.memory()))

    def peak_bytes(self) -> int:
        """The largest memory so far: of the allocator on a card, of the process on a CPU."""
        return self._device.memory().peak_bytes

    @contextmanager
    def away(self, phase: PhaseName) -> Iterator[None]:
        """A phase within training, whose time counts for no step."""
        began = time.perf_counter()
        was_training, self.is_training = self.is_training, False
        self._job.announce(phase)
        self._evaluated = 0
        try:
            yield
        finally:
            self.is_training = was_training
            self._away_seconds += time.perf_counter() - began
            if was_training:
                self._job.announce("train")

    def leave_out(self, seconds: float) -> None:
        """Time within a step that was spent on looking at it."""
        self._away_seconds += seconds

    # -- called by transformers ---------------------------------------------------------------------------------------

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.is_training = True
        self._restart()

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self.reached("first optimizer step")

    def on_substep_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._job.orders.is_cancelled:
            control.should_training_stop = True

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._job.step = state.global_step
        self._steps_since += 1
        orders = self._job.orders
        if orders.is_paused:
            began = time.perf_counter()
            self._job.emit(Paused(step=state.global_step))
            orders.wait_while_paused()
            self._job.emit(Continued(step=state.global_step))
            self._away_seconds += time.perf_counter() - began
        if orders.is_cancelled or orders.is_stopped:
            control.should_training_stop = True
            control.should_save = orders.is_stopped
            control.should_evaluate = False
        every = self._job.recipe.samples.every_steps
        if self.sample and every and state.global_step % every == 0 and not control.should_training_stop:
            with self.away("sample"):
                self.sample(state.global_step)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        if not logs or "loss" not in logs:
            return
        memory = self._device.memory()
        self._look_for_spill(memory)
        seconds = max(time.perf_counter() - self._began - self._away_seconds, 1e-9)
        tokens = int(self._tokens)
        steps = max(self._steps_since, 1)
        self._restart()
        self._job.emit(
            Step(
                step=state.global_step,
                steps=state.max_steps,
                epoch=round(state.epoch or 0.0, 4),
                loss=float(logs["loss"]),
                learning_rate=float(logs["learning_rate"]),
                grad_norm=float(logs.get("grad_norm", math.nan)),
                tokens_per_second=tokens / seconds,
                seconds=seconds / steps,
                memory=memory,
            )
        )
        # The journal has it; transformers would write the whole history again at each checkpoint.
        state.log_history.clear()

    def on_prediction_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        eval_dataloader: Any = None,
        **_: Any,
    ) -> None:
        self._evaluated += 1
        self._job.show_progress(self._evaluated, len(eval_dataloader))

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.is_training = False

    def _look_for_spill(self, memory: Memory) -> None:
        """Windows' driver says nothing when it puts a card's memory elsewhere; others refuse instead."""
        if sys.platform != "win32" or self._said_spilled:
            return
        words = spill_in_words(memory, self.free_at_start_bytes)
        if words:
            self._said_spilled = True
            self._job.notice(words, about="memory")

    def _restart(self) -> None:
        self._began = time.perf_counter()
        self._away_seconds = 0.0
        self._tokens = 0
        self._steps_since = 0
