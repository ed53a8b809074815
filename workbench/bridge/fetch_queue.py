"""The downloads: one at a time, the others waiting in an order that a person chooses."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from workbench.bridge.arrival import Arrival, ArrivalState
from workbench.bridge.tasks import run_task
from workbench.core import places
from workbench.core.hub.offline import BY_SETTINGS, is_offline_mode
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.whole_file import write_whole

if TYPE_CHECKING:
    from workbench.bridge.study_control import StudyControl


class _Waiting(NamedTuple):
    """A download that waits; the size is 0 where it was not known when it was asked for."""

    name: str
    revision: str = ""
    total_bytes: int = 0


class FetchQueue(QObject):
    """Starts the fetch whose turn it is, follows it, and keeps in a file which ones are still to come.

    A fetch that is at work outlives the window: it is found again by its lock. One that paused itself waits for
    `go_on` or `cancel`, and the others wait with it. In offline mode none begins.

    Attributes:
        arrivals: The one at work or held, then those that wait.
        last_failure: What could not be fetched last and why, as `failed` said it; None once another is asked for.

    Signals:
        changed: `arrivals` has changed.
        arrived: The name of what is here now, whole and checked.
        failed: The name of what could not be fetched, and a UserError.
    """

    changed = Signal()
    arrived = Signal(str)
    failed = Signal(str, object)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.arrivals: tuple[Arrival, ...] = ()
        self.last_failure: tuple[str, UserError] | None = None
        self._path = path
        self._waiting: list[_Waiting] = []
        self._current: _Waiting | None = None
        self._is_pausing = False
        self._study: StudyControl | None = None

    # -- what is on its way -------------------------------------------------------------------------------------------

    @property
    def current(self) -> Arrival | None:
        return self.arrivals[0] if self.arrivals and self._current is not None else None

    def arrival_of(self, name: str) -> Arrival | None:
        """How far a model is; None where it is not on its way."""
        return next((arrival for arrival in self.arrivals if arrival.name == name), None)

    @property
    def remaining_bytes(self) -> int:
        """What is still to come of all of them, as far as their sizes are known."""
        return sum(max(0, arrival.total_bytes - arrival.done_bytes) for arrival in self.arrivals)

    @property
    def is_held(self) -> bool:
        """Whether nothing comes until a person lets it go on."""
        return self.current is not None and self.current.state in ("paused", "pausing")

    # -- orders -------------------------------------------------------------------------------------------------------

    def find(self) -> None:
        """Takes up what an earlier window left: the fetch at work, found by its lock, and those that waited."""
        run_task(partial(_left, self.path), self._take_up, lambda _error: None, parent=self)

    def _take_up(self, left: "_Left") -> None:
        if self._current is not None:
            return  # a person was faster
        self._waiting = [entry for entry in left.waiting if self.arrival_of(entry.name) is None] + self._waiting
        if left.at_work is not None:
            with suppress(UserError):
                self._control().follow(left.at_work)
                self._current = _Waiting(left.name)
        self._next()

    def add(self, name: str, revision: str = "", total_bytes: int = 0) -> None:
        """Puts a download at the end; it begins at once where none is at work. One that is on its way stays."""
        if self.arrival_of(name) is None:
            self.last_failure = None
            self._waiting.append(_Waiting(name, revision, total_bytes))
            self._next()

    def go_online(self) -> None:
        """Begins, or goes on with, what waited for the Hub to be asked again. Raises UserError as `go_on`."""
        current = self.current
        if current is not None and current.state == "paused" and current.why == BY_SETTINGS:
            self.go_on()
        self._next()

    def pause(self) -> None:
        """Holds the one at work; its part stays. Raises UserError where no order can be given."""
        self._control().pause()
        self._is_pausing = True
        self._tell()

    def go_on(self) -> None:
        """Lets the one that is held go on. Raises UserError where no order can be given."""
        self._control().go_on()
        self._is_pausing = False
        self._tell()

    def cancel(self, name: str) -> None:
        """Ends the one at work, or leaves one out that waits. Raises UserError where no order can be given."""
        if self._current is not None and self._current.name == name:
            self._control().cancel()
        else:
            self._waiting = [entry for entry in self._waiting if entry.name != name]
            self._keep()
        self._tell()

    def order(self, names: Sequence[str]) -> None:
        """Puts those that wait into this order; one that is not named goes to the end."""
        places_of = {name: place for place, name in enumerate(names)}
        self._waiting.sort(key=lambda entry: places_of.get(entry.name, len(places_of)))
        self._keep()
        self._tell()

    def close(self) -> None:
        """Stops following; what is at work goes on, and what waits is found again."""
        if self._study is not None:
            self._study.close()

    # -- one after the other ------------------------------------------------------------------------------------------

    def _control(self) -> "StudyControl":
        if self._study is None:
            from workbench.bridge.study_control import StudyControl  # no part of the first paint

            self._study = StudyControl(self)
            self._study.advanced.connect(lambda _events: self._tell())
            self._study.state_changed.connect(self._state_changed)
        return self._study

    def _next(self) -> None:
        """Starts the first of those that wait where none is at work."""
        from workbench.core.job.study_kinds import FetchRequest

        while self._current is None and self._waiting and not is_offline_mode():
            self._current = self._waiting.pop(0)
            self._is_pausing = False
            try:
                self._control().start(FetchRequest(name=self._current.name, revision=self._current.revision))
            except UserError as error:
                name, self._current = self._current.name, None
                self._fail(name, error)
        self._keep()
        self._tell()

    def _state_changed(self) -> None:
        outcome = self._control().outcome
        if outcome is None or self._current is None:
            self._tell()
            return
        name, self._current = self._current.name, None
        if outcome.state is RunState.FINISHED:
            self.arrived.emit(name)
        elif outcome.state is not RunState.CANCELLED:
            self._fail(name, UserError(outcome.what, why=outcome.why, remedy=outcome.remedy))
        self._next()

    def _fail(self, name: str, error: UserError) -> None:
        self.last_failure = name, error
        self.failed.emit(name, error)

    def _tell(self) -> None:
        now = [self._arrival(self._current)] if self._current is not None else []
        waiting = [Arrival(entry.name, total_bytes=entry.total_bytes) for entry in self._waiting]
        if waiting and not now:  # nothing is at work
            waiting[0] = replace(waiting[0], why=BY_SETTINGS if is_offline_mode() else "")
        arrivals = (*now, *waiting)
        if arrivals != self.arrivals:
            self.arrivals = arrivals
            self.changed.emit()

    def _arrival(self, entry: _Waiting) -> Arrival:
        study = self._control()
        phase, paused = study.phase, study.paused
        if paused is not None:
            self._is_pausing = False
        state: ArrivalState = "arriving"
        if study.is_cancelling:
            state = "cancelling"
        elif paused is not None:
            state = "paused"
        elif self._is_pausing:
            state = "pausing"
        elif phase is None or phase.name != "download":
            state = "starting"
        if phase is None or phase.name != "download":
            return Arrival(entry.name, state, total_bytes=entry.total_bytes, why=paused.why if paused else "")
        return Arrival(
            entry.name,
            state,
            done_bytes=phase.done,
            total_bytes=phase.total,
            file=phase.file_number,
            files=phase.files,
            checked=max(0, phase.file_number - 1),
            bytes_per_second=phase.rate,
            why=paused.why if paused else "",
        )

    # -- the file -----------------------------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        return self._path or places.home() / "downloads.json"

    def _keep(self) -> None:
        entries = [*([self._current] if self._current is not None else []), *self._waiting]
        with suppress(OSError):  # those that wait are lost with the window then
            if entries:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(self.path, json.dumps(entries, indent=1) + "\n")
            else:
                self.path.unlink(missing_ok=True)


class _Left(NamedTuple):
    """What there is of an earlier window: those that waited, and the run of the fetch that is still at work."""

    waiting: list[_Waiting]
    at_work: RunFolder | None
    name: str


def _left(path: Path) -> _Left:
    """Reads it; what came to its end without a window is not fetched again."""
    from workbench.core.job.study import latest_study, read_request
    from workbench.core.job.study_kinds import FetchRequest

    try:
        found = json.loads(path.read_bytes())
        waiting = [_Waiting(str(name), str(revision), int(size)) for name, revision, size in found]
    except (OSError, ValueError, TypeError, RecursionError):
        waiting = []
    run = latest_study("fetch")
    if run is None:
        return _Left(waiting, None, "")
    request = read_request(run)
    assert isinstance(request, FetchRequest)
    is_held = run.is_held()
    if is_held or _is_newer(run, path):
        waiting = [entry for entry in waiting if entry.name != request.name]
    return _Left(waiting, run if is_held else None, request.name)


def _is_newer(run: RunFolder, path: Path) -> bool:
    """Whether a fetch came to its end after the file was written: one before it may be wanted once more."""
    try:
        return run.journal.stat().st_mtime_ns >= path.stat().st_mtime_ns
    except OSError:
        return False
