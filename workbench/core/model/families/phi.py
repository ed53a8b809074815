"""Phi-3 and Phi-4: Llama with one layer for queries, keys and values, and another for gate and up."""

from dataclasses import replace
from functools import partial

from workbench.core.model.families.family import Family, GgufTraits
from workbench.core.model.families.llama import BLOCK, EMBEDDINGS, llama_tensors

FAMILIES = (
    Family(
        ("phi3",),
        "Phi-3",
        partial(llama_tensors, is_fused=True),
        replace(BLOCK, keeps_whole_qkv=True, copies_output=True),
        {"queries": ("qkv_proj",), "output": ("o_proj",), "up": ("gate_up_proj",), "down": ("down_proj",)},
        EMBEDDINGS,
        residual_dropout=("resid_pdrop", 0.0),
        sliding_layers=lambda config: config.size("layers"),
        gguf=GgufTraits("phi3", usual={"max_position_embeddings": 4096, "rms_norm_eps": 1e-5}),
    ),
)
