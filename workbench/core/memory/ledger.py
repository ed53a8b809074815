"""The memory a run will hold, part by part, predicted before it begins.

A part's source stands at its function. The formula as a whole is that of QLoRA (arXiv 2305.14314) with the activations
of a decoder block counted tensor by tensor, which saved_tensors_hooks confirmed to the byte (torch 2.13, peft 0.21).
"""

from dataclasses import dataclass

from workbench.core.memory.adapter_shape import adapter_sizes, targets_of
from workbench.core.memory.block_memory import SIZES
from workbench.core.memory.line_names import LINE_OF_PART as NAMES
from workbench.core.memory.lines import PARTS, Line, lines_of, unknown_terms
from workbench.core.memory.step_memory import BACKWARD as BACKWARD_PASS
from workbench.core.memory.step_memory import FORWARD as FORWARD_PASS
from workbench.core.memory.step_memory import LOSS, StepMemory
from workbench.core.memory.step_memory import UPDATE as OPTIMIZER_STEP
from workbench.core.memory.stored_weights import weights_bytes
from workbench.core.model.adapter_folder import with_adapter
from workbench.core.model.already_quantized import as_stored
from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import QUANTIZED, Recipe

__all__ = [
    "BACKWARD",
    "FORWARD",
    "NAMES",
    "PARTS",
    "SIZES",
    "UPDATE",
    "Ledger",
    "Line",
    "StepMoment",
    "predict",
    "weights_bytes",
]

FORWARD = "end of the forward pass"
BACKWARD = "backward pass of one block"
UPDATE = "optimizer step"
_WORDS = {FORWARD_PASS: "forward pass", LOSS: FORWARD, BACKWARD_PASS: BACKWARD, OPTIMIZER_STEP: UPDATE}


@dataclass(frozen=True)
class StepMoment:
    """What is held at a moment of the step; `name` is "forward", "loss", "backward" or "update"."""

    name: str
    words: str
    parts: dict[str, int]

    @property
    def size_bytes(self) -> int:
        return sum(self.parts.values())


@dataclass(frozen=True)
class Ledger:
    """What is held at the moment of the peak, in bytes by part; `moment` is FORWARD, BACKWARD or UPDATE."""

    parts: dict[str, int]
    after_load_bytes: int
    peak_bytes: int
    moment: str
    lines: tuple[Line, ...] = ()  # of `parts`, in their order
    moments: tuple[StepMoment, ...] = ()  # of one step, in its order
    unknown: tuple[str, ...] = ()  # a sentence for each term that is not known of this model

    @property
    def allocated_bytes(self) -> int:
        """The peak without the overhead: what torch's allocator counts on a card."""
        return self.peak_bytes - self.parts["overhead"]

    @property
    def peak(self) -> str:
        """The name of the moment that is the peak: "forward", "loss", "backward" or "update"."""
        return next(name for name, words in _WORDS.items() if words == self.moment)


def _as_found(shape: ModelShape, recipe: Recipe) -> Recipe:
    """The recipe with what the model's folder has decided: quantized weights, and an adapter to go on from."""
    return with_adapter(as_stored(recipe, shape.quantized), shape.adapter)


def adapter_parameters(shape: ModelShape, recipe: Recipe) -> int:
    """Numbers in the adapter: rank x (in + out) of each chosen layer, and DoRA's magnitude per output."""
    recipe = _as_found(shape, recipe)
    dora = sum(shape.linears[index][0] for index in targets_of(shape, recipe)) if recipe.lora.dora else 0
    return shape.layers * dora + sum(count * size[0] * size[1] for size, count in adapter_sizes(shape, recipe))


def trainable_parameters(shape: ModelShape, recipe: Recipe) -> int:
    return adapter_parameters(shape, recipe) if recipe.lora.enabled else shape.parameters


def predict(
    shape: ModelShape,
    recipe: Recipe,
    *,
    device: str,
    fused_head: bool = True,
    trained_share: float = 1.0,
    free_bytes: int | None = None,
) -> Ledger:
    """What a run of the recipe will hold on "cuda" or "cpu"; a model whose layers are not known is all overhead.

    Sequences are taken to be full. `trained_share` is the share of tokens in the loss: the head is multiplied at no
    others. With `fused_head` the logits come in tiles, as TRL's trainer makes them on a card; without, whole, as
    transformers' own loss does. `free_bytes` of a CPU decides whether weights are held ready while answering. Weights
    that are quantized already count as they are stored.
    """
    recipe = _as_found(shape, recipe)
    step = StepMemory(shape, recipe, device, fused_head=fused_head, trained_share=trained_share)
    model = recipe.model
    quantized, rest = weights_bytes(shape, model.precision, model.double_quant, model.compute_dtype)
    if recipe.lora.upcast and recipe.lora.enabled and model.precision in QUANTIZED:
        rest = shape.other_parameters * 4
    still = {
        "weights": quantized,
        "unquantized": rest,
        "adapters": step.trained_bytes if recipe.lora.enabled else 0,
        "optimizer": step.states.total,
    }
    moments = step.moments()
    peak = max(moments, key=lambda name: (sum(moments[name].values()), name == LOSS))
    if device == "cpu":
        # What was freed after answering is used again.
        used = sum(moments[peak][part] for part in ("activations", "logits", "workspace"))
        moments[peak]["workspace"] += max(0, step.answering_bytes(free_bytes) - used)
    loaded = step.loaded_overhead_bytes(quantized + rest, rest)
    overhead = step.overhead_bytes(sum(still.values()) + sum(moments[peak].values()), rest)
    whole = {
        name: {part: int({**still, **parts, "overhead": overhead}[part]) for part in PARTS}
        for name, parts in moments.items()
    }
    parts = whole[peak]
    return Ledger(
        parts=parts,
        after_load_bytes=quantized + rest + loaded,
        peak_bytes=sum(parts.values()),
        moment=_WORDS[peak],
        lines=lines_of(step, parts, peak),
        moments=tuple(StepMoment(name, _WORDS[name], parts) for name, parts in whole.items()),
        unknown=unknown_terms(step),
    )
