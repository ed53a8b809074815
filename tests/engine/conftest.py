"""Runs in this process, for what one engine function does; whole processes are in test_process.py."""

from collections.abc import Callable

import pytest

from workbench.core.history import History
from workbench.core.recipe import Recipe
from workbench.core.run_folder import RunFolder


@pytest.fixture
def work_here() -> Callable[[RunFolder], History]:
    """Does a run folder's job in this process and gives what its journal then holds."""
    from workbench.engine.__main__ import work
    from workbench.engine.job import Job

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
