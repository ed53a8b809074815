"""A dataset of the Hub is read from the cache that programs share, by its configuration and part."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.core.data.source import open_source
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings


def put(hub: Path, name: str, text: str, *, commit: str = "a" * 40, branch: str = "main") -> None:
    folder = hub / "datasets--org--name"
    path = folder / "snapshots" / commit / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"text": [text]}), path)
    (folder / "refs" / branch).parent.mkdir(parents=True, exist_ok=True)
    (folder / "refs" / branch).write_text(commit)


def texts(**settings: str) -> list[str]:
    return [value["text"] for _, value in open_source(DataSettings(path="datasets/org/name", **settings)).values()]


def test_that_files_of_a_part_are_read_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    put(tmp_path, "data/train-00001-of-00002.parquet", "second")
    put(tmp_path, "data/train-00000-of-00002.parquet", "first")
    put(tmp_path, "data/test-00000-of-00001.parquet", "held out")
    put(tmp_path, "small/train-00000-of-00001.parquet", "small")
    assert texts() == ["first", "second"]
    assert texts(split="test") == ["held out"]
    assert texts(config="small") == ["small"]
    with pytest.raises(UserError) as error:
        texts(split="validation")
    assert 'no part "validation"' in error.value.why
    with pytest.raises(UserError) as error:
        texts(config="large")
    assert "configurations" in error.value.why


def test_that_what_the_hub_converted_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    put(tmp_path, "default/train/0000.parquet", "converted", branch="refs/convert/parquet")
    assert texts() == ["converted"]


def test_that_what_was_not_fetched_says_how_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError) as error:
        texts()
    assert "workbench fetch datasets/org/name" in str(error.value)
