"""Two steps at the longest sequence before the real ones, so that what would fail late fails in the first seconds.

They are real steps of the real trainer, on rows as long as the longest there is; afterwards weights, random state and
the trainer are as they were.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import DefaultFlowCallback
from transformers.trainer_utils import IntervalStrategy, SaveStrategy

from workbench.core.job.events import Milestone, Predicted
from workbench.core.memory import corrections, reconcile
from workbench.core.memory.fitting import verdict
from workbench.core.units import bytes_in_words, grouped
from workbench.engine.job.devices import Device, free_memory
from workbench.engine.job.job import Job
from workbench.engine.train import healing
from workbench.engine.train import state as stored
from workbench.engine.train.data import sequence_tokens
from workbench.engine.train.trainer import WorkbenchTrainer

STEPS = 2
# A second micro-batch meets the gradients of the first; more of them hold no more.
MOST_ACCUMULATION = 2
# These hang themselves onto the model, and cannot be taken off again.
_STICKY = ("layerwise", "lomo")


def is_wanted(setting: str, optimizer: str, predicted: Predicted | None) -> bool:
    """Whether a run begins with a dry run, as the recipe says; "auto" asks what is predicted and what is free."""
    if any(word in optimizer for word in _STICKY):
        return False
    if setting != "auto" or predicted is None:
        return setting == "on"
    if predicted.device != "cuda" or not predicted.free_bytes:
        return False
    learned = corrections.learned(predicted.card, predicted.family)
    peak_bytes = corrections.corrected(reconcile.ledger_of(predicted), learned).peak_bytes
    return verdict(peak_bytes, predicted.free_bytes).word != "fits"


def run(job: Job, device: Device, trainer: WorkbenchTrainer, predicted: Predicted | None) -> None:
    """Takes the steps, in smaller batches where memory runs out, and says what was measured beside the prediction."""
    lengths = sequence_tokens(trainer.train_dataset)
    longest = int(lengths.argmax())
    tokens = int(lengths[longest])
    job.phase("dry run", STEPS, "steps")
    with _no_trace(job, trainer):
        while why := healing.attempted(lambda: _two_steps(trainer, longest), trainer, lambda: True):
            healing.make_smaller(job, trainer, why)
    memory = device.memory()
    job.show_progress(STEPS)
    job.emit(Milestone(name="dry run", memory=memory))
    beside = ""
    if predicted is not None:
        peak = predicted.allocated_bytes if predicted.device == "cuda" else predicted.peak_bytes
        beside = f"; {bytes_in_words(peak)} were predicted"
    job.notice(
        f"The dry run took {STEPS} steps of {grouped(tokens)} tokens a sequence: "
        f"{bytes_in_words(memory.peak_bytes)} at most{beside}. Nothing of it is left."
    )


def _two_steps(trainer: WorkbenchTrainer, longest: int) -> None:
    args, dataset = trainer.args, trainer.train_dataset
    accumulation = args.gradient_accumulation_steps
    args.max_steps, args.gradient_accumulation_steps = STEPS, min(accumulation, MOST_ACCUMULATION)
    rows = STEPS * args.per_device_train_batch_size * args.gradient_accumulation_steps
    trainer.train_dataset = dataset.select([longest] * rows)
    try:
        trainer.train()
    finally:
        trainer.train_dataset = dataset
        args.gradient_accumulation_steps = accumulation


@contextmanager
def _no_trace(job: Job, trainer: WorkbenchTrainer) -> Iterator[None]:
    """Puts everything back that a training changes."""
    args, handler = trainer.args, trainer.callback_handler
    plan = (args.max_steps, args.eval_strategy, args.save_strategy)
    callbacks, state, was_training = list(handler.callbacks), trainer.state, trainer.model.training
    scaler = trainer.accelerator.scaler
    random, scale = stored.random_state(), scaler.state_dict() if scaler is not None else None
    with _weights_kept(job, trainer.model):
        args.eval_strategy, args.save_strategy = IntervalStrategy.NO, SaveStrategy.NO
        handler.callbacks = [callback for callback in callbacks if isinstance(callback, DefaultFlowCallback)]
        trainer.is_dry = True
        try:
            yield
        finally:
            trainer.is_dry = False
            args.max_steps, args.eval_strategy, args.save_strategy = plan
            handler.callbacks, trainer.state = callbacks, state
            if scaler is not None:
                scaler.load_state_dict(scale)
            trainer.start_anew()
            trainer.model.train(was_training)
    stored.set_random_state(random)
    free_memory()


@contextmanager
def _weights_kept(job: Job, model: Any) -> Iterator[None]:
    """Puts the trained weights back to the bit; they wait in a file, since memory is what is being measured."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    with tempfile.TemporaryFile(dir=job.run.path) as file:
        for parameter in trained:
            file.write(_as_bytes(parameter.detach().cpu()).numpy().data)
        try:
            yield
        finally:
            file.seek(0)
            for parameter in trained:
                data = bytearray(file.read(parameter.numel() * parameter.element_size()))
                with torch.no_grad():
                    parameter.copy_(torch.frombuffer(data, dtype=parameter.dtype).view(parameter.shape))


def _as_bytes(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().view(-1).view(torch.uint8)
