"""The log of a run: every event in words, newest first, to be filtered."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView

from workbench.core.events import (
    CheckpointSaved,
    Continued,
    Ended,
    Evaluated,
    Event,
    Milestone,
    Notice,
    Paused,
    Phase,
    Planned,
    Resumed,
    Sample,
    Scored,
    Started,
    Step,
    Unrecognized,
)
from workbench.core.phases import how_far
from workbench.core.units import bytes_in_words, grouped
from workbench.panes import ticks
from workbench.panes.cards import Card
from workbench.panes.controls import ChoiceBox
from workbench.panes.theme import Theme

KINDS = {
    "": "All",
    "step": "Steps",
    "evaluated": "Evaluations",
    "sample": "Samples",
    "checkpoint": "Checkpoints",
    "notice": "Notices",
    "unrecognized": "Unreadable lines",
}
LONGEST_LINE = 400
KIND_ROLE = 257
Index = QModelIndex | QPersistentModelIndex


def in_words(event: Event) -> str:
    """An event as one line."""
    match event:
        case Step():
            words = f"step {grouped(event.step)}  loss {ticks.figure(event.loss)}  norm {ticks.figure(event.grad_norm)}"
        case Evaluated():
            words = f"evaluation {ticks.figure(event.loss)}" + (", the best so far" if event.is_best else "")
        case Sample():
            words = f"sample at step {event.step}: {event.answer}"
        case Scored():
            words = f"{event.right} of {event.rows} answers match, {event.when} training"
        case CheckpointSaved():
            words = f"checkpoint {event.step} saved, {bytes_in_words(event.size_bytes)}, verified"
        case Notice():
            words = event.text
        case Phase():
            words = how_far(event)
        case Planned():
            words = f"{event.rows} rows as {event.sequences} sequences, {event.steps} steps on the {event.device}"
        case Milestone():
            words = f"{event.name}: {bytes_in_words(event.memory.allocated_bytes or event.memory.resident_bytes)}"
        case Started():
            words = f"attempt {event.attempt} began in process {event.pid}"
        case Resumed():
            words = f"going on from step {event.step}" + "".join(f"; skipped {reason}" for reason in event.skipped)
        case Paused():
            words = f"paused at step {event.step}"
        case Continued():
            words = f"goes on at step {event.step}"
        case Ended():
            words = " ".join(filter(None, (event.state, event.what, event.why, event.remedy)))
        case Unrecognized():
            words = f"a line this version cannot read: {event.text}"
    return " ".join(words.split())[:LONGEST_LINE]


class LogModel(QAbstractListModel):
    """Events newest first; a step's words are made when they are looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._events: list[Event] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._events)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        event = self._events[len(self._events) - 1 - index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{ticks.clock(event.elapsed_seconds):>7}  {in_words(event)}"
        return event.kind if role == KIND_ROLE else None

    def add(self, events: list[Event]) -> None:
        # A phase's progress would bury the rest: its last word stays.
        kept = [event for event in events if not (isinstance(event, Phase) and 0 < event.done < event.total)]
        if kept:
            self.beginInsertRows(QModelIndex(), 0, len(kept) - 1)
            self._events.extend(kept)
            self.endInsertRows()

    def clear(self) -> None:
        self.beginResetModel()
        self._events.clear()
        self.endResetModel()


class _Filter(QSortFilterProxyModel):
    kind = ""

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        if self.kind and self.sourceModel().index(source_row, 0).data(KIND_ROLE) != self.kind:
            return False
        return super().filterAcceptsRow(source_row, source_parent)


class _Lines(QListView):
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            chosen = sorted(self.selectedIndexes(), key=lambda index: index.row())
            QGuiApplication.clipboard().setText("\n".join(str(index.data()) for index in chosen))
        else:
            super().keyPressEvent(event)


class LogView(Card):
    """The lines with a filter by kind and by word."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Log")
        self.model = LogModel()
        self._filter = _Filter()
        self._filter.setSourceModel(self.model)
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.kind = ChoiceBox(theme)
        self.kind.setAccessibleName("Kind of lines")
        self.kind.setMinimumContentsLength(10)
        for kind, words in KINDS.items():
            self.kind.addItem(words, kind)
        self.kind.activated.connect(self._choose)
        self.words = QLineEdit()
        self.words.setPlaceholderText("Filter")
        self.words.setAccessibleName("Filter by words")
        self.words.setMaximumWidth(theme.px(150))
        self.words.textChanged.connect(self._filter.setFilterFixedString)
        self.add_to_head(self.words)
        self.add_to_head(self.kind)
        self.lines = _Lines()
        self.lines.setModel(self._filter)
        self.lines.setUniformItemSizes(True)
        self.lines.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.lines.setAccessibleName("Log of the run, newest first")
        self.lines.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.lines.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self.lines, 1)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.lines.setFont(self.theme.font("small", mono=True))

    def _choose(self) -> None:
        self._filter.kind = self.kind.currentData()
        self._filter.invalidateFilter()
