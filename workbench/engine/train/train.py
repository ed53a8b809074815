"""The train job: from a recipe to an adapter."""

from pathlib import Path
from typing import Any, Literal

from peft import PeftModel
from transformers import PreTrainedTokenizerBase

from workbench.core.job.events import Ended, Sample, Scored
from workbench.core.memory import corrections
from workbench.core.problems import UserError
from workbench.core.whole_folder import whole_folder
from workbench.engine.job.job import Job, Ordered
from workbench.engine.model import answers
from workbench.engine.train import card, dry_run, healing, prediction
from workbench.engine.train.prepare import Prepared, prepare
from workbench.engine.train.trackers.recording import recording
from workbench.engine.train.trainer import load_weights, trained_steps


def run(job: Job) -> Ended:
    """Does the whole job and returns how it ended. Raises UserError and Ordered."""
    prepared = prepare(job)
    with recording(job, trained_steps(prepared.checkpoint) if prepared.checkpoint is not None else 0):
        predict(prepared)
        train(prepared)
        return finish(prepared)


def predict(prepared: Prepared) -> None:
    """Says what memory the run will take, and tries two steps where that is asked for or not safe."""
    job, device, trainer = prepared.job, prepared.device, prepared.trainer
    predicted = prediction.predicted(
        job.recipe,
        prepared.folder,
        device,
        prepared.data,
        trainer.args.per_device_train_batch_size,
        trainer.telemetry.free_at_start_bytes,
    )
    if predicted is not None:
        job.emit(predicted)
    if dry_run.is_wanted(job.recipe.training.dry_run, job.recipe.training.optimizer, predicted):
        dry_run.run(job, device, trainer, predicted)


def train(prepared: Prepared) -> None:
    """Answers with the untrained model, then trains to the end or to an order. Raises Ordered where it is cancelled."""
    job, trainer = prepared.job, prepared.trainer
    model, tokenizer = trainer.model, trainer.processing_class
    _answer_before(prepared)
    trainer.telemetry.sample = lambda step: answers.write_samples(job, model, tokenizer, prepared.asked, "during", step)
    job.phase("train")
    job.orders.takes_stops = True
    checkpoint = prepared.checkpoint
    if checkpoint is not None and trained_steps(checkpoint) >= trainer.planned_steps():
        # Killed after its last checkpoint: transformers would train one step more before it looks.
        trainer.take_up(checkpoint)
    else:
        healing.train(job, trainer, checkpoint)
    trainer.telemetry.reached("peak")
    job.step = trainer.state.global_step
    if job.orders.is_cancelled:
        raise Ordered("cancelled")


def finish(prepared: Prepared) -> Ended:
    """Measures what the training has brought, and writes the adapter, or the model of a full training."""
    job, trainer = prepared.job, prepared.trainer
    was_stopped = job.orders.is_stopped and job.step < trainer.state.max_steps
    best = trainer.best_checkpoint() if job.recipe.evaluation.keep_best else None
    if best is not None:
        load_weights(trainer.model, best)
    if not was_stopped:
        _measure(prepared)
    train_seconds, train_tokens = job.run.history().trained()
    ended = Ended(
        state="stopped" if was_stopped else "finished",
        step=job.step,
        train_seconds=train_seconds,
        tokens_per_second=train_tokens / train_seconds if train_seconds else 0.0,
        peak_memory_bytes=trainer.telemetry.peak_bytes(),
        adapter=str(job.run.adapter if job.recipe.lora.enabled else job.run.model),
    )
    job.announce("save")
    _write_result(job, trainer.model, trainer.processing_class, prepared.base, ended)
    _learn(job, ended)
    return ended


def _answer_before(prepared: Prepared) -> None:
    """Answers of the untrained model, once in a run's life."""
    job = prepared.job
    earlier = [event for event in job.history if isinstance(event, Sample | Scored)]
    if not any(isinstance(event, Sample) and not event.is_scored for event in earlier):
        _write_samples(prepared, "before")
    if not any(isinstance(event, Scored) for event in earlier):
        _write_scores(prepared, "before")


def _measure(prepared: Prepared) -> None:
    """What is measured of the trained model: its evaluation loss, samples and exact match."""
    job, trainer = prepared.job, prepared.trainer
    if trainer.eval_dataset is not None and not job.recipe.evaluation.every_steps:
        trainer.evaluate()
    if not job.orders.is_stopped:
        _write_samples(prepared, "after")
    if not job.orders.is_stopped:
        _write_scores(prepared, "after")


def _write_samples(prepared: Prepared, moment: answers.When) -> None:
    job, trainer = prepared.job, prepared.trainer
    if prepared.asked:
        job.phase("sample", len(prepared.asked), "prompts")
        step = 0 if moment == "before" else job.step
        answers.write_samples(job, trainer.model, trainer.processing_class, prepared.asked, moment, step)


def _write_scores(prepared: Prepared, moment: Literal["before", "after"]) -> None:
    job, trainer = prepared.job, prepared.trainer
    if prepared.scored:
        job.phase("score", len(prepared.scored), "prompts")
        step = 0 if moment == "before" else job.step
        answers.write_scores(job, trainer.model, trainer.processing_class, prepared.scored, moment, step)


def _write_result(job: Job, model: Any, tokenizer: PreTrainedTokenizerBase, base: str, ended: Ended) -> None:
    if isinstance(model, PeftModel):
        model.peft_config["default"].base_model_name_or_path = base
    with whole_folder(Path(ended.adapter)) as folder:
        # "auto" would ask the Hub whether the base model's vocabulary is another one.
        keep = {"save_embedding_layers": False} if isinstance(model, PeftModel) else {}
        model.save_pretrained(folder, safe_serialization=True, **keep)
        tokenizer.save_pretrained(folder)
        card.write(folder, job, base, job.run.history(), ended)


def _learn(job: Job, ended: Ended) -> None:
    """Lets the next prediction know how far off this one was."""
    history = job.run.history()
    history.add([ended])
    try:
        corrections.add(job.run.name, history)
    except UserError as error:
        job.notice(str(error))
