"""The draft that is open: opened, shared with what goes on beside the window, and let go of."""

from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core import places
from workbench.core.data.edits import drafts
from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.drafts import Held
from workbench.core.data.edits.opened import Opened, open_draft_of, open_written
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings
from workbench.core.units import grouped

Result = TypeVar("Result")
STOPPED = object()


class Stopped(Exception):
    """Somebody wants what is done now to end."""


class OpenDraft(QObject):
    """One draft at a time, with which one thing goes on at a time.

    Signals:
        opened: A draft is there.
        failed: A UserError: why none is there.
        stopped: A reading was ended before there was a draft.
        busy_changed: `is_busy` or `busy_words` has changed.
        trouble_changed: `trouble` has changed.

    Attributes:
        draft: None where none is open.
        is_busy: Something goes on that has to end first.
        busy_words: What, and how far it is.
        can_stop: What goes on can be ended by `stop`.
        trouble: What could not be kept or saved; None where all is well.
        folder: Where a copy goes if nobody names another folder.
    """

    opened = Signal()
    failed = Signal(object)
    stopped = Signal()
    busy_changed = Signal()
    trouble_changed = Signal()
    _progressed = Signal(str)
    _thrown_away = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.draft: Draft | None = None
        self.is_busy = self.can_stop = False
        self.busy_words = ""
        self.trouble: UserError | None = None
        self.folder = places.written()
        self._held: Held | None = None
        self._turn = 0
        self._is_stopping = False
        # What was written while it was busy: done once that ends, by whoever lets go of the draft at the latest.
        self._waiting: list[Callable[[Draft], Any]] = []
        self._reading = Lock()  # one that is stopped and one that has begun since would fill the same folder
        self._handing = Lock()  # over what was opened, from the thread to the window
        self._handed: Opened | None = None
        self._left: Held | None = None  # of the draft before, with which something may still go on
        self._progressed.connect(self._say_busy)
        self._thrown_away.connect(self._free_disk)

    # -- opening ------------------------------------------------------------------------------------------------------

    def begin(self, settings: DataSettings) -> None:
        """Opens the draft of a file, a new one where there is none."""
        self._open(lambda turn: open_draft_of(settings, self._progress(turn, "Reading row")))

    def begin_written(self) -> None:
        """Opens the rows that were written last and have no copy yet, else an empty row."""
        self._open(lambda _turn: open_written())

    def _open(self, make: Callable[[int], Opened]) -> None:
        self.close()
        turn, left = self._begin("Reading the rows"), self._left

        def make_alone() -> Opened:
            if left is not None:
                left.wait()
            with self._reading:
                made = make(turn)
                with self._handing:
                    if turn == self._turn:
                        self._handed = made
                        return made
                made.held.release()  # now: who waits for the lock may want the same rows
                raise Stopped

        def take(made: Any) -> None:
            if turn != self._turn:
                return
            if made is STOPPED:
                self._end()
                self.stopped.emit()
                return
            self._handed = None
            self.draft, self._held, self.folder = made.draft, made.held, made.folder
            self._end()
            self.opened.emit()
            self._say_trouble(made.trouble)
            run_task(drafts.sweep, lambda _done: None, lambda _error: None, parent=self)

        def fail(error: UserError) -> None:
            if turn == self._turn:
                self._end()
                self.failed.emit(error)

        run_task(unless_stopped(make_alone), take, fail, parent=self)

    def close(self) -> None:
        """Leaves the draft, which stays on the disk with its changes; what goes on is stopped, or kept once it ends."""
        self._leave(throws_away=False)

    def discard(self) -> None:
        """Leaves the draft and lets go of all its changes; copies that were saved stay."""
        self._leave(throws_away=True)

    def _leave(self, *, throws_away: bool) -> None:
        with self._handing:
            self._turn += 1
            handed, self._handed = self._handed, None
        if handed is not None:
            handed.held.release()  # it was opened, and comes too late
        self._is_stopping = True
        draft, held, waiting = self.draft, self._held, self._waiting
        self.draft, self._held, self._waiting = None, None, []
        if draft is not None and held is not None:

            def let_go() -> None:
                for act in () if throws_away else waiting:
                    with suppress(UserError):  # it is made all the same, and kept if the disk takes it
                        act(draft)
                if throws_away or not draft.changes:  # nothing was written: it is made again when it is wanted
                    self._thrown_away.emit(drafts.discard(draft))

            self._left = held
            held.release(let_go)
        self._say_trouble(None)
        self._end()

    def _free_disk(self, clear: Callable[[], None]) -> None:
        run_task(clear, lambda _done: None, lambda _error: None, parent=self)

    # -- what goes on --------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ends a reading or saving that goes on; nothing of it is left."""
        self._is_stopping = True

    def _begin(self, words: str, *, can_stop: bool = True) -> int:
        """Begins something that has to end before another thing; what is given back tells it from what comes after."""
        self._turn += 1
        self.can_stop = can_stop
        self.is_busy, self.busy_words, self._is_stopping = True, words, False
        self.busy_changed.emit()
        return self._turn

    def _end(self) -> None:
        if self.is_busy:
            self.is_busy, self.busy_words = False, ""
            self.busy_changed.emit()

    def _holding(self, make: Callable[[], Result]) -> Callable[[], Result]:
        """For a thread: the draft is let go of only once this has ended, and opened again only after that."""
        held = self._held
        assert held is not None
        held.share()

        def made() -> Result:
            try:
                return make()
            finally:
                held.release()

        return made

    def _progress(self, turn: int, words: str, of: int = 0) -> Callable[[int], None]:
        """What a task tells how far it is, which ends it where somebody wants that."""

        def tell(done: int) -> None:
            if self._is_stopping or turn != self._turn:
                raise Stopped
            self._progressed.emit(f"{words} {grouped(done)}{f' of {grouped(of)}' if of else ''}")

        return tell

    def _say_busy(self, words: str) -> None:
        if self.is_busy:
            self.busy_words = words
            self.busy_changed.emit()

    def _say_trouble_of(self, draft: Draft, error: UserError) -> None:
        """Where the draft is still the one that is open."""
        if draft is self.draft:
            self._say_trouble(error)

    def _say_trouble(self, error: UserError | None) -> None:
        if error is not self.trouble:
            self.trouble = error
            self.trouble_changed.emit()


def unless_stopped(make: Callable[[], Any]) -> Callable[[], Any]:
    """Gives STOPPED where what is made is ended before."""

    def made() -> Any:
        try:
            return make()
        except Stopped:
            return STOPPED

    return made
