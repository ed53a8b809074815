"""Falcon's three makes: 40B with few heads for keys, 7B with one, and RW with as many as queries and ALiBi."""

from dataclasses import replace

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.families.family import NEEDED, Config, Family, Sizes, repeated, with_norms


def _tensors(config: Config) -> Sizes:
    hidden, words, heads = config.size("hidden size"), config.size("vocabulary"), config.size("attention heads")
    size, is_new = hidden // heads, bool(config.get("new_decoder_architecture"))
    keys = config.key_value_heads if is_new or config.get("multi_query", True) else heads
    inner = config.size("MLP width") or 4 * hidden
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
    block = with_norms(linears, norms, hidden, biased=bool(config.get("bias")))
    return {
        "transformer.word_embeddings.weight": (words, hidden),
        "lm_head.weight": (words, hidden),
        **with_norms({}, ("transformer.ln_f",), hidden),
        **repeated(block, "transformer.h", config.size("layers")),
    }


def _refined(config: Config, traits: BlockTraits) -> BlockTraits:
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


FAMILIES = (
    Family(
        ("falcon",),
        "Falcon",
        _tensors,
        BlockTraits(is_known=True, norm="layer", activation="gelu", softmax_is_wide=False),
        {
            "queries": ("query_key_value",),
            "output": ("dense",),
            "up": ("dense_h_to_4h",),
            "down": ("dense_4h_to_h",),
        },
        ("word_embeddings.weight",),
        names={
            "hidden size": ("n_embed", "hidden_size"),
            "heads for keys and values": ("num_kv_heads",),
            "MLP width": ("ffn_hidden_size",),
        },
        needs=NEEDED,
        is_tied=True,
        is_multi_query=True,
        is_quantized=False,
        activation="activation",
        refined=_refined,
    ),
)
