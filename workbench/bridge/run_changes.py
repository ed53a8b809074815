"""What a person changes of the runs that are kept: names, tags, notes, what goes to the bin and what comes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.job.label import Label, change_label, write_notes
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError, in_a_row
from workbench.core.runs.removal import checkpoints_to_bin, to_bin
from workbench.core.units import bytes_in_words, counted

Found = TypeVar("Found")


class RunChanges(QObject):
    """Each change is made beside the window, one after the other.

    Signals:
        said: A sentence: what was done.
        failed: A UserError: what could not be.
        changed: The runs are to be looked at again.
        arrived: The folder of a run that was imported.
    """

    said = Signal(str)
    failed = Signal(object)
    changed = Signal()
    arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._binned: list[list[Path]] = []
        self._waiting: list[Callable[[], None]] = []
        self._is_busy = False

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    @property
    def can_undo(self) -> bool:
        return bool(self._binned)

    # -- words --------------------------------------------------------------------------------------------------------

    def change_label(self, path: Path, change: Callable[[Label], Label]) -> None:
        """Gives a run another name or other tags."""
        self._do(lambda: change_label(path, change), lambda _: self.changed.emit())

    def write_notes(self, path: Path, text: str) -> None:
        self._do(lambda: write_notes(path, text), lambda _: self.changed.emit())

    # -- what goes and comes ------------------------------------------------------------------------------------------

    def delete(self, paths: Sequence[Path]) -> None:
        """Puts runs into the bin; those that cannot go stay and are told."""

        def gone(found: tuple[list[Path], int, list[str]]) -> None:
            folders, size_bytes, told = found
            if folders:
                self._binned.append(folders)
                what = f"Run {folders[0].name} is" if len(folders) == 1 else f"{counted(len(folders), 'run')} are"
                self.said.emit(f"{what} in the bin, {bytes_in_words(size_bytes)}. Ctrl+Z brings it back.")
                self.changed.emit()
            if told:
                self.failed.emit(UserError(in_a_row(*told)))

        self._do(lambda: _all_to_bin(paths), gone)

    def keep_adapter(self, path: Path) -> None:
        """Puts a run's checkpoints into the bin: what it learned stays."""

        def gone(size_bytes: int) -> None:
            self._binned.append([RunFolder(path).checkpoints])
            self.said.emit(f"Its checkpoints are in the bin, {bytes_in_words(size_bytes)}. Ctrl+Z brings them back.")
            self.changed.emit()

        self._do(lambda: checkpoints_to_bin(RunFolder(path)), gone)

    def undo(self) -> None:
        """Takes back out of the bin what went there last."""
        if not self._binned:
            return
        folders = self._binned.pop()

        def back(told: list[str]) -> None:
            if len(told) < len(folders):
                self.said.emit("Taken back out of the bin.")
                self.changed.emit()
            if told:
                self.failed.emit(UserError(in_a_row(*told)))

        self._do(lambda: _all_back(folders), back)

    def import_run(self, folder: Path) -> None:
        """Takes a run folder in from elsewhere."""
        from workbench.core.runs.arrival import Imported, import_run

        def came(found: Imported) -> None:
            self.said.emit(f"Run {found.run.name} is here, {bytes_in_words(found.size_bytes)}.")
            self.changed.emit()
            self.arrived.emit(found.run.path)
            if found.told:
                self.failed.emit(UserError(in_a_row(*found.told)))

        self._do(lambda: import_run(folder), came)

    # -- one after the other ------------------------------------------------------------------------------------------

    def _do(self, work: Callable[[], Found], on_done: Callable[[Found], None]) -> None:
        def begin() -> None:
            run_task(work, done, fail, parent=self)

        def done(found: Found) -> None:
            self._go_on()
            on_done(found)

        def fail(error: UserError) -> None:
            self._go_on()
            self.failed.emit(error)

        self._waiting.append(begin)
        if not self._is_busy:
            self._go_on()

    def _go_on(self) -> None:
        self._is_busy = bool(self._waiting)
        if self._waiting:
            self._waiting.pop(0)()


def _all_to_bin(paths: Sequence[Path]) -> tuple[list[Path], int, list[str]]:
    """What went there, its bytes, and why the others did not."""
    gone: list[Path] = []
    told: list[str] = []
    size_bytes = 0
    for path in paths:
        try:
            size_bytes += to_bin(RunFolder(path))
            gone.append(path)
        except UserError as error:
            told.append(str(error))
    return gone, size_bytes, told


def _all_back(folders: Sequence[Path]) -> list[str]:
    """Why some could not be taken back."""
    from workbench.core.runs.bin import take_back

    told: list[str] = []
    for folder in folders:
        try:
            take_back(folder)
        except UserError as error:
            told.append(str(error))
    return told
