"""What is known of a run before it is loaded: its checkpoints, the best of them, and whether there is a base beside."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.fakes import save_tiny_adapter
from workbench.core.chat.known import checkpoints_of, has_answers, known_of
from workbench.core.job import checkpoints
from workbench.core.job.events import Ended, Evaluated
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.model.adapter_folder import find_model
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


@pytest.fixture
def run(model: Path) -> RunFolder:
    made = RunFolder.create(recipe_text.with_overrides(Recipe(), [f"model.source={model}", "data.path=x.jsonl"]))
    for step in (20, 40, 60):
        checkpoints.write(made.checkpoints, step, partial(save_tiny_adapter, model))
    journal = JournalWriter(made.journal)
    for step, loss in ((20, 0.9), (40, 0.4), (60, 0.7)):
        journal.write(Evaluated(step=step, loss=loss))
    journal.write(Ended(state="finished", step=60, adapter=str(made.adapter)))
    journal.close()
    save_tiny_adapter(model, made.adapter)
    return made


def test_that_a_run_is_known_by_its_checkpoints_the_newest_first(run: RunFolder) -> None:
    known = known_of(str(run.path))
    assert known.has_base
    assert known.run is not None
    assert known.run.path == run.path
    assert known.recipe == run.recipe()
    listed = [(entry.words, entry.is_last, entry.is_best) for entry in known.checkpoints]
    assert listed == [("step 60", True, False), ("step 40", False, True), ("step 20", False, False)]
    assert known.checkpoints[0].name == str(run.path)
    best = known_of(known.checkpoints[1].name)
    assert best.run is not None
    assert best.run.path == run.path
    assert best.checkpoints == known.checkpoints


def test_that_a_run_without_a_result_is_known_by_its_newest_checkpoint(run: RunFolder) -> None:
    shutil.rmtree(run.adapter)
    for name in (run.name, str(run.path)):
        known = known_of(name)
        assert known.name == str(run.checkpoints / "step-00000060")
        assert [entry.step for entry in known.checkpoints] == [60, 40, 20]
        assert known.has_base
    (run.checkpoints / "step-00000060" / "adapter_model.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="The checkpoint step-00000060 of run"):
        known_of(str(run.path))


def test_that_a_model_is_known_without_a_base_beside_it(model: Path) -> None:
    known = known_of(str(model))
    assert (known.title, known.recipe, known.run, known.has_base, known.checkpoints) == ("model", None, None, False, ())


def test_that_what_means_nothing_is_a_sentence_and_a_run_without_weights_is_no_candidate(model: Path) -> None:
    made = RunFolder.create(recipe_text.with_overrides(Recipe(), [f"model.source={model}", "data.path=x.jsonl"]))
    assert not has_answers(made)
    with pytest.raises(UserError, match="has no adapter yet"):
        known_of(str(made.path))
    save_tiny_adapter(model, made.adapter)
    assert has_answers(made)


def test_that_a_run_whose_folder_of_the_adapter_is_empty_has_nothing_to_talk_to(model: Path) -> None:
    made = RunFolder.create(recipe_text.with_overrides(Recipe(), [f"model.source={model}", "data.path=x.jsonl"]))
    made.adapter.mkdir()
    made.model.mkdir()
    assert not has_answers(made)
    assert not checkpoints_of(made)
    for look in (known_of, lambda name: find_model(Path(name))):
        with pytest.raises(UserError, match=r"has no adapter yet|has made nothing yet"):
            look(str(made.path))
