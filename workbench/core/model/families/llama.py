"""Llama, and what is made like it: RMSNorm, a gated MLP, queries and keys turned by their positions."""

from collections.abc import Mapping

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.families.family import Config, Family, GgufTraits, Role, Sizes, repeated

BLOCK = BlockTraits(is_known=True)
EMBEDDINGS = ("embed_tokens.weight",)
LAYERS: Mapping[Role, tuple[str, ...]] = {
    "queries": ("q_proj", "k_proj", "v_proj"),
    "output": ("o_proj",),
    "up": ("gate_proj", "up_proj"),
    "down": ("down_proj",),
}


def llama_tensors(
    config: Config,
    *,
    norms: int = 2,
    has_head_norms: bool = False,
    has_query_bias: bool = False,
    is_fused: bool = False,
) -> Sizes:
    """The tensors of a family like Llama.

    `norms` are those of the hidden size in a block, `has_head_norms` tells of norms of queries and keys,
    `has_query_bias` of biases whatever config.json says, `is_fused` of one layer for queries, keys and values and
    another for gate and up.
    """
    hidden, words = config.size("hidden size"), config.size("vocabulary")
    linears = _linears(config, is_fused=is_fused)
    block: Sizes = {f"{name}.weight": shape for name, shape in linears.items()} | _experts(config)
    block |= {f"{name}.bias": (linears[name][0],) for name in _biased(config, has_query_bias) if name in linears}
    block |= {f"norm{number}.weight": (hidden,) for number in range(norms)}
    if has_head_norms:
        block |= {f"self_attn.{name}_norm.weight": (config.head_size,) for name in ("q", "k")}
    return {
        "model.embed_tokens.weight": (words, hidden),
        "model.norm.weight": (hidden,),
        "lm_head.weight": (words, hidden),
        **repeated(block, "model.layers", config.size("layers")),
    }


def _linears(config: Config, *, is_fused: bool) -> Sizes:
    hidden, inner = config.size("hidden size"), config.size("MLP width")
    queries = config.size("attention heads") * config.head_size
    keys = config.key_value_heads * config.head_size
    attention: Sizes = {f"self_attn.{name}_proj": (keys, hidden) for name in ("k", "v")}
    attention = {"self_attn.q_proj": (queries, hidden), **attention}
    mlp: Sizes = {"mlp.gate_proj": (inner, hidden), "mlp.up_proj": (inner, hidden)}
    if is_fused:
        attention, mlp = (
            {"self_attn.qkv_proj": (queries + 2 * keys, hidden)},
            {"mlp.gate_up_proj": (2 * inner, hidden)},
        )
    attention["self_attn.o_proj"] = (hidden, queries)
    if config.family.routers:
        return {**attention, config.family.routers[0]: (config.size("experts"), hidden)}
    return {**attention, **mlp, "mlp.down_proj": (hidden, inner)}


def _experts(config: Config) -> Sizes:
    """Experts are one tensor of three dimensions once they are loaded."""
    if not config.family.routers:
        return {}
    count, hidden, inner = config.size("experts"), config.size("hidden size"), config.size("expert width")
    return {"mlp.experts.gate_up_proj": (count, 2 * inner, hidden), "mlp.experts.down_proj": (count, hidden, inner)}


def _biased(config: Config, has_query_bias: bool) -> list[str]:
    biased = []
    if has_query_bias or config.get("attention_bias"):
        biased = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]
    if config.get("attention_bias") and not has_query_bias:
        biased += ["self_attn.o_proj"]
    if config.get("mlp_bias"):
        biased += ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
    return biased


GGUF = GgufTraits("llama", is_turned=True, usual={"max_position_embeddings": 2048, "rms_norm_eps": 1e-6})
FAMILIES = (Family(("llama",), "Llama", llama_tensors, BLOCK, LAYERS, EMBEDDINGS, gguf=GGUF),)
