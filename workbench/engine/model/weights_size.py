"""What a model's weights take in memory, with all that their quantization keeps beside them."""

from collections.abc import Iterator
from math import prod
from typing import Any

import torch
from bitsandbytes.functional import QuantState
from bitsandbytes.nn import Int8Params, Linear8bitLt, Params4bit


def size_bytes(model: torch.nn.Module) -> int:
    """Every number once, however many layers share it."""
    found: dict[tuple[int, int], int] = {}
    for tensor in _tensors(model):
        size = tensor.numel() * tensor.element_size()
        found[tensor.data_ptr(), size] = size
    return sum(found.values())


def quantized_numbers(model: torch.nn.Module) -> int:
    """How many of the weights are codes: as many numbers as before they were quantized."""
    found = 0
    for parameter in model.parameters():
        if isinstance(parameter, Params4bit) and parameter.quant_state is not None:
            found += prod(parameter.quant_state.shape)
        elif isinstance(parameter, Int8Params):
            found += parameter.numel()
    return found


def _tensors(model: torch.nn.Module) -> Iterator[torch.Tensor]:
    for parameter in model.parameters():
        yield parameter.data
        if isinstance(parameter, Params4bit) and parameter.quant_state is not None:
            yield from _constants(parameter.quant_state)
        elif isinstance(parameter, Int8Params):
            yield from _held(parameter, "CB", "SCB")
    yield from model.buffers()
    for layer in model.modules():
        if isinstance(layer, Linear8bitLt):  # its first product moves the constants from the weight to the layer
            yield from _held(layer.state, "CB", "SCB")


def _constants(state: QuantState) -> Iterator[torch.Tensor]:
    """absmax and code; with double quantization its offset, and the state of the absmax."""
    yield from _held(state, "absmax", "code", "offset")
    if state.state2 is not None:
        yield from _constants(state.state2)


def _held(owner: Any, *names: str) -> Iterator[torch.Tensor]:
    for name in names:
        value = getattr(owner, name, None)
        if isinstance(value, torch.Tensor):
            yield value
