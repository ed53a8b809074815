"""The runs there are, whoever started them."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.bridge.tasks import run_task
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

if TYPE_CHECKING:
    from workbench.core.job.outline import Outline

SCAN_SECONDS = 2.0

_Stamp = tuple[int, int]


@dataclass(frozen=True)
class RunRow:
    """A run in the list; `error` says what is wrong with its job.toml."""

    name: str
    path: Path
    state: RunState
    step: int
    steps: int
    model: str
    precision: str
    data: str
    started_at: datetime | None
    loss_last: float | None
    elapsed_seconds: float
    adapter: str
    error: str


class RunList(QObject):
    """The runs at home, newest first, looked at every SCAN_SECONDS while it is started.

    Signals:
        changed: `rows` or `error` has changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[RunRow, ...] = ()
        self.error = ""  # why the runs cannot be listed
        self._scanner = _Scanner()
        self._is_scanning = False
        self._is_asked_again = False
        self._timer = QTimer(self)
        self._timer.setInterval(int(SCAN_SECONDS * 1000))
        self._timer.timeout.connect(self.refresh)

    def start(self) -> None:
        self._timer.start()
        self.refresh()

    def stop(self) -> None:
        self._timer.stop()
        self._is_asked_again = False

    def refresh(self) -> None:
        """Looks now, or again once the look that is under way is done."""
        if self._is_scanning:
            self._is_asked_again = True
            return
        self._is_scanning = True
        run_task(self._scanner.rows, self._show, self._fail, parent=self)

    def _show(self, rows: tuple[RunRow, ...], error: str = "") -> None:
        self._is_scanning = False
        if (rows, error) != (self.rows, self.error):
            self.rows, self.error = rows, error
            self.changed.emit()
        if self._is_asked_again:
            self._is_asked_again = False
            self.refresh()

    def _fail(self, error: UserError) -> None:
        self._show((), str(error))


class _Scanner:
    """Reads the runs; what a file said is known until the file changes."""

    def __init__(self) -> None:
        self._journals: dict[Path, tuple[_Stamp, Outline]] = {}
        self._recipes: dict[Path, tuple[_Stamp, Recipe | str]] = {}

    def rows(self) -> tuple[RunRow, ...]:
        runs = RunFolder.all()
        found: list[tuple[datetime, float, RunRow]] = []
        for run in runs:
            with suppress(FileNotFoundError):  # it was deleted just now
                row = self._row(run)
                made_at = run.job.stat().st_mtime
                found.append((row.started_at or datetime.fromtimestamp(made_at), made_at, row))
        paths = {run.path for run in runs}
        for known in (self._journals, self._recipes):
            for path in known.keys() - paths:
                del known[path]
        return tuple(row for *_, row in sorted(found, key=lambda entry: entry[:2], reverse=True))

    def _row(self, run: RunFolder) -> RunRow:
        recipe = self._recipe(run)
        seen = self._outline(run)
        state = run.state(seen)
        if not state.is_alive:
            seen = self._outline(run)  # it may have written its end just before it let go of the lock
            state = run.state(seen)
        asked = recipe if isinstance(recipe, Recipe) else None
        return RunRow(
            name=run.name,
            path=run.path,
            state=state,
            step=seen.step,
            steps=seen.total_steps or (asked.training.max_steps if asked else 0),
            model=asked.model.source if asked else "",
            precision=str(asked.model.precision) if asked else "",
            data=asked.data.path if asked else "",
            started_at=_started_at(run),
            loss_last=seen.loss_last,
            elapsed_seconds=seen.trained_seconds,
            adapter=seen.ended.adapter if seen.ended else "",
            error="" if asked else str(recipe),
        )

    def _recipe(self, run: RunFolder) -> Recipe | str:
        stamp = _stamp(run.job)
        known = self._recipes.get(run.path)
        if known is None or known[0] != stamp:
            try:
                known = stamp, run.recipe()
            except UserError as error:
                known = stamp, str(error)
            self._recipes[run.path] = known
        return known[1]

    def _outline(self, run: RunFolder) -> "Outline":
        from workbench.core.job.outline import Outline, outline

        try:
            stamp = _stamp(run.journal)
            known = self._journals.get(run.path)
            if known is None or known[0] != stamp:
                known = stamp, outline(run.journal, counts_attempts=False)
                self._journals[run.path] = known
            return known[1]
        except OSError:
            return Outline()  # not begun, or not to be read


def _stamp(path: Path) -> _Stamp:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _started_at(run: RunFolder) -> datetime | None:
    try:
        return datetime.strptime(run.name[:15], "%Y-%m-%d-%H%M")
    except ValueError:
        return datetime.fromtimestamp(run.job.stat().st_mtime)
