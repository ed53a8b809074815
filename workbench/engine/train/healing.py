"""Training that goes on in smaller batches where memory runs out in a step.

The effective batch stays: a smaller micro-batch, and as many more of them before each optimizer step. (transformers'
`auto_find_batch_size` changes it.) Training begins anew from the last step as it stands in memory, or, where the error
came while the weights were being changed, from the last checkpoint.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from workbench.core.job import checkpoints
from workbench.core.job.events import Healed, Resumed
from workbench.engine.job.devices import free_memory
from workbench.engine.job.job import Job
from workbench.engine.job.out_of_memory import is_out_of_memory
from workbench.engine.train import state as stored
from workbench.engine.train.micro_batch import smaller
from workbench.engine.train.trainer import WorkbenchTrainer


class Step(TrainerCallback):
    """Where in a step training is, and the random state that the step began with.

    `where` is "between" steps, in the "gradients", whose loss harms nothing, or in the "update" of the weights.
    """

    def __init__(self) -> None:
        self.where = "between"
        self.random: dict[str, Any] | None = None

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.where = "gradients"
        self.random = stored.random_state()

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self.where = "update"

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.where = "between"


def train(job: Job, trainer: WorkbenchTrainer, checkpoint: Path | None) -> None:
    """Trains to the end, from a checkpoint or from the beginning; heals where the recipe allows it."""
    step = Step()
    trainer.callback_handler.callbacks.insert(0, step)  # before those that answer and save between steps

    def can_go_back() -> bool:
        is_whole = step.where == "gradients"
        return is_whole or (step.where == "update" and checkpoints.newest_whole(job.run.checkpoints)[0] is not None)

    while True:
        began = stored.random_state()
        step.where = "between"
        resumed = str(checkpoint) if checkpoint else None
        why = attempted(partial(trainer.train, resume_from_checkpoint=resumed), trainer, can_go_back)
        if not why:
            return
        checkpoint = _back_to(job, trainer, step, began, why)
        make_smaller(job, trainer, why)
        job.announce("train")


def attempted(work: Callable[[], Any], trainer: WorkbenchTrainer, can_go_back: Callable[[], bool]) -> str:
    """Does the work; where memory ran out that a smaller batch may save, gives back what the allocator said."""
    why = ""
    try:
        work()
    except (MemoryError, RuntimeError) as error:
        can_heal = trainer.job.recipe.training.heal and trainer.args.per_device_train_batch_size > 1
        if not (can_heal and is_out_of_memory(error) and can_go_back()):
            raise
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    if why:  # past the handler: the error's frames held the step's activations
        trainer.model.zero_grad()
        free_memory()
    return why


def make_smaller(job: Job, trainer: WorkbenchTrainer, why: str) -> None:
    """Halves the micro-batch of what is trained next and says so."""
    args = trainer.args
    batch = smaller(args.per_device_train_batch_size, args.gradient_accumulation_steps)
    assert batch is not None
    trainer.start_anew()
    trainer.set_batch(*batch)
    free_memory()
    job.emit(Healed(step=job.step, micro_batch=batch[0], accumulation=batch[1], why=why))


def _back_to(job: Job, trainer: WorkbenchTrainer, step: Step, began: dict[str, Any], why: str) -> Path | None:
    """The checkpoint to go on from, None for the beginning. Raises MemoryError where there is nothing to go back to."""
    reached = trainer.state.global_step
    if step.where == "gradients":
        if reached == 0:
            stored.set_random_state(began)
            return None
        newest = checkpoints.newest_whole(job.run.checkpoints)[0]
        if newest is None or newest.name != checkpoints.folder_name(reached):
            assert step.random is not None
            stored.set_random_state(step.random)
            trainer.save_step()
    newest = checkpoints.newest_whole(job.run.checkpoints)[0]
    if newest is None:
        raise MemoryError(why)  # the step could not be written, and nothing was before
    number = int(newest.name.removeprefix("step-"))
    if number < reached:
        job.step = number
        job.emit(Resumed(step=number, folder=newest.name))
    return newest
