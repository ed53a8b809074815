"""The bytes that a model's tensors really take, by the ledger's lines."""

from collections.abc import Iterator
from typing import Any

import torch
from bitsandbytes.nn import Linear4bit, Linear8bitLt
from transformers.pytorch_utils import Conv1D

from workbench.core.recipe.recipe import QUANTIZED, Recipe

# In a decoder block; the head, which quantization leaves, stands outside.
LINEAR = (torch.nn.Linear, Conv1D, Linear4bit, Linear8bitLt)


def tensors_by_line(model: Any, optimizer: Any, recipe: Recipe) -> dict[int, tuple[str, int]]:
    """Line and bytes of every tensor that outlives a step, by its address: weights, gradients, optimizer states.

    Tensors that share their memory, as a tied head does, are found once.
    """
    found: dict[int, tuple[str, int]] = {}

    def note(line: str, tensor: Any) -> None:
        if isinstance(tensor, torch.Tensor) and tensor.numel():
            found.setdefault(tensor.data_ptr(), (line, tensor.numel() * tensor.element_size()))

    for line, tensor in _weights(model, recipe):
        note(line, tensor)
    for parameter in model.parameters():
        note("gradients", parameter.grad)
    for states in getattr(optimizer, "optimizer", optimizer).state.values():
        for tensor in states.values() if isinstance(states, dict) else ():
            note("optimizer", tensor)
    return found


def bytes_by_line(model: Any, optimizer: Any, recipe: Recipe) -> dict[str, int]:
    """The same, summed; a line of which there is nothing is 0."""
    total = dict.fromkeys(("frozen_weights", "unquantized_weights", "adapters", "gradients", "optimizer"), 0)
    for line, size in tensors_by_line(model, optimizer, recipe).values():
        total[line] += size
    return total


def _weights(model: Any, recipe: Recipe) -> Iterator[tuple[str, Any]]:
    frozen = {id(layer.weight): layer for name, layer in model.named_modules() if _is_replaced(name, layer, recipe)}
    for parameter in model.parameters():
        layer = frozen.get(id(parameter))
        if layer is None:
            is_adapter = recipe.lora.enabled and parameter.requires_grad
            yield "adapters" if is_adapter else "unquantized_weights", parameter
            continue
        yield "frozen_weights", parameter
        for constants in _constants(layer):
            yield "frozen_weights", constants


def _is_replaced(name: str, layer: Any, recipe: Recipe) -> bool:
    """Whether a layer is one of those that quantization replaces, or would."""
    if recipe.model.precision in QUANTIZED:
        return isinstance(layer, Linear4bit | Linear8bitLt)
    is_adapter = "lora_" in name
    return isinstance(layer, LINEAR) and not is_adapter and any(part.isdigit() for part in name.split("."))


def _constants(layer: Any) -> Iterator[Any]:
    """What stands beside a quantized layer's codes: absmax and maps of a 4-bit one, row scales of an INT8 one."""
    state = getattr(layer.weight, "quant_state", None)
    while state is not None:
        yield from (state.absmax, state.code, getattr(state, "offset", None))
        state = getattr(state, "state2", None)
    if isinstance(layer, Linear8bitLt):
        yield from (layer.weight.SCB, layer.state.SCB, layer.state.CB)
