"""A Memory page that is shown, with what it stands on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.panes.memory.pages import settle
from tests.panes.shown import shown
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.panes.look.theme import Theme
from workbench.panes.memory.page import MemoryPage


@pytest.fixture
def store(qapp: QApplication) -> RecipeStore:
    return RecipeStore()


@pytest.fixture
def gpu(qapp: QApplication) -> GpuWatch:
    return GpuWatch()


@pytest.fixture
def page(store: RecipeStore, gpu: GpuWatch, theme: Theme, cache: Path) -> Iterator[MemoryPage]:
    made = MemoryPage(store, gpu, theme)
    with shown(made):
        made.shown_first()
        settle(made)
        yield made
