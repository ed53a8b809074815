"""The draft that is open: every change goes through here, what may be slow beside the window, and is told."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core import places
from workbench.core.data.edits import drafts
from workbench.core.data.edits.advice import replaced
from workbench.core.data.edits.change import Change, Put
from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.drafts import Held
from workbench.core.data.edits.opened import Opened, open_draft_of, open_written
from workbench.core.data.edits.pasted import pasted_rows
from workbench.core.data.edits.search import rows_with
from workbench.core.data.edits.value import Value, fields, with_text
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings
from workbench.core.units import counted, grouped

# Changes of more rows, and rows of more bytes, are made and read beside the window.
FEW_ROWS = 200
FEW_BYTES = 100_000
COPY_SUFFIX = ".jsonl"
Result = TypeVar("Result")


class Stopped(Exception):
    """Somebody wants what is done now to end."""


class EditingControl(QObject):
    """One draft at a time. While it is busy what is written waits, and other changes are declined.

    Signals:
        opened: A draft is there.
        failed: A UserError: why none is there.
        stopped: A reading was ended before there was a draft.
        changed: The rows that are written anew (a list of their ids); their order may be another, too.
        busy_changed: `is_busy` or `busy_words` has changed.
        trouble_changed: `trouble` has changed.
        saved: The Path of the copy that was written.
        declined: Why what was asked for is not done now, in a sentence.

    Attributes:
        draft: None where none is open.
        is_busy: Something goes on that has to end first.
        busy_words: What, and how far it is.
        trouble: What could not be kept or saved; None where all is well.
        folder: Where a copy goes if nobody names another folder.
    """

    opened = Signal()
    failed = Signal(object)
    changed = Signal(list)
    stopped = Signal()
    busy_changed = Signal()
    trouble_changed = Signal()
    saved = Signal(object)
    declined = Signal(str)
    _progressed = Signal(str)
    _thrown_away = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.draft: Draft | None = None
        self.is_busy = False
        self.busy_words = ""
        self.trouble: UserError | None = None
        self.folder = places.written()
        self._held: Held | None = None
        self._turn = 0
        self._is_stopping = False
        self._waiting: list[Callable[[Draft], Change | None]] = []  # what was written while it was busy
        # One that is stopped and one that has begun since would fill the same folder, or meet the other's lock.
        self._working = Lock()
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
        turn = self._begin("Reading the rows")

        def make_alone() -> Opened:
            with self._working:
                made = make(turn)
                if turn != self._turn:
                    made.held.release()  # now: who waits for the lock may want the same rows
                    raise Stopped
                return made

        def take(made: Any) -> None:
            if turn != self._turn:
                if made is not STOPPED:
                    made.held.release()
                return
            if made is STOPPED:
                self._end()
                self.stopped.emit()
                return
            self.draft, self._held, self.folder = made.draft, made.held, made.folder
            self._end()
            self.opened.emit()
            self._say_trouble(made.trouble)
            run_task(drafts.sweep, lambda _done: None, lambda _error: None, parent=self)

        def fail(error: UserError) -> None:
            if turn == self._turn:
                self._end()
                self.failed.emit(error)

        run_task(_unless_stopped(make_alone), take, fail, parent=self)

    def close(self) -> None:
        """Leaves the draft, which stays on the disk with its changes; what goes on is stopped, or kept once it ends."""
        self._leave(throws_away=False)

    def discard(self) -> None:
        """Leaves the draft and lets go of all its changes; copies that were saved stay."""
        self._leave(throws_away=True)

    def _leave(self, *, throws_away: bool) -> None:
        self._turn += 1
        self._is_stopping = True
        draft, held, waiting = self.draft, self._held, self._waiting
        self.draft, self._held, self._waiting = None, None, []
        if draft is not None and held is not None:

            def let_go() -> None:
                for act in () if throws_away else waiting:
                    _outcome(act, draft)
                if throws_away or not draft.changes:  # nothing was written: it is made again when it is wanted
                    self._thrown_away.emit(drafts.discard(draft))

            held.release(let_go)
        self._say_trouble(None)
        self._end()

    def _free_disk(self, clear: Callable[[], None]) -> None:
        run_task(clear, lambda _done: None, lambda _error: None, parent=self)

    # -- changes ------------------------------------------------------------------------------------------------------

    def write(self, row: int, value: Value, field: str) -> None:
        """Gives a row another value; while it is busy, as soon as that ends."""
        if self.is_busy and self.draft is not None:
            self._waiting.append(lambda draft: draft.write(row, value, field))
        else:
            self._change(lambda draft: draft.write(row, value, field))

    def revert(self, row: int) -> None:
        self._change(lambda draft: draft.revert(row))

    def add(self, after: int | None, take: Callable[[list[int]], None]) -> None:
        """Puts an empty row below a position, or at the end; `take` is given the new row."""
        self._change(lambda draft: draft.add(after), then=lambda made: take(_new_rows(made)))

    def duplicate(self, positions: Sequence[int], take: Callable[[list[int]], None]) -> None:
        """Puts copies of rows below the last of them; `take` is given the new rows."""
        if positions:
            self._change(lambda draft: draft.duplicate(positions), len(positions), lambda made: take(_new_rows(made)))

    def delete(self, positions: Sequence[int]) -> None:
        if len(positions):
            self._change(lambda draft: draft.delete(positions), len(positions))

    def paste(
        self, text: str, after: int | None, take: Callable[[list[int]], None], refuse: Callable[[str], None]
    ) -> None:
        """Puts rows out of a clipboard below a position; `refuse` is given why they cannot be."""

        def act(draft: Draft) -> Change | None:
            try:
                rows = pasted_rows(text, draft.spelling)
            except Wrong as wrong:
                raise Refused(f"{wrong.text} {wrong.remedy}") from None
            return draft.add(after, rows, "pasted") if rows else None

        self._change(act, len(text) // 20, lambda made: take(_new_rows(made)), refuse)

    def replace(self, positions: Sequence[int], wanted: str, by: str, take: Callable[[int], None]) -> None:
        """Puts another text in place of one, in these rows; `take` is given how many rows have changed."""

        def act(draft: Draft) -> Change | None:
            made = []
            for position in positions:
                row = draft.row_at(position)
                value = draft.value(row)
                for field in fields(value):
                    value = with_text(value, field.name, replaced(field.text, wanted, by))
                made.append((row, value))
            return draft.write_many(made)

        self._change(act, len(positions), lambda change: take(change.count if change else 0))

    def go_to(self, done: int) -> None:
        """Undoes changes or does them again until this number of them is done."""
        draft = self.draft
        if draft is None or self._declines():
            return
        done = max(0, min(done, len(draft.changes)))
        between = draft.changes[min(done, draft.done) : max(done, draft.done)]
        if between:
            rows = [step.row for change in between for step in change.steps if isinstance(step, Put)]
            self._change(lambda draft: draft.go_to(done), sum(change.count for change in between), rows=rows)

    def undo(self) -> None:
        if self.draft is not None:
            self.go_to(self.draft.done - 1)

    def redo(self) -> None:
        if self.draft is not None:
            self.go_to(self.draft.done + 1)

    def _change(
        self,
        act: Callable[[Draft], Change | None],
        count: int = 1,
        then: Callable[[Change | None], None] = lambda _made: None,
        refuse: Callable[[str], None] = lambda _why: None,
        rows: Sequence[int] | None = None,
    ) -> None:
        """Makes a change, or goes to another one by which `rows` are written; tells what there is then."""
        draft = self.draft
        if draft is None or self._declines():
            return

        def done(outcome: tuple[Change | None, UserError | None]) -> None:
            made, error = outcome
            if isinstance(error, Refused):
                refuse(error.what)
                return
            if made is not None or error is not None or rows is not None:
                self._say_trouble(error)
                written = {step.row for step in made.steps if isinstance(step, Put)} if made else set()
                self.changed.emit(sorted(written.union(rows or ())))
            then(made)

        if count <= FEW_ROWS:
            done(_outcome(act, draft))
            return
        turn = self._begin(f"Changing {counted(count, 'row')}")

        def take(outcome: tuple[Change | None, UserError | None]) -> None:
            if turn == self._turn:
                self._end()
                done(outcome)

        run_task(self._holding(lambda: _outcome(act, draft)), take, lambda _error: None, parent=self)

    # -- looking ------------------------------------------------------------------------------------------------------

    def read(self, row: int, take: Callable[[Value, Value | None], None]) -> None:
        """Gives a row as it stands and as it came from the file; a long one later."""
        draft = self.draft
        if draft is None:
            return

        def make() -> tuple[Value, Value | None]:
            return draft.value(row), draft.value_before(row)

        if draft.is_new(row) or draft.base.size_of(row) < FEW_BYTES:
            try:
                take(*make())
            except UserError as error:
                self._say_trouble(error)
            return

        def done(found: tuple[Value, Value | None]) -> None:
            if draft is self.draft:
                take(*found)

        run_task(make, done, lambda error: self._say_trouble_of(draft, error), parent=self)

    def find(self, wanted: str, take: Callable[[Any], None]) -> Callable[[], None]:
        """Looks for rows with a text beside the window; `take` is given their ids, what is given back ends it."""
        draft, is_wanted = self.draft, [True]
        if draft is None:
            return lambda: None

        def go_on(_done: int) -> None:
            if not is_wanted[0]:
                raise Stopped

        def done(found: Any) -> None:
            if is_wanted[0] and found is not None and draft is self.draft:
                take(found)

        def make() -> Any:
            try:
                return rows_with(draft, wanted, go_on)
            except Stopped:
                return None

        run_task(make, done, lambda error: self._say_trouble_of(draft, error), parent=self)
        return lambda: is_wanted.__setitem__(0, False)

    # -- the copy -----------------------------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Writes the rows as they stand into a copy, beside the window."""
        draft = self.draft
        if draft is None or self._declines():
            return
        turn = self._begin("Saving")
        progress = self._progress(turn, "Saving row", len(draft))

        def make() -> None:
            draft.save(path, progress)
            drafts.keep_copy(draft, path)

        def done(is_saved: Any) -> None:
            if turn == self._turn:
                self._end()
                self._say_trouble(None)
                if is_saved is not STOPPED:
                    self.saved.emit(path)

        def fail(error: UserError) -> None:
            if turn == self._turn:
                self._end()
                self._say_trouble(error)

        run_task(self._holding(_unless_stopped(make)), done, fail, parent=self)

    def stop(self) -> None:
        """Ends a reading or saving that goes on; nothing of it is left."""
        self._is_stopping = True

    # -- inside -------------------------------------------------------------------------------------------------------

    def _begin(self, words: str) -> int:
        self._turn += 1
        self.is_busy, self.busy_words, self._is_stopping = True, words, False
        self.busy_changed.emit()
        return self._turn

    def _end(self) -> None:
        if self.is_busy:
            self.is_busy, self.busy_words = False, ""
            self.busy_changed.emit()
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            self._change(act)

    def _declines(self) -> bool:
        """Whether something goes on that has to end first, which is said."""
        if self.is_busy:
            self.declined.emit(f"Not yet: {self.busy_words[:1].lower()}{self.busy_words[1:]}.")
        return self.is_busy

    def _holding(self, make: Callable[[], Result]) -> Callable[[], Result]:
        """For a thread: the draft is let go of only once this has ended, and opened again only after that."""
        held = self._held
        assert held is not None
        held.share()

        def made() -> Result:
            with self._working:
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


class Refused(UserError):
    """What was asked makes no change."""


STOPPED = object()


def _unless_stopped(make: Callable[[], Any]) -> Callable[[], Any]:
    def made() -> Any:
        try:
            return make()
        except Stopped:
            return STOPPED

    return made


def _outcome(act: Callable[[Draft], Change | None], draft: Draft) -> tuple[Change | None, UserError | None]:
    """A change that was made, and why it could not be kept: a draft makes it all the same."""
    before = draft.changes[-1] if draft.changes else None
    try:
        return act(draft), None
    except UserError as error:
        last = draft.changes[-1] if draft.changes else None
        return (last if last is not before else None), error


def _new_rows(made: Change | None) -> list[int]:
    """The rows that a change has put in."""
    if made is None:
        return []
    return [row for step in made.steps if step.do == "insert" for row in step.rows]
