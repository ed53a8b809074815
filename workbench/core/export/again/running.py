"""How the code trains, and keeps what came of it."""

from typing import Any

from workbench.core.export.again.training import Training, quoted
from workbench.core.export.cells import Cell, code, words

OUT = "checkpoints"


def training_words(training: Training) -> Cell:
    settings = training.recipe.training
    how_long = f"{training.steps:,} steps" if training.steps else f"{settings.epochs:g} epochs"
    rows = settings.batch_size * settings.accumulation
    thing = "sequences" if settings.packing else "rows"
    return words(
        "## The training",
        f"{how_long} of {rows:,} {thing if rows != 1 else thing[:-1]} each. The rows are tokens already, so the "
        "trainer is told to leave them as they are.",
    )


def _arguments(training: Training) -> dict[str, Any]:
    """What SFTConfig is given, by name: code where it is text that has no quotes."""
    recipe = training.recipe
    settings, evaluation = recipe.training, recipe.evaluation
    # On a processor the weights are in the compute type already.
    mixes = "True" if recipe.model.precision == "fp32" else 'DEVICE == "cuda"'
    given = {
        "output_dir": f'str(HERE / "{OUT}")',
        "max_steps": training.steps if training.steps else None,
        "num_train_epochs": None if training.steps else settings.epochs,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": quoted(settings.schedule),
        "warmup_steps": settings.warmup,
        "optim": quoted(settings.optimizer),
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_grad_norm,
        "per_device_train_batch_size": settings.batch_size,
        "per_device_eval_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.accumulation,
        "gradient_checkpointing": settings.gradient_checkpointing,
        "max_length": "MAX_LENGTH",
        "packing": settings.packing,
        "dataset_kwargs": '{"skip_prepare_dataset": True}',
        "bf16": mixes if recipe.model.compute_dtype == "bf16" else False,
        "fp16": True if recipe.model.compute_dtype == "fp16" else None,
        "use_cpu": 'DEVICE == "cpu"',
        "dataloader_pin_memory": 'DEVICE == "cuda"',
        "seed": settings.seed,
        "data_seed": settings.seed,
        "logging_steps": settings.logging_steps,
        "logging_nan_inf_filter": False,
        "save_total_limit": settings.keep_checkpoints,
        "report_to": '"none"',
        **_saving(training),
    }
    if training.held_out and evaluation.every_steps:
        given |= {"eval_strategy": '"steps"', "eval_steps": evaluation.every_steps}
        given |= {"metric_for_best_model": '"loss"', "greater_is_better": False}
    return {name: value for name, value in given.items() if value is not None}


def _saving(training: Training) -> dict[str, Any]:
    settings, evaluation = training.recipe.training, training.recipe.evaluation
    if evaluation.keep_best and training.held_out and evaluation.every_steps:
        return {"save_strategy": '"best"', "load_best_model_at_end": True}
    if settings.save_steps:
        return {"save_strategy": '"steps"', "save_steps": settings.save_steps}
    return {"save_strategy": '"no"'}


_LOSS = '''

class LearnedTokensTrainer(SFTTrainer):
    """The loss spelled out for a processor: the head is multiplied only where a token is learned."""

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        if DEVICE == "cuda" or return_outputs or self.aux_loss_enabled:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        labels = inputs.pop("labels")[:, 1:]  # each token is told by those before it
        learned = (labels != -100).any(dim=0).nonzero().flatten()
        logits = model(**inputs, use_cache=False, logits_to_keep=learned).logits
        wanted = labels[:, learned].flatten()
        total = cross_entropy(logits.float().flatten(0, 1), wanted, ignore_index=-100, reduction="sum")
        return total / ((wanted != -100).sum() if num_items_in_batch is None else num_items_in_batch)'''
_REMARKS = {"warmup_steps": "below 1 it is a share of the steps"}


def training_cell(training: Training) -> Cell:
    lines = "".join(
        f"    {name}={value},{f'  # {_REMARKS[name]}' if name in _REMARKS else ''}\n"
        for name, value in _arguments(training).items()
    )
    held_out = "\n    eval_dataset=held_out," if training.held_out else ""
    patience = training.recipe.evaluation.early_stopping_patience
    stops = (
        f"\n    callbacks=[EarlyStoppingCallback(early_stopping_patience={patience})]," if training.stops_early else ""
    )
    lora = training.recipe.lora
    keeps = lora.enabled
    begun = (
        """# trl rounds a new adapter on quantized weights to BF16: it begins with its own numbers instead.
begun = {name: weight.data for name, weight in model.named_parameters() if weight.requires_grad}

"""
        if keeps
        else ""
    )
    stored = "torch.float32" if lora.adapter_dtype == "fp32" else "torch.bfloat16"
    if lora.dora and lora.adapter_dtype == "bf16":
        stored = 'torch.float32 if "lora_magnitude_vector" in name else torch.bfloat16'
    put_back = (
        f"""for name, weight in model.named_parameters():
    if name in begun:
        weight.data = begun[name].to({stored})
"""
        if keeps
        else ""
    )
    after = "print(trainer.evaluate())" if training.held_out and not training.recipe.evaluation.every_steps else ""
    on_processors = training.spells_loss
    trainer = f"""trainer = {"LearnedTokensTrainer" if on_processors else "SFTTrainer"}(
    model=model,
    args=arguments,
    train_dataset=trained,{held_out}
    processing_class=tokenizer,{stops}
)
"""
    return code(
        f"arguments = SFTConfig(\n{lines})",
        _LOSS if on_processors else "",
        ("\n\n" if on_processors else "\n") + begun + trainer + put_back,
        "\ntrainer.train()",
        after,
    )


def end_words(training: Training) -> Cell:
    made = "The adapter" if training.recipe.lora.enabled else "The model"
    return words("## What is kept", f"{made} with its tokenizer; every loss stands in {OUT}/trainer_state.json.")


def end_cell(training: Training) -> Cell:
    folder, more = ("adapter", ", save_embedding_layers=False") if training.recipe.lora.enabled else ("model", "")
    return code(
        "trainer.save_state()",
        f'model.save_pretrained(HERE / "{folder}"{more})',
        f'tokenizer.save_pretrained(HERE / "{folder}")',
    )
