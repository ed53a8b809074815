"""Every family of models takes a step through an adapter on NF4 and INT8 weights."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

from tests.fakes import FAMILIES, tiny_recipe
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe.recipe import Recipe

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


# They take no positions that start anew in the middle of a sequence; Falcon does since transformers 5.24.
UNPACKABLE = {"opt", "bloom"} | ({"falcon"} if Version(version("transformers")) < Version("5.24") else set())


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_family_packs_without_mixing_rows_or_says_that_it_cannot(
    family: str, attention: str, tiny_model: Callable[[str], Path], rows: Path, train_here: Train
) -> None:
    def first_loss(*changes: str) -> float:
        same = ["model.precision=fp32", "model.compute_dtype=fp32", f"model.attention={attention}", "samples.count=0"]
        recipe = tiny_recipe(tiny_model(family), rows, *same, "training.max_steps=1", *changes)
        ended = (history := train_here(recipe)[1]).ended
        assert ended is not None
        if family in UNPACKABLE and recipe.training.packing:
            assert ended.is_refusal
            assert "rows packed into one sequence would see each other" in ended.what
            assert ended.remedy == "Set training.packing = false."
            return 0.0
        assert ended.state == "finished", ended
        return history.steps[0].loss

    # All 24 rows in one step either way: two and a half of them fit into a sequence.
    packed = first_loss("training.packing=true", "training.accumulation=24")
    if family not in UNPACKABLE:
        assert packed == pytest.approx(first_loss("training.packing=false", "training.batch_size=24"), abs=2e-4)
