"""A row's recipe on the Memory page: what one change brings with it, what it is called, what Train takes of it."""

from collections.abc import Mapping
from typing import Any

from workbench.core.memory.fitting import with_changes
from workbench.core.memory.optimizer_states import ADAM_STATES
from workbench.core.recipe.recipe import FOUR_BIT, QUANTIZED, Recipe
from workbench.core.units import grouped
from workbench.numerics.formats import FORMATS

# All that memory depends on: the rest of a recipe is left as it is on Train.
PATHS = (
    "model.precision", "model.double_quant", "model.compute_dtype", "model.attention",
    "lora.enabled", "lora.rank", "lora.alpha", "lora.dropout", "lora.targets", "lora.dora", "lora.adapter_dtype",
    "lora.upcast",
    "training.batch_size", "training.accumulation", "training.max_length", "training.packing", "training.optimizer",
    "training.gradient_checkpointing",
)  # fmt: skip
_WIDE_ADAMS = ("adamw_torch_fused", "adamw_torch")


def completed(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe changed, with what has to follow: all weights cannot be trained in few bits. Raises UserError."""
    changed = with_changes(recipe, changes)
    more: dict[str, Any] = {}
    if not changed.lora.enabled and changed.model.precision in QUANTIZED:
        if "model.precision" in changes:
            more["lora.enabled"] = True
        else:
            more["model.precision"] = "bf16"
    precision = more.get("model.precision", changed.model.precision)
    if "model.compute_dtype" not in changes and ("model.precision" in changes or "model.precision" in more):
        if precision not in QUANTIZED:
            more["model.compute_dtype"] = precision
        elif changed.model.compute_dtype == "fp32":
            more["model.compute_dtype"] = "bf16"
    if "lora.rank" in changes and "lora.alpha" not in changes:  # scaled as before
        more["lora.alpha"] = max(1, min(4096, round(recipe.lora.alpha * changed.lora.rank / recipe.lora.rank)))
    return with_changes(changed, more) if more else changed


def is_naive(recipe: Recipe) -> bool:
    """The article's first sum: all weights in FP32, with Adam's two states in FP32."""
    return (
        not recipe.lora.enabled
        and recipe.model.precision == "fp32"
        and recipe.training.optimizer in _WIDE_ADAMS
        and ADAM_STATES == 2
    )


def way_title(recipe: Recipe) -> str:
    """What a row is called that nobody has named."""
    precision = recipe.model.precision
    if not recipe.lora.enabled:
        return "Naive FP32" if is_naive(recipe) else f"{FORMATS[precision].title}, full"
    if precision in FOUR_BIT:
        return "QLoRA" if precision == "nf4" else "QLoRA, FP4"
    return f"{FORMATS[precision].title} + LoRA"


def way_words(recipe: Recipe, *, with_tokens: bool) -> str:
    """What it does, in a few words; with the tokens at once where the rows differ in them."""
    model, training = recipe.model, recipe.training
    if not recipe.lora.enabled:
        first = "full training"
    elif model.precision in FOUR_BIT:
        how = "double quantization" if model.double_quant else "plain absmax"
        first = f"{FORMATS[model.precision].title}, {how}"
    else:
        first = {"int8": "LLM.int8()", "fp32": "32-bit weights"}.get(model.precision, "16-bit weights")
    parts = [first]
    if with_tokens:
        rows = f"{grouped(training.batch_size)} \u00d7 " if training.batch_size > 1 else ""
        parts.append(f"{rows}{grouped(training.max_length)} tokens")
    if not training.gradient_checkpointing:
        parts.append("nothing recomputed")
    if "8bit" in training.optimizer:
        parts.append("8-bit optimizer")
    return ", ".join(parts)


def tokens_words(recipe: Recipe) -> str:
    """ "one row of 2 048 tokens"."""
    training = recipe.training
    rows = "one row" if training.batch_size == 1 else f"{grouped(training.batch_size)} rows"
    return f"{rows} of {grouped(training.max_length)} tokens"


def for_train(recipe: Recipe, source: str) -> dict[str, Any]:
    """What goes into the recipe at hand."""
    found = {path: recipe.value(path) for path in PATHS}
    return {"model.source": source, **found} if source else found
