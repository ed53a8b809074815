"""The lines of the ledger: each part with its formula in words and numbers, and what is not known of a model."""

from dataclasses import dataclass

from workbench.core.memory.adapter_shape import has_expert_adapters, targets_of
from workbench.core.memory.block_memory import attention_of
from workbench.core.memory.line_names import LINE_OF_PART as NAMES
from workbench.core.memory.optimizer_states import LEAST_EIGHT_BIT, LEAST_PAGED, NARROWER
from workbench.core.memory.step_memory import (
    BACKWARD,
    CUDA_CONTEXT_BYTES,
    FORWARD,
    FRAGMENTATION,
    HEAP_BYTES,
    LIBRARIES_BYTES,
    LOSS,
    TILE_TOKENS,
    TILE_WORDS,
    TOKENIZER_BYTES,
    UPDATE,
    StepMemory,
)
from workbench.core.memory.stored_weights import block_size_of
from workbench.core.recipe.recipe import FOUR_BIT
from workbench.core.units import bytes_in_words, count_in_words, grouped
from workbench.numerics.formats import FORMATS, bits_per_weight

# The parts of the ledger.
PARTS = tuple(NAMES)
_NONE = "none"
LEAST_SAID_BYTES = 1_000_000
TIMES = "\u00d7"


@dataclass(frozen=True)
class Line:
    """One part of the ledger; `formula` says in words and numbers how its bytes come about."""

    part: str
    name: str
    size_bytes: int
    formula: str


def lines_of(step: StepMemory, parts: dict[str, int], moment: str) -> tuple[Line, ...]:
    """A line for each part at the moment of the peak."""
    words = {
        "weights": _weights(step),
        "unquantized": _unquantized(step),
        "adapters": _adapters(step),
        "gradients": _gradients(step, parts["gradients"]),
        "optimizer": _optimizer(step),
        "activations": _activations(step, moment),
        "logits": _logits(step, moment),
        "workspace": _workspace(step, parts["workspace"], moment),
        "overhead": _overhead(step, parts["overhead"]),
    }
    return tuple(Line(part, NAMES[part], parts[part], words[part]) for part in PARTS)


def _weights(step: StepMemory) -> str:
    shape, model = step.shape, step.recipe.model
    count = count_in_words(shape.linear_parameters)
    if not shape.linear_parameters:
        if shape.parameters:
            return "no layer of this family is one that quantization replaces"
        return "not known: config.json of this family does not say its layers"
    if model.precision == "int8":
        return f"{count} {TIMES} 1 byte, and 4 bytes a row of {grouped(shape.linear_rows)}"
    block = block_size_of(shape, model.precision)
    bits = bits_per_weight(model.precision, double_quant=model.double_quant, block_size=block)
    if model.precision not in FOUR_BIT:
        return f"{count} {TIMES} {bits / 8:g} bytes ({FORMATS[model.precision].title})"
    how = f"absmax of {block} in 8 bits, of 256 such in 32" if model.double_quant else f"absmax of {block} in 32 bits"
    return f"{count} {TIMES} {bits:.4g} bits: 4, {how}"


def _unquantized(step: StepMemory) -> str:
    shape, model = step.shape, step.recipe.model
    if not shape.other_parameters:
        return "not known" if not shape.parameters else _NONE
    size = 4 if step.types.residual_size == 4 else 2
    words, hidden = grouped(shape.vocab_size), grouped(shape.hidden_size)
    tables = f"{words} {TIMES} {hidden}" if shape.is_tied else f"2 {TIMES} {words} {TIMES} {hidden}"
    if shape.embedding_parameters != (1 if shape.is_tied else 2) * shape.vocab_size * shape.hidden_size:
        tables = count_in_words(shape.embedding_parameters)  # of positions, too
    rest = shape.other_parameters - shape.embedding_parameters
    experts = shape.block.experts
    others = f"{count_in_words(rest)} in {'experts, ' if experts else ''}norms and biases"
    if not shape.linear_parameters:
        others = f"{count_in_words(rest)} in layers and norms"
    up_cast = " (up-cast)" if step.recipe.lora.upcast and size == 4 and model.precision != "fp32" else ""
    return f"({tables} of embeddings{'' if shape.is_tied else ' and head'}, {others}) {TIMES} {size} bytes{up_cast}"


def _adapters(step: StepMemory) -> str:
    lora, shape = step.recipe.lora, step.shape
    if not lora.enabled:
        return "none: all weights are trained"
    if not step.trained:
        return "none: no layer that an adapter could stand beside is known"
    many = len(targets_of(shape, step.recipe))
    where = f"rank {lora.rank} beside {many} layers in each of {shape.layers} blocks"
    if has_expert_adapters(shape, step.recipe):
        where += f" and all {shape.block.experts} experts"
    dora = f", and {count_in_words(step.magnitudes)} magnitudes {TIMES} 4" if step.magnitudes else ""
    return f"{count_in_words(step.trained)} {TIMES} {step.trained_size} bytes{dora}: {where}"


def _gradients(step: StepMemory, size_bytes: int) -> str:
    if step.recipe.lora.enabled:
        return "as the adapters"
    if not size_bytes:
        return "none at the peak: they come in the backward pass"
    if size_bytes < step.trained_bytes:
        return f"of the head alone at the peak; {bytes_in_words(step.trained_bytes)} at the end of the backward pass"
    return f"as the weights: {count_in_words(step.trained)} {TIMES} {step.trained_size} bytes"


def _optimizer(step: StepMemory) -> str:
    optimizer, states = step.recipe.training.optimizer, step.states
    if not states.total:
        return "no states"
    if "adafactor" in optimizer:
        return "4 bytes a row and a column of each matrix"
    count = count_in_words(step.trained + step.magnitudes)
    many = {1: "one state", 2: "two states", 3: "three states"}[states.states]
    width = f"{states.number_bytes:.5g} byte{'s' * (states.number_bytes != 1)}"
    text = f"{count} {TIMES} {many} {TIMES} {width}"
    if states.wide_tensors:
        text += f"; {grouped(states.wide_tensors)} tensors under {grouped(LEAST_EIGHT_BIT)} numbers in 32 bits"
    if optimizer.startswith("paged_"):
        text += (
            f"; {bytes_in_words(states.paged)} can leave the card" if states.paged else "; nothing can leave the card"
        )
        if states.unpaged_tensors:
            text += f", {grouped(states.unpaged_tensors)} tensors under {grouped(LEAST_PAGED)} numbers never do"
    return text


def _activations(step: StepMemory, moment: str) -> str:
    shape, tokens = step.shape, grouped(step.tokens)
    if moment == UPDATE:
        return "none at the peak: all are gone by then"
    if not shape.layers or not shape.hidden_size:
        return "not known"
    plain, masked = step.plain.per_token, step.masked.per_token
    constant = max(step.plain.per_block, step.masked.per_block)
    beside = f", and {bytes_in_words(constant)} a block whatever the tokens" if constant >= LEAST_SAID_BYTES else ""
    if not step.is_recomputed:
        with_mask, rest = step.masked_layers, shape.layers - step.masked_layers
        text = f"{shape.layers} layers {TIMES} {grouped(masked if with_mask else plain)} bytes"
        if with_mask and rest and plain != masked:
            text = f"({with_mask} layers {TIMES} {grouped(masked)} + {rest} {TIMES} {grouped(plain)} bytes)"
        return f"{tokens} tokens {TIMES} {text}{beside}"
    between = step.types.residual_size * shape.hidden_size
    text = f"{tokens} tokens {TIMES} {shape.layers} layers {TIMES} {grouped(between)} bytes"
    if step.plain.held_inputs:
        held = grouped(step.plain.held_inputs)
        each = f"({grouped(between)} bytes + {held} that INT8 layers hold)"
        text = f"{tokens} tokens {TIMES} {shape.layers} layers {TIMES} {each}"
    if moment != BACKWARD:
        return text
    return f"{text} + {tokens} {TIMES} {grouped(max(plain, masked))} of one block{beside}"


def _logits(step: StepMemory, moment: str) -> str:
    words = step.shape.vocab_size
    if not words:
        return "not known"
    whole = f"{grouped(step.loss_tokens)} tokens {TIMES} {grouped(words)} words {TIMES} {step.types.size + 12} bytes"
    text = whole
    if step.has_tiles:
        rows = grouped(min(step.loss_tokens, TILE_TOKENS))
        text = (
            f"a tile of {rows} {TIMES} {grouped(TILE_WORDS)} {TIMES} {step.types.size} bytes, and 4 a token and feature"
        )
        text += f"; whole they would be {whole} = {bytes_in_words(step.whole_logits_bytes())}"
    return text if moment == LOSS else f"not at the peak: {bytes_in_words(step.logits_bytes())}, {text}"


def _workspace(step: StepMemory, size_bytes: int, moment: str) -> str:
    terms = []
    dequantized, live = step.dequantized_bytes(), step.live_bytes()
    if moment in (FORWARD, BACKWARD) and dequantized:
        terms.append(
            f"the largest layer unpacked, {count_in_words(step.largest)} {TIMES} {dequantized // step.largest} bytes"
        )
    if moment == BACKWARD and live:
        inner = live // (2 * step.types.size * step.tokens)
        terms.append(
            f"gradients within a block, {grouped(step.tokens)} {TIMES} {grouped(inner)} {TIMES} "
            f"{2 * step.types.size} bytes"
        )
    if moment == UPDATE and size_bytes:
        terms.append("a copy of the second moments")
    rest = size_bytes - (dequantized if moment in (FORWARD, BACKWARD) else 0) - (live if moment == BACKWARD else 0)
    if rest > 0 and moment != UPDATE:
        what = "what autocast converts" if step.types.has_autocast else "weights that were held in FP32 while answering"
        if moment == LOSS and not step.recipe.lora.enabled:
            what = "the head's gradient" + (", and what autocast converts" if step.types.has_autocast else "")
        terms.append(f"{what}, {bytes_in_words(rest)}")
    if terms:
        return "; ".join(terms)
    return f"not at the peak: one layer unpacked, {bytes_in_words(dequantized)}" if dequantized else _NONE


def _overhead(step: StepMemory, size_bytes: int) -> str:
    if step.device == "cuda":
        return f"CUDA {bytes_in_words(CUDA_CONTEXT_BYTES)}, and {100 * FRAGMENTATION:g} % that the allocator loses"
    text = f"libraries {bytes_in_words(LIBRARIES_BYTES + TOKENIZER_BYTES)}, heap {bytes_in_words(HEAP_BYTES)}"
    mapped = size_bytes - LIBRARIES_BYTES - TOKENIZER_BYTES - HEAP_BYTES
    return f"{text}, pages of the weights' file {bytes_in_words(mapped)}" if mapped else text


# -- what is not known -------------------------------------------------------------------------------------------------


def unknown_terms(step: StepMemory) -> tuple[str, ...]:
    """A sentence for each term that is not known, and how far the rest holds."""
    shape, recipe = step.shape, step.recipe
    family = shape.family or "no name"
    found = []
    if not shape.parameters:
        holds = "Logits and overhead hold" if shape.vocab_size else "Nothing but the overhead holds"
        found.append(
            f"The layers of the family {family} are not known from config.json alone: weights, adapters, gradients and "
            f"optimizer are left out. {holds}; a model folder says the rest."
        )
    if not shape.block.is_known and shape.layers:
        found.append(
            f"How a block of the family {family} is made is not known: its activations are counted as Llama's, which "
            "may be a third off. Weights, adapters, gradients, optimizer and logits hold where its layers are known."
        )
    missing = [
        name
        for name, value in (
            ("hidden size", shape.hidden_size),
            ("layers", shape.layers),
            ("vocabulary", shape.vocab_size),
            ("attention heads", shape.attention_heads),
        )
        if not value
    ]
    if missing:
        found.append(
            f"config.json does not say {', '.join(missing)}: activations and logits are left out where they need it."
        )
    if recipe.lora.enabled and recipe.lora.dora:
        found.append("What DoRA computes beside its layers is not known: activations are those of plain LoRA.")
    if any(word in recipe.training.optimizer for word in NARROWER):
        found.append(f"The states of {recipe.training.optimizer} are counted as Adam's two: it may keep less.")
    if shape.block.attention_dropout and attention_of(shape, recipe) != "sdpa":
        found.append("The mask of attention's own dropout is not counted.")
    if shape.block.experts and recipe.model.precision in (*FOUR_BIT, "int8"):
        found.append(
            f"bitsandbytes quantizes no experts held as one tensor: {grouped(shape.block.experts)} experts a layer "
            "stay in 16 bits."
        )
    return tuple(found)
