"""Everything a training stands on, read and loaded: rows as tokens, the model with its adapter, the trainer."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import transformers

from workbench.core.job import checkpoints
from workbench.core.job.events import Milestone, Planned, Resumed
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.model import folder as model_folder
from workbench.core.model import shape as model_shape
from workbench.core.model.adapter_folder import (
    AdapterFolder,
    differing,
    refuse_without_lora,
    with_adapter,
)
from workbench.core.model.already_quantized import as_stored
from workbench.core.model.limits import limits_of
from workbench.core.problems import UserError
from workbench.core.recipe import rules
from workbench.core.recipe.recipe import QUANTIZED, stored_as
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared import tables
from workbench.core.tokens.prepared.preparing import WAYS
from workbench.core.whole_folder import sweep
from workbench.engine.job import devices
from workbench.engine.job.devices import Device
from workbench.engine.job.job import Job
from workbench.engine.model import load, packing, reach, tokenizer_file
from workbench.engine.model.answers import Asking, Prompt
from workbench.engine.model.model_source import model_source
from workbench.engine.model.weights_size import quantized_numbers
from workbench.engine.train import checks, prediction
from workbench.engine.train.data import datasets_of, first_rows, place_of, prepare_data, scored_rows
from workbench.engine.train.trackers.recording import refuse_missing
from workbench.engine.train.trainer import WorkbenchTrainer, trained_steps


@dataclass(frozen=True)
class Prepared:
    """A training that could begin now.

    Attributes:
        folder: The base model's.
        base: The name that others know the base model by.
        data: What was found in the rows; their tokens are mapped.
        trainer: With the model in its precision, its adapter, and the rows as tokens.
        checkpoint: The newest that is whole, to go on from; None for a beginning.
        asked: The prompts that are answered before, during and after the training.
        scored: The prompts whose answers are compared with what is expected, before and after.
    """

    job: Job
    device: Device
    folder: Path
    base: str
    data: DataPrepared
    trainer: WorkbenchTrainer
    checkpoint: Path | None
    asked: list[Prompt]
    scored: list[Prompt]


def prepare(job: Job) -> Prepared:
    """Reads, checks and loads what the recipe asks for, and says in the journal what is planned.

    Raises UserError for what a person can mend, and Ordered where a person wants the run to end.
    """
    _quiet_libraries()
    recipe = job.recipe
    device = _device(job)
    free_bytes = prediction.free_bytes(device, device.memory())
    found, base = model_source(job, recipe.model)
    folder, adapter = found.folder, found.adapter
    assert folder is not None, "what was not here has been fetched"
    if adapter is not None:
        _take_adapter(job, adapter, folder)
        recipe = job.recipe
    tokenizer_folder = found.tokenizer_folder or folder
    facts = model_folder.inspect_for_text(folder)
    tokenizer = tokenizer_file.load_tokenizer(tokenizer_folder, job.notice, folder)
    config = load.check_weights(folder, recipe)  # of headers alone: before rows are read for minutes
    if facts.quantized is not None:
        job.notice(f"The weights of {folder.name} are trained upon as they are stored, {facts.quantized.title}.")
        job.recipe = recipe = as_stored(recipe, facts.quantized)
    data = prepare_data(job, folder, tokenizer_folder)
    trained, held_out = datasets_of(data)
    limits = limits_of(folder)
    reach.refuse_rows_beyond(trained, tokenizer, limits, lambda number: place_of(data, tables.TRAINED, number))
    if held_out is not None:
        reach.refuse_rows_beyond(held_out, tokenizer, limits, lambda number: place_of(data, tables.HELD_OUT, number))
    text_tokenizer = kept_tokenizer.make(tokenizer_folder)
    tokenizer_file.wear_template(tokenizer, text_tokenizer, recipe, is_wrapped=data.way != WAYS["plain"])
    asking = Asking(text_tokenizer, recipe)
    scored = asking.of(scored_rows(job))
    asked = _prompts(job, data, scored, asking)
    reach.refuse_prompts_beyond([prompt.ids for prompt in (*asked, *scored)], tokenizer, limits)
    model = _load_model(job, device, folder, config)
    parameters = facts.parameters or sum(parameter.numel() for parameter in model.parameters())
    if recipe.lora.enabled:
        model = load.add_adapter(model, recipe, adapter.path if adapter is not None else None)
        job.emit(Milestone(name="after adapter", memory=device.memory()))
    trainer = WorkbenchTrainer(job, device, model, tokenizer, trained, held_out, _total_steps(job))
    trainer.telemetry.free_at_start_bytes = free_bytes
    checks.check_space(job, model)
    checkpoint, from_step = _newest_checkpoint(job)
    job.emit(_planned(trainer, device, data, from_step, parameters))
    return Prepared(job, device, folder, base, data, trainer, checkpoint, asked, scored)


def _quiet_libraries() -> None:
    """Keeps console.log for what matters: progress is in the journal."""
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"transformers|trl|peft")


def _device(job: Job) -> Device:
    """The device the recipe chooses, once its rules are obeyed there. Raises UserError."""
    recipe = job.recipe
    device = devices.choose(recipe.model.device)
    problems = rules.check(recipe, device.for_rules)
    rules.refuse(problems)
    for problem in problems:
        job.notice(str(problem))
    checks.check_optimizer(recipe.training.optimizer)
    refuse_missing(recipe)
    transformers.set_seed(recipe.training.seed)
    return device


# -- rows --------------------------------------------------------------------------------------------------------------


def _prompts(job: Job, data: DataPrepared, scored: list[Prompt], asking: Asking) -> list[Prompt]:
    """What is asked of the model as it trains: the recipe's prompts, else the first of the rows that are kept apart."""
    settings = job.recipe.samples
    if settings.prompts:
        return asking.plain(settings.prompts)
    if scored:
        return scored[: settings.count]
    return asking.of(first_rows(job, data, settings.count))


# -- the model ---------------------------------------------------------------------------------------------------------


def _take_adapter(job: Job, adapter: AdapterFolder, folder: Path) -> None:
    """Lets the adapter's own rank, alpha and layers count from here on, and says where the recipe has others."""
    refuse_without_lora(job.recipe, adapter)
    job.notice(f"The adapter in {adapter.path} is trained further, on its base {adapter.base}.")
    if said := differing(job.recipe, adapter, model_shape.from_folder(folder).linear_names):
        job.notice(said)
    job.recipe = with_adapter(job.recipe, adapter)


def _load_model(job: Job, device: Device, folder: Path, config: transformers.PretrainedConfig) -> Any:
    """The base model in the recipe's precision. Raises UserError where packed rows would see each other in it."""
    recipe = job.recipe
    job.phase("quantize" if recipe.model.precision in QUANTIZED else "load", unit="tensors")
    model: Any = load.load_model(folder, recipe, device, job.progress, config)
    job.emit(Milestone(name="after load", memory=device.memory()))
    if model.config._attn_implementation != recipe.model.attention:
        job.notice(f"This model has no {recipe.model.attention} attention; eager is used.")
    if recipe.training.packing and packing.mixes_rows(model):
        raise UserError(
            "training.packing: in this model, rows packed into one sequence would see each other.",
            why="It takes no positions that start anew.",
            remedy="Set training.packing = false.",
        )
    return model


# -- the plan ----------------------------------------------------------------------------------------------------------


def _total_steps(job: Job) -> int:
    """Steps asked for, 0 where epochs decide; an "extend" order counts more than the recipe."""
    return job.orders.total_steps or job.recipe.training.max_steps


def _newest_checkpoint(job: Job) -> tuple[Path | None, int]:
    """The newest checkpoint that verifies and its step; says what was skipped."""
    sweep(job.run.path)
    checkpoints.sweep(job.run.checkpoints)
    folder, skipped = checkpoints.newest_whole(job.run.checkpoints)
    checkpoints.discard(skipped)
    reasons = [f"{entry.folder.name}: {entry.reason}" for entry in skipped]
    if folder is None:
        if reasons:
            job.emit(Resumed(step=0, folder="", skipped=reasons))
        return None, 0
    step = trained_steps(folder)
    job.emit(Resumed(step=step, folder=folder.name, skipped=reasons))
    job.step = step
    return folder, step


def _planned(trainer: WorkbenchTrainer, device: Device, data: DataPrepared, from_step: int, parameters: int) -> Planned:
    return Planned(
        device=device.name,
        steps=trainer.planned_steps(),
        from_step=from_step,
        rows=data.used,
        sequences=data.sequences,
        tokens=data.tokens,
        trained_tokens=data.trained_tokens,
        trainable_parameters=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        parameters=parameters,
        data_sha256=data.data_sha256,
        stored_as=stored_as(trainer.job.recipe, quantized_numbers(trainer.model) / max(1, parameters)),
    )
