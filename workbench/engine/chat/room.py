"""Whether there is memory for answers that grow at the same time."""

from collections.abc import Sequence
from typing import Any

import psutil
import torch

# Of the memory that is free: beside what they keep of their tokens, answers need room to work in.
MOST_OF_FREE_MEMORY = 0.8


def have_room_together(model: Any, sizes: Sequence[int]) -> bool:
    """Whether the free memory holds what the model keeps of these tokens of each answer."""
    free = (
        torch.cuda.mem_get_info(model.device)[0] if model.device.type == "cuda" else psutil.virtual_memory().available
    )
    return sum(sizes) * kept_bytes_of_token(model) <= MOST_OF_FREE_MEMORY * free


def kept_bytes_of_token(model: Any) -> int:
    """What the model keeps of each token that it has read: a key and a value in every layer."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * heads * width * model.dtype.itemsize)
