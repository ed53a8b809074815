"""What a base's weights were while an adapter was trained on them: quantized as a loading does it, and back again."""

from pathlib import Path

import torch
from bitsandbytes.functional import dequantize_4bit, int8_vectorwise_dequant
from bitsandbytes.nn import Int8Params, Params4bit

from workbench.core.recipe.recipe import FOUR_BIT, Recipe
from workbench.engine.export.merge.stand_in import rounded_layers
from workbench.engine.job.devices import Device
from workbench.engine.model.load import DTYPES, quantization


class Rounding:
    """Rounds the weights of those layers that a recipe's loading quantizes."""

    def __init__(self, folder: Path, recipe: Recipe, device: Device, turned: frozenset[str]) -> None:
        """`turned` are the layers whose weights lie as (in, out)."""
        asked = quantization(recipe)
        assert asked is not None, "only rounded weights have a way of their own"
        self._layers = rounded_layers(folder, asked)
        self._recipe = recipe
        self._device = device
        self._turned = turned

    def rounds(self, name: str) -> bool:
        """Whether the weight of that name is quantized in a loading."""
        path, _, leaf = name.rpartition(".")
        return leaf == "weight" and path in self._layers

    def rounded(self, name: str, weight: torch.Tensor) -> torch.Tensor:
        """The numbers that its codes stand for, on the CPU, shape as given: (out, in), or (in, out) where turned."""
        settings = self._recipe.model
        is_turned = name.rpartition(".")[0] in self._turned
        given = weight.to(DTYPES[settings.compute_dtype])
        given = given.T if is_turned else given
        if settings.precision in FOUR_BIT:
            coded = Params4bit(
                given,
                requires_grad=False,
                compress_statistics=settings.double_quant,
                quant_type=settings.precision,
            ).to(self._device.torch)
            values = dequantize_4bit(coded.data, coded.quant_state)
        else:
            row = Int8Params(given, requires_grad=False).to(self._device.torch)
            values = int8_vectorwise_dequant(row.data, row.SCB)
        values = values.cpu()
        return values.T if is_turned else values
