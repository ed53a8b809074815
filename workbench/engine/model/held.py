"""Weights held ready to multiply while answers are generated on a CPU.

Each token of an answer would dequantize every 4-bit weight again (and widen BF16 where the processor has none): for the
starter, three quarters of the time. The copies are what the layers themselves would have computed, so answers are the
same; they last as long as the answering.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psutil
import torch
from bitsandbytes.functional import dequantize_4bit
from bitsandbytes.nn import Linear4bit, Linear8bitLt

from workbench.engine.model import cpu_bf16

# Of the memory that is free; beyond it, answers are generated slowly rather than swapping.
MOST_OF_FREE_MEMORY = 0.5


@contextmanager
def held(model: Any) -> Iterator[None]:
    """Holds the weights of the model's linear layers for the block; on a card, or without room, does nothing."""
    layers = [layer for layer in model.modules() if _can_be_held(layer)] if model.device.type == "cpu" else []
    width = 2 if cpu_bf16.is_native() else 4
    wanted = sum(width * layer.in_features * layer.out_features for layer in layers)
    if not layers or wanted > MOST_OF_FREE_MEMORY * psutil.virtual_memory().available:
        yield
        return
    own = [layer.__dict__.get("forward") for layer in layers]
    try:
        for layer in layers:
            layer.forward = partial(_multiply, _weight(layer), layer.bias)
        yield
    finally:
        for layer, forward in zip(layers, own, strict=True):
            if forward is None:
                layer.__dict__.pop("forward", None)
            else:
                layer.forward = forward


def _can_be_held(layer: Any) -> bool:
    if isinstance(layer, Linear4bit):
        return layer.weight.quant_state is not None
    return (
        isinstance(layer, torch.nn.Linear)
        and not isinstance(layer, Linear8bitLt)
        and layer.weight.dtype == torch.bfloat16
        and not cpu_bf16.is_native()
    )


def _weight(layer: Any) -> torch.Tensor:
    """The layer's weight, shape (out, in), as its own product would use it."""
    weight = layer.weight.detach()
    if isinstance(layer, Linear4bit):
        weight = dequantize_4bit(layer.weight.data, layer.weight.quant_state)
        weight = weight.to(layer.compute_dtype or weight.dtype)
    return weight if cpu_bf16.is_native() else weight.float()


def _multiply(weight: torch.Tensor, bias: torch.Tensor | None, given: torch.Tensor) -> torch.Tensor:
    added = None if bias is None else bias.to(weight.dtype)
    return torch.nn.functional.linear(given.to(weight.dtype), weight, added).to(given.dtype)
