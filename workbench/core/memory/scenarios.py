"""Ways to train one model side by side, from naive FP32 to QLoRA, and the article's own sums beside the right ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.core.memory import ledger
from workbench.core.memory.fitting import with_changes
from workbench.core.memory.lines import TIMES
from workbench.core.memory.optimizer_states import ADAM_STATES
from workbench.core.model import catalogue
from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import Recipe

_PLAIN = {
    "model.double_quant": True,
    "model.compute_dtype": "bf16",
    "lora.enabled": True,
    "lora.upcast": False,
    "training.gradient_checkpointing": True,
}
_FP32_FULL = {"model.precision": "fp32", "model.compute_dtype": "fp32", "lora.enabled": False}


@dataclass(frozen=True)
class Scenario:
    """A way to train: what it changes in a recipe; all else, such as rank and length, is the recipe's own."""

    title: str
    subtitle: str
    changes: Mapping[str, Any] = field(hash=False)

    def recipe(self, base: Recipe) -> Recipe:
        return with_changes(base, self.changes)


FOUR_WAYS = (
    Scenario("Naive FP32", "full training", {**_PLAIN, **_FP32_FULL, "training.optimizer": "adamw_torch_fused"}),
    Scenario("BF16 + LoRA", "16-bit weights", {**_PLAIN, "model.precision": "bf16"}),
    Scenario("INT8 + LoRA", "LLM.int8()", {**_PLAIN, "model.precision": "int8"}),
    Scenario("QLoRA", "NF4, double quantization", {**_PLAIN, "model.precision": "nf4"}),
)

_WAY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "Naive FP32",
        "Weights, gradients and Adam's two states, 4 bytes each: 16 bytes a parameter, before a single token.",
        {**_FP32_FULL, "training.optimizer": "adamw_torch_fused", "training.gradient_checkpointing": False},
    ),
    (
        "BF16",
        "All of it in 16 bits: half of everything.",
        {"model.precision": "bf16", "model.compute_dtype": "bf16"},
    ),
    (
        "LoRA",
        "The weights stand still. Gradients and states are of the adapter alone.",
        {"lora.enabled": True, "lora.upcast": False},
    ),
    ("INT8", "The frozen weights in 8 bits, with a scale a row.", {"model.precision": "int8"}),
    (
        "NF4",
        "In 4 bits, with an absmax of 32 bits for 64 weights.",
        {"model.precision": "nf4", "model.double_quant": False},
    ),
    ("Double quantization", "The absmax values in 8 bits too: 4.127 bits a weight.", {"model.double_quant": True}),
    (
        "Checkpointing",
        "Activations are computed again instead of kept: one stream between blocks, and one block at a time.",
        {"training.gradient_checkpointing": True},
    ),
    (
        "8-bit, paged optimizer",
        "The adapter's states in 8 bits, and out of the card where it gets tight.",
        {"training.optimizer": "paged_adamw_8bit"},
    ),
)


def _steps() -> tuple[Scenario, ...]:
    changes: dict[str, Any] = {}
    found = []
    for title, sentence, more in _WAY:
        changes = {**changes, **more}
        found.append(Scenario(title, sentence, changes))
    return tuple(found)


# The classroom's way from naive FP32 to QLoRA, one change at a time; the subtitle is a sentence.
STEPS = _steps()


# -- the article's sums ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ArticleSum:
    """A sum as the article prints it, and as it comes out."""

    title: str
    printed: str
    ours: str
    sentence: str
    printed_bytes: int
    our_bytes: int
    our_parts: tuple[tuple[str, int], ...]  # a part of the ledger and its bytes


ARTICLE_PARAMETERS = 7_000_000_000
_TOKENS = 2048


def article_sums() -> tuple[ArticleSum, ...]:
    """The article's two sums for a 7B model: naive FP32, and QLoRA."""
    each = 4 * ARTICLE_PARAMETERS
    naive = (("weights", each), ("gradients", each), ("optimizer", ADAM_STATES * each))
    total = sum(size for _, size in naive)
    shape = catalogue.find("Llama-2-7B").shape()
    short, long = (_qlora(shape, length) for length in (512, _TOKENS))
    weights, rest = long.parts["weights"], long.parts["unquantized"]
    return (
        ArticleSum(
            "Full training of 7B in FP32",
            "28 + 28 + 28 = 84 GB",
            f"28 + 28 + 2 {TIMES} 28 = {total / 1e9:.0f} GB",
            "Weights and gradients take 28 GB each, but Adam keeps two states of every parameter, not one. Activations "
            "come on top.",
            3 * each,
            total,
            naive,
        ),
        ArticleSum(
            "QLoRA of 7B",
            "less than 4 GB",
            f"{weights / 1e9:.2f} + {rest / 1e9:.2f} GB of weights; a step needs {short.allocated_bytes / 1e9:.1f} to "
            f"{long.allocated_bytes / 1e9:.1f} GB",
            "It holds for the weights. A training step also holds the adapter with gradients and states, activations "
            f"and logits: with 512 to {_TOKENS} tokens at once, and logits as a whole, before what CUDA itself takes.",
            4_000_000_000,
            long.allocated_bytes,
            tuple((part, long.parts[part]) for part in ledger.PARTS if part != "overhead"),
        ),
    )


def _qlora(shape: ModelShape, length: int) -> ledger.Ledger:
    changes = {"training.max_length": length, "training.packing": False}
    recipe = with_changes(FOUR_WAYS[-1].recipe(Recipe()), changes)
    return ledger.predict(shape, recipe, device="cuda", fused_head=False)
