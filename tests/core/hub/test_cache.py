"""Where models and datasets of the Hub lie, as huggingface_hub itself finds them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub_server import empty_cache_at
from workbench.core.hub import cache as hub_cache


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_cache_at(tmp_path / "hf", monkeypatch)


def test_that_the_cache_is_found_where_huggingface_hub_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME")
    for given in ({}, *({name: str(tmp_path / name)} for name in names)):
        for name in names:
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        script = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert str(hub_cache.root()) == done.stdout.strip(), given


def test_that_main_counts_before_what_is_newer(empty_cache: Path) -> None:
    folder = empty_cache / "models--org--model"
    for number, revision in enumerate(("old", "new", "newest")):
        snapshot = folder / "snapshots" / revision
        snapshot.mkdir(parents=True)
        os.utime(snapshot, (number, number))
    assert hub_cache.snapshot("org/model") == folder / "snapshots" / "newest"
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("new", encoding="utf-8")
    assert hub_cache.snapshot("org/model") == folder / "snapshots" / "new"
    assert hub_cache.snapshot("org/model", "old") == folder / "snapshots" / "old"
    assert hub_cache.snapshot("org/model", "v9") is None


def test_that_a_dataset_lies_beside_the_models(empty_cache: Path) -> None:
    assert hub_cache.folder_of("datasets/org/rows") == empty_cache / "datasets--org--rows"
    assert hub_cache.snapshot("datasets/org/rows") is None
    commit = "0" * 40
    (empty_cache / "datasets--org--rows" / "snapshots" / commit).mkdir(parents=True)
    hub_cache.note_revision("datasets/org/rows", "refs/convert/parquet", commit)
    found = hub_cache.snapshot("datasets/org/rows", "refs/convert/parquet")
    assert found == empty_cache / "datasets--org--rows" / "snapshots" / commit
    hub_cache.note_revision("datasets/org/rows", commit, commit)
    assert not (empty_cache / "datasets--org--rows" / "refs" / commit).exists(), "a commit is its own name"
