"""GPT-2: LayerNorm, learned positions, and linear layers that store their weights as (in, out)."""

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.families.family import NEEDED, Config, Family, Sizes, repeated, with_norms


def _tensors(config: Config) -> Sizes:
    hidden, words = config.size("hidden size"), config.size("vocabulary")
    inner = config.size("MLP width") or 4 * hidden
    linears: Sizes = {
        "attn.c_attn": (3 * hidden, hidden),
        "attn.c_proj": (hidden, hidden),
        "mlp.c_fc": (inner, hidden),
        "mlp.c_proj": (hidden, inner),
    }
    block = with_norms(linears, ("ln_1", "ln_2"), hidden, turned=True)
    return {
        "transformer.wte.weight": (words, hidden),
        "transformer.wpe.weight": (config.size("positions"), hidden),
        "lm_head.weight": (words, hidden),
        **with_norms({}, ("transformer.ln_f",), hidden),
        **repeated(block, "transformer.h", config.size("layers")),
    }


FAMILIES = (
    Family(
        ("gpt2",),
        "GPT-2",
        _tensors,
        BlockTraits(is_known=True, norm="layer", activation="gelu_new", softmax_is_wide=False),
        {"queries": ("c_attn",), "output": ("c_proj",), "up": ("c_fc",), "down": ("c_proj",)},
        ("wte.weight", "wpe.weight"),
        names={
            "hidden size": ("hidden_size", "n_embd"),
            "layers": ("num_hidden_layers", "n_layer"),
            "attention heads": ("num_attention_heads", "n_head"),
            "positions": ("max_position_embeddings", "n_positions"),
            "MLP width": ("n_inner",),
        },
        defaults={"positions": 1024},
        needs=NEEDED,
        is_tied=True,
        is_transposed=True,
        activation="activation_function",
        residual_dropout=("resid_pdrop", 0.1),
        attention_dropout=("attn_pdrop", 0.1),
    ),
)
