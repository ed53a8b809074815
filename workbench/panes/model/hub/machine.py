"""The models on this machine, the disk they lie on, and whether the Hub may be asked: read in tasks."""

import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.bridge.settings import Settings
from workbench.bridge.tasks import run_task
from workbench.core.hub import offline
from workbench.core.model import shape as model_shape
from workbench.core.model.licences import licence_in_words
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError
from workbench.panes.model.hub.kept import KeptRow

if TYPE_CHECKING:
    from workbench.core.machine.models_here import ModelHere

MOST_DAYS_AGO = 30
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Machine(QObject):
    """What the lower cards show.

    Attributes:
        rows: The models that are here, those that were used last first.
        folder: Where the Hub's models lie, as people write it.
        free_bytes: Of the disk they lie on.
        why_offline: What keeps it offline whatever the switch says.

    Signals:
        changed: One of these.
        failed: The UserError for what could not be done.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self.rows: tuple[KeptRow, ...] = ()
        self.folder, self.free_bytes = "", 0
        self.is_offline, self.why_offline = False, ""
        self._looked_at = 0

    def refresh(self) -> None:
        """Looks now."""
        self._look()

    def delete(self, row: KeptRow) -> None:
        self._look(row.name_here)

    def _look(self, going: str = "") -> None:
        run_task(partial(_looked, going), self._take, self.failed.emit, parent=self)

    def set_offline(self, is_offline: bool) -> None:
        """Whether anybody is asked, from now on and by every process."""
        self._settings.change(offline=is_offline)
        self.is_offline = offline.is_offline()  # a home that cannot be written to keeps nothing
        self.changed.emit()

    def _take(self, found: "_Found") -> None:
        if found.looked_at < self._looked_at:
            return  # before a deletion whose answer is here already
        self._looked_at = found.looked_at
        self.rows = found.rows
        self.folder, self.free_bytes = found.folder, found.free_bytes
        self.is_offline, self.why_offline = found.is_offline, found.why_offline
        self.changed.emit()


@dataclass(frozen=True)
class _Found:
    """What a look finds; `looked_at` is when it began, by a clock that only goes on."""

    looked_at: int
    rows: tuple[KeptRow, ...]
    folder: str
    free_bytes: int
    is_offline: bool
    why_offline: str


def _looked(going: str = "") -> _Found:
    """Looks, once the model of the name that is going is deleted. Raises UserError where it cannot be."""
    from workbench.core.hub import cache
    from workbench.core.machine import models_here

    if going:
        models_here.remove(going)
    else:
        models_here.clear_leftovers()
    looked_at = time.monotonic_ns()
    here = sorted(models_here.models_here(), key=lambda entry: (-entry.last_used, entry.name.lower()))
    root = cache.root()
    return _Found(
        looked_at=looked_at,
        rows=tuple(row_of(entry) for entry in here),
        folder=in_short(root),
        free_bytes=free_bytes(root),
        is_offline=offline.is_offline(),
        why_offline=offline.why_environment(),
    )


def row_of(entry: "ModelHere") -> KeptRow:
    """What the table says of a model that is here."""
    from workbench.core.machine.models_here import STARTER_ID

    hub_id = entry.name if entry.kind == "hub" else STARTER_ID if entry.source == "starter" else ""
    owner, _, name = (hub_id or entry.name).rpartition("/")
    return KeptRow(
        source=entry.source,
        name=name,
        owner=owner,
        hub_id=hub_id,
        name_here=entry.source,
        folder=entry.folder,
        size_bytes=entry.size_bytes,
        licence=licence_in_words(entry.licence),
        runs=len(entry.used_by),
        last_used=day_in_words(date.fromtimestamp(entry.last_used), date.today()) if entry.last_used else "",
        running=entry.running[0] if entry.running else "",
        problem=entry.problem,
    )


def in_short(folder: Path) -> str:
    """A folder as people write it, with "~" for their own."""
    try:
        return f"~/{folder.relative_to(Path.home()).as_posix()}"
    except ValueError:
        return str(folder)


def free_bytes(folder: Path) -> int:
    """What is free where a folder is, or will be; 0 where that cannot be asked."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path.home())
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return 0


def shapes_of(rows: Sequence[KeptRow]) -> dict[str, ModelShape | None]:
    """The shapes of models that are here, by their ids; None of one that cannot be read."""
    found: dict[str, ModelShape | None] = dict.fromkeys(row.id for row in rows)
    for row in rows:
        if row.folder is not None:
            with suppress(UserError, OSError):
                found[row.id] = model_shape.from_path(row.folder)
    return found


def day_in_words(day: date, today: date) -> str:
    """A day as one remembers it: "today", "yesterday", "4 days ago", "in March", "in 2024"."""
    ago = (today - day).days
    if ago <= 1:
        return "today" if ago <= 0 else "yesterday"
    if ago <= MOST_DAYS_AGO:
        return f"{ago} days ago"
    return f"in {MONTHS[day.month - 1]}" if ago < 365 else f"in {day.year}"
