"""The data made into tokens: started, followed, and known again while nothing that it stands on has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.bridge.study_control import StudyControl
from workbench.bridge.tasks import run_task
from workbench.core.data.formats.known import format_of
from workbench.core.data.source import open_source
from workbench.core.job.run_folder import RunState
from workbench.core.job.study_kinds import DataPrepared, PrepareRequest
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.prepared import cache
from workbench.core.tokens.prepared.kinds import KINDS, bits
from workbench.core.tokens.prepared.tables import Tables
from workbench.panes.data.lengths import Lengths
from workbench.panes.data.rows.prepared import PreparedRows

# Of the recipe, what decides what is prepared.
_PATHS = (
    "model.source", "model.revision", "training.max_length", "training.packing", "evaluation.fraction",
    "evaluation.rows", "evaluation.groups", "evaluation.seed", "evaluation.path",
)  # fmt: skip
_CHANGED = bits({name for name, kind in KINDS.items() if kind.done == "changed"})


@dataclass(frozen=True, eq=False)
class Prepared:
    """What was prepared, with all that is shown of it; made beside the window.

    Attributes:
        whole: Rows of which nothing but what was changed in them is told.
    """

    found: DataPrepared
    listing: PreparedRows
    lengths: Lengths
    whole: int

    @classmethod
    def of(cls, found: DataPrepared) -> "Prepared":
        """Maps the tables. Raises UserError where they are gone."""
        try:
            tables = Tables(Path(found.folder))
        except (OSError, ValueError) as error:
            raise UserError("What was prepared is not there any more.", remedy="Prepare it again.") from error
        rows = tables.rows
        lengths = np.asarray(rows["whole"][rows["pieces"] > 0], np.int64)
        whole = int(np.count_nonzero((rows["kinds"] & ~np.uint64(_CHANGED)) == 0))
        return cls(found, PreparedRows(tables, len(found.files), unit_of(found.files)), Lengths.of(lengths), whole)


class Preparing(QObject):
    """One preparation at a time; call `close` before it goes, which leaves it running.

    Signals:
        changed: It began, went on, ended, or what it made does not fit the recipe any more.

    Attributes:
        prepared: What was prepared for the recipe as it is; None where nothing was.
        error: Why it came to nothing.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control = StudyControl(self)
        self.control.advanced.connect(self._advance)
        self.control.state_changed.connect(self._change)
        self.prepared: Prepared | None = None
        self.error: UserError | None = None
        self._made: Prepared | None = None
        self._found: DataPrepared | None = None  # of which `_made` is, or is being made
        self._asked = 0
        self._recipe = Recipe()

    @property
    def is_busy(self) -> bool:
        return self.control.is_busy

    @property
    def share(self) -> float:
        """How far its phase is."""
        phase = self.control.phase
        return phase.done / phase.total if phase is not None and phase.total else 0.0

    def find(self) -> None:
        """Looks for what was prepared last, for a window that has just been opened."""
        try:
            self.control.find("prepare")
        except UserError:
            return  # it is prepared anew

    def start(self, recipe: Recipe) -> None:
        """Begins. Raises UserError."""
        self.error = None
        self.control.start(PrepareRequest(recipe=recipe))

    def cancel(self) -> None:
        """Ends it; nothing of it is kept. Raises UserError."""
        self.control.cancel()

    def close(self) -> None:
        """Stops following."""
        self.control.close()

    def fit(self, recipe: Recipe) -> None:
        """Looks whether what was made is of this recipe, and of the files as they are now."""
        if not _is_same(recipe, self._recipe):
            self.error = None  # it was of what the recipe was then
        self._recipe = recipe
        made = self._made
        request = self.control.request
        if made is None or not isinstance(request, PrepareRequest) or not _is_same(request.recipe, recipe):
            self._show(None)
            return
        self._asked += 1
        asked = self._asked

        def is_current() -> bool:
            files = open_source(recipe.data).files
            try:
                return cache.known_sha256(cache.stamp(files)) in (made.found.data_sha256, None)
            except OSError:
                return False

        def take(is_so: bool) -> None:
            if asked == self._asked:
                self._show(made if is_so else None)

        run_task(is_current, take, lambda _error: take(False), parent=self)

    def _show(self, prepared: Prepared | None) -> None:
        self._asked += 1
        if prepared is not self.prepared:
            self.prepared = prepared
            self.changed.emit()

    # -- following ----------------------------------------------------------------------------------------------------

    def _advance(self, _events: Sequence[object]) -> None:
        found = self.control.findings[-1] if self.control.findings else None
        if isinstance(found, DataPrepared) and found is not self._found:
            self._found = found
            run_task(
                lambda: Prepared.of(found),
                lambda made: self._take(found, made),
                lambda error: self._fail(found, error),
                parent=self,
            )
        self.changed.emit()

    def _take(self, found: DataPrepared, made: Prepared) -> None:
        if found is self._found:  # else it comes after what was prepared since
            self._made = made
            self.fit(self._recipe)

    def _fail(self, found: DataPrepared, error: UserError) -> None:
        if found is self._found:
            self.error = error
            self.changed.emit()

    def _change(self) -> None:
        outcome = self.control.outcome
        if outcome is not None and outcome.state is RunState.CRASHED:
            self.error = UserError(outcome.what, why=outcome.why, remedy=outcome.remedy)
        self.changed.emit()


def unit_of(files: Sequence[str]) -> str:
    """What a place in files of these names counts, by the first of them."""
    found = format_of(Path(files[0])) if files else None
    return found.unit if found is not None else "line"


def _is_same(one: Recipe, other: Recipe) -> bool:
    return one.data == other.data and all(one.value(path) == other.value(path) for path in _PATHS)
