"""The form's recipe: changed, refused, undone, kept and found again."""

from pathlib import Path
from typing import Any

import pytest

from tests.qt_waits import wait_until
from workbench.bridge import recipe_store
from workbench.bridge.recipe_store import RecipeStore
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe import rules
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe, settings


@pytest.fixture
def store() -> RecipeStore:
    return RecipeStore()


class Heard:
    """What a store told."""

    def __init__(self, store: RecipeStore) -> None:
        self.paths: list[list[str]] = []
        self.files = 0
        store.changed.connect(self.paths.append)
        store.file_changed.connect(self._file)

    def _file(self) -> None:
        self.files += 1


def test_that_a_change_is_told_once_and_the_same_value_not_at_all(store: RecipeStore) -> None:
    heard = Heard(store)
    store.set("lora.rank", 32)
    store.set("lora.rank", 32)
    store.set("data.path", "shopping")
    assert heard.paths == [["lora.rank"]]
    assert store.recipe.lora.rank == 32
    assert (store.is_modified, heard.files) == (True, 1)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("lora.rank", 0, "Rank cannot be 0. It takes 1 to 1024."),
        ("lora.rank", "16", 'Rank cannot be "16". It takes 1 to 1024.'),
        ("training.learning_rate", float("nan"), "Learning rate cannot be NaN. It takes 0 to 10."),
        ("model.precision", "nf3", 'Precision cannot be "nf3". It takes fp32, fp16, bf16, int8, nf4, fp4.'),
        ("model.precision", True, "Precision cannot be true."),
        ("lora.targets", 5, "Target layers cannot be 5. It takes a list."),
        ("data.path", None, "Dataset cannot be null. It takes a text."),
    ],
)
def test_that_a_wrong_value_is_a_sentence_for_its_row_and_changes_nothing(
    store: RecipeStore, path: str, value: Any, sentence: str
) -> None:
    heard = Heard(store)
    with pytest.raises(UserError) as error:
        store.set(path, value)
    assert str(error.value).startswith(sentence)
    assert store.recipe == Recipe()
    assert (heard.paths, heard.files, store.can_undo) == ([], 0, False)


def test_that_every_setting_takes_its_default_and_only_that_is_default(store: RecipeStore) -> None:
    for path, entry in settings().items():
        store.set(path, entry.default)
        assert store.is_default(path)
    assert not store.can_undo
    store.set("lora.targets", ["q_proj"])
    assert not store.is_default("lora.targets")
    store.reset("lora.targets")
    assert store.is_default("lora.targets")


def test_that_typing_is_one_step_to_undo(store: RecipeStore) -> None:
    for rank in (1, 12, 128):
        store.set("lora.rank", rank)
    store.set("lora.alpha", 64)
    store.undo()
    assert (store.recipe.lora.rank, store.recipe.lora.alpha) == (128, 32)
    store.undo()
    assert store.recipe == Recipe()
    assert not store.can_undo
    store.redo()
    store.redo()
    assert (store.recipe.lora.rank, store.recipe.lora.alpha) == (128, 64)
    assert not store.can_redo


def test_that_typing_back_to_what_it_was_leaves_nothing_to_undo(store: RecipeStore) -> None:
    store.set("lora.rank", 1)
    store.set("lora.rank", 16)
    assert not store.can_undo


def test_that_changes_apart_in_time_are_undone_apart(store: RecipeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe_store, "MERGE_SECONDS", 0.0)
    store.set("lora.rank", 1)
    store.set("lora.rank", 2)
    store.undo()
    assert store.recipe.lora.rank == 1


def test_that_a_change_after_an_undo_forgets_what_was_undone(store: RecipeStore) -> None:
    store.set("lora.rank", 1)
    store.undo()
    store.set("lora.alpha", 1)
    assert not store.can_redo


def test_that_many_settings_change_as_one_step_or_not_at_all(store: RecipeStore) -> None:
    heard = Heard(store)
    with pytest.raises(UserError, match="Rank"):
        store.set_many({"lora.alpha": 64, "lora.rank": -1})
    assert store.recipe == Recipe()
    store.set_many({"training.batch_size": 4, "training.accumulation": 2, "lora.rank": 16})
    assert heard.paths == [["training.batch_size", "training.accumulation"]]
    store.reset_all()
    store.undo()
    assert store.recipe.training.batch_size == 4
    store.undo()
    assert store.recipe == Recipe()


def test_that_another_recipe_begins_anew_or_is_a_change_to_undo(store: RecipeStore, tmp_path: Path) -> None:
    other = Recipe.model_validate({"lora": {"rank": 8}})
    store.set("lora.alpha", 1)
    store.replace(other, keep_undo=True)
    assert store.is_modified
    store.undo()
    assert store.recipe.lora.alpha == 1
    store.replace(other, tmp_path / "other.toml")
    assert (store.file, store.is_modified, store.can_undo, store.can_redo) == (
        tmp_path / "other.toml", False, False, False,
    )  # fmt: skip


def test_that_problems_follow_the_recipe_and_the_device(store: RecipeStore) -> None:
    assert store.problems == []
    store.set("lora.enabled", False)
    assert [problem.path for problem in store.problems] == ["lora.enabled"]
    store.undo()
    heard = Heard(store)
    old = rules.Device("cuda", "GTX 1080", supports_bf16=False)
    store.set_device(old)
    store.set_device(old)
    assert heard.paths == [[]]
    assert "GTX 1080" in store.problems[0].text


def test_that_a_recipe_is_saved_and_opened_again(store: RecipeStore, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file yet"):
        store.save()
    path = tmp_path / "mine ü.toml"
    store.set("lora.rank", 7)
    heard = Heard(store)
    store.save(path)
    assert (store.file, store.is_modified, heard.files) == (path, False, 1)
    store.set("lora.rank", 8)
    store.save()
    other = RecipeStore()
    other.open(path)
    assert (other.recipe, other.file) == (store.recipe, path)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    store.set("lora.rank", 9)
    store.undo()
    assert not store.is_modified


def test_that_a_file_that_cannot_be_written_or_read_is_a_sentence(store: RecipeStore, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        store.save(tmp_path / "folder")
    store.set("data.path", "caf\udce9")
    with pytest.raises(UserError, match="it is not text"):
        store.save(tmp_path / "mine.toml")
    with pytest.raises(UserError, match="There is no recipe"):
        store.open(tmp_path / "mine.toml")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]
    assert store.file is None


def test_that_a_run_and_a_built_in_recipe_are_opened_without_a_file_to_overwrite(
    store: RecipeStore, run: RunFolder
) -> None:
    store.set("lora.rank", 3)
    store.open(run.path)
    assert (store.recipe, store.file, store.is_modified) == (Recipe(), None, False)
    for path in store.presets().values():
        store.open(path)
        assert (store.recipe, store.file) == (recipe_text.read(path), None)


def test_that_the_form_survives_a_crash_of_the_window(store: RecipeStore) -> None:
    store.set("lora.rank", 5)
    wait_until(store.autosave_path().exists)
    store.set("lora.rank", 6)
    store.flush()
    other = RecipeStore()
    heard = Heard(other)
    assert other.restore() == ""
    assert (other.recipe, other.is_modified, other.can_undo) == (store.recipe, True, False)
    assert heard.paths == [["lora.rank"]]


def test_that_a_broken_form_file_is_passed_over_with_a_sentence(store: RecipeStore, home: Path) -> None:
    assert store.restore() == ""
    home.mkdir()
    store.autosave_path().write_text("[lora]\nrank = 0\n")
    assert "lora.rank cannot be 0" in store.restore()
    assert store.recipe == Recipe()


def test_that_a_form_that_cannot_be_kept_is_said_once(
    store: RecipeStore, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.write_text("in the way")
    for rank in (1, 2):
        store.set("lora.rank", rank)
        store.flush()
    assert capsys.readouterr().err.count("The form cannot be kept") == 1
