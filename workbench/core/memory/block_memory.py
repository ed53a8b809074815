"""What one decoder block keeps for its backward pass, counted tensor by tensor as saved_tensors_hooks sees them.

tests/engine/train/test_memory_terms.py holds each term beside real models of every family (torch 2.13,
transformers 5.24, peft 0.21, bitsandbytes 0.50). What a card does otherwise than a CPU is read from their sources and
stands at its line.
"""

from dataclasses import dataclass

from workbench.core.memory.adapter_shape import has_expert_adapters, is_expert_router, source_of, targets_of
from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import QUANTIZED, Recipe

SIZES = {"fp32": 4, "fp16": 2, "bf16": 2}


@dataclass(frozen=True)
class Types:
    """Bytes of a number, by what the number is."""

    has_autocast: bool
    size: int  # what a matrix product gives
    residual_size: int  # the stream between blocks
    norm_size: int  # what a norm gives
    mlp_size: int  # within the MLP
    attention_size: int  # what attention works on
    statistic_size: int  # LayerNorm's mean and deviation
    adapter_size: int
    mask_size: int  # of an adapter's dropout
    is_cuda: bool

    @classmethod
    def of(cls, recipe: Recipe, device: str) -> "Types":
        model, is_cuda = recipe.model, device == "cuda"
        is_quantized = model.precision in QUANTIZED
        is_upcast = recipe.lora.upcast and recipe.lora.enabled and is_quantized
        # engine/train/trainer.py: autocast on a card, and on a CPU over FP32 weights.
        mixes = is_cuda or model.precision == "fp32"
        has_autocast = model.compute_dtype == "fp16" or (model.compute_dtype == "bf16" and mixes)
        rest = SIZES[model.compute_dtype if is_quantized else model.precision]
        # An up-cast norm gives FP32, and a quantized layer gives the type it is given (bitsandbytes, nn/modules.py).
        size = 2 if has_autocast else 4 if is_upcast else rest
        residual = 4 if is_upcast else rest
        adapter = SIZES[recipe.lora.adapter_dtype]
        return cls(
            has_autocast=has_autocast,
            size=size,
            residual_size=residual,
            norm_size=4 if residual == 4 else size,
            mlp_size=4 if is_upcast else size,
            attention_size=size if is_cuda else 4,  # engine/model/cpu_bf16.py: in FP32 on a CPU
            statistic_size=4 if is_cuda else residual,
            adapter_size=adapter,
            mask_size=1 if is_cuda else adapter,
            is_cuda=is_cuda,
        )


@dataclass(frozen=True)
class Kept:
    """Bytes a token by what keeps them, and bytes a block whatever the tokens."""

    norms: int
    attention: int
    mlp: int
    inputs: int  # of linear layers: for adapters, or for the weights themselves
    per_block: int = 0
    held_inputs: int = 0  # of `inputs`, what checkpointing does not free

    @property
    def per_token(self) -> int:
        return self.norms + self.attention + self.mlp + self.inputs


def kept_by_block(shape: ModelShape, recipe: Recipe, types: Types, *, is_masked: bool) -> Kept:
    """What a block keeps. `is_masked`: its attention is given a mask, as packed rows and sliding windows need one."""
    queries, keys = shape.attention_heads * shape.head_size, shape.key_value_heads * shape.head_size
    norms, norms_per_block = _norms(shape, recipe, types, queries, keys)
    mlp, mlp_per_block = _mlp(shape, recipe, types)
    return Kept(
        norms=norms,
        attention=_attention(shape, recipe, types, queries, keys, is_masked=is_masked),
        mlp=mlp,
        inputs=_inputs(shape, recipe, types, queries),
        per_block=norms_per_block + mlp_per_block + shape.block.index_bytes,
        held_inputs=_held_inputs(shape, recipe, types),
    )


def tokens_at_once(recipe: Recipe) -> int:
    """How long the rows are that attention sees: packing lays a batch end to end (trl 1.16, padding_free)."""
    training = recipe.training
    return training.max_length * (training.batch_size if training.packing else 1)


def masked_layers(shape: ModelShape, recipe: Recipe) -> int:
    """Layers whose attention is given a mask, without which it keeps neither the mask nor a key for every head."""
    if recipe.training.packing or shape.block.is_always_masked:
        return shape.layers
    return shape.block.sliding_layers if shape.block.window < recipe.training.max_length else 0


# -- norms -------------------------------------------------------------------------------------------------------------


def _norms(shape: ModelShape, recipe: Recipe, types: Types, queries: int, keys: int) -> tuple[int, int]:
    traits, hidden = shape.block, shape.hidden_size
    if traits.norm == "layer":
        # Autocast on a card does LayerNorm in FP32, each on a copy of its own (torch, autocast_mode.h).
        if types.is_cuda and types.has_autocast and types.residual_size == 2:
            return traits.norms * (4 * hidden + 8), 0
        return traits.norm_inputs * types.residual_size * hidden + traits.norms * 2 * types.statistic_size, 0
    total = traits.norm_inputs * 4 * hidden + traits.norms * 4
    per_block = traits.norms * 4 * hidden if traits.norm_is_wide else 0
    if traits.has_head_norms:
        total += 4 * (queries + keys + shape.attention_heads + shape.key_value_heads)
        per_block += 2 * 4 * shape.head_size if traits.norm_is_wide else 0
    if not recipe.lora.enabled:  # what the norm's weight multiplies
        total += traits.norms * hidden * (4 if traits.norm_is_wide else types.residual_size)
        if traits.has_head_norms:
            total += (queries + keys) * (4 if traits.norm_is_wide else types.size)
    return total, per_block


# -- attention ---------------------------------------------------------------------------------------------------------


def attention_of(shape: ModelShape, recipe: Recipe) -> str:
    has_choice = shape.block.attention in ("sdpa", "math")
    return "eager" if has_choice and recipe.model.attention == "eager" else shape.block.attention


def _attention(shape: ModelShape, recipe: Recipe, types: Types, queries: int, keys: int, *, is_masked: bool) -> int:
    traits, heads, size = shape.block, shape.attention_heads, types.size
    seen, kind = tokens_at_once(recipe), attention_of(shape, recipe)
    if kind == "sdpa":
        wide = types.attention_size
        is_expanded = is_masked and keys != queries  # with a mask, keys and values are repeated for every head
        mask = wide * seen if is_masked else 0
        if traits.keeps_whole_qkv and wide == size and not is_expanded:
            turned = queries + keys if traits.copies_output else 0  # queries and keys that positions have turned
            return wide * (turned + queries + 2 * keys + queries) + 4 * heads + mask
        return wide * (queries + 2 * (queries if is_expanded else keys) + queries) + 4 * heads + mask
    scores = heads * seen
    if kind == "math":
        return 12 * queries + 4 * scores
    total = 3 * size * queries
    training = recipe.training
    if traits.copies_output and keys == queries and (training.packing or training.batch_size == 1):
        total += 2 * size * queries  # a single row's values need no copy, and hold what they are a view of
    total += scores * (4 + (size if size != 4 else 0)) if traits.softmax_is_wide else scores * size
    return total + (scores * size if traits.caps_scores else 0)


# -- the MLP -----------------------------------------------------------------------------------------------------------


def _mlp(shape: ModelShape, recipe: Recipe, types: Types) -> tuple[int, int]:
    traits, size, inner = shape.block, types.mlp_size, shape.intermediate_size
    dropped = traits.residual_dropouts * shape.hidden_size * (1 if types.is_cuda else types.size)
    if traits.experts:
        return _experts(shape, recipe, types)
    if traits.activation == "gated":
        return dropped + 3 * size * inner, 0
    if traits.activation == "gelu_new":
        # Spelled out; autocast on a card takes the power, and all that follows from it, in FP32.
        widened = types.is_cuda and types.has_autocast
        return dropped + (14 if widened else 4 * size) * inner, 0
    return dropped + size * inner, 0


def _experts(shape: ModelShape, recipe: Recipe, types: Types) -> tuple[int, int]:
    """A router's choice, and of the experts the chosen ones alone; what adapters add where experts have some."""
    traits, size, hidden = shape.block, types.size, shape.hidden_size
    count, chosen, inner = traits.experts, traits.active_experts, traits.expert_size
    router = 4 * count + 8 * chosen + 3 * 8 * chosen + (4 + 4 * chosen if traits.normalises_experts else 0)
    weights = chosen * (4 if traits.weighs_experts_wide else size)
    total = router + weights + chosen * size * (3 * inner + hidden)
    per_block = 4 * count
    if has_expert_adapters(shape, recipe) or not recipe.lora.enabled:
        total += chosen * size * (hidden + inner)
    if has_expert_adapters(shape, recipe):
        # The experts' weights with the adapter's product added: all of them, and the router's (peft, ParamWrapper).
        per_block += size * 3 * count * inner * hidden
        per_block += size * count * hidden + 4 * recipe.lora.rank * (hidden + count)
    return total, per_block


# -- inputs of linear layers -------------------------------------------------------------------------------------------


def _inputs(shape: ModelShape, recipe: Recipe, types: Types, queries: int) -> int:
    """What linear layers keep of what they read.

    A frozen layer keeps nothing, the adapter beside it does: one copy for all that read the same, or one each where it
    is converted or dropped out.
    """
    lora, own_size = recipe.lora, types.size if types.has_autocast else types.adapter_size
    widths, sizes = _sources(shape, types)
    layers = [index for index in range(len(shape.linears)) if not is_expert_router(shape, index)]
    targets = [index for index in targets_of(shape, recipe) if index in layers] if lora.enabled else layers
    shared: set[str] = set()
    total = own_size * lora.rank * len(targets) if lora.enabled else 0
    for index in targets:
        source = source_of(shape, index)
        size, width = sizes[source], shape.linears[index][1]
        if lora.enabled and lora.dropout:
            total += (own_size + types.mask_size) * width
        elif _is_converted(recipe, types, size):
            total += (own_size if lora.enabled else types.size) * width
        else:
            shared.add(source)
    if recipe.model.precision == "int8":
        shared |= set(widths)  # Linear8bitLt keeps its input (bitsandbytes, autograd/_functions.py)
    if has_expert_adapters(shape, recipe) or (shape.block.experts and not lora.enabled):
        shared.add("second norm")
        widths["second norm"], sizes["second norm"] = shape.hidden_size, types.norm_size
    if _keeps_output(shape, recipe, types):
        shared.discard("attention")
    if shape.block.activation == "relu":
        shared.discard("mlp")
    return total + sum(sizes[source] * widths[source] for source in shared)


def _held_inputs(shape: ModelShape, recipe: Recipe, types: Types) -> int:
    """The inputs of INT8 layers, held as an attribute and not as a saved tensor: checkpointing leaves them."""
    if recipe.model.precision != "int8":
        return 0
    widths, sizes = _sources(shape, types)
    return sum(sizes[source] * width for source, width in widths.items())


def _is_converted(recipe: Recipe, types: Types, size: int) -> bool:
    """Whether a layer, or its adapter, reads a copy of its own in another type."""
    if not recipe.lora.enabled:
        return types.has_autocast and size != types.size
    if not types.has_autocast:
        return types.adapter_size != size
    # peft converts to the adapter's type and autocast back; beside quantized layers on a card it leaves that to
    # autocast (peft 0.21, tuners/lora/layer.py and bnb.py).
    is_left = types.is_cuda and recipe.model.precision in QUANTIZED
    return size != types.size if is_left else types.adapter_size != size or types.adapter_size != types.size


def _keeps_output(shape: ModelShape, recipe: Recipe, types: Types) -> bool:
    """Whether attention keeps its output itself, in the type and layout in which the next layer reads it."""
    is_fused = attention_of(shape, recipe) == "sdpa"
    return is_fused and types.attention_size == types.size and not shape.block.copies_output


def _sources(shape: ModelShape, types: Types) -> tuple[dict[str, int], dict[str, int]]:
    """Width and bytes of a number of everything that linear layers read."""
    is_widened = shape.block.norm == "layer" and types.is_cuda and types.has_autocast
    norm_size = 4 if is_widened else types.norm_size
    mlp_size = 4 if is_widened and shape.block.activation == "gelu_new" else types.mlp_size
    sizes = {"first norm": norm_size, "second norm": norm_size, "attention": types.size, "mlp": mlp_size}
    widths = {
        source_of(shape, index): width
        for index, (_, width) in enumerate(shape.linears)
        if not is_expert_router(shape, index)
    }
    return widths, sizes
