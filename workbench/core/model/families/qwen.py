"""Qwen2, Qwen3 and Qwen3 with a mixture of experts: Llama with biases of queries, then with norms of them."""

from dataclasses import replace
from functools import partial

from workbench.core.model.families.family import Config, Family, GgufTraits
from workbench.core.model.families.llama import BLOCK, EMBEDDINGS, LAYERS, llama_tensors

_USUAL = {"max_position_embeddings": 32_768, "rms_norm_eps": 1e-6}
_WITH_HEAD_NORMS = replace(BLOCK, has_head_norms=True)


def _no_layer(_config: Config) -> int:
    return 0  # use_sliding_window is off unless layer_types say otherwise


FAMILIES = (
    Family(
        ("qwen2",),
        "Qwen2",
        partial(llama_tensors, has_query_bias=True),
        BLOCK,
        LAYERS,
        EMBEDDINGS,
        defaults={"heads for keys and values": 32},
        sliding_layers=_no_layer,
        gguf=GgufTraits("qwen2", usual=_USUAL),
    ),
    Family(
        ("qwen3",),
        "Qwen3",
        partial(llama_tensors, has_head_norms=True),
        _WITH_HEAD_NORMS,
        LAYERS,
        EMBEDDINGS,
        defaults={"heads for keys and values": 32, "head size": 128},
        sliding_layers=_no_layer,
        gguf=GgufTraits("qwen3", usual=_USUAL),
    ),
    Family(
        ("qwen3_moe",),
        "Qwen3 MoE",
        partial(llama_tensors, has_head_norms=True),
        _WITH_HEAD_NORMS,
        LAYERS,
        EMBEDDINGS,
        routers=("mlp.gate",),
        defaults={
            "heads for keys and values": 4,
            "experts": 128,
            "experts a token": 8,
            "expert width": 768,
        },
        sliding_layers=_no_layer,
        refined=lambda config, traits: replace(traits, normalises_experts=bool(config.get("norm_topk_prob"))),
    ),
)
