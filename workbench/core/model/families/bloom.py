"""BLOOM: LayerNorm also after the embeddings, ALiBi, and attention that spells its products out."""

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.families.family import NEEDED, Config, Family, Sizes, repeated, with_norms


def _tensors(config: Config) -> Sizes:
    hidden, words = config.size("hidden size"), config.size("vocabulary")
    linears: Sizes = {
        "self_attention.query_key_value": (3 * hidden, hidden),
        "self_attention.dense": (hidden, hidden),
        "mlp.dense_h_to_4h": (4 * hidden, hidden),
        "mlp.dense_4h_to_h": (hidden, 4 * hidden),
    }
    block = with_norms(linears, ("input_layernorm", "post_attention_layernorm"), hidden)
    outer = ("transformer.word_embeddings_layernorm", "transformer.ln_f")
    return {
        "transformer.word_embeddings.weight": (words, hidden),
        "lm_head.weight": (words, hidden),
        **with_norms({}, outer, hidden),
        **repeated(block, "transformer.h", config.size("layers")),
    }


FAMILIES = (
    Family(
        ("bloom",),
        "BLOOM",
        _tensors,
        BlockTraits(is_known=True, norm="layer", activation="gelu", attention="bloom"),
        {
            "queries": ("query_key_value",),
            "output": ("dense",),
            "up": ("dense_h_to_4h",),
            "down": ("dense_4h_to_h",),
        },
        ("word_embeddings.weight",),
        names={
            "hidden size": ("n_embed", "hidden_size"),  # the 176B's own config.json says n_embed
            "layers": ("num_hidden_layers", "n_layer"),
            "attention heads": ("num_attention_heads", "n_head"),
            "MLP width": (),  # always four times the hidden size
            "positions": ("max_position_embeddings", "seq_length"),
        },
        needs=NEEDED,
        is_tied=True,
        is_unbounded=True,
        residual_dropout=("hidden_dropout", 0.0),
    ),
)
