"""The train job: from a recipe to an adapter."""

import warnings
from pathlib import Path
from typing import Any

import datasets
import torch
import transformers
from peft import PeftModel
from transformers import PreTrainedTokenizerBase

from workbench.core import sources
from workbench.core.data import rows as data_rows
from workbench.core.data.rows import Rows
from workbench.core.job import checkpoints
from workbench.core.job.events import Ended, Milestone, Planned, Resumed, Sample, Scored
from workbench.core.memory import corrections
from workbench.core.model import folder as model_folder
from workbench.core.problems import UserError
from workbench.core.recipe import rules
from workbench.core.recipe.recipe import QUANTIZED
from workbench.engine.job import devices
from workbench.engine.job.folders import sweep, whole_folder
from workbench.engine.job.job import Job, Ordered
from workbench.engine.model import answers, load, packing, starter, tokens
from workbench.engine.model.fetch import fetch_from_hub
from workbench.engine.train import card, dry_run, healing, prediction
from workbench.engine.train import checks as train_checks
from workbench.engine.train.trainer import WorkbenchTrainer, load_weights, trained_steps


def run(job: Job) -> Ended:
    """Does the whole job and returns how it ended. Raises UserError and Ordered."""
    _quiet_libraries()
    recipe = job.recipe
    device = devices.choose(recipe.model.device)
    problems = rules.check(recipe, device.for_rules)
    rules.refuse(problems)
    for problem in problems:
        job.notice(str(problem))
    train_checks.check_optimizer(recipe.training.optimizer)
    transformers.set_seed(recipe.training.seed)
    free = prediction.free_bytes(device, device.memory())

    train_rows, held_out_rows = _read_rows(job)
    score_rows = _read(job, recipe.evaluation.score_path) if recipe.evaluation.score_path else None
    folder, base = model_source(job)
    facts = model_folder.inspect(folder)
    if not facts.has_tokenizer:
        raise UserError(f"{folder} has no tokenizer.", remedy="Put the model's tokenizer.json beside its weights.")
    tokenizer = load.load_tokenizer(folder)
    job.phase("tokenize", len(train_rows.rows) + len(held_out_rows.rows if held_out_rows else ()), "rows")
    train_tokens = tokens.tokenize(train_rows, tokenizer, recipe, job.progress)
    held_out_tokens = None
    if held_out_rows:
        held_out_tokens = tokens.tokenize(
            held_out_rows, tokenizer, recipe, lambda done: job.progress(len(train_rows.rows) + done)
        )

    job.phase("quantize" if recipe.model.precision in QUANTIZED else "load", unit="tensors")
    model: Any = load.load_model(folder, recipe, device, job.progress)
    total_parameters = facts.parameters or sum(parameter.numel() for parameter in model.parameters())
    job.emit(Milestone(name="after load", memory=device.memory()))
    if model.config._attn_implementation != recipe.model.attention:
        job.notice(f"This model has no {recipe.model.attention} attention; eager is used.")
    if recipe.training.packing and packing.mixes_rows(model):
        raise UserError(
            "training.packing: in this model, rows packed into one sequence would see each other.",
            why="It takes no positions that start anew.",
            remedy="Set training.packing = false.",
        )
    if recipe.lora.enabled:
        model = load.add_adapter(model, recipe)
        job.emit(Milestone(name="after adapter", memory=device.memory()))
    trainer = WorkbenchTrainer(job, device, model, tokenizer, train_tokens, held_out_tokens, _total_steps(job))

    trainer.telemetry.free_at_start_bytes = free
    train_checks.check_space(job, model)
    checkpoint = _checkpoint(job)
    asked = _prompts(job, tokenizer, train_rows, held_out_rows, score_rows)
    scored = answers.prompts_of(score_rows, tokenizer, recipe, recipe.evaluation.score_group) if score_rows else []
    packed = trainer.train_dataset
    job.emit(
        Planned(
            device=device.name,
            steps=trainer.planned_steps(),
            from_step=checkpoint[1],
            rows=len(train_rows.rows),
            sequences=len(packed),
            tokens=sum(len(ids) for ids in packed["input_ids"]),
            trained_tokens=sum(sum(label != tokens.IGNORED for label in labels) for labels in packed["labels"]),
            trainable_parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
            parameters=total_parameters,
            data_sha256=train_rows.sha256,
        )
    )
    told = prediction.predicted(recipe, folder, device, packed, trainer.args.per_device_train_batch_size, free)
    if told is not None:
        job.emit(told)
    if dry_run.is_wanted(recipe.training.dry_run, recipe.training.optimizer, told):
        dry_run.run(job, device, trainer, told)
    _answer_before(job, model, tokenizer, asked, scored)
    trainer.telemetry.sample = lambda step: answers.write_samples(job, model, tokenizer, asked, "during", step)
    return _train(job, trainer, checkpoint[0], asked, scored, base)


def _train(
    job: Job,
    trainer: WorkbenchTrainer,
    checkpoint: Path | None,
    asked: list[answers.Prompt],
    scored: list[answers.Prompt],
    base: str,
) -> Ended:
    job.phase("train")
    job.orders.takes_stops = True
    if checkpoint is not None and trained_steps(checkpoint) >= trainer.planned_steps():
        # Killed after its last checkpoint: transformers would train one step more before it looks.
        trainer.take_up(checkpoint)
    else:
        healing.train(job, trainer, checkpoint)
    telemetry = trainer.telemetry
    telemetry.reached("peak")
    step = job.step = trainer.state.global_step
    if job.orders.is_cancelled:
        raise Ordered("cancelled")
    was_stopped = job.orders.is_stopped and step < trainer.state.max_steps
    model, tokenizer = trainer.model, trainer.processing_class
    best = trainer.best_checkpoint() if job.recipe.evaluation.keep_best else None
    if best is not None:
        load_weights(model, best)
    if not was_stopped:
        _finish(job, trainer, asked, scored)
    train_seconds, train_tokens = job.run.history().trained()
    ended = Ended(
        state="stopped" if was_stopped else "finished",
        step=step,
        train_seconds=train_seconds,
        tokens_per_second=train_tokens / train_seconds if train_seconds else 0.0,
        peak_memory_bytes=telemetry.peak_bytes(),
        adapter=str(job.run.adapter if job.recipe.lora.enabled else job.run.model),
    )
    job.announce("save")
    _write_result(job, model, tokenizer, base, ended)
    _learn(job, ended)
    return ended


def _learn(job: Job, ended: Ended) -> None:
    """Lets the next prediction know how far off this one was."""
    history = job.run.history()
    history.add([ended])
    try:
        corrections.add(job.run.name, history)
    except UserError as error:
        job.notice(str(error))


def _finish(job: Job, trainer: WorkbenchTrainer, asked: list[answers.Prompt], scored: list[answers.Prompt]) -> None:
    """What is measured of the trained model: its evaluation loss, samples and exact match."""
    model, tokenizer, step = trainer.model, trainer.processing_class, trainer.state.global_step
    if trainer.eval_dataset is not None and not job.recipe.evaluation.every_steps:
        trainer.evaluate()
    if asked and not job.orders.is_stopped:
        job.phase("sample", len(asked), "prompts")
        answers.write_samples(job, model, tokenizer, asked, "after", step)
    if scored and not job.orders.is_stopped:
        job.phase("score", len(scored), "prompts")
        answers.write_scores(job, model, tokenizer, scored, "after", step)


def _write_result(job: Job, model: Any, tokenizer: PreTrainedTokenizerBase, base: str, ended: Ended) -> None:
    if isinstance(model, PeftModel):
        model.peft_config["default"].base_model_name_or_path = base
    with whole_folder(Path(ended.adapter)) as folder:
        # "auto" would ask the Hub whether the base model's vocabulary is another one.
        keep = {"save_embedding_layers": False} if isinstance(model, PeftModel) else {}
        model.save_pretrained(folder, safe_serialization=True, **keep)
        tokenizer.save_pretrained(folder)
        card.write(folder, job, base, job.run.history(), ended)


def model_source(job: Job) -> tuple[Path, str]:
    """The folder of the recipe's model, fetched where it has to be, and the name others know it by."""
    source = job.recipe.model.source
    if source == "starter":
        return starter.fetch_starter(job), starter.HUB_ID
    path = sources.model_path(source)
    if path is not None:
        return path, str(path.resolve())
    return fetch_from_hub(job, source, job.recipe.model.revision), source


def _read(job: Job, path: str) -> Rows:
    return data_rows.read(sources.data_path(path), job.recipe.data)


def _read_rows(job: Job) -> tuple[Rows, Rows | None]:
    """The rows to train on and those held out, split by the seed where a share is held out."""
    evaluation = job.recipe.evaluation
    rows = _read(job, job.recipe.data.path)
    if evaluation.path:
        return rows, _read(job, evaluation.path)
    if not evaluation.fraction:
        return rows, None
    count = max(1, round(len(rows.rows) * evaluation.fraction))
    if count >= len(rows.rows):
        raise UserError(
            f"{rows.path.name} has {len(rows.rows)} rows: nothing is left to train on once {count} are held out.",
            remedy="Lower evaluation.fraction, or give a file with more rows.",
        )
    order = torch.randperm(len(rows.rows), generator=torch.Generator().manual_seed(job.recipe.training.seed)).tolist()
    return rows.part(sorted(order[count:])), rows.part(sorted(order[:count]))


def _prompts(
    job: Job, tokenizer: PreTrainedTokenizerBase, train: Rows, held_out: Rows | None, scored: Rows | None
) -> list[answers.Prompt]:
    settings = job.recipe.samples
    if settings.prompts:
        return answers.plain_prompts(settings.prompts, tokenizer, job.recipe)
    rows = scored or held_out or train
    return answers.prompts_of(rows.part(list(range(min(settings.count, len(rows.rows))))), tokenizer, job.recipe)


def _answer_before(
    job: Job, model: Any, tokenizer: PreTrainedTokenizerBase, asked: list[answers.Prompt], scored: list[answers.Prompt]
) -> None:
    """Answers of the untrained model, once in a run's life."""
    earlier = [event for event in job.history if isinstance(event, Sample | Scored)]
    if asked and not any(isinstance(event, Sample) and not event.is_scored for event in earlier):
        job.phase("sample", len(asked), "prompts")
        answers.write_samples(job, model, tokenizer, asked, "before", 0)
    if scored and not any(isinstance(event, Scored) for event in earlier):
        job.phase("score", len(scored), "prompts")
        answers.write_scores(job, model, tokenizer, scored, "before", 0)


def _total_steps(job: Job) -> int:
    """Steps asked for, 0 where epochs decide; an "extend" order counts more than the recipe."""
    return job.orders.total_steps or job.recipe.training.max_steps


def _checkpoint(job: Job) -> tuple[Path | None, int]:
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


def _quiet_libraries() -> None:
    """Keeps console.log for what matters: progress is in the journal."""
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"transformers|trl|peft")
