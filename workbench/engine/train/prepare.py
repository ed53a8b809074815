"""Everything a training stands on, read and loaded: rows as tokens, the model with its adapter, the trainer."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets
import torch
import transformers
from datasets import Dataset
from transformers import PreTrainedTokenizerBase

from workbench.core import sources
from workbench.core.data import rows as data_rows
from workbench.core.data.rows import Rows
from workbench.core.job import checkpoints
from workbench.core.job.events import Milestone, Planned, Resumed
from workbench.core.model import folder as model_folder
from workbench.core.model.adapter_folder import (
    AdapterFolder,
    FoundModel,
    differing,
    find_model,
    refuse_without_lora,
    with_adapter,
)
from workbench.core.model.limits import limits_of
from workbench.core.problems import UserError
from workbench.core.recipe import rules
from workbench.core.recipe.recipe import QUANTIZED
from workbench.engine.fetch.datasets import fetch_datasets
from workbench.engine.job import devices
from workbench.engine.job.devices import Device
from workbench.engine.job.folders import sweep
from workbench.engine.job.job import Job
from workbench.engine.model import answers, load, packing, reach, starter, tokenizer_file, tokens
from workbench.engine.model.answers import Prompt
from workbench.engine.model.fetch import fetch_from_hub
from workbench.engine.train import checks, prediction
from workbench.engine.train.trainer import WorkbenchTrainer, trained_steps


@dataclass(frozen=True)
class Prepared:
    """A training that could begin now.

    Attributes:
        folder: The base model's.
        base: The name that others know the base model by.
        trainer: With the model in its precision, its adapter, and the rows as tokens.
        checkpoint: The newest that is whole, to go on from; None for a beginning.
        asked: The prompts that are answered before, during and after the training.
        scored: The prompts whose answers are compared with what is expected, before and after.
    """

    job: Job
    device: Device
    folder: Path
    base: str
    trainer: WorkbenchTrainer
    checkpoint: Path | None
    asked: list[Prompt]
    scored: list[Prompt]


@dataclass(frozen=True)
class _AllRows:
    """What the recipe's data files hold, by what it is for; `sha256` is of the file the trained rows are from."""

    trained: Rows
    sha256: str
    held_out: Rows | None
    scored: Rows | None


def prepare(job: Job) -> Prepared:
    """Reads, checks and loads what the recipe asks for, and says in the journal what is planned.

    Raises UserError for what a person can mend, and Ordered where a person wants the run to end.
    """
    _quiet_libraries()
    recipe = job.recipe
    device = _device(job)
    free_bytes = prediction.free_bytes(device, device.memory())
    fetch_datasets(job, recipe)
    rows = _read_rows(job)
    found, base = model_source(job)
    folder, adapter = found.folder, found.adapter
    assert folder is not None, "what was not here has been fetched"
    if adapter is not None:
        _take_adapter(job, adapter)
        recipe = job.recipe
    facts = model_folder.inspect_for_text(folder)
    tokenizer = tokenizer_file.load_tokenizer(found.tokenizer_folder or folder, job.notice, folder)
    load.check_weights(folder, recipe)  # of headers alone: before rows are read for minutes
    trained, held_out = _tokenized(job, rows, tokenizer)
    limits = limits_of(folder)
    for dataset in filter(None, (trained, held_out)):
        reach.refuse_rows_beyond(dataset, tokenizer, limits, recipe.training.max_length)
    asked = _prompts(job, tokenizer, rows)
    scored = answers.prompts_of(rows.scored, tokenizer, recipe) if rows.scored else []
    reach.refuse_prompts_beyond([prompt.given for prompt in (*asked, *scored)], tokenizer, limits)
    model = _load_model(job, device, folder)
    parameters = facts.parameters or sum(parameter.numel() for parameter in model.parameters())
    if recipe.lora.enabled:
        model = load.add_adapter(model, recipe, adapter.path if adapter is not None else None)
        job.emit(Milestone(name="after adapter", memory=device.memory()))
    trainer = WorkbenchTrainer(job, device, model, tokenizer, trained, held_out, _total_steps(job))
    trainer.telemetry.free_at_start_bytes = free_bytes
    checks.check_space(job, model)
    checkpoint, from_step = _newest_checkpoint(job)
    job.emit(_planned(trainer, device, rows, from_step, parameters))
    return Prepared(job, device, folder, base, trainer, checkpoint, asked, scored)


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
    transformers.set_seed(recipe.training.seed)
    return device


# -- rows --------------------------------------------------------------------------------------------------------------


def _read_rows(job: Job) -> _AllRows:
    """The rows to train on and those held out, split by the seed where a share is held out. Raises UserError."""
    evaluation = job.recipe.evaluation
    data = job.recipe.data
    rows = data_rows.read(data)
    sha256 = rows.sha256()  # at once: loading a model takes minutes, in which the file may change or go
    if evaluation.path:
        trained, held_out = rows, data_rows.read(data_rows.settings_at(data, evaluation.path))
    elif evaluation.fraction:
        trained, held_out = _split(rows, evaluation.fraction, job.recipe.training.seed)
    else:
        trained, held_out = rows, None
    scored = None
    if evaluation.score_path:
        scored = data_rows.read(data_rows.settings_at(data, evaluation.score_path, group=evaluation.score_group))
    return _AllRows(trained, sha256, held_out, scored)


def _split(rows: Rows, fraction: float, seed: int) -> tuple[Rows, Rows]:
    count = max(1, round(len(rows.rows) * fraction))
    if count >= len(rows.rows):
        raise UserError(
            f"{rows.name} has {len(rows.rows)} rows: nothing is left to train on once {count} are held out.",
            remedy="Lower evaluation.fraction, or give a file with more rows.",
        )
    order = torch.randperm(len(rows.rows), generator=torch.Generator().manual_seed(seed)).tolist()
    return rows.part(sorted(order[count:])), rows.part(sorted(order[:count]))


def _tokenized(job: Job, rows: _AllRows, tokenizer: PreTrainedTokenizerBase) -> tuple[Dataset, Dataset | None]:
    """Ids and labels of the rows to train on and of those held out, in one phase of the journal."""
    count = len(rows.trained.rows)
    job.phase("tokenize", count + len(rows.held_out.rows if rows.held_out else ()), "rows")
    trained = tokens.tokenize(rows.trained, tokenizer, job.recipe, job.progress)
    if not rows.held_out:
        return trained, None
    return trained, tokens.tokenize(rows.held_out, tokenizer, job.recipe, lambda done: job.progress(count + done))


def _prompts(job: Job, tokenizer: PreTrainedTokenizerBase, rows: _AllRows) -> list[Prompt]:
    """What is asked of the model as it trains: the recipe's prompts, else the first of the rows that are kept apart."""
    settings = job.recipe.samples
    if settings.prompts:
        return answers.plain_prompts(settings.prompts, tokenizer, job.recipe)
    first = rows.scored or rows.held_out or rows.trained
    count = min(settings.count, len(first.rows))
    return answers.prompts_of(first.part(list(range(count))), tokenizer, job.recipe)


# -- the model ---------------------------------------------------------------------------------------------------------


def model_source(job: Job) -> tuple[FoundModel, str]:
    """The recipe's model, fetched where it has to be, and the name that others know it by; of an adapter its base's."""
    folder, name = _fetched(job, job.recipe.model.source, job.recipe.model.revision)
    found = find_model(folder)
    if found.folder == folder:
        return found, name
    if found.folder is not None:
        is_of_hub = found.adapter is not None and found.adapter.is_of_hub
        return found, found.adapter.base if found.adapter and is_of_hub else str(found.folder.resolve())
    assert found.adapter is not None, "only an adapter's base may be elsewhere"
    base = found.adapter.base
    folder, name = _fetched(job, "starter" if base == starter.HUB_ID else base, "")
    return replace(found, folder=folder), name


def _take_adapter(job: Job, adapter: AdapterFolder) -> None:
    """Lets the adapter's own rank, alpha and layers count from here on, and says where the recipe has others."""
    refuse_without_lora(job.recipe, adapter)
    job.notice(f"The adapter in {adapter.path} is trained further, on its base {adapter.base}.")
    if said := differing(job.recipe, adapter):
        job.notice(said)
    job.recipe = with_adapter(job.recipe, adapter)


def _fetched(job: Job, source: str, revision: str) -> tuple[Path, str]:
    if source == "starter":
        return starter.fetch_starter(job), starter.HUB_ID
    path = sources.model_path(source)
    if path is not None:
        return path, str(path.resolve())
    return fetch_from_hub(job, source, revision), source


def _load_model(job: Job, device: Device, folder: Path) -> Any:
    """The base model in the recipe's precision. Raises UserError where packed rows would see each other in it."""
    recipe = job.recipe
    job.phase("quantize" if recipe.model.precision in QUANTIZED else "load", unit="tensors")
    model: Any = load.load_model(folder, recipe, device, job.progress)
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


def _planned(trainer: WorkbenchTrainer, device: Device, rows: _AllRows, from_step: int, parameters: int) -> Planned:
    packed = trainer.train_dataset
    return Planned(
        device=device.name,
        steps=trainer.planned_steps(),
        from_step=from_step,
        rows=len(rows.trained.rows),
        sequences=len(packed),
        tokens=sum(len(ids) for ids in packed["input_ids"]),
        trained_tokens=sum(sum(label != tokens.IGNORED for label in labels) for labels in packed["labels"]),
        trainable_parameters=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        parameters=parameters,
        data_sha256=rows.sha256,
    )
