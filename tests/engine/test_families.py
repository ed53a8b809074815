"""Every family of models takes a step through an adapter on NF4 and INT8 weights."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import FAMILIES, tiny_recipe
from workbench.core.history import History
from workbench.core.recipe import Recipe
from workbench.core.run_folder import RunFolder

Train = Callable[[Recipe], tuple[RunFolder, History]]


@pytest.mark.parametrize("precision", ["nf4", "int8"])
@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_family_takes_a_step(
    family: str, precision: str, tiny_model: Callable[[str], Path], rows: Path, train_here: Train
) -> None:
    changes = [
        f"model.precision={precision}",
        "training.max_steps=2",
        "training.packing=false",
        "training.batch_size=2",
    ]
    _, history = train_here(tiny_recipe(tiny_model(family), rows, *changes))
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    assert [step.step for step in history.steps] == [1, 2]
    assert all(0 < step.loss < 20 and step.grad_norm > 0 for step in history.steps)
    assert (Path(history.ended.adapter) / "adapter_model.safetensors").is_file()


@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_family_packs_without_mixing_rows_or_says_that_it_cannot(
    family: str, tiny_model: Callable[[str], Path], rows: Path, train_here: Train
) -> None:
    same = ["model.precision=fp32", "model.compute_dtype=fp32", "training.max_steps=1", "evaluation.path=" + str(rows)]
    packed = train_here(tiny_recipe(tiny_model(family), rows, *same, "training.packing=true"))[1]
    assert packed.ended is not None
    if packed.ended.is_refusal:
        assert "pack" in packed.ended.what
        assert "training.packing = false" in packed.ended.remedy
        return
    assert packed.ended.state == "finished", packed.ended
