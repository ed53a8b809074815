"""The queue as the window has it: what waits, changed by hand, and worked off one run after the other."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.bridge.job_control import JobControl, JobState
from workbench.bridge.run_list import RunList
from workbench.bridge.tasks import run_task
from workbench.core import places
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError, in_a_row
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.queue import RunQueue, Waiting

LOOK_MILLISECONDS = 1000
Found = TypeVar("Found")


@dataclass(frozen=True)
class _Seen:
    """How the queue stands, looked at beside the window.

    Attributes:
        first: The first that can be begun, with its folder where it has one that is not over.
        is_held: Whether an engine is at work on that.
    """

    entries: tuple[Waiting, ...]
    first: Waiting | None
    run: RunFolder | None
    is_held: bool


class QueueControl(QObject):
    """Follows the file of the queue while it is started; works it off while `is_working`.

    Signals:
        changed: `entries`, `is_working`, `is_worked_elsewhere` or `error` has changed.
        failed: A UserError: why something that was asked could not be done, or a run was refused.
        emptied: The last run that was worked off here is over.
    """

    changed = Signal()
    failed = Signal(object)
    emptied = Signal()

    def __init__(self, control: JobControl, run_list: RunList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[Waiting, ...] = ()
        self.error = ""
        self.is_worked_elsewhere = False
        self._control = control
        self._run_list = run_list
        self._queue = RunQueue()
        self._lock = ExitStack()
        self._is_working = False
        self._is_looking = False
        self._is_first_look = True
        self._is_beginning = False
        self._told: set[str] = set()
        self._begun: set[str] = set()  # names of the runs that this window has started
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)
        control.state_changed.connect(self._job_changed)

    def start(self) -> None:
        """Looks from now on; what a window before was working off is worked off on."""
        self._timer.start()
        self.look()

    def close(self) -> None:
        """Works on nothing more; what is at work goes on, and what waits stays in its file."""
        self._timer.stop()
        self._lock.close()
        self._is_working = False

    # -- what a person asks -------------------------------------------------------------------------------------------

    @property
    def is_working(self) -> bool:
        return self._is_working

    def work(self) -> None:
        """Works it off from now on; another process that does is left to it."""
        if self._is_working:
            return
        try:
            self._lock.enter_context(self._queue.working())
        except UserError:
            self.is_worked_elsewhere = True
        else:
            self._is_working, self.is_worked_elsewhere = True, False
        self.changed.emit()
        self.look()

    def hold(self) -> None:
        """Begins none after the one at work."""
        self._lock.close()
        self._is_working = False
        self.changed.emit()

    def add(self, recipes: Sequence[Recipe], tags: Sequence[str], on_done: Callable[[], object]) -> None:
        """Puts runs at the end and works the queue off; `failed` tells why one cannot be a run."""

        def done(_added: tuple[Waiting, ...]) -> None:
            on_done()
            self.work()

        self._do(lambda: _added(self._queue, recipes, tags), done)

    def remove(self, number: int) -> None:
        self._do(lambda: self._queue.remove(number), lambda _: None)

    def move(self, number: int, place: int) -> None:
        """Puts one at a place, counted from 1."""
        self._do(lambda: self._queue.move(number, place), lambda _: None)

    def _do(self, work: Callable[[], Found], on_done: Callable[[Found], object]) -> None:
        def done(found: Found) -> None:
            on_done(found)
            self.look()

        run_task(work, done, self.failed.emit, parent=self)

    # -- looking ------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Reads the queue in a task, and does what is to be done next."""
        if not self._is_looking:
            self._is_looking = True
            run_task(lambda: _seen(self._queue), self._take, self._fail, parent=self)

    def _fail(self, error: UserError) -> None:
        self._is_looking = False
        if str(error) != self.error:
            self.error, self.entries = str(error), ()
            self.changed.emit()

    def _take(self, seen: _Seen) -> None:
        self._is_looking = False
        if (seen.entries, "") != (self.entries, self.error):
            self.entries, self.error = seen.entries, ""
            self.changed.emit()
        was_first, self._is_first_look = self._is_first_look, False
        if was_first and seen.is_held and not self._is_working:
            self.work()
        if self._is_working:
            self._go_on(seen)

    def _go_on(self, seen: _Seen) -> None:
        """One step: begins the first where nothing is at work, and drops it once it is over."""
        entry = seen.first
        if entry is None:
            if not any(other.problem for other in seen.entries):
                self.hold()
                self.emptied.emit()
            return
        is_begun = self._is_begun(entry)
        # One that was cancelled before its engine took it has written nothing.
        was_begun = entry.run in self._begun and not (is_begun or seen.is_held)
        if entry.run and (seen.run is None or was_begun):  # it is over, or its folder was deleted
            self._do(lambda: self._queue.drop(entry.number), lambda _: None)
            return
        if seen.is_held or self._is_beginning or is_begun or not self._is_free(entry):
            return
        self._is_beginning = True

        def refuse(error: UserError) -> None:
            self._is_beginning = False
            self.failed.emit(error)
            self.hold()

        run_task(lambda: self._queue.begin(entry), self._begin, refuse, parent=self)

    def _is_begun(self, entry: Waiting) -> bool:
        """Whether this window has started it, and no engine has taken it yet."""
        control = self._control
        return control.is_busy and control.run is not None and control.run.name == entry.run

    def _is_free(self, entry: Waiting) -> bool:
        others = [row for row in self._run_list.rows if row.state.is_alive and row.name != entry.run]
        return self._control.can_start and not others

    def _begin(self, run: RunFolder) -> None:
        self._is_beginning = False
        if not (self._is_working and self._control.can_start):
            return  # it has its folder, and is begun at another look
        self._begun.add(run.name)
        try:
            self._control.begin(run)
        except UserError as error:
            self.failed.emit(error)
            self.hold()
        self.look()

    def _job_changed(self) -> None:
        """A run of the queue that is refused has no folder any more: it is said here."""
        control = self._control
        outcome, run = control.outcome, control.run
        is_refused = control.state is JobState.ENDED and outcome is not None and outcome.is_refusal
        if is_refused and run is not None and run.name in self._begun - self._told:
            assert outcome is not None
            self._told.add(run.name)
            self.failed.emit(UserError(in_a_row(outcome.what, outcome.why, outcome.remedy)))
        if self._is_working:
            self.look()


def _added(queue: RunQueue, recipes: Sequence[Recipe], tags: Sequence[str]) -> tuple[Waiting, ...]:
    """Raises UserError, and then nothing has been added."""
    from workbench.core.plan import preflight

    for recipe in recipes:
        preflight.check(recipe)
    return queue.add([preflight.with_absolute_paths(recipe) for recipe in recipes], tags)


def _seen(queue: RunQueue) -> _Seen:
    """Raises UserError where the file cannot be read."""
    entries = queue.entries()
    first = next((entry for entry in entries if not entry.problem), None)
    if first is None or not first.run:
        return _Seen(entries, first, None, False)
    run = RunFolder(places.runs() / first.run)
    if not run.job.is_file():
        return _Seen(entries, first, None, False)
    is_held = run.is_held()
    is_over = not is_held and run.outline().started is not None
    return _Seen(entries, first, None if is_over else run, is_held)
