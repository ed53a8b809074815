"""What is kept of a table of prompts as it is answered and marked, written one after the other beside the window."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.chat.table.keeping import FilledTable, MarksToKeep, keep_answers
from workbench.core.problems import UserError

KEEP_MILLISECONDS = 1500


class TableKeeping(QObject):
    """Answers are kept a few at a time, marks at once, both with their runs.

    Signals:
        failed: Why something could not be kept (a UserError).
    """

    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._filled: FilledTable | None = None
        self._to_keep: list[tuple[int, int]] = []
        self._marks_to_keep: dict[Path, MarksToKeep] = {}
        self._judged_folders: set[Path] = set()  # of runs that were told what has come of this table
        self._writes: list[Callable[[], None]] = []
        self._is_writing = False
        self._soon = once_after(self, KEEP_MILLISECONDS, self.keep_answers)

    def show(self, filled: FilledTable | None) -> None:
        """Another table, or none."""
        self._filled = filled
        self._judged_folders.clear()

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be written."""
        return self._is_writing or self._soon.isActive() or bool(self._writes)

    def add_answer(self, row: int, place: int) -> None:
        """Has the answer of a cell kept soon."""
        self._to_keep.append((row, place))
        if not self._soon.isActive():
            self._soon.start()

    def keep_answers(self) -> None:
        """Keeps now what was to be kept soon."""
        self._soon.stop()
        cells, filled = list(self._to_keep), self._filled
        self._to_keep.clear()
        if cells and filled is not None:
            self._write(lambda: keep_answers(filled, cells))

    def add_mark(self, folder: Path, key: str, verdict: bool | None) -> None:
        """Has a mark kept with the run in a folder, with what has come of the table next."""
        self._to_be_kept(folder).changes[key] = verdict

    def keep_judged(self) -> None:
        """Keeps what has come of the table with each run in it, and the marks that are still to be kept."""
        if self._filled is None:
            return
        table = self._filled.table
        is_whole = table.judging.judge == "person" or not table.open_rows()
        for folder in {column.folder for column in table.columns if column.folder is not None}:
            judged = table.judged(folder)
            is_marked = folder in self._marks_to_keep
            if is_marked or folder in self._judged_folders or (judged is not None and is_whole):
                self._to_be_kept(folder).judged = judged
                self._judged_folders.add(folder)
        self._keep_marks()

    def _to_be_kept(self, folder: Path) -> MarksToKeep:
        return self._marks_to_keep.setdefault(folder, MarksToKeep(folder))

    def _keep_marks(self) -> None:
        if self._is_writing or not self._marks_to_keep:
            return
        waiting = [replace(each, changes=dict(each.changes)) for each in self._marks_to_keep.values()]
        self._marks_to_keep.clear()

        def write() -> None:
            for each in waiting:
                each.write()

        self._write(write)

    def _write(self, write: Callable[[], None]) -> None:
        """One after the other, beside the window."""
        self._writes.append(write)
        if not self._is_writing:
            self._write_next()

    def _write_next(self) -> None:
        if not self._writes:
            self._is_writing = False
            self._keep_marks()
            return
        self._is_writing = True
        run_task(self._writes.pop(0), lambda _none: self._write_next(), self._could_not_write, parent=self)

    def _could_not_write(self, error: UserError) -> None:
        self.failed.emit(error)
        self._write_next()

    def close(self) -> None:
        """Keeps what is not kept yet."""
        waiting, self._writes = self._writes, []
        marks, self._marks_to_keep = list(self._marks_to_keep.values()), {}
        with suppress(UserError):  # nobody is there any more to be told
            for write in waiting:
                write()
            for each in marks:
                each.write()
