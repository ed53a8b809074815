"""The run that the window is about: what state it is in, and what may be asked of it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from workbench.bridge.run_clock import RunClock, remaining_seconds
from workbench.bridge.start_check import StartCheck, checked, resumable
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

if TYPE_CHECKING:
    from workbench.bridge.job_thread import Graces, JobThread
    from workbench.bridge.outcome import Outcome
    from workbench.core.job.events import Event
    from workbench.core.job.history import History
    from workbench.core.job.outline import Outline


class JobState(StrEnum):
    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"


Wish = Literal["pause", "continue", "stop", "cancel"]

# What may be asked in which state, and the state it leads to at once; anything else asked is ignored.
# A paused run that is ordered to go on is paused until it says that it continued.
WISHES: Mapping[Wish, Mapping[JobState, JobState]] = {
    "pause": {JobState.RUNNING: JobState.PAUSING},
    "continue": {JobState.PAUSED: JobState.PAUSED, JobState.PAUSING: JobState.RUNNING},
    "stop": dict.fromkeys((JobState.STARTING, JobState.RUNNING, JobState.PAUSING, JobState.PAUSED), JobState.STOPPING),
    "cancel": dict.fromkeys(
        (JobState.STARTING, JobState.RUNNING, JobState.PAUSING, JobState.PAUSED, JobState.STOPPING), JobState.STOPPING
    ),
}

# What the journal brings about: that an engine took the run, that it is paused, that it is at work.
IS_TAKEN: Mapping[JobState, JobState] = {JobState.STARTING: JobState.RUNNING}
IS_PAUSED: Mapping[JobState, JobState] = {JobState.RUNNING: JobState.PAUSED, JobState.PAUSING: JobState.PAUSED}
IS_AT_WORK: Mapping[JobState, JobState] = {JobState.PAUSED: JobState.RUNNING}
HAS_CONTINUED: Mapping[JobState, JobState] = {JobState.PAUSED: JobState.RUNNING, JobState.PAUSING: JobState.RUNNING}


class JobControl(QObject):
    """Starts, follows and orders one run at a time; call `close` before it goes.

    What is asked to start is checked first, beside the window. Until that is over nothing is made, the run before stays
    as it is, and a start is taken back by `stop` and `cancel`, and by going on to another run or to none.

    A run that is over is read as `follow` is asked to, in the state IDLE until all of it is there, then ENDED.

    Signals:
        advanced: The new events, once `history` holds them.
        state_changed: `state`, `order_given` or which run this is has changed.
        checking_changed: `is_checking` has changed.
    """

    advanced = Signal(object)  # a list, as JobThread's
    state_changed = Signal()
    checking_changed = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: Sequence[str] = (),
        graces: "Graces | None" = None,
    ) -> None:
        super().__init__(parent)
        self._command = command
        self._graces = graces
        self._thread: JobThread | None = None
        self._leaving: list[JobThread] = []
        self._check = StartCheck(self)
        self._check.changed.connect(self.checking_changed)
        self._forget()

    @cached_property
    def history(self) -> "History":
        """What the run's journal holds; made at first use, since its events take 6 ms of a first paint to declare."""
        from workbench.core.job.history import History

        return History()

    def _forget(self) -> None:
        self.state = JobState.IDLE
        self.run: RunFolder | None = None
        self.recipe: Recipe | None = None
        vars(self).pop("history", None)
        self.outcome: Outcome | None = None
        self.order_given = ""
        self._is_created_here = False
        self._attempt_before = 0
        self._clock = RunClock()

    # -- which run ----------------------------------------------------------------------------------------------------

    def start(self, recipe: Recipe, on_refused: Callable[[UserError], None]) -> None:
        """Makes a run of the recipe as it is now and starts it, or tells `on_refused` why not."""

        def begin(whole: Recipe) -> None:
            self._attach(RunFolder.create(whole), whole, JobState.STARTING, starts=True)
            self._is_created_here = True
            self.state_changed.emit()

        if not self._refuses(on_refused):
            self._check.begin(lambda: checked(recipe), begin, on_refused)

    def begin(self, run: RunFolder) -> None:
        """Starts a run that the queue has made. Raises UserError where it cannot be read."""
        recipe = run.recipe()
        self._attach(run, recipe, JobState.STARTING, starts=True)
        self._is_created_here = True
        self.state_changed.emit()

    def resume(
        self,
        run: RunFolder,
        extra_steps: int,
        on_refused: Callable[[UserError], None],
        on_begun: Callable[[], None] = lambda: None,
    ) -> None:
        """Goes on with a run from its newest whole checkpoint, for `extra_steps` more, or says why not."""

        def begin(found: "tuple[Recipe, Outline]") -> None:
            recipe, outline = found
            if extra_steps:
                run.give(Order(order="extend", steps=outline.step + extra_steps))
            self._attach(run, recipe, JobState.STARTING, starts=True)
            self._attempt_before = outline.attempt
            self.state_changed.emit()
            on_begun()

        if not self._refuses(on_refused):
            self._check.begin(lambda: resumable(run, extra_steps), begin, on_refused)

    def _refuses(self, on_refused: Callable[[UserError], None]) -> bool:
        """Says so where another run is in the way."""
        if self.is_checking:
            on_refused(UserError("A run is about to start.", remedy="Cancel it, or wait for its end."))
        elif self.is_busy:
            assert self.run is not None
            on_refused(UserError(f"Run {self.run.name} has not ended yet.", remedy="Stop it, or wait for its end."))
        return not self.can_start

    def follow(self, run: RunFolder) -> None:
        """Shows any run, alive or over, in place of the one before, which goes on. Raises UserError."""
        from workbench.core.job.history import History

        run = RunFolder.open(run.path)
        if self.is_busy and self.run is not None and self.run.path == run.path:
            return  # its thread knows more of it than a new one would
        recipe = None
        with suppress(UserError):  # a job.toml that someone has edited is still a run
            recipe = run.recipe()
        if run.is_held():
            state = JobState.RUNNING
        else:
            state = JobState.IDLE if run.journal.exists() or not run.state(History()).is_alive else JobState.STARTING
        self._check.withdraw()
        self._attach(run, recipe, state, starts=False)
        self.state_changed.emit()

    def detach(self) -> None:
        """Leaves the run alone; it goes on."""
        self._check.withdraw()
        self._leave()
        self._forget()
        self.state_changed.emit()

    def close(self) -> None:
        """Leaves the run alone, and returns once no thread is left."""
        self._check.withdraw()
        self._leave()
        for thread in self._leaving:
            thread.wait()
        self._leaving.clear()

    def _leave(self) -> None:
        self._leaving = [thread for thread in self._leaving if not thread.isFinished()]
        if self._thread is not None:
            self._thread.detach()
            self._leaving.append(self._thread)
            self._thread = None

    def _attach(self, run: RunFolder, recipe: Recipe | None, state: JobState, *, starts: bool) -> None:
        # With the first run: the first paint has none.
        from workbench.bridge.job_thread import JobThread
        from workbench.core.job import launch

        self._leave()
        self._forget()
        self.run, self.recipe, self.state = run, recipe, state
        self._thread = JobThread(run, starts=starts, command=self._command or launch.ENGINE, graces=self._graces)
        self._thread.advanced.connect(self._advance)
        self._thread.ended.connect(self._end)
        self._thread.start()

    # -- what may be asked --------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Holds the run after its step. Raises UserError where no order can be given."""
        self._wish("pause")

    def go_on(self) -> None:
        """Lets a paused run go on. Raises UserError where no order can be given."""
        self._wish("continue")

    def stop(self) -> None:
        """Ends the run after its step, with a checkpoint. Raises UserError where no order can be given."""
        self._wish("stop")

    def cancel(self) -> None:
        """Ends the run with nothing saved; one that is only being checked is never made."""
        self._wish("cancel")

    def _wish(self, wish: Wish) -> None:
        if wish in ("stop", "cancel"):
            self._check.withdraw()
        state = WISHES[wish].get(self.state)
        if state is None or self._thread is None or wish == self.order_given == "cancel":
            return
        self._thread.order(Order(order=wish))
        self.order_given = "" if wish == "continue" else wish
        self.state = state
        self.state_changed.emit()

    # -- what the thread tells ----------------------------------------------------------------------------------------

    def _advance(self, events: "list[Event]") -> None:
        if not self._is_from_our_thread():
            return  # it was on its way when its thread was left
        self.history.add(events)
        self._clock.add(events, self.history)
        before = self.state
        self._judge(events)
        self.advanced.emit(events)
        if self.state != before:
            self.state_changed.emit()

    def _is_from_our_thread(self) -> bool:
        return self._thread is not None and self.sender() is self._thread

    def _judge(self, events: "list[Event]") -> None:
        """Takes the state to what the journal says, where a table has that."""
        started = self.history.started
        if started is None or started.attempt <= self._attempt_before:
            return  # it is of an earlier process
        self._become(IS_TAKEN)
        if any(event.kind == "continued" for event in events):
            self._become(HAS_CONTINUED)
        self._become(IS_PAUSED if self.history.is_paused else IS_AT_WORK)
        if self.state is JobState.RUNNING:
            self.order_given = ""  # somebody else let a paused run go on

    def _become(self, table: Mapping[JobState, JobState]) -> None:
        self.state = table.get(self.state, self.state)

    def _end(self, outcome: "Outcome") -> None:
        if not self._is_from_our_thread():
            return
        assert self.run is not None
        self.state, self.outcome = JobState.ENDED, outcome
        if self._is_created_here and outcome.is_refusal:
            self.run.remove()  # nothing was trained: what is left would only be in the way
        self._clock.stop()
        self.state_changed.emit()

    # -- how far it is ------------------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return self.state not in (JobState.IDLE, JobState.ENDED)

    @property
    def is_checking(self) -> bool:
        """Whether a run is about to start, once what it needs has been looked at."""
        return self._check.is_under_way

    @property
    def can_start(self) -> bool:
        """Whether a run may be asked for."""
        return not (self.is_busy or self.is_checking)

    @property
    def elapsed_seconds(self) -> float:
        """Seconds of training so far, by a clock that goes on between steps."""
        return self._clock.elapsed_seconds

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds of training still to come, as the recent steps went; None where nothing is to be said yet."""
        return remaining_seconds(self.history) if self.is_busy else None
