"""Mistral and Mixtral: Llama with a sliding window, and a mixture of such experts."""

from dataclasses import replace

from workbench.core.model.families.family import Family
from workbench.core.model.families.llama import BLOCK, EMBEDDINGS, GGUF, LAYERS, llama_tensors

FAMILIES = (
    Family(
        ("mistral",),
        "Mistral",
        llama_tensors,
        BLOCK,
        LAYERS,
        EMBEDDINGS,
        defaults={"heads for keys and values": 8},
        sliding_layers=lambda config: config.size("layers"),
        gguf=replace(GGUF, usual={**GGUF.usual, "max_position_embeddings": 131_072, "sliding_window": 4096}),
    ),
    Family(
        ("mixtral",),
        "Mixtral",
        llama_tensors,
        replace(BLOCK, normalises_experts=True, weighs_experts_wide=True),
        LAYERS,
        EMBEDDINGS,
        routers=("block_sparse_moe.gate", "mlp.gate"),
        names={"experts": ("num_experts", "num_local_experts"), "expert width": ("intermediate_size",)},
        defaults={"heads for keys and values": 8, "experts": 8, "experts a token": 2},
        sliding_layers=lambda config: config.size("layers"),
    ),
)
