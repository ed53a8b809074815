"""One run, followed as its journal grows."""

import gc
import math
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from workbench.bridge.journal_pieces import JournalPieces
from workbench.bridge.outcome import Outcome, outcome_of
from workbench.core.job import launch
from workbench.core.job.events import Event, Started, Step
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.problems import UserError

# 30 batches a second are more than an eye follows; a redraw per event would freeze the window.
BATCH_SECONDS = 1 / 30
POLL_SECONDS = 0.08
# Qt delivers what comes while it delivers: only a timer lets the window paint and obey between two batches.
TURN_MILLISECONDS = 1
# No batch is much larger: taking it and drawing it again should keep the window for 20 ms, not for 50.
MOST_EVENTS = 1000
# From this many events on, a batch is part of a long journal.
LARGE_BATCH = 1000

# Engines that outlive their follower: polled now and then, so that none of them stays a zombie.
_left_running: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Graces:
    """What an order is given before the process is ended by force; a stop may have a large checkpoint to write."""

    stop_seconds: float = 600.0
    cancel_seconds: float = 15.0
    # From the folder's vanishing until its engine, which nobody could reach any more, is ended.
    gone_seconds: float = 10.0


class JobThread(QThread):
    """Starts a run's engine, or finds it at work, and tells what its journal says until the run is over.

    The training itself is one process further away than "in a QThread". A thread shares its process: a CUDA fault or
    the system's out-of-memory kill would take the window along; video memory would come back only as far as Python and
    the allocator let go of it; and every step would hold the lock of Python that the window needs to paint. A process
    costs a run where it fails, gives all its memory back whenever it ends, can be killed, and outlives the window.
    What is left for the thread is to read, to wait, and to see that orders are obeyed.

    Signals:
        advanced: A list of new events, in order; at most 30 times a second.
        ended: The Outcome, once the run is over and all its lines are read; not after `detach`.
    """

    # Signal(list) copies the list element by element and takes Python's lock for each: with 5000 events a batch, the
    # window waited three seconds for it.
    advanced = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        folder: RunFolder,
        *,
        starts: bool,
        parent: QObject | None = None,
        command: Sequence[str] = launch.ENGINE,
        graces: Graces | None = None,
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None  # None where somebody else started it
        self._starts = starts
        self._command = command
        self._graces = graces or Graces()
        self._pieces = JournalPieces(folder.journal)
        self._history = History()
        self._earlier: Started | None = None
        self._console_since = 0
        self._launch_trouble = ""
        self._journal_trouble = ""
        self._told_at = -math.inf
        self._is_taken = threading.Event()  # a window that is busy would fill up with batches on their way to it
        self._is_taken.set()
        self._detached = threading.Event()
        # Guards what `order` changes from another thread.
        self._lock = threading.Lock()
        self._is_launched = not starts
        self._early_orders: list[Order] = []
        self._overdue_at = math.inf
        self._gone_since = math.inf
        self._forcing: threading.Thread | None = None
        self.advanced.connect(self._give_turn)

    def _give_turn(self, _batch: list[Event]) -> None:
        """A batch has come to the thread that follows, whose turn is next."""
        QTimer.singleShot(TURN_MILLISECONDS, self, self._is_taken.set)

    # -- for any thread -----------------------------------------------------------------------------------------------

    def order(self, order: Order) -> None:
        """Gives the run an order, which is enforced once its grace has passed. Raises UserError."""
        with self._lock:
            if self._is_launched:
                self._give(order)
            else:
                self._early_orders.append(order)  # what stands in the file by then is taken for an earlier process's
            grace = {"stop": self._graces.stop_seconds, "cancel": self._graces.cancel_seconds}.get(order.order)
            if grace is not None:
                self._overdue_at = min(self._overdue_at, time.monotonic() + grace)

    def detach(self) -> None:
        """Stops following, leaves the run alone; the thread ends within moments."""
        self._detached.set()

    # -- in the thread ------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Qt's name for what the thread does."""
        _left_running[:] = [process for process in _left_running if process.poll() is None]
        if self._starts:
            while self._tell_next():
                pass
            self._earlier = self._history.started
            self._launch()
        outcome = self._follow()
        if outcome is not None:
            self.ended.emit(outcome)
            if self._forcing is not None:
                self._forcing.join()
        elif self.process is not None:
            _left_running.append(self.process)

    def _launch(self) -> None:
        with self._lock:
            with suppress(OSError):
                self._console_since = self.folder.console.stat().st_size
            try:
                self.process = launch.start(self.folder, self._command)
            except OSError as error:
                self._launch_trouble = f"The engine could not be started: {error.strerror or error}."
            self._is_launched = True
            try:
                for order in self._early_orders:
                    self._give(order)
            except UserError:
                self._overdue_at = time.monotonic()  # it was not heard, so it goes by force

    def _follow(self) -> Outcome | None:
        while not self._detached.is_set():
            is_over = self._is_over()  # asked before reading: what was written until then is read below
            if not self._tell_next():
                if is_over:
                    return self._outcome()
                self._detached.wait(POLL_SECONDS)
            self._enforce()
        return None

    def _is_over(self) -> bool:
        if self.process is not None:
            return self.process.poll() is not None
        if self._starts:
            return True
        try:
            return not self.folder.state(self._history).is_alive
        except OSError:
            return True  # the folder is gone

    def _tell_next(self) -> bool:
        """Emits one batch of what is new, once a batch may be emitted again; says whether there was any."""
        batch: list[Event] = []
        while not self._detached.is_set():
            piece = self._read()
            batch += piece or ()
            if piece is None or len(batch) >= MOST_EVENTS or time.monotonic() >= self._told_at + BATCH_SECONDS:
                break
        if not batch:
            return False
        self._history.add(event for event in batch if not isinstance(event, Step))  # they are the window's to keep
        if len(batch) >= LARGE_BATCH:
            # Events hold no cycles, and looking for some among 200 000 of them stops every thread for half a second.
            gc.freeze()
        self._detached.wait(max(0.0, self._told_at + BATCH_SECONDS - time.monotonic()))
        while not self._is_taken.wait(POLL_SECONDS):
            if self._detached.is_set():
                return False
        self._is_taken.clear()
        self._told_at = time.monotonic()
        self.advanced.emit(batch)
        return True

    def _read(self) -> list[Event] | None:
        try:
            piece = self._pieces.read()
        except OSError as error:
            self._journal_trouble = f"The journal {self.folder.journal} cannot be read: {error.strerror}."
            return None  # a network drive may be away for a while
        self._journal_trouble = ""
        return piece

    def _outcome(self) -> Outcome:
        return outcome_of(
            self.folder,
            self._history,
            self.process.returncode if self.process else None,
            forced=self._forcing is not None,
            earlier=self._earlier,
            console_since=self._console_since,
            trouble=self._launch_trouble or self._journal_trouble,
        )

    # -- orders that are not obeyed -----------------------------------------------------------------------------------

    def _give(self, order: Order) -> None:
        try:
            self.folder.give(order)
        except UserError:
            if order.order != "cancel":
                raise
            self._overdue_at = time.monotonic()  # a full disk takes no order, so it goes by force

    def _enforce(self) -> None:
        now = time.monotonic()
        if self.process is not None:
            self._gone_since = math.inf if self.folder.job.is_file() else min(self._gone_since, now)
        if self._forcing is not None:
            return
        if now > self._overdue_at or now > self._gone_since + self._graces.gone_seconds:
            pid = self._pid()
            if pid is not None:
                # Waiting for a process to die takes seconds, in which its journal is still followed.
                self._forcing = threading.Thread(target=launch.end_by_force, args=(pid,), name="end by force")
                self._forcing.start()

    def _pid(self) -> int | None:
        if self.process is not None:
            return self.process.pid
        # While the lock is held, the process that wrote this is there, and no other has its number.
        started = self._history.started
        return started.pid if started is not None and self.folder.is_held() else None
