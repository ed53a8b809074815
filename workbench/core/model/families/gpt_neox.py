"""GPT-NeoX and Pythia: LayerNorm, attention and MLP side by side, queries, keys and values from one layer."""

from dataclasses import replace

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.families.family import Config, Family, Sizes, repeated, with_norms


def _tensors(config: Config) -> Sizes:
    hidden, words, inner = config.size("hidden size"), config.size("vocabulary"), config.size("MLP width")
    attention: Sizes = {"attention.query_key_value": (3 * hidden, hidden), "attention.dense": (hidden, hidden)}
    mlp: Sizes = {"mlp.dense_h_to_4h": (inner, hidden), "mlp.dense_4h_to_h": (hidden, inner)}
    block = with_norms(attention, (), hidden, biased=config.get("attention_bias", True))
    block |= with_norms(mlp, ("input_layernorm", "post_attention_layernorm"), hidden)
    return {
        "gpt_neox.embed_in.weight": (words, hidden),
        "embed_out.weight": (words, hidden),
        **with_norms({}, ("gpt_neox.final_layer_norm",), hidden),
        **repeated(block, "gpt_neox.layers", config.size("layers")),
    }


def _refined(config: Config, traits: BlockTraits) -> BlockTraits:
    return replace(traits, norm_inputs=1) if config.get("use_parallel_residual", True) else traits


FAMILIES = (
    Family(
        ("gpt_neox",),
        "GPT-NeoX",
        _tensors,
        BlockTraits(is_known=True, norm="layer", activation="gelu", keeps_whole_qkv=True, copies_output=True),
        {
            "queries": ("query_key_value",),
            "output": ("dense",),
            "up": ("dense_h_to_4h",),
            "down": ("dense_4h_to_h",),
        },
        ("embed_in.weight",),
        heads=("embed_out.weight", "lm_head.weight"),  # in files, and in memory
        activation="hidden_act",
        residual_dropout=("hidden_dropout", 0.0),
        refined=_refined,
    ),
)
