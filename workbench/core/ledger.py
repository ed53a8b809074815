"""The memory a run will hold, part by part, reckoned before it begins.

A part's source stands at its function. The formula as a whole is that of QLoRA (arXiv 2305.14314) with the activations
of a decoder block counted tensor by tensor, which saved_tensors_hooks confirmed to the byte (torch 2.13, peft 0.21).
"""

from dataclasses import dataclass
from math import prod

from workbench.core.model_shape import ModelShape
from workbench.core.optimizer_states import state_bytes
from workbench.core.recipe import FOUR_BIT, QUANTIZED, Recipe
from workbench.numerics.formats import bits_per_weight

PARTS = (
    "weights",
    "unquantized",
    "adapters",
    "gradients",
    "optimizer",
    "activations",
    "logits",
    "workspace",
    "overhead",
)
FORWARD = "end of the forward pass"
BACKWARD = "backward pass of one block"

SIZES = {"fp32": 4, "fp16": 2, "bf16": 2}

# What CUDA keeps for itself on a card (0.3 to 0.6 GB by driver and card), and what the allocator loses between blocks.
CUDA_CONTEXT_BYTES = 450_000_000
FRAGMENTATION = 0.05
# Resident size of the engine with its libraries (Linux, torch 2.13 CPU):
# python -c "import workbench.engine.train, psutil; print(psutil.Process().memory_info().rss)"
LIBRARIES_BYTES = 503_000_000
# Tokenizer and rows of the starter, measured as the growth from there to the tokenized rows.
TOKENIZER_BYTES = 62_000_000
# What the heap of a CPU run holds beside what is in use, measured as the starter's resident peak less what is reckoned:
# 0.52 GB with checkpointing and no answers, 0.55 GB in BF16, 0.64 to 0.80 GB as it comes.
HEAP_BYTES = 500_000_000
# engine/held.py
MOST_HELD_OF_FREE_MEMORY = 0.5
# trl 1.16, kernels/chunked_logprob.py: the head is multiplied in tiles of so many tokens and so many words.
TILE_TOKENS, TILE_WORDS = 4096, 32768

_QUERY_LAYERS = ("q_proj", "k_proj", "v_proj", "qkv_proj", "query_key_value", "c_attn")
_OUTPUT_LAYERS = ("o_proj", "out_proj", "dense")
_UP_LAYERS = ("gate_proj", "up_proj", "gate_up_proj", "fc1", "c_fc", "dense_h_to_4h")


@dataclass(frozen=True)
class Ledger:
    """What is held at the moment of the peak, in bytes by part; `moment` is FORWARD or BACKWARD."""

    parts: dict[str, int]
    after_load_bytes: int
    peak_bytes: int
    moment: str

    @property
    def allocated_bytes(self) -> int:
        """The peak without the overhead: what torch's allocator counts on a card."""
        return self.peak_bytes - self.parts["overhead"]


def weights_bytes(
    shape: ModelShape, precision: str, double_quant: bool, compute_dtype: str = "bf16"
) -> tuple[int, int]:
    """Bytes of the layers that quantization replaces, and of embeddings, head and norms, which it leaves.

    4-bit layers keep an absmax per block (numerics/formats.py), INT8 layers a 32-bit scale per row (bitsandbytes,
    int8_vectorwise_quant); the rest is kept in the compute type (engine/load.py).
    """
    if precision not in QUANTIZED:
        return shape.linear_parameters * SIZES[precision], shape.other_parameters * SIZES[precision]
    rest = shape.other_parameters * SIZES[compute_dtype]
    if precision == "int8":
        return shape.linear_parameters + 4 * shape.linear_rows, rest
    return round(shape.linear_parameters * bits_per_weight(precision, double_quant=double_quant) / 8), rest


def adapter_parameters(shape: ModelShape, recipe: Recipe) -> int:
    """Numbers in the adapter: rank x (in + out) of each chosen layer, and DoRA's magnitude per output."""
    dora = sum(shape.linears[index][0] for index in _targets(shape, recipe)) if recipe.lora.dora else 0
    widths = sum(sum(shape.linears[index]) for index in _targets(shape, recipe))
    return shape.layers * (recipe.lora.rank * widths + dora)


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
    transformers' own loss does. `free_bytes` of a CPU decides whether weights are held ready while answering.
    """
    reckoned = _Reckoning(shape, recipe, device)
    quantized, rest = weights_bytes(
        shape, recipe.model.precision, recipe.model.double_quant, recipe.model.compute_dtype
    )
    if reckoned.is_upcast:
        rest = shape.other_parameters * 4
    parameters = trainable_parameters(shape, recipe)
    trained_size = reckoned.trained_size
    still = {
        "weights": quantized,
        "unquantized": rest,
        "adapters": parameters * trained_size if recipe.lora.enabled else 0,
        "gradients": parameters * trained_size,
        "optimizer": state_bytes(recipe.training.optimizer, parameters, trained_size, _factored(shape, recipe)),
    }
    block = reckoned.tokens * reckoned.block_bytes()
    checkpointing = recipe.training.gradient_checkpointing
    kept = reckoned.tokens * reckoned.residual_size * shape.hidden_size * shape.layers
    kept = kept if checkpointing else block * shape.layers
    logits = reckoned.logits_bytes(fused_head and device == "cuda", trained_share)
    copies = reckoned.converted_bytes()
    forward = {"activations": kept, "logits": logits, "workspace": copies}
    backward = {
        "activations": kept + (block if checkpointing else 0),
        "logits": 0,
        "workspace": copies + reckoned.backward_bytes(),
    }
    is_forward = sum(forward.values()) >= sum(backward.values())
    largest = forward if is_forward else backward
    if device == "cpu":
        # What was freed after answering is used again.
        largest["workspace"] += max(0, reckoned.answering_bytes(free_bytes) - sum(largest.values()))
    parts = {**still, **largest}
    loaded = reckoned.overhead_bytes(quantized + rest, rest)
    parts["overhead"] = reckoned.overhead_bytes(sum(parts.values()), rest)
    return Ledger(
        parts={name: int(parts[name]) for name in PARTS},
        after_load_bytes=quantized + rest + loaded,
        peak_bytes=sum(int(parts[name]) for name in PARTS),
        moment=FORWARD if is_forward else BACKWARD,
    )


class _Reckoning:
    """The types a run multiplies and keeps things in, and what follows from them."""

    def __init__(self, shape: ModelShape, recipe: Recipe, device: str) -> None:
        self.shape, self.recipe, self.device = shape, recipe, device
        model, lora = recipe.model, recipe.lora
        self.is_quantized = model.precision in QUANTIZED
        self.is_upcast = lora.upcast and lora.enabled and self.is_quantized
        # engine/trainer.py: autocast on a card, and on a CPU over FP32 weights.
        mixes = device == "cuda" or model.precision == "fp32"
        self.has_autocast = model.compute_dtype == "fp16" or (model.compute_dtype == "bf16" and mixes)
        rest_size = SIZES[model.compute_dtype if self.is_quantized else model.precision]
        self.size = 2 if self.has_autocast else rest_size  # of an activation
        self.residual_size = 4 if self.is_upcast else rest_size
        self.converts = self.has_autocast and self.residual_size == 4  # an input of each layer, apart
        self.adapter_size = SIZES[lora.adapter_dtype]
        self.trained_size = self.adapter_size if lora.enabled else SIZES[model.precision]
        self.tokens = recipe.training.batch_size * recipe.training.max_length
        self.largest = max((prod(linear) for linear in shape.linears), default=0)

    def block_bytes(self) -> int:
        """What one decoder block keeps for its backward pass, a token.

        Two norms keep an FP32 input each with a scale, attention its queries, keys, values and output (eager: the score
        matrix thrice), a gated MLP three intermediates and a plain one two. A frozen layer keeps no input, the adapter
        beside it does: one for all adapters that read the same, or one each where it is converted or dropped out.
        """
        shape, size = self.shape, self.size
        queries = shape.attention_heads * shape.head_size
        keys = shape.key_value_heads * shape.head_size
        # A CPU's attention is done in FP32 (engine/cpu_bf16.py).
        wide = 4 if self.device == "cpu" else size
        total = 8 * shape.hidden_size + 8 + wide * queries
        if self.recipe.model.attention == "eager":
            total += 3 * size * (queries + shape.attention_heads * self.recipe.training.max_length)
        else:
            total += wide * (queries + 2 * keys) + 4 * shape.attention_heads
        is_gated = any(name in ("gate_proj", "gate_up_proj") for name in shape.linear_names)
        return total + (3 if is_gated else 2) * size * shape.intermediate_size + self._inputs_bytes()

    def _inputs_bytes(self) -> int:
        shape, lora, size = self.shape, self.recipe.lora, self.size
        sources = [_source(shape, index) for index in range(len(shape.linears))]
        widths = {sources[index]: shape.linears[index][1] for index in range(len(shape.linears))}
        widths.pop("attention", None)  # attention keeps its output anyway
        if not lora.enabled:
            return sum(size * width for width in widths.values())
        targets = _targets(shape, self.recipe)
        own_size = size if self.has_autocast or self.adapter_size == size else self.adapter_size
        total = own_size * lora.rank * len(targets)
        shared: set[str] = set()
        if lora.dropout:
            mask_size = 1 if self.device == "cuda" else 2
            total += sum((own_size + mask_size) * shape.linears[index][1] for index in targets)
        elif own_size != size or self.converts:
            total += sum(own_size * shape.linears[index][1] for index in targets)
        else:
            shared = {sources[index] for index in targets}
        if self.recipe.model.precision == "int8":
            shared = set(sources)  # Linear8bitLt keeps its input (bitsandbytes, autograd/_functions.py)
        return total + sum(size * width for source, width in widths.items() if source in shared)

    def logits_bytes(self, is_fused: bool, trained_share: float) -> int:
        """Logits as they are, widened, their log-softmax and its gradient: 14 bytes a word in a 16-bit type.

        In tiles: one tile, and an FP32 gradient of the hidden states (trl 1.16).
        """
        tokens = round(self.tokens * trained_share)
        if is_fused:
            tile = self.size * min(tokens, TILE_TOKENS) * TILE_WORDS
            return tile + 4 * tokens * self.shape.hidden_size
        return (self.size + 12) * tokens * self.shape.vocab_size

    def backward_bytes(self) -> int:
        """A dequantized layer, and the gradients that live within a block; a CPU widens the layer to FP32 as well."""
        shape = self.shape
        dequantized = self.largest * (self.size + (4 if self.device == "cpu" else 0)) if self.is_quantized else 0
        live = 2 * self.size * (shape.intermediate_size + shape.hidden_size) * self.tokens
        return dequantized + live

    def converted_bytes(self) -> int:
        """The 16-bit copies that autocast makes of FP32 weights, which the backward pass wants again."""
        if not (self.has_autocast and self.recipe.model.precision == "fp32"):
            return 0
        shape = self.shape
        blocks = max(1, shape.layers) if self.recipe.training.gradient_checkpointing else 1
        return 2 * (shape.linear_parameters // blocks + shape.vocab_size * shape.hidden_size)

    def answering_bytes(self, free_bytes: int | None) -> int:
        """What engine/held.py widens while a CPU without BF16 answers: its larger case."""
        samples, model = self.recipe.samples, self.recipe.model
        answers = samples.count or samples.prompts or self.recipe.evaluation.score_path
        wanted = 4 * self.shape.linear_parameters
        is_held = free_bytes is None or wanted <= MOST_HELD_OF_FREE_MEMORY * free_bytes
        return wanted if answers and is_held and model.precision in (*FOUR_BIT, "bf16") else 0

    def overhead_bytes(self, allocated: int, rest: int) -> int:
        """What a card's context and fragments take; on a CPU the libraries, and what the heap loses.

        Unquantized weights of the stored type stay in the file, which is mapped; so its other pages stay resident too.
        """
        if self.device == "cuda":
            return round(CUDA_CONTEXT_BYTES + FRAGMENTATION * allocated)
        is_mapped = self.is_quantized and self.shape.stored_as.startswith(self.recipe.model.compute_dtype.upper())
        other_pages = max(0, self.shape.stored_bytes - rest) if is_mapped else 0
        return LIBRARIES_BYTES + TOKENIZER_BYTES + HEAP_BYTES + other_pages


# -- one block ---------------------------------------------------------------------------------------------------------


def _targets(shape: ModelShape, recipe: Recipe) -> list[int]:
    """Which linear layers of a block get an adapter, by their place."""
    wanted = recipe.lora.targets
    is_all = wanted == ("all-linear",)
    return [index for index, name in enumerate(shape.linear_names) if is_all or name in wanted]


def _source(shape: ModelShape, index: int) -> str:
    """What a linear layer reads: layers of one source share their input."""
    name, width = shape.linear_names[index], shape.linears[index][1]
    if name in _QUERY_LAYERS:
        return "first norm"
    if name in _UP_LAYERS:
        return "second norm"
    if name in _OUTPUT_LAYERS or (name == "c_proj" and width == shape.hidden_size):
        return "attention"
    return "mlp"


def _factored(shape: ModelShape, recipe: Recipe) -> int:
    """Rows and columns of all trained matrices."""
    if recipe.lora.enabled:
        rank, targets = recipe.lora.rank, _targets(shape, recipe)
        return shape.layers * sum(2 * rank + sum(shape.linears[index]) for index in targets)
    return shape.layers * sum(map(sum, shape.linears)) + shape.vocab_size + shape.hidden_size
