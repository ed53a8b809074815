"""Changes to a recipe that need less memory, and such that need more, in words; core/memory/fitting.py weighs them."""

from typing import Any

from workbench.core.recipe.recipe import FOUR_BIT, QUANTIZED, Recipe, settings
from workbench.core.units import grouped
from workbench.numerics.formats import FORMATS

# Below these a run teaches little, and the saving is none.
LEAST_LENGTH = 64
LEAST_RANK = 4
_TORCH_ADAM = ("adamw_torch_fused", "adamw_torch")

# A title, what it costs, and the changes.
Candidate = tuple[str, str, dict[str, Any]]


def lighter(recipe: Recipe, device: str) -> list[list[Candidate]]:
    """What needs less memory, each as far as it has to be taken: the mildest first."""
    training, lora, model = recipe.training, recipe.lora, recipe.model
    found = [_smaller_batches(recipe), _shorter_rows(recipe)]
    if not training.gradient_checkpointing:
        declared = settings()["training.gradient_checkpointing"]
        found.append([(f"{declared.title} on", declared.help, {declared.path: True})])
    if device == "cuda" and training.optimizer in _TORCH_ADAM:
        found.append(
            [("8-bit optimizer", "Keeps Adam's two states in 8 bits each.", {"training.optimizer": "adamw_8bit"})]
        )
    if lora.enabled and lora.rank >= 2 * LEAST_RANK:
        rank = lora.rank // 2
        found.append(
            [
                (
                    _from_to("lora.rank", lora.rank, rank),
                    "A narrower adapter, scaled as before: it can learn less.",
                    {"lora.rank": rank, "lora.alpha": max(1, lora.alpha // 2)},
                )
            ]
        )
    if model.precision not in FOUR_BIT:
        adapter = "" if lora.enabled else " An adapter is trained in place of all weights."
        found.append(
            [
                (
                    "NF4 weights with double quantization",
                    f"Stores the frozen weights in about 4.1 bits each, which changes them a little.{adapter}",
                    {"model.precision": "nf4", "model.double_quant": True, "lora.enabled": True},
                )
            ]
        )
    elif not model.double_quant:
        found.append(_switched("model.double_quant", on=True))
    if model.attention == "eager":
        found.append([("Fused attention", "Keeps no score matrix.", {"model.attention": "sdpa"})])
    if lora.enabled and lora.upcast and model.precision in QUANTIZED:
        found.append(_switched("lora.upcast", on=False))
    return [steps for steps in found if steps]


def heavier(recipe: Recipe) -> list[list[Candidate]]:
    """What needs more memory, and what that buys."""
    training, lora, model = recipe.training, recipe.lora, recipe.model
    rows, length = 2 * training.batch_size, 2 * training.max_length
    found: list[Candidate] = [
        (
            _from_to("training.batch_size", training.batch_size, rows),
            "Fewer, larger steps.",
            {"training.batch_size": rows},
        ),
        (
            f"{_from_to('training.max_length', training.max_length, length)} tokens",
            "Longer rows are learned from whole.",
            {"training.max_length": length},
        ),
    ]
    if training.gradient_checkpointing:
        title = settings()["training.gradient_checkpointing"].title
        found.append((f"{title} off", "About a quarter faster.", {"training.gradient_checkpointing": False}))
    if "8bit" in training.optimizer:
        found.append(("32-bit optimizer", "States as they are meant.", {"training.optimizer": "adamw_torch_fused"}))
    if lora.enabled:
        rank = 4 * lora.rank
        found.append(
            (
                _from_to("lora.rank", lora.rank, rank),
                "A wider adapter, scaled as before: it can learn more.",
                {"lora.rank": rank, "lora.alpha": 4 * lora.alpha},
            )
        )
        if not lora.dropout:
            found.append(("Dropout 0.05", "Against memorizing.", {"lora.dropout": 0.05}))
    if model.precision in FOUR_BIT:
        if model.double_quant:
            found.append(("No double quantization", "Absmax constants as they are.", {"model.double_quant": False}))
        found.append(
            (f"{FORMATS['int8'].title} weights", "Closer to the weights as they were.", {"model.precision": "int8"})
        )
    if model.precision in QUANTIZED:
        dtype = "bf16" if model.compute_dtype == "fp32" else model.compute_dtype
        found.append(
            (
                f"{FORMATS[dtype].title} weights",
                "The weights as they were, and faster.",
                {"model.precision": dtype, "model.compute_dtype": dtype},
            )
        )
        if lora.enabled and not lora.upcast:
            found.append(("Up-cast the rest", "Norms, embeddings and head in FP32.", {"lora.upcast": True}))
    if lora.enabled:
        everything: dict[str, Any] = {"lora.enabled": False}
        if model.precision in (*QUANTIZED, "fp16"):
            everything |= {"model.precision": "bf16", "model.compute_dtype": "bf16"}
        found.append(("Full training", "All weights are trained.", everything))
    if model.attention == "sdpa":
        found.append(("Eager attention", "The score matrix can be looked at.", {"model.attention": "eager"}))
    return [[candidate] for candidate in found]


def _from_to(path: str, before: int, after: int) -> str:
    return f"{settings()[path].title} {grouped(before)} to {grouped(after)}"


def _switched(path: str, *, on: bool) -> list[Candidate]:
    declared = settings()[path]
    return [(f"{declared.title} {'on' if on else 'off'}", declared.help, {path: on})]


def _smaller_batches(recipe: Recipe) -> list[Candidate]:
    """Half the rows at once and twice the batches, again and again."""
    training = recipe.training
    effective = training.batch_size * training.accumulation
    rows, batches = training.batch_size, training.accumulation
    found: list[Candidate] = []
    while rows > 1:
        rows, batches = rows // 2, batches * 2
        same = f"The same effective batch of {grouped(effective)}. Slightly slower."
        other = f"An effective batch of {grouped(rows * batches)} in place of {grouped(effective)}."
        found.append(
            (
                f"{'1 row' if rows == 1 else f'{grouped(rows)} rows'} at a time, {grouped(batches)} accumulated",
                same if rows * batches == effective else other,
                {"training.batch_size": rows, "training.accumulation": batches},
            )
        )
    return found


def _shorter_rows(recipe: Recipe) -> list[Candidate]:
    """Half the length, again and again."""
    declared = settings()["training.max_length"]
    before = length = recipe.training.max_length
    found: list[Candidate] = []
    while length >= 2 * LEAST_LENGTH:
        length //= 2
        title = f"{_from_to(declared.path, before, length)} {declared.unit}"
        found.append((title, "Longer rows are cut there, so it changes what is learned.", {declared.path: length}))
    return found
