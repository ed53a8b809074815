"""What `bench window` measures inside a process of its own: `python -m tests.bench.window_measures NAME`.

Prints one JSON object. Which names there are is said by MEASURES.
"""

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil

from workbench.core import places
from workbench.core.job.events import Memory, Step
from workbench.core.job.history import History
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

TICK_MILLISECONDS = 10
TRAINED_STEPS = 16
POINTS = 1_000_000
UPDATES = 100_000
BATCH = 10  # steps that come together, as those of a fast run do
REDRAWS = 40
SIGNALS = 20_000
PATIENCE_SECONDS = 900.0


class Lateness:
    """How much later than asked a 10 ms timer is called, in milliseconds."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._late: list[float] = []
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late.append(max(0.0, (now - self._last) * 1000 - TICK_MILLISECONDS))
        self._last = now

    def figures(self) -> dict[str, Any]:
        late = sorted(self._late)
        return {
            "ticks": len(late),
            "median_milliseconds": round(statistics.median(late), 2),
            "p99_milliseconds": round(late[int(len(late) * 0.99)], 2),
            "largest_milliseconds": round(late[-1], 2),
        }


def lateness() -> dict[str, Any]:
    """The window's, while it follows the starter at training, and the same while nothing runs."""
    from PySide6.QtWidgets import QApplication

    from workbench.window.app import build

    recipe = starter_recipe()
    application = QApplication([])
    window = build(application)
    window.resize(1366, 738)
    window.show()
    window.show_page("train")
    spin(seconds=3)
    idle = Lateness()
    idle.start()
    spin(seconds=5)
    figures = {"idle": idle.figures()}
    control = window.control
    control.start(recipe, lambda error: sys.exit(str(error)))
    spin(until=lambda: len(control.history.steps) >= 1 or control.can_start)
    training = Lateness()
    training.start()
    spin(until=lambda: len(control.history.steps) >= TRAINED_STEPS or not control.is_busy)
    figures["while the starter trains"] = training.figures()
    steps = len(control.history.steps)
    if control.is_busy:
        control.cancel()
        spin(until=lambda: not control.is_busy)
    control.close()
    if steps < TRAINED_STEPS:
        sys.exit(f"The starter came to step {steps} alone: {control.outcome}")
    return figures


def bare_lateness() -> dict[str, Any]:
    """An empty program's, until standard input ends: what the machine itself is late while it is busy."""
    import threading

    from PySide6.QtCore import QCoreApplication

    application = QCoreApplication([])
    late = Lateness()
    late.start()
    is_over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), is_over.set()), daemon=True).start()
    spin(until=is_over.is_set)
    del application
    return late.figures()


def points() -> dict[str, Any]:
    """A step more on a curve of a million: all that a redraw takes, from the history to the pixels."""
    from PySide6.QtWidgets import QApplication

    application = QApplication([])
    plot = loss_plot()
    history = History(step(number) for number in range(1, POINTS + 1))
    taken = []
    for number in range(REDRAWS + 1):
        history.add([step(POINTS + number + 1)])
        began = time.perf_counter()
        plot.refresh(history, is_busy=True)
        plot.viewport().repaint()
        taken.append((time.perf_counter() - began) * 1000)
    application.processEvents()
    taken = taken[1:]  # the first one smooths all of it
    return {
        "points": POINTS,
        "median_milliseconds": round(statistics.median(taken), 2),
        "largest_milliseconds": round(max(taken), 2),
    }


def updates() -> dict[str, Any]:
    """What a long run leaves in memory, its history included: new steps in batches, each drawn and painted live."""
    from PySide6.QtWidgets import QApplication

    from workbench.bridge.job_control import JobControl, JobState
    from workbench.panes.look.theme import Theme
    from workbench.panes.train.live.live import LiveView

    application = QApplication([])
    theme = Theme("light")
    theme.apply()
    control = JobControl()
    control.recipe, control.state = starter_recipe(), JobState.RUNNING
    view = LiveView(theme, control)
    view.resize(870, 640)
    view.show()

    def update(first: int, count: int) -> int:
        for number in range(first, first + count, BATCH):
            events = [step(number + place) for place in range(BATCH)]
            control.history.add(events)
            control.advanced.emit(events)
            view.refresh()
            application.processEvents()
        return resident_bytes()

    warm = UPDATES // 20
    before = update(1, warm)
    began = time.perf_counter()
    growth = update(warm + 1, UPDATES) - before
    taken = (time.perf_counter() - began) * 1000 / UPDATES
    return {
        "updates": UPDATES,
        "redraws": UPDATES // BATCH,
        "growth_bytes": growth,
        "mean_milliseconds": round(taken, 2),
    }


def loss_plot() -> Any:
    from workbench.panes.look.theme import Theme
    from workbench.panes.train.live.loss_plot import LossPlot

    theme = Theme("light")
    theme.apply()
    plot = LossPlot(theme)
    plot.resize(780, 300)
    plot.show()
    return plot


def step(number: int) -> Step:
    noise = number * 7919 % 1000 / 2000
    return Step(
        step=number, steps=POINTS + 1000, epoch=0.1, loss=1 / (1 + number * 1e-5) + noise, learning_rate=1e-4,
        grad_norm=1.0, tokens_per_second=100.0, seconds=1.0, elapsed_seconds=float(number),
        memory=Memory(resident_bytes=10**9, resident_peak_bytes=10**9 + number),
    )  # fmt: skip


def signals() -> dict[str, Any]:
    """Batches that cross threads as a run's do, and what becomes of the reference counts they touch."""
    from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal

    class Sender(QThread):
        advanced = Signal(object)

        def run(self) -> None:
            for number in range(SIGNALS):
                self.advanced.emit([number, None, True, False])

    class Receiver(QObject):
        count = 0

        def take(self, _batch: object) -> None:
            self.count += 1

    application = QCoreApplication([])
    sender, receiver = Sender(), Receiver()
    sender.advanced.connect(receiver.take)
    before = [sys.getrefcount(value) for value in (None, True, False)]
    began = time.perf_counter()
    sender.start()
    spin(until=lambda: receiver.count >= SIGNALS)
    seconds = time.perf_counter() - began
    sender.wait()
    drift = [sys.getrefcount(value) - earlier for value, earlier in zip((None, True, False), before, strict=True)]
    del application
    return {"signals": SIGNALS, "seconds": round(seconds, 3), "reference_drift": max(abs(count) for count in drift)}


def starter_recipe() -> Recipe:
    recipe = recipe_text.read(places.built_in_recipes()["starter"])
    changes = ["evaluation.score_path=", "evaluation.score_group=", "samples.count=0"]
    return recipe_text.with_overrides(recipe, [f"training.max_steps={TRAINED_STEPS + 20}", *changes])


def spin(*, seconds: float = PATIENCE_SECONDS, until: Callable[[], object] | None = None) -> None:
    """Runs the event loop as `exec` would, with no sleep of its own."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    deadline = time.monotonic() + seconds

    def look() -> None:
        if time.monotonic() > deadline or (until is not None and until()):
            loop.quit()

    timer = QTimer()
    timer.setInterval(50)
    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    if until is not None and not until():
        sys.exit("Waited in vain.")


def resident_bytes() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


MEASURES: dict[str, Callable[[], dict[str, Any]]] = {
    "lateness": lateness,
    "bare-lateness": bare_lateness,
    "points": points,
    "updates": updates,
    "signals": signals,
}


if __name__ == "__main__":
    print(json.dumps(MEASURES[sys.argv[1]]()))
