"""Runs laid beside each other: each journal read beside the window, and read on while its run is alive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.bridge.tasks import run_task
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.core.job.events import Event
    from workbench.core.job.journal import JournalReader
    from workbench.core.runs.result import RunResult

LOOK_MILLISECONDS = 1000


@dataclass
class _Read:
    """A run as far as its journal has been read; its reader is asked by one task at a time."""

    result: "RunResult"
    reader: "JournalReader"


class ComparedRuns(QObject):
    """Reads the runs it is given, and keeps what it read as long as they are given.

    Signals:
        changed: `results` holds other runs, or one of them has grown or ended.
        failed: The folder of a run that cannot be read, and a UserError that says why.
    """

    changed = Signal()
    failed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: tuple[Path, ...] = ()
        self._read: dict[Path, _Read] = {}
        self._refused: set[Path] = set()
        self._alive: frozenset[Path] = frozenset()
        self._is_reading = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    @property
    def results(self) -> "list[RunResult]":
        """What has been read of the wanted runs, in their order."""
        return [self._read[path].result for path in self._wanted if path in self._read]

    @property
    def is_reading(self) -> bool:
        """Whether one of the wanted runs is still to come."""
        return any(path not in self._read and path not in self._refused for path in self._wanted)

    def show(self, paths: Sequence[Path]) -> None:
        """Compares these from now on."""
        if tuple(paths) == self._wanted:
            return
        self._wanted = tuple(paths)
        self._read = {path: read for path, read in self._read.items() if path in self._wanted}
        self._refused &= set(self._wanted)
        self._look()
        if not self.is_reading:
            self.changed.emit()

    def follow(self, alive: Iterable[Path]) -> None:
        """Reads on in these, as others have found them at work."""
        self._alive = frozenset(alive)

    def start(self) -> None:
        """Follows those that are alive, from now on."""
        self._timer.start()
        self._look()

    def stop(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        if self._is_reading:
            return  # it looks again once it is done
        missing = [path for path in self._wanted if path not in self._read and path not in self._refused]
        if missing:
            self._begin(missing[0])
            return
        alive = self._alive | {path for path, read in self._read.items() if read.result.state.is_alive}
        growing = [self._read[path] for path in self._wanted if path in alive]
        if growing:
            self._go_on(growing)

    def _begin(self, path: Path) -> None:
        self._is_reading = True

        def take(read: _Read) -> None:
            self._is_reading = False
            if path in self._wanted:
                self._read[path] = read
                self.changed.emit()
            self._look_for_missing()

        def refuse(error: UserError) -> None:
            self._is_reading = False
            if path in self._wanted:
                self._refused.add(path)
                self.failed.emit(path, error)
                self.changed.emit()
            self._look_for_missing()

        run_task(lambda: _begun(path), take, refuse, parent=self)

    def _look_for_missing(self) -> None:
        if self.is_reading:
            self._look()

    def _go_on(self, growing: list[_Read]) -> None:
        self._is_reading = True

        def take(found: "list[tuple[list[Event], RunState]]") -> None:
            self._is_reading = False
            has_changed = False
            for read, (events, state) in zip(growing, found, strict=True):
                if events or state is not read.result.state:
                    read.result.history.add(events)
                    # anew: what it has worked out of its history is not true any more
                    read.result = replace(read.result, state=state)
                    has_changed = True
            if has_changed:
                self.changed.emit()
            self._look_for_missing()

        def leave_out(_error: UserError) -> None:
            self._is_reading = False
            self._look_for_missing()

        run_task(lambda: [_more(read) for read in growing], take, leave_out, parent=self)


def _begun(path: Path) -> _Read:
    """A run read whole. Raises UserError."""
    from workbench.core.job.history import History
    from workbench.core.job.journal import JournalReader
    from workbench.core.job.label import Label, read_label
    from workbench.core.runs.result import RunResult

    run = RunFolder.open(path)
    recipe = run.recipe()
    reader = JournalReader(run.journal)
    try:
        history = History(reader.read())
    except OSError as error:
        raise run.unreadable(error) from None
    try:
        label = read_label(path)
    except UserError:
        label = Label()
    return _Read(RunResult(run, label, recipe, history, run.state(history)), reader)


def _more(read: _Read) -> "tuple[list[Event], RunState]":
    """What has come since, and the state that it is in. Raises UserError."""
    run = read.result.run
    state = run.state()  # first: what it wrote before it let go of the lock is read below
    try:
        return read.reader.read(), state
    except OSError as error:
        raise run.unreadable(error) from None
