"""Records beside a run, each in a thread of its own, so that none of them can hold it up or end it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from typing import NamedTuple

from workbench.core.installed import refuse_without
from workbench.core.job.events import Event, RunEnd
from workbench.core.problems import shown
from workbench.core.recipe.recipe import Recipe
from workbench.core.scrubbed import scrubbed
from workbench.engine.job.job import Job, Ordered
from workbench.engine.train.trackers.event_files import EventFiles
from workbench.engine.train.trackers.mlflow_run import MlflowRun
from workbench.engine.train.trackers.tracker import Tracker, values_of
from workbench.engine.train.trackers.trackio_run import TrackioRun

TRACKERS: dict[str, type[Tracker]] = {"tensorboard": EventFiles, "mlflow": MlflowRun, "trackio": TrackioRun}
# What a run waits for its records at its end; a cancelled one is over at once.
CLOSE_SECONDS, CANCEL_SECONDS = 30.0, 0.5
# Of a record that does not keep up, the values of so long are kept in memory.
MOST_WAITING = 20_000


class _Values(NamedTuple):
    step: int
    values: dict[str, float]


def refuse_missing(recipe: Recipe) -> None:
    """Raises UserError where a record is asked for whose library is not installed."""
    for name, tracker in TRACKERS.items():
        if getattr(recipe.tracking, name):
            refuse_without(tracker.package, name, f"tracking.{name}")


@contextmanager
def recording(job: Job, from_step: int) -> Iterator[None]:
    """Records what the job tells while the block works, and how that ended."""
    chosen = [tracker for name, tracker in TRACKERS.items() if getattr(job.recipe.tracking, name)]
    records = [_Record(job, tracker(job.run, job.recipe), from_step) for tracker in chosen]
    job.listeners += [record.take for record in records]
    state: RunEnd = "crashed"
    try:
        yield
        state = "stopped" if job.orders.is_stopped else "finished"
    except Ordered as order:
        state = order.state
        raise
    finally:
        del job.listeners[len(job.listeners) - len(records) :]
        until = time.monotonic() + (CANCEL_SECONDS if job.orders.is_cancelled else CLOSE_SECONDS)
        for record in records:
            record.finish(state)
        for record in records:
            record.wait(until)


class _Record:
    """One tracker at work. What it cannot do is told once, and it is left off from then on."""

    def __init__(self, job: Job, tracker: Tracker, from_step: int) -> None:
        self._job = job
        self._tracker = tracker
        self._from_step = from_step
        self._waiting: Queue[_Values | RunEnd] = Queue(MOST_WAITING)
        self._is_off = threading.Event()
        self._thread = threading.Thread(target=self._work, name=tracker.title, daemon=True)
        self._thread.start()

    def take(self, event: Event) -> None:
        """Hands on what is to be recorded of an event; never waits."""
        found = values_of(event)
        if found is not None and not self._is_off.is_set():
            self._put(_Values(*found))

    def finish(self, state: RunEnd) -> None:
        if not self._is_off.is_set():
            self._put(state)

    def wait(self, until: float) -> None:
        """Waits until it is closed, or the time is over."""
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._thread.is_alive():
            self._leave_off("it has not answered until the end of the run")

    def _put(self, item: _Values | RunEnd) -> None:
        try:
            self._waiting.put_nowait(item)
        except Full:
            self._leave_off("it does not keep up")

    def _work(self) -> None:
        try:
            self._tracker.begin(self._from_step)
            while not self._is_off.is_set():
                try:
                    item = self._waiting.get(timeout=1.0)
                except Empty:
                    continue
                if isinstance(item, _Values):
                    self._tracker.write(item.step, item.values)
                else:
                    self._tracker.end(item)
                    return
        except (Exception, SystemExit) as error:  # of any library; nothing of a record may end a run
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            self._leave_off(shown(scrubbed(first), 200).rstrip("."))

    def _leave_off(self, why: str) -> None:
        if not self._is_off.is_set():
            self._is_off.set()
            title = self._tracker.title
            self._job.notice(f"The record in {title} is not whole: {why}. The run goes on without it.")
