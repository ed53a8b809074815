"""Runs in this process, for what one engine function does; whole processes are in process/test_process.py."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from tests.runs import workbench
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

Refused = Callable[..., str]


@pytest.fixture
def work_here() -> Callable[[RunFolder], History]:
    """Does a run folder's job in this process and gives what its journal then holds."""
    from workbench.engine.__main__ import work
    from workbench.engine.job.job import Job

    def run(folder: RunFolder) -> History:
        with folder.hold():
            work(Job(folder))
        return folder.history()

    return run


@pytest.fixture
def train_here(work_here: Callable[[RunFolder], History]) -> Callable[[Recipe], tuple[RunFolder, History]]:
    """Trains in this process and gives the folder with what its journal holds."""

    def run(recipe: Recipe) -> tuple[RunFolder, History]:
        folder = RunFolder.create(recipe)
        return folder, work_here(folder)

    return run


@pytest.fixture
def llama(tiny_model: Callable[[str], Path], tmp_path: Path) -> Path:
    """A model folder of this test's own, to be damaged."""
    return Path(shutil.copytree(tiny_model("llama"), tmp_path / "llama"))


@pytest.fixture
def mine(llama: Path, rows: Path, tmp_path: Path) -> Path:
    """A recipe file that is good until something is changed."""
    path = tmp_path / "mine.toml"
    path.write_text(recipe_text.to_toml(tiny_recipe(llama, rows)), encoding="utf-8")
    return path


@pytest.fixture
def refused(home: Path) -> Refused:
    """Gives what `workbench WORDS --json` says as it refuses, once nothing is found to be left of it."""

    def run(*words: str) -> str:
        done = workbench(*words, "--json", code=2)
        assert done.stdout == ""
        runs = home / "runs"
        assert not runs.exists() or not list(runs.iterdir())
        assert not list(home.rglob("*.partial"))
        return done.stderr

    return run
