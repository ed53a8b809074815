"""The list of changes, newest first: where the rows stand now, what is undone, and back to any of them by a click."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView

from workbench.core.data.edits.change import Change
from workbench.core.data.edits.draft import Draft
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import is_activation
from workbench.panes.parts.focus_ring import FocusRing
from workbench.panes.parts.row_list import ENTRY, FRAMELESS, RowPainter

ICONS = {
    "edited": "pencil-simple", "added": "plus", "duplicated": "copy-simple", "deleted": "trash",
    "pasted": "clipboard-text", "replaced": "magnifying-glass", "reverted": "clock-counter-clockwise",
}  # fmt: skip
UNDONE = "arrow-u-up-right"
SHOWN_ROWS = 8
Index = QModelIndex | QPersistentModelIndex


class Entry(NamedTuple):
    """A line of the list; `done` changes are done where the rows stand there."""

    words: str
    icon: str
    when: str
    done: int
    is_undone: bool = False
    is_now: bool = False


class _Entries(QAbstractListModel):
    """Made when they are looked at: there may be thousands."""

    def __init__(self) -> None:
        super().__init__()
        self._changes: Sequence[Change] = ()
        self._done = 0
        self._start = ""

    def show_draft(self, draft: Draft | None) -> None:
        self.beginResetModel()
        self._changes = list(draft.changes) if draft is not None else ()
        self._done = draft.done if draft is not None else 0
        self._start = "" if draft is None else "as it came from the file" if draft.name else "an empty row"
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        return 0 if parent.isValid() or not self._start else len(self._changes) + 1

    def entry(self, place: int) -> Entry:
        done = len(self._changes) - place
        is_undone, is_now = done > self._done, done == self._done
        if not done:
            return Entry(self._start, "file", "now" if is_now else "", 0, is_undone, is_now)
        change = self._changes[done - 1]
        when = "undone" if is_undone else "now" if is_now else time_in_words(change.at)
        return Entry(change.in_words(), UNDONE if is_undone else ICONS[change.kind], when, done, is_undone, is_now)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index.row())
        if role == ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{entry.words}, {entry.when}" if entry.when else entry.words
        return None


def time_in_words(at: float) -> str:
    """The minute of today, else the day."""
    then = datetime.fromtimestamp(at).astimezone()
    return f"{then:%H:%M}" if then.date() == datetime.now().astimezone().date() else f"{then:%Y-%m-%d}"


class _Painter(RowPainter):
    HEIGHT = 27

    def paint_entry(self, painter: QPainter, row: QRect, entry: Entry, *, is_chosen: bool) -> None:
        theme, side = self._theme, self._theme.px(14)
        color = "text.tertiary" if entry.is_undone or not entry.done else "text.primary"
        box = row.adjusted(theme.px(8), 0, -theme.px(8), 0)
        shade = "text.tertiary" if entry.is_undone else "text.secondary"
        icon = QRect(box.left(), box.center().y() - side // 2, side, side)
        theme.icon(entry.icon, shade).paint(painter, icon)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text.tertiary"))
        width = painter.fontMetrics().horizontalAdvance(entry.when)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.when)
        painter.setFont(theme.font("body"))
        words = box.adjusted(side + theme.px(10), 0, -width - theme.px(8), 0)
        self.paint_words(painter, words, entry.words, color, Qt.TextElideMode.ElideRight)


class ChangesList(FocusRing, QListView):
    """Up and Down look through it; a click, Enter or Space goes there.

    Signals:
        wanted: How many changes are to be done.
    """

    wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries = _Entries()
        self.setModel(self._entries)
        self.setProperty("role", "onpage")
        self.setStyleSheet(FRAMELESS)
        self.setAccessibleName("Changes, newest first")
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_Painter(theme, self))
        self.clicked.connect(self._want)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.setMinimumHeight(self._theme.px(_Painter.HEIGHT) * 4)
        self.scheduleDelayedItemsLayout()

    def sizeHint(self) -> QSize:
        return QSize(100, self._theme.px(_Painter.HEIGHT) * SHOWN_ROWS)

    def show_draft(self, draft: Draft | None) -> None:
        """Shows the changes of a draft, and where its rows stand."""
        self._entries.show_draft(draft)
        if draft is not None:
            here = self._entries.index(len(draft.changes) - draft.done, 0)
            self.setCurrentIndex(here)
            self.scrollTo(here)

    @property
    def entries(self) -> list[Entry]:
        """What the list says, line by line."""
        return [self._entries.entry(place) for place in range(self._entries.rowCount())]

    def _want(self, index: QModelIndex) -> None:
        if index.isValid():
            self.wanted.emit(self._entries.entry(index.row()).done)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_activation(event) and self.currentIndex().isValid():
            self._want(self.currentIndex())
        else:
            self.has_ring = True
            super().keyPressEvent(event)
