"""OPT: LayerNorm, learned positions, ReLU, and in the smallest embeddings that are narrower than the blocks."""

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.families.family import Config, Family, Sizes, repeated, with_norms

_OFFSET = 2  # rows of the positions' table before the first (modeling_opt.py, OPTLearnedPositionalEmbedding)


def _tensors(config: Config) -> Sizes:
    hidden, words, inner = config.size("hidden size"), config.size("vocabulary"), config.size("MLP width")
    narrow = config.number("word_embed_proj_dim") or hidden
    linears: Sizes = {f"self_attn.{name}_proj": (hidden, hidden) for name in ("q", "k", "v", "out")}
    linears |= {"fc1": (inner, hidden), "fc2": (hidden, inner)}
    norms = ("self_attn_layer_norm", "final_layer_norm")
    block = with_norms(linears, norms, hidden, biased=config.get("enable_bias", True))
    stem = "model.decoder"
    tensors: Sizes = {
        f"{stem}.embed_tokens.weight": (words, narrow),
        f"{stem}.embed_positions.weight": (config.size("positions") + _OFFSET, hidden),
        "lm_head.weight": (words, narrow),
    }
    if narrow != hidden:
        tensors |= {f"{stem}.project_in.weight": (hidden, narrow), f"{stem}.project_out.weight": (narrow, hidden)}
    if config.get("do_layer_norm_before", True) and not config.get("_remove_final_layer_norm"):
        tensors |= with_norms({}, (f"{stem}.final_layer_norm",), hidden)
    return {**tensors, **repeated(block, f"{stem}.layers", config.size("layers"))}


FAMILIES = (
    Family(
        ("opt",),
        "OPT",
        _tensors,
        BlockTraits(is_known=True, norm="layer", activation="relu"),
        {"queries": ("q_proj", "k_proj", "v_proj"), "output": ("out_proj",), "up": ("fc1",), "down": ("fc2",)},
        ("embed_tokens.weight", "embed_positions.weight"),
        names={"MLP width": ("ffn_dim",)},
        defaults={"positions": 2048},
        is_tied=True,
        activation="activation_function",
        residual_dropout=("dropout", 0.1),
    ),
)
