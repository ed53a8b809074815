"""Weights that memory does not hold are measured from the disk, layer by layer."""

from collections.abc import Callable
from pathlib import Path

import torch

from workbench.engine.export.logits import read
from workbench.engine.export.measuring import spread
from workbench.engine.export.rows import Row


def test_that_a_model_larger_than_the_memory_it_may_take_says_the_same(
    tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM

    base = tiny_model("llama")
    rows = [Row(list(range(3, 40)), [False] + [True] * 36), Row([5, 6, 7], [False, False, True])]
    whole = read(AutoModelForCausalLM.from_pretrained(base).eval(), rows, tmp_path / "whole", None, lambda _done: None)
    model = spread(base, "cpu", 300_000, tmp_path / "offloaded")
    assert {device.type for device in (parameter.device for parameter in model.parameters())} == {"cpu", "meta"}
    found = read(model.eval(), rows, None, tmp_path / "whole", lambda _done: None)
    assert found.compared is not None
    assert found.compared.largest_difference < 1e-5
    assert found.tokens == whole.tokens == 37
    assert torch.isclose(torch.tensor(found.perplexity), torch.tensor(whole.perplexity))
