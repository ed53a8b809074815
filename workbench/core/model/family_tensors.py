"""The tensors of the model families whose layers are all alike, reckoned from config.json."""

from collections.abc import Callable, Mapping
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
    router: str = ""  # of a mixture of experts: where it stands in the block


_FAMILIES = {
    "llama": _Family(),
    "mistral": _Family(),
    "mixtral": _Family(router="block_sparse_moe.gate"),
    "qwen2": _Family(has_query_bias=True),
    "qwen3": _Family(has_head_norms=True),
    "qwen3_moe": _Family(has_head_norms=True, router="mlp.gate"),
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
    tensors = _OLDER[kind](config) if kind in _OLDER else _llama_like(config, kind)
    heads = {"gpt_neox": "embed_out.weight"}
    words, hidden = _number(config, "vocab_size"), _number(config, "hidden_size", "n_embd", "n_embed")
    if tensors and not config.get("tie_word_embeddings", kind in TIED_BY_DEFAULT):
        tensors[heads.get(kind, "lm_head.weight")] = (words, _number(config, "word_embed_proj_dim") or hidden)
    return tensors


def _llama_like(config: Mapping[str, Any], kind: str) -> Sizes:
    family = _FAMILIES.get(kind)
    wanted = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    hidden, inner, layers, heads, words = (_number(config, name) for name in wanted)
    if family is None or not all((hidden, inner, layers, heads, words)) or layers > MOST_LAYERS:
        return {}
    size = _number(config, "head_dim") or HEAD_SIZES.get(kind) or hidden // heads
    queries, keys = heads * size, (_number(config, "num_key_value_heads") or heads) * size
    block = _block(config, family, hidden, inner, size, queries, keys)
    tensors: Sizes = {"model.embed_tokens.weight": (words, hidden), "model.norm.weight": (hidden,)}
    return {**tensors, **_repeated(block, "model.layers", layers)}


def _number(config: Mapping[str, Any], *names: str) -> int:
    said = (config.get(name) for name in names)
    return next((value for value in said if type(value) is int and value > 0), 0)


def _repeated(block: Sizes, stack: str, layers: int) -> Sizes:
    return {f"{stack}.{layer}.{name}": shape for layer in range(layers) for name, shape in block.items()}


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
    experts: Sizes = {}
    if family.router:
        linears = {name: shape for name, shape in linears.items() if not name.startswith("mlp.")}
        count = _number(config, "num_local_experts", "num_experts") or (8 if family.router != "mlp.gate" else 128)
        inner = _number(config, "moe_intermediate_size") or inner
        linears[family.router] = (count, hidden)
        experts = {
            "mlp.experts.gate_up_proj": (count, 2 * inner, hidden),
            "mlp.experts.down_proj": (count, hidden, inner),
        }
    tensors: Sizes = {f"{name}.weight": shape for name, shape in linears.items()} | experts
    tensors.update({f"{name}.bias": (linears[name][0],) for name in biased if name in linears})
    tensors.update({f"norm{number}.weight": (hidden,) for number in range(family.norms)})
    if family.has_head_norms:
        tensors.update({"self_attn.q_norm.weight": (size,), "self_attn.k_norm.weight": (size,)})
    return tensors


# -- families older than Llama: LayerNorm, biases ----------------------------------------------------------------------


def _with_norms(
    linears: Sizes, norms: tuple[str, ...], hidden: int, *, biased: bool = True, turned: bool = False
) -> Sizes:
    """Linear layers (out, in) and norms of a block with their biases; `turned` stores the weights as (in, out)."""
    tensors: Sizes = {f"{name}.weight": shape[::-1] if turned else shape for name, shape in linears.items()}
    if biased:
        tensors.update({f"{name}.bias": (shape[0],) for name, shape in linears.items()})
    for norm in norms:
        tensors.update({f"{norm}.weight": (hidden,), f"{norm}.bias": (hidden,)})
    return tensors


def _read(config: Mapping[str, Any], *names: tuple[str, ...]) -> list[int]:
    """Numbers that a family cannot do without; none of them where one is missing or absurd."""
    found = [_number(config, *aliases) for aliases in names]
    return found if all(found) and found[1] <= MOST_LAYERS else []


_SIZE, _DEPTH = ("hidden_size", "n_embd", "n_embed"), ("num_hidden_layers", "n_layer")
_HEADS, _WORDS = ("num_attention_heads", "n_head"), ("vocab_size",)


def _gpt2(config: Mapping[str, Any]) -> Sizes:
    read = _read(config, _SIZE, _DEPTH, _WORDS)
    if not read:
        return {}
    hidden, layers, words = read
    inner = _number(config, "n_inner") or 4 * hidden
    positions = _number(config, "n_positions", "max_position_embeddings") or 1024
    linears: Sizes = {
        "attn.c_attn": (3 * hidden, hidden),
        "attn.c_proj": (hidden, hidden),
        "mlp.c_fc": (inner, hidden),
        "mlp.c_proj": (hidden, inner),
    }
    block = _with_norms(linears, ("ln_1", "ln_2"), hidden, turned=True)
    tensors: Sizes = {"transformer.wte.weight": (words, hidden), "transformer.wpe.weight": (positions, hidden)}
    return {**tensors, **_with_norms({}, ("transformer.ln_f",), hidden), **_repeated(block, "transformer.h", layers)}


def _opt(config: Mapping[str, Any]) -> Sizes:
    read = _read(config, _SIZE, _DEPTH, _WORDS, ("ffn_dim",))
    if not read:
        return {}
    hidden, layers, words, inner = read
    narrow = _number(config, "word_embed_proj_dim") or hidden
    positions = (_number(config, "max_position_embeddings") or 2048) + 2
    linears: Sizes = {f"self_attn.{name}_proj": (hidden, hidden) for name in ("q", "k", "v", "out")}
    linears |= {"fc1": (inner, hidden), "fc2": (hidden, inner)}
    norms = ("self_attn_layer_norm", "final_layer_norm")
    block = _with_norms(linears, norms, hidden, biased=config.get("enable_bias", True))
    stem = "model.decoder"
    tensors: Sizes = {
        f"{stem}.embed_tokens.weight": (words, narrow),
        f"{stem}.embed_positions.weight": (positions, hidden),
    }
    if narrow != hidden:
        tensors |= {f"{stem}.project_in.weight": (hidden, narrow), f"{stem}.project_out.weight": (narrow, hidden)}
    if config.get("do_layer_norm_before", True) and not config.get("_remove_final_layer_norm"):
        tensors |= _with_norms({}, (f"{stem}.final_layer_norm",), hidden)
    return {**tensors, **_repeated(block, f"{stem}.layers", layers)}


def _gpt_neox(config: Mapping[str, Any]) -> Sizes:
    read = _read(config, _SIZE, _DEPTH, _WORDS, ("intermediate_size",))
    if not read:
        return {}
    hidden, layers, words, inner = read
    attention: Sizes = {"attention.query_key_value": (3 * hidden, hidden), "attention.dense": (hidden, hidden)}
    mlp: Sizes = {"mlp.dense_h_to_4h": (inner, hidden), "mlp.dense_4h_to_h": (hidden, inner)}
    block = _with_norms(attention, (), hidden, biased=config.get("attention_bias", True))
    block |= _with_norms(mlp, ("input_layernorm", "post_attention_layernorm"), hidden)
    tensors: Sizes = {
        "gpt_neox.embed_in.weight": (words, hidden),
        **_with_norms({}, ("gpt_neox.final_layer_norm",), hidden),
    }
    return {**tensors, **_repeated(block, "gpt_neox.layers", layers)}


def _falcon(config: Mapping[str, Any]) -> Sizes:
    read = _read(config, _SIZE, _DEPTH, _WORDS, _HEADS)
    if not read:
        return {}
    hidden, layers, words, heads = read
    size, is_new = hidden // heads, bool(config.get("new_decoder_architecture"))
    keys = heads
    if is_new:
        keys = _number(config, "num_kv_heads") or heads
    elif config.get("multi_query", True):
        keys = 1
    inner = _number(config, "ffn_hidden_size") or 4 * hidden
    linears: Sizes = {
        "self_attention.query_key_value": ((heads + 2 * keys) * size, hidden),
        "self_attention.dense": (hidden, hidden),
        "mlp.dense_h_to_4h": (inner, hidden),
        "mlp.dense_4h_to_h": (hidden, inner),
    }
    norms: tuple[str, ...] = ("input_layernorm",)
    if is_new and config.get("num_ln_in_parallel_attn") != 1:
        norms = ("ln_attn", "ln_mlp")
    elif not is_new and not config.get("parallel_attn", True):
        norms = ("input_layernorm", "post_attention_layernorm")
    block = _with_norms(linears, norms, hidden, biased=bool(config.get("bias")))
    tensors: Sizes = {"transformer.word_embeddings.weight": (words, hidden)}
    return {**tensors, **_with_norms({}, ("transformer.ln_f",), hidden), **_repeated(block, "transformer.h", layers)}


def _bloom(config: Mapping[str, Any]) -> Sizes:
    read = _read(config, _SIZE, _DEPTH, _WORDS)
    if not read:
        return {}
    hidden, layers, words = read
    linears: Sizes = {
        "self_attention.query_key_value": (3 * hidden, hidden),
        "self_attention.dense": (hidden, hidden),
        "mlp.dense_h_to_4h": (4 * hidden, hidden),
        "mlp.dense_4h_to_h": (hidden, 4 * hidden),
    }
    block = _with_norms(linears, ("input_layernorm", "post_attention_layernorm"), hidden)
    outer = ("transformer.word_embeddings_layernorm", "transformer.ln_f")
    tensors: Sizes = {"transformer.word_embeddings.weight": (words, hidden)}
    return {**tensors, **_with_norms({}, outer, hidden), **_repeated(block, "transformer.h", layers)}


_OLDER: dict[str, Callable[[Mapping[str, Any]], Sizes]] = {
    "gpt2": _gpt2, "opt": _opt, "gpt_neox": _gpt_neox, "falcon": _falcon, "bloom": _bloom,
}  # fmt: skip
