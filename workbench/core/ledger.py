"""What a run holds in memory at its peak, part by part, predicted from a model's shape and a recipe."""

from dataclasses import dataclass

from workbench.core.model_shape import ModelShape
from workbench.core.recipe import QUANTIZED, Recipe
from workbench.numerics.formats import bits_per_weight

PARTS = (
    "weights", "unquantized", "adapters", "gradients", "optimizer", "activations", "logits", "workspace", "overhead",
)  # fmt: skip
# CUDA's context and the allocator's own: 0.3 to 0.6 GB by what is published; not measured here.
CARD_OVERHEAD_BYTES = 450_000_000
# Resident size after loading, without the weights: PyTorch and the libraries around it, on a CPU (the milestone "after
# load" in tests/data/journals/finished: 1.28 GB with 0.11 GB of weights).
CPU_OVERHEAD_BYTES = 1_160_000_000
# Bytes a token and word of the vocabulary at the peak: logits in 16 bits (2), the log-softmax (4), and two gradients
# in FP32 (4 + 4). FP32 logits take twice the 2.
LOGIT_BYTES = 14
_BYTES = {"fp32": 4, "fp16": 2, "bf16": 2}


@dataclass(frozen=True)
class Ledger:
    """Bytes by part at the moment of the peak; `after_load_bytes` before the first step."""

    parts: dict[str, int]
    after_load_bytes: int
    moment: str

    @property
    def peak_bytes(self) -> int:
        return sum(self.parts.values())


def weights_bytes(shape: ModelShape, precision: str, double_quant: bool, compute_dtype: str = "bf16") -> tuple[int, int]:
    """Bytes of the quantized layers, block constants and row scales included, and of all that is kept unquantized.

    Under FP32, FP16 and BF16 both parts have that format. Embeddings, head and norms of a quantized model stay in the
    compute type (transformers, `replace_with_bnb_linear`); LLM.int8() keeps a FP32 scale per row.
    """
    bits = bits_per_weight(precision, double_quant=double_quant)
    stored = round(shape.linear_parameters * bits / 8)
    if precision == "int8":
        stored += 4 * shape.linear_rows
    kept = _BYTES[compute_dtype] if precision in QUANTIZED else _BYTES[precision]
    return stored, shape.other_parameters * kept


def adapter_parameters(shape: ModelShape, recipe: Recipe) -> int:
    """Numbers of the adapter: rank x (inputs + outputs) of every layer it stands beside, in all blocks."""
    if not recipe.lora.enabled:
        return 0
    wanted = recipe.lora.targets
    sizes = [
        out + inner
        for name, (out, inner) in zip(shape.linear_names, shape.linears, strict=True)
        if "all-linear" in wanted or any(name.endswith(target) for target in wanted)
    ]
    return recipe.lora.rank * sum(sizes) * shape.layers


def trained_parameters(shape: ModelShape, recipe: Recipe) -> int:
    return adapter_parameters(shape, recipe) if recipe.lora.enabled else shape.parameters


def predict(shape: ModelShape, recipe: Recipe, *, device: str) -> Ledger:
    """The ledger of a recipe on "cuda" or "cpu": the larger of the two peaks of a step.

    At the end of the forward pass the logits are held beside what was kept for the backward pass; in the backward pass
    of one block its activations and a dequantized layer are (Korthikanti, arXiv 2205.05198; QLoRA, arXiv 2305.14314).
    """
    model, training = recipe.model, recipe.training
    compute = _BYTES[model.compute_dtype]
    stored, kept = weights_bytes(
        shape, model.precision, model.double_quant and recipe.applies("model.double_quant"), model.compute_dtype
    )
    if recipe.applies("lora.upcast") and recipe.lora.upcast:
        kept = shape.other_parameters * 4
    trained = trained_parameters(shape, recipe)
    each = _adapter_bytes(recipe)
    tokens = training.batch_size * training.max_length
    one_block = tokens * _block_bytes(shape, recipe)
    # The residual stream between two blocks is kept even where the rest is computed again.
    between = tokens * compute * shape.hidden_size * shape.layers
    saved = between if training.gradient_checkpointing else one_block * shape.layers
    again = one_block if training.gradient_checkpointing else 0
    largest = max((out * inner for out, inner in shape.linears), default=0)
    workspace = largest * compute if model.precision in QUANTIZED else 0
    live = tokens * 4 * (shape.intermediate_size + shape.hidden_size)
    logits = tokens * shape.vocab_size * (LOGIT_BYTES + (4 if compute == 4 else 0))
    is_forward = logits >= again + workspace + live
    parts = {
        "weights": stored,
        "unquantized": kept,
        "adapters": trained * each if recipe.lora.enabled else 0,
        "gradients": trained * each,
        "optimizer": round(trained * _optimizer_bytes(training.optimizer, each)),
        "activations": saved if is_forward else saved + again + live,
        "logits": logits if is_forward else 0,
        "workspace": 0 if is_forward else workspace,
        "overhead": CARD_OVERHEAD_BYTES if device == "cuda" else CPU_OVERHEAD_BYTES,
    }
    moment = "end of the forward pass" if is_forward else "backward pass of one block"
    return Ledger(parts, stored + kept + parts["overhead"], moment)


def _adapter_bytes(recipe: Recipe) -> int:
    return _BYTES[recipe.lora.adapter_dtype] if recipe.lora.enabled else _BYTES[recipe.model.precision]


def _optimizer_bytes(name: str, each: int) -> float:
    """Bytes a trained number costs in the optimizer's states."""
    if name.startswith(("sgd", "lomo", "adalomo")):
        return 0
    if "8bit" in name:
        return (1 if "lion" in name or "rmsprop" in name else 2) * (1 + 4 / 256)
    if name.startswith("adafactor"):
        return 0.1  # a row and a column for each matrix
    states = 1 if "lion" in name or "rmsprop" in name or "adagrad" in name else 2
    return states * (4.0 if "32bit" in name else each)


def _block_bytes(shape: ModelShape, recipe: Recipe) -> int:
    """Bytes a token keeps of one block for its backward pass; equals what saved_tensors_hooks counts for a Llama."""
    hidden, inner = shape.hidden_size, shape.intermediate_size
    queries = shape.attention_heads * shape.head_size
    keys = shape.key_value_heads * shape.head_size
    heads = shape.attention_heads
    kept = 8 * hidden + 8 + 2 * queries + 6 * inner
    if recipe.model.attention == "eager":
        kept += 6 * queries + 6 * heads * recipe.training.max_length
    else:
        kept += 2 * queries + 4 * keys + 4 * heads
    if recipe.lora.enabled:
        shared = 2 * (2 * hidden + inner)  # inputs of the adapters, each kept once
        copies = 4 * (5 * hidden + queries + inner)  # dropout and FP32 adapters keep copies of their own
        kept += copies if recipe.lora.dropout > 0 else shared
        kept += 4 * recipe.lora.rank * len(shape.linears)
    return kept * (2 if recipe.model.compute_dtype == "fp32" else 1)
