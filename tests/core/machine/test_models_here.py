"""Models and datasets that lie on this machine: what they take, who uses them, and that they go only when free."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from safetensors.numpy import save_file

from tests.fakes import tiny_recipe
from tests.hub_server import COMMIT, empty_cache_at
from workbench.core import places
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import FetchRequest, LayersRequest
from workbench.core.machine.models_here import everything_here, find_here, models_here, removal_in_words, remove
from workbench.core.problems import UserError

TinyModel = Callable[[str], Path]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_cache_at(tmp_path / "hf", monkeypatch)


@pytest.fixture
def cached(cache: Path, tiny_model: TinyModel) -> Path:
    """The snapshot of org/Model in the cache, as huggingface_hub lays it out."""
    folder = cache / "models--org--Model"
    snapshot = folder / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (folder / "blobs").mkdir()
    for number, path in enumerate(sorted(tiny_model("llama").iterdir())):
        blob = folder / "blobs" / f"{number:040x}"
        shutil.copy(path, blob)
        (snapshot / path.name).symlink_to(os.path.relpath(blob, snapshot))
    (snapshot / "README.md").write_text('---\ntags: [a]\nlicense: "apache-2.0"\n---\nlicense: not this\n')
    (folder / "blobs" / "aa.incomplete").write_bytes(bytes(1000))
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT)
    (cache / ".locks" / folder.name).mkdir(parents=True)
    return snapshot


@pytest.fixture
def own(tiny_model: TinyModel) -> Path:
    return Path(shutil.copytree(tiny_model("gpt2"), places.models() / "mine"))


def test_that_models_and_datasets_are_found_with_their_sizes(cached: Path, own: Path, cache: Path) -> None:
    dataset = cache / "datasets--org--rows" / "snapshots" / COMMIT
    dataset.mkdir(parents=True)
    (dataset / "train.parquet").write_bytes(bytes(500))
    (cache / "models--org--half" / "blobs").mkdir(parents=True)
    found = {entry.name: entry for entry in everything_here()}
    assert list(found) == ["datasets/org/rows", "mine", "org/half", "org/Model"]
    model = found["org/Model"]
    on_disk = sum(path.stat().st_size for path in cached.iterdir()) + 1000 + len(COMMIT)
    assert (model.kind, model.source, model.folder) == ("hub", "org/Model", cached)
    assert (model.size_bytes, model.part_bytes, model.licence, model.problem) == (on_disk, 1000, "apache-2.0", "")
    assert (found["mine"].kind, found["mine"].source, found["mine"].licence) == ("ours", str(own), "")
    assert found["datasets/org/rows"].size_bytes == 500
    assert (found["org/half"].folder, found["org/half"].problem) == (None, "Nothing of it is whole yet.")
    assert [entry.name for entry in models_here()] == ["mine", "org/half", "org/Model"]


def test_that_a_model_says_which_runs_name_it(cached: Path, own: Path, rows: Path) -> None:
    by_id = RunFolder.create(tiny_recipe(Path("x"), rows, "model.source=org/Model"))
    by_folder = RunFolder.create(tiny_recipe(own, rows))
    os.utime(by_id.job, (1e9, 1e9))
    assert find_here("org/model").used_by == (by_id.name,)
    assert find_here("org/model").last_used == 1e9
    assert find_here(str(own)).used_by == (by_folder.name,)
    assert removal_in_words(find_here("mine")).endswith("? 1 run needs it to be tried or resumed.")


def test_that_a_removed_model_leaves_nothing(cached: Path, cache: Path, own: Path) -> None:
    gone = remove("ORG/model")
    assert gone.name == "org/Model"
    assert not (cache / "models--org--Model").exists()
    assert list(cache.iterdir()) == [cache / ".locks"]
    assert list((cache / ".locks").iterdir()) == []
    assert remove("mine").size_bytes > 0
    assert not own.exists()
    with pytest.raises(UserError, match='There is no model "mine" on this machine'):
        remove("mine")


def test_that_of_two_of_a_name_the_one_that_is_meant_is_found(cached: Path, own: Path, cache: Path) -> None:
    shutil.copytree(cache / "models--org--Model", cache / "models--org--model", symlinks=True)
    shutil.copytree(cache / "models--org--Model", cache / "models--mine", symlinks=True)
    assert find_here("org/Model").folder == cached
    assert find_here("org/model").folder == cache / "models--org--model" / "snapshots" / COMMIT
    with pytest.raises(UserError, match=r"There are 2 of the name \"ORG/MODEL\": org/Model and org/model\."):
        find_here("ORG/MODEL")
    assert find_here("mine").kind == "hub", "what a recipe calls it comes before its folder's name"
    assert find_here(str(own)).kind == "ours"
    remove(str(own))
    assert (cache / "models--mine").is_dir()
    assert not own.exists()


def test_that_a_deletion_follows_no_link(cached: Path, own: Path, cache: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (cache / "models--org--Model").rename(elsewhere)
    (cache / "models--org--Model").symlink_to(elsewhere)
    mine = tmp_path / "my own model"
    own.rename(mine)
    own.symlink_to(mine)
    for name, kept in (("org/Model", elsewhere), ("mine", mine)):
        with pytest.raises(UserError, match=f"{name} is a link, and what it leads to is not deleted: {kept}"):
            remove(name)
        assert kept.is_dir()
        assert find_here(name).name == name
    own.unlink()
    (cache / "models--org--Model").unlink()
    elsewhere.rename(cache / "models--org--Model")
    (cached / "more.json").symlink_to(mine / "config.json")
    (cached.parents[1] / "more").symlink_to(mine, target_is_directory=True)
    size = find_here("org/Model").size_bytes
    assert size < 2 * sum(path.stat().st_size for path in (cached.parents[1] / "blobs").iterdir())
    remove("org/Model")
    assert sorted(path.name for path in mine.iterdir()) == sorted(path.name for path in mine.glob("*"))
    assert (mine / "config.json").is_file()
    assert not (cache / "models--org--Model").exists()


def test_that_what_a_deletion_has_left_is_cleared_away(cached: Path, own: Path, cache: Path) -> None:
    for left in (cache / ".models--org--gone.deleted", places.models() / ".gone.deleted"):
        left.mkdir()
        (left / "half.safetensors").write_bytes(bytes(10))
    assert {entry.name for entry in everything_here()} == {"mine", "org/Model"}
    remove("mine")
    assert not list(cache.glob(".*.deleted"))
    assert not list(places.models().glob(".*.deleted"))


def test_that_what_another_program_is_fetching_is_not_deleted(cached: Path, cache: Path) -> None:
    with FileLock(cache / ".locks" / "models--org--Model" / "abc.lock"):
        with pytest.raises(UserError, match="org/Model is being fetched"):
            remove("org/Model")
        assert cached.is_dir()
    remove("org/Model")


def test_that_the_base_of_an_adapter_that_is_trained_further_is_kept(cached: Path, rows: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    said = {"peft_type": "LORA", "base_model_name_or_path": "org/Model", "r": 2, "lora_alpha": 4}
    (adapter / "adapter_config.json").write_text(json.dumps(said))
    save_file({"base.q_proj.lora_A.weight": np.zeros((2, 2), np.float32)}, adapter / "adapter_model.safetensors")
    training = RunFolder.create(tiny_recipe(adapter, rows))
    with training.hold(), pytest.raises(UserError, match=f"org/Model is in use by {training.name}"):
        remove("org/Model")
    assert find_here("org/Model").used_by == (training.name,)


def test_that_a_name_of_odd_characters_is_a_name(cache: Path) -> None:
    names = ["models--org--\x1b[31mred", "models--a--b--c", "models--\u202eorg--x", "models--", "models--org--a\nb"]
    for name in names:
        (cache / name / "snapshots").mkdir(parents=True)
    found = everything_here()
    assert len(found) == len(names)
    for entry in found:
        assert remove(entry.source) == entry
    assert everything_here() == []


def test_that_what_is_at_work_keeps_its_model(cached: Path, own: Path, rows: Path) -> None:
    training = RunFolder.create(tiny_recipe(Path("x"), rows, "model.source=org/Model"))
    with training.hold(), pytest.raises(UserError, match=f"org/Model is in use by {training.name}"):
        remove("org/Model")
    for asked, name in (
        (FetchRequest(name="org/Model"), "org/Model"),
        (LayersRequest(model=str(own), formats=("nf4",)), "mine"),
    ):
        study = create_study(asked)
        with study.hold(), pytest.raises(UserError, match=f"{name} is in use by {study.name}"):
            remove(name)
    assert cached.is_dir()
    assert own.is_dir()
    assert remove("org/Model").running == ()
