"""Who answers in a table is found from what a person names."""

from pathlib import Path

import pytest

from tests.core.chat.test_speakers import adapter_at, prepared
from workbench.core.chat.table.columns import Load, columns_of
from workbench.core.job.chat_kinds import SideFacts
from workbench.core.job.checkpoints import sha256
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


def run_of(model: Path, *changes: str, base_hash: str = "b") -> RunFolder:
    made = RunFolder.create(recipe_text.with_overrides(Recipe(), [f"model.source={model}", "data.path=x", *changes]))
    adapter_at(made.adapter, str(model))
    made.journal.write_text(prepared({"the model": base_hash}) + "\n")
    return made


def test_that_a_run_is_asked_beside_its_base_on_one_copy_of_the_weights(model: Path) -> None:
    run = run_of(model)
    base, tuned = columns_of(str(run.path))
    digest = sha256(run.adapter / "adapter_model.safetensors")
    assert base.load == tuned.load == Load(str(run.path), ("base",))
    assert (base.role, base.title, base.whose, base.weights, base.folder) == ("base", "model", "base", "b", run.path)
    assert (tuned.role, tuned.title, tuned.weights) == ("tuned", run.name, f"b+{digest}")
    assert (tuned.is_result, base.is_result) == (True, False)
    assert tuned.is_side(SideFacts(side="tuned", title="", adapter=str(run.adapter)))
    assert not base.is_side(SideFacts(side="tuned", title="", adapter=str(run.adapter)))


def test_that_an_answer_is_one_of_a_column_by_its_weights_alone(model: Path) -> None:
    base, tuned = columns_of(str(run_of(model).path))
    adapter = tuned.weights.partition("+")[2]
    assert tuned.is_of("b", adapter, 1.0)
    assert tuned.is_of("b", "", 0.0), "at a strength of 0 the base answers"
    assert not tuned.is_of("b", "", 1.0)
    assert not tuned.is_of("b", "another", 1.0)
    assert not tuned.is_of("c", adapter, 1.0)
    assert base.is_of("b", "", 0.0)
    assert not base.is_of("b", adapter, 1.0)


def test_that_a_second_run_of_the_same_base_stands_beside_the_first(model: Path) -> None:
    first, second = run_of(model), run_of(model, "lora.rank=4")
    third = columns_of(str(first.path), str(second.path))[2]
    assert (third.role, third.load) == ("second", Load(str(first.path), ("base", str(second.path))))
    assert (third.folder, third.is_result) == (second.path, True)


@pytest.mark.parametrize("other", [{"base_hash": "c"}, {"precision": "bf16"}])
def test_that_one_of_other_weights_or_precision_is_loaded_by_itself(other: dict[str, str], model: Path) -> None:
    first = run_of(model)
    changes = [f"model.precision={other['precision']}"] if "precision" in other else []
    second = run_of(model, *changes, base_hash=other.get("base_hash", "b"))
    assert columns_of(str(first.path), str(second.path))[2].load == Load(str(second.path))


def test_that_a_checkpoint_keeps_its_answers_with_its_run_and_is_not_its_result(model: Path) -> None:
    run = run_of(model)
    step = run.checkpoints / "step-00000002"
    adapter_at(step, str(model))
    found = columns_of(str(run.adapter))[1]
    assert (found.folder, found.whose) == (run.path, "")
    with pytest.raises(UserError, match="cannot be used"):
        columns_of(str(step))


def test_that_a_model_stands_alone_and_keeps_nothing(model: Path) -> None:
    (only,) = columns_of(str(model))
    assert (only.role, only.folder, only.weights, only.load) == ("base", None, "", Load(str(model)))


def test_that_an_adapter_without_a_run_has_its_base_and_keeps_nothing(model: Path, tmp_path: Path) -> None:
    base, tuned = columns_of(str(adapter_at(tmp_path / "alone", str(model))))
    assert (base.folder, tuned.folder, tuned.weights) == (None, None, "")


def test_that_a_run_beside_itself_is_refused(model: Path) -> None:
    run = run_of(model)
    with pytest.raises(UserError, match="beside itself"):
        columns_of(str(run.path), str(run.path))
