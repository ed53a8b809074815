"""Changes of the draft that is open: every one goes through here, what may be slow beside the window, and is told."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from workbench.bridge.tasks import run_task
from workbench.core.data.edits import drafts
from workbench.core.data.edits.advice import replaced
from workbench.core.data.edits.change import Change, Put
from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.pasted import pasted_rows
from workbench.core.data.edits.search import rows_with
from workbench.core.data.edits.value import Value, fields, with_text
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError
from workbench.core.units import counted
from workbench.panes.data.editing.open_draft import STOPPED, OpenDraft, Stopped, unless_stopped

# Changes of more rows, and rows of more bytes, are made and read beside the window.
FEW_ROWS = 200
FEW_BYTES = 100_000
COPY_SUFFIX = ".jsonl"


class EditingControl(OpenDraft):
    """While it is busy what is written waits, and other changes are declined.

    Signals:
        changed: The rows that are written anew (a list of their ids); their order may be another, too.
        saved: The Path of the copy that was written.
        declined: Why what was asked for is not done now, in a sentence.
    """

    changed = Signal(list)
    saved = Signal(object)
    declined = Signal(str)

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
        turn = self._begin(f"Changing {counted(count, 'row')}", can_stop=False)

        def take(outcome: tuple[Change | None, UserError | None]) -> None:
            if turn == self._turn:
                self._end()
                done(outcome)

        run_task(self._holding(lambda: _outcome(act, draft)), take, lambda _error: None, parent=self)

    def _end(self) -> None:
        super()._end()
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            self._change(act)

    def _declines(self) -> bool:
        """Whether something goes on that has to end first, which is said."""
        if self.is_busy:
            self.declined.emit(f"Not yet: {self.busy_words[:1].lower()}{self.busy_words[1:]}.")
        return self.is_busy

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

        run_task(self._holding(unless_stopped(make)), done, fail, parent=self)


class Refused(UserError):
    """What was asked makes no change."""


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
