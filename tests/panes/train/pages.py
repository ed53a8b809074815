"""What tests of the Train page share: a page with a real store and control, and run folders written by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication, QMainWindow

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.bridge.gpu_watch import CardStatus, GpuWatch
from workbench.bridge.job_control import JobControl, JobState
from workbench.bridge.job_thread import Graces
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job import launch
from workbench.core.job.events import Ended, Event, Memory, Phase, Planned, Started, Step
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.plan import preflight
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.train.page import TrainPage

CARD = CardStatus("NVIDIA GeForce RTX 4070", 0, 900_000_000, 12_900_000_000, 1, 41, 0)


@dataclass
class Shown:
    """A page in a window with all it stands on."""

    page: TrainPage
    window: QMainWindow
    store: RecipeStore
    control: JobControl
    gpu: GpuWatch
    theme: Theme

    def settle(self) -> None:
        """Waits until the forecast is that of the form."""

        def is_settled() -> bool:
            reading = self.page.forecaster.reading
            is_read = reading is not None and reading.recipe == self.store.recipe
            return is_read and not self.page.forecaster.is_pending

        wait_until(is_settled)

    def train(self) -> None:
        """Asks the page to train, and waits until that has begun or was refused."""
        self.page.train()
        wait_until(lambda: not self.control.is_checking, 60)

    def follow(self, run: RunFolder) -> None:
        self.control.follow(run)
        wait_until(lambda: self.control.state is JobState.ENDED or self.control.is_busy)
        assert wait_for_tasks(60)
        QApplication.processEvents()


@contextmanager
def train_page(
    recipe: Recipe,
    *,
    command: tuple[str, ...] = launch.ENGINE,
    cards: tuple[CardStatus, ...] = (CARD,),
    width: int = 1366,
) -> Iterator[Shown]:
    """A page that is shown; whatever it started is ended when it goes."""
    theme = Theme("light")
    theme.apply()
    store, gpu = RecipeStore(), GpuWatch()
    store.replace(recipe)
    gpu.cards = cards
    control = JobControl(command=command, graces=Graces(stop_seconds=2.0, cancel_seconds=1.0, gone_seconds=0.2))
    window = QMainWindow()
    page = TrainPage(store, control, gpu, theme)
    window.setCentralWidget(page)
    window.resize(width, 704)
    window.show()
    try:
        yield Shown(page, window, store, control, gpu, theme)
    finally:
        control.cancel()
        if control.is_busy:
            wait_until(lambda: not control.is_busy)
        control.close()
        assert wait_for_tasks(60)
        window.close()
        forget(window)


def written(recipe: Recipe, *events: Event, console: str = "") -> RunFolder:
    """A run folder whose journal holds these events."""
    run = RunFolder.create(preflight.with_absolute_paths(recipe))
    writer = JournalWriter(run.journal)
    for event in (Started(attempt=1, pid=1, versions={}), *events):
        writer.write(event)
    writer.close()
    if console:
        run.console.write_text(console, encoding="utf-8")
    return run


def steps(last: int, total: int = 60) -> list[Event]:
    planned = Planned(
        device="CPU",
        steps=total,
        from_step=0,
        rows=24,
        sequences=24,
        tokens=1000,
        trained_tokens=500,
        trainable_parameters=1000,
        parameters=100_000,
        data_sha256="",
    )
    events: list[Event] = [planned, Phase(name="train")]
    for number in range(1, last + 1):
        events.append(
            Step(
                step=number,
                steps=total,
                epoch=number / total,
                loss=3.0 / number,
                learning_rate=1e-4,
                grad_norm=1.0,
                tokens_per_second=100.0,
                seconds=2.0,
                memory=Memory(resident_peak_bytes=1_000_000),
            )
        )
    return events


def out_of_memory(step: int) -> Ended:
    return Ended(
        state="crashed",
        step=step,
        is_mendable=True,
        what="The memory was not enough.",
        why="CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 11.99 GiB of which "
        "512.00 MiB "
        "is free.",
        remedy="Halve training.batch_size to 4 and double training.accumulation to 2: the same steps in less memory.",
    )


def checkpoint(run: RunFolder, step: int) -> Path:
    folder = run.checkpoints / f"step-{step:08d}"
    folder.mkdir(parents=True)
    return folder


Pages = Callable[..., Shown]
