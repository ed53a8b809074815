"""The tensors of the model families whose layers are all alike, reckoned from config.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Sizes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class _Family:
    """How a family differs from Llama (transformers 5.24, models/*/modeling_*.py)."""

    norms: int = 2  # of the hidden size, in a block
    has_head_norms: bool = False  # of queries and keys
    has_query_bias: bool = False  # of queries, keys and values, whatever config.json says
    is_fused: bool = False  # one layer makes queries, keys and values, another gate and up


_FAMILIES = {
    "llama": _Family(),
    "mistral": _Family(),
    "qwen2": _Family(has_query_bias=True),
    "qwen3": _Family(has_head_norms=True),
    "gemma": _Family(),
    "gemma2": _Family(norms=4),
    "gemma3_text": _Family(norms=4, has_head_norms=True),
    "phi3": _Family(is_fused=True),
}
# What transformers takes where config.json does not say it.
HEAD_SIZES = {"qwen3": 128, "gemma": 256, "gemma2": 256, "gemma3_text": 256}
TIED_BY_DEFAULT = ("gemma", "gemma2", "gemma3", "gemma3_text", "gpt2", "opt", "bloom", "falcon")
# No model has as many; a config.json may say anything.
MOST_LAYERS = 10_000


def tensors_of(config: Mapping[str, Any]) -> Sizes:
    """The size of each tensor by its name; none where the family, or a number it needs, is not known."""
    kind = str(config.get("model_type"))
    family = _FAMILIES.get(kind)
    wanted = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    hidden, inner, layers, heads, words = (_number(config, name) for name in wanted)
    if family is None or not all((hidden, inner, layers, heads, words)) or layers > MOST_LAYERS:
        return {}
    size = _number(config, "head_dim") or HEAD_SIZES.get(kind) or hidden // heads
    queries, keys = heads * size, (_number(config, "num_key_value_heads") or heads) * size
    block = _block(config, family, hidden, inner, size, queries, keys)
    tensors: Sizes = {"model.embed_tokens.weight": (words, hidden), "model.norm.weight": (hidden,)}
    if not config.get("tie_word_embeddings", kind in TIED_BY_DEFAULT):
        tensors["lm_head.weight"] = (words, hidden)
    for layer in range(layers):
        tensors.update({f"model.layers.{layer}.{name}": shape for name, shape in block.items()})
    return tensors


def _number(config: Mapping[str, Any], name: str) -> int:
    said = config.get(name)
    return said if type(said) is int and said > 0 else 0


def _block(
    config: Mapping[str, Any], family: _Family, hidden: int, inner: int, size: int, queries: int, keys: int
) -> Sizes:
    if family.is_fused:
        linears: Sizes = {
            "self_attn.qkv_proj": (queries + 2 * keys, hidden),
            "self_attn.o_proj": (hidden, queries),
            "mlp.gate_up_proj": (2 * inner, hidden),
            "mlp.down_proj": (hidden, inner),
        }
    else:
        linears = {
            "self_attn.q_proj": (queries, hidden),
            "self_attn.k_proj": (keys, hidden),
            "self_attn.v_proj": (keys, hidden),
            "self_attn.o_proj": (hidden, queries),
            "mlp.gate_proj": (inner, hidden),
            "mlp.up_proj": (inner, hidden),
            "mlp.down_proj": (hidden, inner),
        }
    biased = []
    if family.has_query_bias or config.get("attention_bias"):
        biased = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]
    if config.get("attention_bias") and not family.has_query_bias:
        biased += ["self_attn.o_proj"]
    if config.get("mlp_bias"):
        biased += ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
    tensors: Sizes = {f"{name}.weight": shape for name, shape in linears.items()}
    tensors.update({f"{name}.bias": (linears[name][0],) for name in biased if name in linears})
    tensors.update({f"norm{number}.weight": (hidden,) for number in range(family.norms)})
    if family.has_head_norms:
        tensors.update({"self_attn.q_norm.weight": (size,), "self_attn.k_norm.weight": (size,)})
    return tensors
