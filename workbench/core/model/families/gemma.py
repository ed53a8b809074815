"""Gemma, Gemma 2 and Gemma 3: Llama with norms that work in FP32, the later ones with two norms more and windows."""

from dataclasses import replace
from functools import partial

from workbench.core.model.families.family import Config, Family, GgufTraits
from workbench.core.model.families.llama import BLOCK, EMBEDDINGS, LAYERS, llama_tensors

_BLOCK = replace(BLOCK, norm_is_wide=True)
_BLOCK_OF_FOUR = replace(_BLOCK, norms=4, norm_inputs=4)

_USUAL = {"max_position_embeddings": 8192, "rms_norm_eps": 1e-6}
_WITH_WINDOW = {**_USUAL, "query_pre_attn_scalar": 256, "sliding_window": 4096}
_USUAL_OF_2 = {**_WITH_WINDOW, "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}
_USUAL_OF_3 = {**_WITH_WINDOW, "max_position_embeddings": 131_072, "rope_theta": 1e6, "rope_local_base_freq": 1e4}


def _all_but_each_sixth(config: Config) -> int:
    layers = config.size("layers")
    return layers - layers // (config.number("sliding_window_pattern") or 6)


FAMILIES = (
    Family(
        ("gemma",),
        "Gemma",
        llama_tensors,
        _BLOCK,
        LAYERS,
        EMBEDDINGS,
        defaults={"heads for keys and values": 16, "head size": 256},
        is_tied=True,
        gguf=GgufTraits("gemma", norm_offset=1.0, untied=False, usual=_USUAL),
    ),
    Family(
        ("gemma2",),
        "Gemma 2",
        partial(llama_tensors, norms=4),
        replace(_BLOCK_OF_FOUR, attention="eager", caps_scores=True),
        LAYERS,
        EMBEDDINGS,
        defaults={"heads for keys and values": 4, "head size": 256},
        is_tied=True,
        sliding_layers=lambda config: (config.size("layers") + 1) // 2,
        gguf=GgufTraits(
            "gemma2", norm_offset=1.0, window_period=2, ignores_window=False, untied=False, usual=_USUAL_OF_2
        ),
    ),
    Family(
        ("gemma3_text",),
        "Gemma 3",
        partial(llama_tensors, norms=4, has_head_norms=True),
        replace(_BLOCK_OF_FOUR, has_head_norms=True),
        LAYERS,
        EMBEDDINGS,
        with_pictures=("gemma3",),
        # The text_config of gemma-3-4b-it says no more than its hidden size, MLP width and layers.
        defaults={
            "attention heads": 8,
            "heads for keys and values": 4,
            "head size": 256,
            "vocabulary": 262_208,
        },
        is_tied=True,
        sliding_layers=_all_but_each_sixth,
        gguf=GgufTraits("gemma3", norm_offset=1.0, window_period=6, ignores_window=False, usual=_USUAL_OF_3),
    ),
)
