"""What all tests of pages share: Qt's objects go in the thread that made them."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from workbench.panes.look.theme import Theme
from workbench.panes.parts.page import Page


@pytest.fixture(autouse=True)
def _collected_where_it_was_made() -> Iterator[None]:
    """Collects in this thread alone: a task's thread that comes upon a page in a cycle destroys widgets there.

    A page that is still there then is destroyed: slots that hold it keep it, and each theme restyles all there are.
    What was there before the test is left out: with torch imported a look through all of it takes a second.
    """
    gc.freeze()
    gc.disable()
    yield
    gc.collect()
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, Page):
            widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _font_of_the_system(qapp: QApplication) -> Iterator[None]:
    """A theme takes the application's font for the system's; what another test's theme made of it is undone."""
    before = qapp.font()
    yield
    qapp.setFont(before)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    made = Theme("light")
    made.apply()
    return made


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the Hub."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return tmp_path / "hf" / "hub"
