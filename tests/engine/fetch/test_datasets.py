"""Datasets of the Hub that a recipe names: fetched before their rows are read, or taken as they lie here."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.fakes import tiny_recipe
from tests.hub_shelf import Shelf, Shelved
from workbench.core.data import rows as data_rows
from workbench.core.data.hub_dataset import NotFetched, hub_dataset_files, is_hub_dataset
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.plan import preflight
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.engine.fetch.datasets import fetch_datasets
from workbench.engine.job.job import Job

NAME = "datasets/org/rows"


def parquet(prompt: str) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.table({"prompt": [f"{prompt} {row}" for row in range(12)], "completion": ["an answer"] * 12}), sink
    )
    return bytes(sink.getvalue().to_pybytes())


@pytest.fixture
def rows_on_the_hub(shelf: Shelf) -> Shelf:
    shelf.datasets["org/rows"] = Shelved(
        {
            "data/train-00000-of-00002.parquet": parquet("first"),
            "data/train-00001-of-00002.parquet": parquet("second"),
            "data/test-00000-of-00001.parquet": parquet("held out"),
            "load.py": b"import os",
        }
    )
    return shelf


@pytest.fixture
def recipe(tiny_model: Callable[[str], Path]) -> Recipe:
    return tiny_recipe(tiny_model("llama"), Path("x"), f"data.path={NAME}")


def test_that_a_name_of_the_hub_is_told_from_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_hub_dataset(NAME)
    assert is_hub_dataset(f"{NAME}:test")
    for text in (
        f"{NAME}:",
        "datasets/rows",
        "datasets/rows.csv",
        "datasets/a/b/c",
        "org/rows",
        "",
        "/datasets/org/rows",
    ):
        assert not is_hub_dataset(text), text
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).mkdir(parents=True)
    assert not is_hub_dataset(NAME), "a folder of that name is meant"


def test_that_a_dataset_is_fetched_and_read(rows_on_the_hub: Shelf, recipe: Recipe) -> None:
    preflight.check(recipe)
    assert preflight.with_absolute_paths(recipe).data.path == NAME
    with pytest.raises(NotFetched, match="org/rows is not on this machine yet") as caught:
        data_rows.read(recipe.data)
    assert "`workbench fetch datasets/org/rows --split train`" in caught.value.remedy
    fetch_datasets(Job(RunFolder.create(recipe)), recipe)
    assert [path.name for path in hub_dataset_files(NAME, "", "train")] == [
        "train-00000-of-00002.parquet",
        "train-00001-of-00002.parquet",
    ]
    read = data_rows.read(recipe.data)
    assert len(read.rows) == 24
    assert not list(Path(hub_dataset_files(NAME, "", "train")[0]).parents[1].rglob("*.py"))
    with pytest.raises(NotFetched, match=r"org/rows has no part .test."):
        hub_dataset_files(NAME, "", "test")


def test_that_another_part_can_be_held_out(rows_on_the_hub: Shelf, recipe: Recipe) -> None:
    held_out = recipe_text.with_overrides(recipe, [f"evaluation.path={NAME}:test"])
    preflight.check(held_out)
    assert preflight.with_absolute_paths(held_out).evaluation.path == f"{NAME}:test"
    fetch_datasets(Job(RunFolder.create(held_out)), held_out)
    rows = data_rows.read(data_rows.settings_at(held_out.data, held_out.evaluation.path))
    assert len(rows.rows) == 12
    assert [path.name for path in hub_dataset_files(f"{NAME}:test", "", "train")] == ["test-00000-of-00001.parquet"]


def test_that_without_a_network_what_lies_here_is_taken_and_that_is_said(
    rows_on_the_hub: Shelf, recipe: Recipe, home: Path
) -> None:
    fetch_datasets(Job(RunFolder.create(recipe)), recipe)
    (home / "settings.json").write_text('{"offline": true}')
    asked = len(rows_on_the_hub.asked)
    job = Job(RunFolder.create(recipe))
    fetch_datasets(job, recipe)
    assert len(rows_on_the_hub.asked) == asked
    assert [notice.text for notice in job.run.history().notices] == [
        "datasets/org/rows is taken as it lies on this machine. Offline mode is on in the settings."
    ]


@pytest.mark.slow
def test_that_a_training_fetches_its_dataset(
    rows_on_the_hub: Shelf, recipe: Recipe, train_here: Callable[[Recipe], tuple[RunFolder, History]]
) -> None:
    _, history = train_here(recipe)
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    assert history.planned is not None
    assert history.planned.rows == 24
