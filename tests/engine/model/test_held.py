"""4-bit weights keep the layout they are trained in, whatever was answered before."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit
from bitsandbytes.nn import Linear4bit

from tests.fakes import tiny_recipe
from workbench.engine.job import devices
from workbench.engine.model import load
from workbench.engine.model.held import held


@pytest.mark.parametrize("precision", ["nf4", "fp4"])
def test_that_answering_changes_neither_the_weights_nor_their_gradients(
    precision: str, tiny_model: Callable[[str], Path], rows: Path
) -> None:
    recipe = tiny_recipe(tiny_model("llama"), rows, f"model.precision={precision}", "model.compute_dtype=bf16")
    model = load.load_model(tiny_model("llama"), recipe, devices.choose("cpu"))
    layers = [layer for layer in model.modules() if isinstance(layer, Linear4bit)]
    assert layers

    def weights() -> list[torch.Tensor]:
        return [dequantize_4bit(layer.weight.data, layer.weight.quant_state) for layer in layers]

    def gradient() -> torch.Tensor:
        model.train()
        given = torch.ones(1, 8, model.config.hidden_size, dtype=torch.bfloat16, requires_grad=True)
        model(inputs_embeds=given).logits.float().square().sum().backward()
        assert given.grad is not None
        return given.grad

    before, slope = weights(), gradient()
    model.eval()
    ids = torch.arange(4, 12).unsqueeze(0)
    with torch.no_grad():
        plain = model(ids).logits.float()
        with held(model):
            fast = model(ids).logits.float()
    assert torch.allclose(plain, fast, atol=0.05)
    assert all(torch.equal(left, right) for left, right in zip(before, weights(), strict=True))
    assert torch.equal(slope, gradient())
