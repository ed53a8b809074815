"""The page of runs with all that it stands on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from send2trash import plat_other

from tests.bridge.engines import command
from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.bridge.export_control import ExportControl
from workbench.bridge.job_control import JobControl
from workbench.bridge.job_thread import Graces
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import wait_for_tasks
from workbench.panes.look.theme import Theme
from workbench.panes.runs.overview.view import OverviewView
from workbench.panes.runs.page import RunsPage

QUICK = Graces(stop_seconds=0.3, cancel_seconds=0.2, gone_seconds=0.2)


@pytest.fixture
def runs() -> Iterator[RunList]:
    made = RunList()
    yield made
    made.stop()
    assert wait_for_tasks(60)


@pytest.fixture
def control() -> Iterator[JobControl]:
    made = JobControl(command=command("waits"), graces=QUICK)
    yield made
    made.cancel()
    if made.is_busy:
        wait_until(lambda: not made.is_busy)
    made.close()


@pytest.fixture
def queue(control: JobControl, runs: RunList) -> Iterator[QueueControl]:
    made = QueueControl(control, runs)
    yield made
    made.close()
    assert wait_for_tasks(60)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def page(
    runs: RunList, control: JobControl, queue: QueueControl, settings: Settings, theme: Theme
) -> Iterator[RunsPage]:
    exports = ExportControl()
    made = RunsPage(runs, control, exports, queue, settings, theme)
    yield made
    assert wait_for_tasks(60)
    exports.close()
    forget(made)


@pytest.fixture
def view(page: RunsPage) -> OverviewView:
    """All runs."""
    return page.overview


@pytest.fixture(autouse=True)
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's bin of this test alone; send2trash reads where it is as it is imported."""
    folder = tmp_path / "data" / "Trash"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder.parent))
    monkeypatch.setattr(plat_other, "HOMETRASH_B", os.fsencode(folder))
    monkeypatch.setattr(plat_other, "HOMETRASH", str(folder))
    return folder
