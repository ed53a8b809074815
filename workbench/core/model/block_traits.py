"""How the decoder block of a model family is made, as far as it decides what a block keeps for its backward pass.

Read from transformers 5.24 (models/*/modeling_*.py) and confirmed to the byte by
tests/engine/train/test_memory_terms.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class BlockTraits:
    """How a block differs from Llama's; `is_known` is False for a family that is counted as if it were Llama."""

    is_known: bool = False
    norm: str = "rms"  # "rms" widens its input to FP32 and keeps that; "layer" keeps the input with mean and deviation
    norms: int = 2
    norm_inputs: int = 2  # what the norms read: blocks that are parallel have two norms of one input
    norm_is_wide: bool = False  # Gemma multiplies by its weight in FP32
    has_head_norms: bool = False  # of queries and keys
    attention: str = "sdpa"  # "sdpa", "math" (it falls back to products in FP32), "eager" or "bloom" (both: no sdpa)
    softmax_is_wide: bool = True  # eager attention: in FP32, then converted
    caps_scores: bool = False  # Gemma 2: a tanh
    is_always_masked: bool = False
    keeps_whole_qkv: bool = False  # values are a view of what one layer makes of queries, keys and values
    copies_output: bool = False  # queries laid out head by head: the output layer reads a copy
    activation: str = "gated"  # "gated", "gelu", "gelu_new" or "relu"
    has_gap: bool = True  # the MLP reads another norm than attention does
    residual_dropouts: int = 0
    attention_dropout: bool = False
    sliding_layers: int = 0  # layers that see no more than `window` tokens back
    window: int = 0
    experts: int = 0
    active_experts: int = 0
    expert_size: int = 0  # inner width of one expert
    normalises_experts: bool = False  # keeps the sum of the chosen experts' weights, and what is divided by it
    weighs_experts_wide: bool = False  # in FP32
    index_bytes: int = 0  # numbers of heads, kept whatever the tokens


UNKNOWN = BlockTraits()
