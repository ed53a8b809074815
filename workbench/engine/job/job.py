"""One job as the engine sees it: its folder, its recipe, its journal and its orders."""

import os
import sys
import threading
import time
from collections.abc import Callable
from functools import cached_property
from typing import Literal

from workbench.core.installed import version_of
from workbench.core.job.events import Continued, Ended, Event, Notice, Paused, Phase, PhaseName, RunEnd, Started
from workbench.core.job.journal import JournalReader, JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import read_request
from workbench.core.job.study_kinds import Request
from workbench.core.recipe.recipe import Recipe
from workbench.engine.job.orders import Orders

PACKAGES = ("torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "datasets")
# A phase's progress is for people: more often than this only fills the journal.
PROGRESS_SECONDS = 0.25


class Ordered(Exception):
    """Raised between phases where a person has asked the run to end."""

    def __init__(self, state: RunEnd) -> None:
        super().__init__(state)
        self.state: RunEnd = state


class Job:
    """What every part of the engine is handed; the journal takes exactly one Ended.

    `has_lost_events` says that some could not be written. `before_leaving` is called, from another thread, where work
    has not obeyed a cancel in time and is left where it is.
    """

    def __init__(self, run: RunFolder, orders_since: int | None = None) -> None:
        self.run = run
        earlier = JournalReader(run.journal).read()
        self.history = earlier
        self._journal = JournalWriter(run.journal)
        self._ending = threading.Lock()
        self._has_ended = False
        self.has_lost_events = False
        self.listeners: list[Callable[[Event], None]] = []  # called with each event, by whoever tells it
        self.before_leaving: Callable[[], None] = lambda: None
        self._phase: Phase | None = None
        self._progress_at = 0.0
        self.step = 0
        attempt = 1 + sum(isinstance(event, Started) for event in earlier)
        versions = {"qlora-workbench": version_of("qlora-workbench")} | {name: version_of(name) for name in PACKAGES}
        self.emit(Started(attempt=attempt, pid=os.getpid(), versions=versions))
        since = run.orders_size() if orders_since is None else orders_since
        self.orders = Orders(run, since, overdue=self._leave)

    @cached_property
    def recipe(self) -> Recipe:
        """What a training was asked. Raises UserError."""
        return self.run.recipe()

    @cached_property
    def request(self) -> Request:
        """What a study was asked. Raises UserError."""
        return read_request(self.run)

    def emit(self, event: Event) -> None:
        """Appends an event to the journal; nothing is appended once the run has ended."""
        with self._ending:
            if self._has_ended:
                return
            try:
                self._journal.write(event)
            except OSError as error:
                # A full disk may have room again before the end; training is worth more than its record.
                print(f"The journal could not be written: {error}", file=sys.stderr)
                self.has_lost_events = True
            self._has_ended = isinstance(event, Ended)
        for listener in self.listeners:
            listener(event)

    def notice(self, text: str, about: Literal["", "memory"] = "") -> None:
        self.emit(Notice(text=text, about=about))

    def phase(self, name: PhaseName, total: int = 0, unit: str = "") -> None:
        """Begins a phase. Raises Ordered where a stop or a cancel is waiting."""
        self.obey()
        self.announce(name, total, unit)

    def announce(self, name: PhaseName, total: int = 0, unit: str = "") -> None:
        """Begins a phase inside training, where orders are obeyed at step boundaries."""
        self._phase = Phase(name=name, total=total, unit=unit)
        self._progress_at = time.monotonic()
        self.emit(self._phase)

    def progress(self, done: int, total: int | None = None, **more: object) -> None:
        """Says how far the phase has come, and what else its event tells. Raises Ordered as `phase` does."""
        self.obey()
        self.show_progress(done, total, **more)

    def show_progress(self, done: int, total: int | None = None, **more: object) -> None:
        """Says how far the phase has come, inside training."""
        assert self._phase is not None
        now = time.monotonic()
        planned = self._phase.total if total is None else total
        if now - self._progress_at >= PROGRESS_SECONDS or done == planned:
            self._progress_at = now
            self.emit(self._phase.model_copy(update={"done": done, "total": planned, **more}))

    def hold(self, why: str = "") -> None:
        """Waits while a person has paused the job, or, where it says `why`, until one lets it go on.

        For work that is done outside training. Raises Ordered where it is to end instead.
        """
        if why:
            self.orders.pause()
        if self.orders.is_paused:
            self.emit(Paused(step=self.step, why=why))
            self.orders.wait_while_paused()
            self.obey()
            self.emit(Continued(step=self.step))

    def obey(self) -> None:
        """Raises Ordered where a person wants this run to end with nothing saved."""
        if self.orders.is_cancelled:
            raise Ordered("cancelled")
        if self.orders.is_stopped and not self.orders.takes_stops:
            raise Ordered("stopped")

    def end(self, event: Ended) -> None:
        self.emit(event)
        self.orders.close()
        self._journal.close()

    def _leave(self, state: RunEnd) -> None:
        self.before_leaving()
        self.emit(Ended(state=state, step=self.step, why="It was busy and was left where it was."))
        os._exit(0)
