"""What tests of the bridge share: a loop to spin, runs, and no thread left over."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from tests.bridge.engines import command
from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobControl
from workbench.bridge.job_thread import Graces, JobThread
from workbench.bridge.outcome import Outcome
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job.events import Event
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe.recipe import Recipe

QUICK = Graces(stop_seconds=0.3, cancel_seconds=0.2, gone_seconds=0.2)


@pytest.fixture(autouse=True)
def _no_thread_is_left(qapp: QApplication) -> Iterator[None]:
    before = threading.enumerate()  # libraries that other tests of this process imported keep some
    yield
    assert wait_for_tasks(60)
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert not [thread.name for thread in left if not thread.daemon]


@pytest.fixture
def run() -> RunFolder:
    return RunFolder.create(Recipe())


class Followed(QObject):
    """A JobThread with all it told."""

    def __init__(self, thread: JobThread) -> None:
        super().__init__()
        self.job = thread
        self.batches: list[list[Event]] = []
        self.outcome: Outcome | None = None
        thread.advanced.connect(self._advance)
        thread.ended.connect(self._end)
        thread.start()

    def _advance(self, events: list[Event]) -> None:
        self.batches.append(events)

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def to_its_end(self, seconds: float = 60.0) -> Outcome:
        wait_until(lambda: self.outcome is not None, seconds)
        assert self.outcome is not None
        assert self.job.wait(60_000)
        return self.outcome


@pytest.fixture
def followed() -> Iterator[Callable[..., Followed]]:
    """Starts JobThreads, and ends them with what they started: followed(run, "finishes") or followed(run)."""
    made: list[Followed] = []

    def follow(run: RunFolder, habit: str = "", graces: Graces = QUICK) -> Followed:
        thread = JobThread(run, starts=bool(habit), command=command(habit or "none"), graces=graces)
        made.append(Followed(thread))
        return made[-1]

    yield follow
    for each in made:
        each.job.detach()
        assert each.job.wait(60_000)
        if each.job.process is not None and each.job.process.poll() is None:
            each.job.process.kill()
            each.job.process.wait()


@pytest.fixture
def control() -> Iterator[Callable[..., JobControl]]:
    """Makes JobControls that start engines of a habit, and closes them."""
    made: list[JobControl] = []

    def make(habit: str, graces: Graces = QUICK) -> JobControl:
        made.append(JobControl(command=command(habit), graces=graces))
        return made[-1]

    yield make
    for each in made:
        each.cancel()
        each.close()


@pytest.fixture
def recipe(model: Path, rows: Path) -> Recipe:
    """A recipe that passes the checks before a start."""
    return Recipe.model_validate({"model": {"source": str(model)}, "data": {"path": str(rows)}})


@pytest.fixture
def model(tiny_model: Callable[[str], Path]) -> Path:
    return tiny_model("llama")
