"""The lines of a run's log, newest first, as a list that takes hundreds of thousands of them."""

from array import array
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from workbench.core.job.event_words import LineKind, in_words, kind_of
from workbench.core.job.events import Event, Phase
from workbench.core.job.history import AttemptClock
from workbench.core.ticks import clock
from workbench.panes.parts.controls import plain_tip

Index = QModelIndex | QPersistentModelIndex
TIME = int(Qt.ItemDataRole.UserRole) + 1
KIND = TIME + 1
_KINDS: tuple[LineKind, ...] = ("step", "evaluation", "sample", "checkpoint", "notice", "unreadable", "other")


class LogModel(QAbstractListModel):
    """Keeps each line as its words, its second and its kind; filters them by kind and by text."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []
        self._seconds = array("d")
        self._kinds = bytearray()
        self._clock = AttemptClock()
        self._phase = ""
        self._kind: LineKind | None = None
        self._text = ""
        self._matches: list[int] | None = None  # the places that are shown, where not all are
        self._shown = 0

    # -- taking lines -------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        self.beginResetModel()
        self._words, self._seconds, self._kinds = [], array("d"), bytearray()
        self._clock, self._phase = AttemptClock(), ""
        self._matches = [] if self._matches is not None else None
        self._shown = 0
        self.endResetModel()

    def add_events(self, events: Iterable[Event]) -> None:
        """Keeps what happened; it is shown by the next `refresh`."""
        for event in events:
            seconds = self._clock.at(event)
            if isinstance(event, Phase):
                if event.name == self._phase:
                    continue  # how far it is stands elsewhere
                self._phase = event.name
            self._words.append(in_words(event))
            self._seconds.append(seconds)
            self._kinds.append(_KINDS.index(kind_of(event)))

    def refresh(self) -> int:
        """Shows what was taken; says how many lines are new at the top."""
        fresh = [place for place in range(self._shown, len(self._words)) if self._is_shown(place)]
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        self._shown = len(self._words)
        if fresh:
            if self._matches is not None:
                self._matches += fresh
            self.endInsertRows()
        return len(fresh)

    # -- which are shown ----------------------------------------------------------------------------------------------

    def filter(self, kind: LineKind | None, text: str) -> None:
        """Shows the lines of one kind, or of all, that hold a text."""
        self.beginResetModel()
        self._kind, self._text = kind, text.casefold()
        self._shown = len(self._words)
        if kind is None and not self._text:
            self._matches = None
        else:
            self._matches = [place for place in range(self._shown) if self._is_shown(place)]
        self.endResetModel()

    def _is_shown(self, place: int) -> bool:
        if self._kind is not None and _KINDS[self._kinds[place]] != self._kind:
            return False
        return not self._text or self._text in self._words[place].casefold()

    def _rows(self) -> int:
        return self._shown if self._matches is None else len(self._matches)

    # -- what a view asks ---------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return 0 if parent.isValid() else self._rows()

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        rows = self._rows()
        if not index.isValid() or not 0 <= index.row() < rows:
            return None
        place = rows - 1 - index.row()
        if self._matches is not None:
            place = self._matches[place]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words[place]
        if role == TIME:
            return clock(self._seconds[place])
        if role == KIND:
            return _KINDS[self._kinds[place]]
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            line = f"{clock(self._seconds[place])}  {self._words[place]}"
            return plain_tip(line) if role == Qt.ItemDataRole.ToolTipRole else line
        return None

    def line(self, row: int) -> str:
        """A line as it is copied."""
        return str(self.data(self.index(row), int(Qt.ItemDataRole.AccessibleTextRole)))
