"""How the decoder block of a model family is made, as far as it decides what a block keeps for its backward pass.

Read from transformers 5.24 (models/*/modeling_*.py) and confirmed to the byte by
tests/engine/train/test_memory_terms.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class BlockTraits:
    """How a block differs from Llama's; `is_known` is False for a family that is reckoned as if it were Llama."""

    is_known: bool = False
    norm: str = "rms"  # "rms" widens its input to FP32 and keeps that; "layer" keeps the input with mean and deviation
    norms: int = 2
    norm_inputs: int = 2  # what the norms read: blocks that are parallel have two norms of one input
    norm_is_wide: bool = False  # Gemma multiplies by its weight in FP32
    has_head_norms: bool = False  # of queries and keys
    attention: str = "sdpa"  # "sdpa", "math" (it falls back to products in FP32), "eager" or "bloom" (both: no sdpa)
    softmax_is_wide: bool = True  # eager attention: in FP32, then converted
    caps_scores: bool = False  # Gemma 2: a tanh
    is_always_masked: bool = False
    keeps_whole_qkv: bool = False  # values are a view of what one layer makes of queries, keys and values
    copies_output: bool = False  # queries laid out head by head: the output layer reads a copy
    activation: str = "gated"  # "gated", "gelu", "gelu_new" or "relu"
    has_gap: bool = True  # the MLP reads another norm than attention does
    residual_dropouts: int = 0
    attention_dropout: bool = False
    sliding_layers: int = 0  # layers that see no more than `window` tokens back
    window: int = 0
    experts: int = 0
    active_experts: int = 0
    expert_size: int = 0  # inner width of one expert
    normalises_experts: bool = False  # keeps the sum of the chosen experts' weights, and what is divided by it
    weighs_experts_wide: bool = False  # in FP32
    index_bytes: int = 0  # numbers of heads, kept whatever the tokens


UNKNOWN = BlockTraits()
_LAYER = BlockTraits(is_known=True, norm="layer", activation="gelu")
_LLAMA = BlockTraits(is_known=True)
_TRAITS = {
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "qwen2": _LLAMA,
    "qwen3": replace(_LLAMA, has_head_norms=True),
    "gemma": replace(_LLAMA, norm_is_wide=True),
    "gemma2": replace(_LLAMA, norms=4, norm_inputs=4, norm_is_wide=True, attention="eager", caps_scores=True),
    "gemma3_text": replace(_LLAMA, norms=4, norm_inputs=4, norm_is_wide=True, has_head_norms=True),
    "phi3": replace(_LLAMA, keeps_whole_qkv=True, copies_output=True),
    "mixtral": replace(_LLAMA, normalises_experts=True, weighs_experts_wide=True),
    "qwen3_moe": replace(_LLAMA, has_head_norms=True),
    "gpt2": replace(_LAYER, activation="gelu_new", softmax_is_wide=False),
    "gpt_neox": replace(_LAYER, keeps_whole_qkv=True, copies_output=True),
    "opt": replace(_LAYER, activation="relu"),
    "falcon": replace(_LAYER, softmax_is_wide=False),
    "bloom": replace(_LAYER, attention="bloom"),
}
# What transformers takes where config.json does not say it.
_RESIDUAL_DROPOUT = {"gpt2": ("resid_pdrop", 0.1), "opt": ("dropout", 0.1), "phi3": ("resid_pdrop", 0.0)}
_HIDDEN_DROPOUT = {"gpt_neox": ("hidden_dropout", 0.0), "bloom": ("hidden_dropout", 0.0)}
_ATTENTION_DROPOUT = {"gpt2": ("attn_pdrop", 0.1)}
_GATED = ("silu", "gelu", "gelu_pytorch_tanh", "gelu_new", "relu")
_ACTIVATIONS = {"gelu": "gelu", "gelu_pytorch_tanh": "gelu", "gelu_new": "gelu_new", "gelu_fast": "gelu_new"}


def traits_of(config: Mapping[str, Any]) -> BlockTraits:
    """The traits of a config.json; of a family that is not known those of Llama, marked as unknown."""
    kind = str(config.get("model_type"))
    traits = _TRAITS.get(kind)
    if traits is None:
        return UNKNOWN
    if traits.norm == "layer":
        said = config.get("activation_function") or config.get("hidden_act") or config.get("activation")
        if kind != "bloom" and said is not None:
            known = "relu" if said == "relu" else _ACTIVATIONS.get(str(said), "")
            traits = replace(traits, activation=known or traits.activation, is_known=bool(known))
    if kind == "falcon":
        traits = _falcon(config, traits)
    if kind == "gpt_neox" and config.get("use_parallel_residual", True):
        traits = replace(traits, norm_inputs=1)
    name, default = {**_RESIDUAL_DROPOUT, **_HIDDEN_DROPOUT}.get(kind, ("", 0.0))
    dropped = config.get(name, default)
    attention_name, attention_default = _ATTENTION_DROPOUT.get(kind, ("attention_dropout", 0.0))
    attention_dropped = config.get(attention_name, attention_default)
    return replace(
        traits,
        residual_dropouts=2 if _is_positive(dropped) else 0,
        attention_dropout=_is_positive(attention_dropped),
        **_windows(config, kind),
        **_experts(config, kind),
    )


def _is_positive(value: object) -> bool:
    return isinstance(value, (int, float)) and value > 0


def _whole(value: object) -> int:
    return value if type(value) is int and value > 0 else 0


def _falcon(config: Mapping[str, Any], traits: BlockTraits) -> BlockTraits:
    """Falcon's three makes: 40B with few keys, 7B with one, and RW with as many as queries and ALiBi."""
    if config.get("new_decoder_architecture"):
        one_norm = config.get("num_ln_in_parallel_attn") == 1
        return replace(
            traits,
            norms=1 if one_norm else 2,
            norm_inputs=1,
            is_always_masked=True,
            has_gap=not one_norm,
            index_bytes=16,
        )
    is_parallel = config.get("parallel_attn", True)
    norms = 1 if is_parallel else 2
    if config.get("multi_query", True):
        traits = replace(traits, attention="math", index_bytes=16)
    else:
        traits = replace(traits, keeps_whole_qkv=bool(config.get("alibi")))
    return replace(traits, norms=norms, norm_inputs=norms, has_gap=not is_parallel)


def _windows(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Layers with a sliding window, and the window."""
    window, layers = _whole(config.get("sliding_window")), _whole(config.get("num_hidden_layers"))
    if not window or kind not in ("mistral", "mixtral", "phi3", "gemma2", "gemma3_text", "qwen2", "qwen3", "qwen3_moe"):
        return {}
    types = config.get("layer_types")
    if isinstance(types, list) and types:
        return {"window": window, "sliding_layers": sum(entry == "sliding_attention" for entry in types)}
    if kind.startswith("qwen"):
        return {}  # use_sliding_window is off unless layer_types say otherwise
    if kind == "gemma2":
        return {"window": window, "sliding_layers": (layers + 1) // 2}
    if kind == "gemma3_text":
        return {
            "window": window,
            "sliding_layers": layers - layers // (_whole(config.get("sliding_window_pattern")) or 6),
        }
    return {"window": window, "sliding_layers": layers}


def _experts(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if kind == "mixtral":
        return {
            "experts": _whole(config.get("num_local_experts")) or 8,
            "active_experts": _whole(config.get("num_experts_per_tok")) or 2,
            "expert_size": _whole(config.get("intermediate_size")),
        }
    if kind == "qwen3_moe":
        return {
            "experts": _whole(config.get("num_local_experts")) or _whole(config.get("num_experts")) or 128,
            "active_experts": _whole(config.get("num_experts_per_tok")) or 8,
            "expert_size": _whole(config.get("moe_intermediate_size")),
            "normalises_experts": bool(config.get("norm_topk_prob")),
        }
    return {}
