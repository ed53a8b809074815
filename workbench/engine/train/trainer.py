"""TRL's SFTTrainer with this program's checkpoints, events and orders."""

import math
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import EarlyStoppingCallback, PrinterCallback, TrainerControl, TrainerState
from trl import SFTConfig, SFTTrainer

from workbench.core.job import checkpoints
from workbench.core.job.events import CheckpointSaved, Evaluated
from workbench.core.recipe.recipe import Recipe
from workbench.engine.job.devices import Device
from workbench.engine.job.job import Job
from workbench.engine.model.load import set_adapter_dtype
from workbench.engine.model.trained_tokens import loss_of_trained_tokens
from workbench.engine.train import state as stored
from workbench.engine.train.attribution import Attribution
from workbench.engine.train.micro_batch import batch_of
from workbench.engine.train.telemetry import Telemetry

ONLY_AT_THE_END = 1_000_000_000
TRAINER_STATE = "trainer_state.json"


def arguments(
    recipe: Recipe, device: Device, folder: Path, total_steps: int, batch: tuple[int, int] | None = None
) -> SFTConfig:
    """What TRL is given; `total_steps` 0 goes by epochs. `batch` is micro-batch and accumulation, else the recipe's."""
    training, evaluation = recipe.training, recipe.evaluation
    compute = recipe.model.compute_dtype
    micro_batch, accumulation = batch or (training.batch_size, training.accumulation)
    # On a CPU autocast costs more in conversions than it saves; the weights are in the compute type already.
    mixes = device.kind == "cuda" or recipe.model.precision == "fp32"
    config = SFTConfig(
        output_dir=str(folder),
        max_steps=total_steps or -1,
        num_train_epochs=training.epochs,
        learning_rate=training.learning_rate,
        per_device_train_batch_size=micro_batch,
        per_device_eval_batch_size=training.batch_size,
        gradient_accumulation_steps=accumulation,
        max_length=training.max_length,
        packing=training.packing,
        # The rows are tokens and labels already, packed where they are to be.
        dataset_kwargs={"skip_prepare_dataset": True},
        optim=training.optimizer,
        lr_scheduler_type=training.schedule,
        # transformers reads a value below 1 as a share of the steps.
        warmup_steps=training.warmup,
        weight_decay=training.weight_decay,
        max_grad_norm=training.max_grad_norm,
        gradient_checkpointing=training.gradient_checkpointing,
        bf16=compute == "bf16" and mixes,
        fp16=compute == "fp16",
        use_cpu=device.kind == "cpu",
        seed=training.seed,
        data_seed=training.seed,
        logging_steps=training.logging_steps,
        # The default hides NaN behind the running average.
        logging_nan_inf_filter=False,
        eval_strategy="steps" if evaluation.every_steps else "no",
        eval_steps=evaluation.every_steps or None,
        metric_for_best_model="loss",
        greater_is_better=False,
        save_strategy="steps",
        save_steps=training.save_steps or ONLY_AT_THE_END,
        save_total_limit=None,
        report_to=[],
        disable_tqdm=True,
        dataloader_pin_memory=device.kind == "cuda",
    )
    # Read first, because it sets n_gpu to the cards there are: transformers would wrap the model for all of them.
    if config.device.type == "cuda":
        config._n_gpu = min(config.n_gpu, 1)
    return config


class WorkbenchTrainer(SFTTrainer):
    """Saves whole checkpoints without pickles, counts tokens, and writes the journal."""

    model: Any
    model_wrapped: Any
    optimizer: Any
    lr_scheduler: Any

    def __init__(
        self, job: Job, device: Device, model: Any, tokenizer: Any, train: Dataset, held_out: Dataset | None, total: int
    ) -> None:
        self.job = job
        self._device = device
        self._said_not_a_number = False
        self.is_dry = False  # engine/train/dry_run.py
        self.telemetry = Telemetry(job, device)
        # trl rounds them to BF16 on a quantized model (sft_trainer.py of 1.16); one that goes on would lose digits.
        own = {name: each.data for name, each in model.named_parameters() if each.requires_grad}
        super().__init__(
            model=model,
            args=arguments(job.recipe, device, job.run.path, total, batch_of(job, job.recipe.training)),
            train_dataset=train,
            eval_dataset=held_out,
            processing_class=tokenizer,
            callbacks=[self.telemetry, Attribution(job, device, self.telemetry)],
        )
        self.remove_callback(PrinterCallback)
        self._forward = self.model.__dict__.get("forward")  # before accelerate wraps it in autocast
        patience = job.recipe.evaluation.early_stopping_patience
        if patience:
            self.add_callback(EarlyStoppingCallback(early_stopping_patience=patience))
        if isinstance(self.model, PeftModel):
            for name, parameter in self.model.named_parameters():
                parameter.data = own.get(name, parameter.data)
            set_adapter_dtype(self.model, job.recipe)

    # -- the step -----------------------------------------------------------------------------------------------------

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The mean cross-entropy over the trained tokens.

        On a CPU the head is multiplied only where a token is trained on; TRL does that on cards alone, and reads three
        figures back from the device at each micro-batch.
        """
        self.telemetry.count(inputs)
        if self._device.kind == "cuda" or return_outputs or self.aux_loss_enabled:
            loss = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        else:
            loss = loss_of_trained_tokens(model, inputs, num_items_in_batch)
        self.telemetry.reached("first forward")
        return loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        if self.is_dry:
            self._metrics["train"].clear()
            return
        if not math.isfinite(logs.get("loss", 0.0)) and not self._said_not_a_number:
            self._said_not_a_number = True
            self.job.notice(
                f"The loss of step {self.state.global_step} is not a number: the learning rate is too high, or the "
                "data or the model hold one. Checkpoints before it are good."
            )
        super().log(logs, start_time)

    def training_step(self, *given: Any, **named: Any) -> torch.Tensor:
        """The loss of a micro-batch, shape (), once it has gone backward."""
        loss = super().training_step(*given, **named)
        self.telemetry.reached("first backward")
        return loss

    def evaluate(self, *given: Any, **named: Any) -> dict[str, float]:
        with self.telemetry.away("evaluate"):
            metrics = super().evaluate(*given, **named)
        loss = metrics["eval_loss"]
        best = self.state.best_metric
        self.job.emit(Evaluated(step=self.state.global_step, loss=loss, is_best=best is None or loss < best))
        return metrics

    def _determine_best_metric(self, metrics: dict[str, float], trial: Any) -> bool:
        is_best = super()._determine_best_metric(metrics, trial)
        if is_best and self.job.recipe.evaluation.keep_best:
            self.control.should_save = True
        return is_best

    # -- another beginning --------------------------------------------------------------------------------------------

    def set_batch(self, micro_batch: int, accumulation: int) -> None:
        """What the next call of `train` takes at once, and how many of them make a step."""
        self.args.per_device_train_batch_size = self._train_batch_size = micro_batch
        self.args.gradient_accumulation_steps = accumulation

    def start_anew(self) -> None:
        """Lets go of optimizer, schedule and gradients, which the next call of `train` makes again."""
        # accelerate's unwrap_model takes off the model's own decorators as well.
        for name in ("_original_forward", "_is_accelerate_prepared"):
            self.model.__dict__.pop(name, None)
        if self._forward is None:
            self.model.__dict__.pop("forward", None)
        else:
            self.model.forward = self._forward
        self.model_wrapped = self.model
        self.model.zero_grad()
        self.optimizer = self.lr_scheduler = None
        self.control = TrainerControl()
        self.accelerator.free_memory()
        for name in ("model", "optimizer", "lr_scheduler", "train_dataloader"):
            setattr(self.callback_handler, name, getattr(self, name, None))
        self._metrics["train"].clear()
        self._total_train_tokens = 0

    def save_step(self) -> None:
        """Writes the checkpoint of the step that has been reached."""
        self._save_checkpoint(self.model, None)

    # -- checkpoints --------------------------------------------------------------------------------------------------

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        step = self.state.global_step
        with self.telemetry.away("save"):
            try:
                folder = checkpoints.write(self.job.run.checkpoints, step, self._fill)
            except (OSError, SafetensorError) as error:
                kept = checkpoints.steps(self.job.run.checkpoints)
                left = f"{kept[-1][1].name} is the newest there is" if kept else "there is none yet"
                reason = getattr(error, "strerror", None) or error
                self.job.notice(
                    f"The checkpoint of step {step} could not be written: {reason}. Training goes on; {left}."
                )
                return
            size = sum(path.stat().st_size for path in folder.iterdir())
            self.job.emit(CheckpointSaved(step=step, folder=folder.name, size_bytes=size))
            best = {checkpoints.folder_name(self.state.best_global_step)} if self.state.best_global_step else set()
            checkpoints.rotate(self.job.run.checkpoints, self.job.recipe.training.keep_checkpoints, best)

    def _fill(self, folder: Path) -> None:
        keep = {"save_embedding_layers": False} if isinstance(self.model, PeftModel) else {}
        self.model.save_pretrained(folder, safe_serialization=True, **keep)
        stored.save(folder, "optimizer", self.optimizer.state_dict())
        stored.save(folder, "schedule", self.lr_scheduler.state_dict())
        stored.save(folder, "random", stored.random_state())
        if self.accelerator.scaler is not None:
            stored.save(folder, "scaler", self.accelerator.scaler.state_dict())
        for callback in self.callback_handler.callbacks:
            if isinstance(callback, EarlyStoppingCallback):
                self.state.stateful_callbacks[type(callback).__name__] = callback.state()
        self.state.save_to_json(str(folder / TRAINER_STATE))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        load_weights(self.model, Path(resume_from_checkpoint))

    def _load_best_model(self) -> None:
        raise NotImplementedError  # load_best_model_at_end is never set: best_checkpoint() says where the best one is

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            self.optimizer.load_state_dict(stored.load(Path(checkpoint), "optimizer"))
            _page_again(getattr(self.optimizer, "optimizer", self.optimizer))
            self.lr_scheduler.load_state_dict(stored.load(Path(checkpoint), "schedule"))
            for callback in self.callback_handler.callbacks:
                kept = self.state.stateful_callbacks.get(type(callback).__name__)
                if isinstance(callback, EarlyStoppingCallback) and isinstance(kept, dict):
                    callback.early_stopping_patience_counter = kept["attributes"]["early_stopping_patience_counter"]

    def _load_scaler(self, checkpoint: str | None) -> None:
        if checkpoint is not None and (Path(checkpoint) / "scaler.json").exists():
            self.accelerator.scaler.load_state_dict(stored.load(Path(checkpoint), "scaler"))

    def _load_rng_state(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            stored.set_random_state(stored.load(Path(checkpoint), "random"))

    def planned_steps(self) -> int:
        """Optimizer steps in all, by steps or by epochs."""
        return int(self.set_initial_training_values(self.args, self.get_train_dataloader())[-1])

    def take_up(self, folder: Path) -> None:
        """Takes the weights and the step count of a checkpoint that has nothing left to train."""
        load_weights(self.model, folder)
        self.state = TrainerState.load_from_json(str(folder / TRAINER_STATE))
        self.state.max_steps = self.state.global_step

    def best_checkpoint(self) -> Path | None:
        """The checkpoint of the lowest evaluation loss, where it verifies."""
        if not self.state.best_global_step:
            return None
        folder = self.job.run.checkpoints / checkpoints.folder_name(self.state.best_global_step)
        return None if checkpoints.problem(folder) else folder


def load_weights(model: Any, folder: Path) -> None:
    """Puts a checkpoint's weights into the model, in place."""
    if isinstance(model, PeftModel):
        # load_adapter would replace the parameters that the optimizer holds by new ones of the file's type.
        from peft import set_peft_model_state_dict

        set_peft_model_state_dict(model, load_file(folder / "adapter_model.safetensors"))
        return
    state: dict[str, torch.Tensor] = {}
    for path in sorted(folder.glob("model*.safetensors")):
        state.update(load_file(path))
    result = model.load_state_dict(state, strict=False)
    tied = set(model.all_tied_weights_keys or ())  # stored once
    if result.unexpected_keys or set(result.missing_keys) - tied:
        raise ValueError(
            f"{folder.name} holds other weights than the model: {[*result.unexpected_keys, *result.missing_keys][:3]}"
        )
    model.tie_weights()


def _page_again(optimizer: Any) -> None:
    """Puts a paged optimizer's states back into pages: bitsandbytes (0.50) loads them as plain tensors of the card."""
    if not getattr(optimizer, "is_paged", False):
        return
    for parameter, states in optimizer.state.items():
        for name in ("state1", "state2"):
            if parameter.is_cuda and name in states:
                page = optimizer.get_state_buffer(parameter, dtype=states[name].dtype)
                page.copy_(states[name])
                states[name] = page


def trained_steps(folder: Path) -> int:
    """The step a checkpoint was written at."""
    return int(folder.name.removeprefix("step-"))
