"""A Hub of this machine for fetches in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from huggingface_hub import constants

from tests.hub_server import empty_cache_at
from tests.hub_shelf import Shelf, shelf_served
from tests.keyrings import MemoryKeyring
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import FetchRequest
from workbench.engine.fetch import download


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, for this process too."""
    folder = empty_cache_at(tmp_path / "hf", monkeypatch)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture
def shelf(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """What the Hub has; waits between tries are short."""
    monkeypatch.setattr(download, "RETRY_SECONDS", (0.01, 0.01, 0.01))
    made = Shelf()
    with shelf_served(made, monkeypatch):
        yield made


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    kept = MemoryKeyring()
    keyring.set_keyring(kept)
    yield kept
    keyring.set_keyring(before)


@pytest.fixture
def fetched(work_here: Callable[[RunFolder], History]) -> Callable[..., History]:
    """Does a whole fetch job in this process."""

    def run(name: str, **asked: str) -> History:
        return work_here(create_study(FetchRequest(name=name, **asked)))

    return run
