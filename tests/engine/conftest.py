"""Runs in this process, for what one engine function does; whole processes are in test_process.py."""

from collections.abc import Callable

import pytest

from workbench.core.history import History
from workbench.core.journal import JournalReader
from workbench.core.recipe import Recipe
from workbench.core.run_folder import RunFolder


@pytest.fixture
def train_here() -> Callable[[Recipe], tuple[RunFolder, History]]:
    """Trains in this process and gives the folder with what its journal holds."""
    from workbench.engine.__main__ import work
    from workbench.engine.job import Job

    def run(recipe: Recipe) -> tuple[RunFolder, History]:
        folder = RunFolder.create(recipe)
        with folder.hold():
            work(Job(folder))
        return folder, History(JournalReader(folder.journal).read())

    return run
