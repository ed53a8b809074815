"""The models at hand, as rows to choose from: name, size, whose it is, and whether it is on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem

from workbench.core import sources
from workbench.core.units import bytes_in_words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import is_activation, plain_tip
from workbench.panes.parts.focus_ring import FocusRing
from workbench.panes.parts.list_rows import is_under_mouse, paint_ground

ROW_HEIGHT = 46
ENTRY = Qt.ItemDataRole.UserRole
# Rows before the list scrolls; a wide window has room for more.
MOST_ROWS, MOST_ROWS_WIDE = 4, 8


@dataclass(frozen=True)
class Entry:
    """A model as its row says it; `source` is what a recipe calls it."""

    source: str
    name: str
    owner: str
    size: str
    is_here: bool

    @property
    def words(self) -> str:
        place = "on this machine" if self.is_here else "to be downloaded"
        return ", ".join(part for part in (self.name, self.owner, self.size, place) if part)


def offered(recent: Sequence[str]) -> dict[str, list[Entry]]:
    """What can be chosen without writing its name: "hub" and "folder". Reads folders: for a thread of its own."""
    from workbench.core.model import hub_models  # it asks the Hub too: not before the first paint

    hub = []
    for model in hub_models.cached():
        owner, _, name = model.id.rpartition("/")
        size = bytes_in_words(model.size_bytes) if model.has_weights else ""
        hub.append(Entry(model.id, name, owner, size, model.has_weights))
    known = {entry.source for entry in hub}
    folders = []
    for source in recent:
        path = sources.model_path(source)
        if path is None and source not in known:
            owner, _, name = source.rpartition("/")
            hub.append(Entry(source, name, owner, "", False))
        elif path is not None and path.is_dir():
            folders.append(folder_entry(path))
    return {"hub": hub, "folder": folders}


def folder_entry(path: Path, size: str = "") -> Entry:
    return Entry(str(path), path.name, str(path.parent), size, True)


class ModelList(FocusRing, QListWidget):
    """Rows of models; a click, Enter or Space chooses one.

    Signals:
        picked: The source of a row that was chosen by hand.
    """

    picked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: list[Entry] = []
        self._chosen = ""
        self._most = MOST_ROWS
        self.setProperty("role", "onpage")
        # The ring of the focus is the row's: a frame that comes and goes would move the rows.
        self.setStyleSheet("QListView, QListView:focus { border: none; }")
        self.setAccessibleName("Models at hand")
        self.setItemDelegate(_Row(theme, self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.itemClicked.connect(self._pick)
        theme.changed.connect(self._resize)

    @property
    def entries(self) -> list[Entry]:
        return self._entries

    @property
    def chosen(self) -> str:
        """The source of the row that is shown as chosen; nothing where none is."""
        return self._chosen if any(entry.source == self._chosen for entry in self._entries) else ""

    def show_entries(self, entries: Sequence[Entry], chosen: str) -> None:
        """Shows the rows, and which of them the recipe names."""
        if list(entries) != self._entries:
            self._entries = list(entries)
            self.clear()
            for entry in self._entries:
                item = QListWidgetItem(entry.words)
                item.setData(ENTRY, entry)
                item.setToolTip(plain_tip(entry.source))
                self.addItem(item)
        self._chosen = chosen
        row = next((row for row, entry in enumerate(self._entries) if entry.source == chosen), -1)
        self.setCurrentRow(row)
        self.setVisible(bool(self._entries))
        self._resize()  # which paints it anew

    def set_most(self, rows: int) -> None:
        self._most = rows
        self._resize()

    def _resize(self) -> None:
        rows = min(len(self._entries), self._most)
        self.setFixedHeight(rows * self._theme.px(ROW_HEIGHT))
        self.scheduleDelayedItemsLayout()
        item = self.currentItem()
        if item is not None:
            self.scrollToItem(item)

    def _pick(self, item: QListWidgetItem) -> None:
        self.picked.emit(item.data(ENTRY).source)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if is_activation(event) and item is not None:
            self._pick(item)
        else:
            self.has_ring = True
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.currentRow() < 0 and self.has_ring:
            self.setCurrentRow(0)


class _Row(QStyledItemDelegate):
    """Paints a row: what is not chosen has no ground of its own."""

    def __init__(self, theme: Theme, view: ModelList) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(10, self._theme.px(ROW_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, px = self._theme, self._theme.px
        entry: Entry = index.data(ENTRY)
        row = QRect(option.rect)
        painter.save()
        has_ring = self._view.has_ring and index.row() == self._view.currentRow()
        is_chosen = entry.source == self._view.chosen
        paint_ground(painter, theme, row, is_chosen=is_chosen, is_near=is_under_mouse(option), has_ring=has_ring)
        left, right = row.left() + px(10), row.right() - px(9)
        upper, lower = row.top() + px(4), row.top() + px(24)
        painter.setFont(theme.font("small"))
        taken = painter.fontMetrics().horizontalAdvance(entry.size)
        _words(painter, QRect(right - taken, upper, taken + 1, px(20)), entry.size, theme, "text.secondary")
        side = px(14)
        icon = ("check", "status.success") if entry.is_here else ("download-simple", "text.tertiary")
        theme.icon(*icon).paint(painter, QRect(right - side, lower + px(2), side, side))
        owner = QRect(left, lower - px(1), right - side - px(8) - left, px(18))
        _words(painter, owner, entry.owner, theme, "text.tertiary")
        painter.setFont(theme.font("body", weight=500))
        name = QRect(left, upper, right - taken - px(8) - left, px(20))
        _words(painter, name, entry.name, theme, "text.primary")
        painter.restore()


def _words(painter: QPainter, box: QRect, text: str, theme: Theme, color: str) -> None:
    painter.setPen(theme.color(color))
    shown = painter.fontMetrics().elidedText(" ".join(text.split()), Qt.TextElideMode.ElideMiddle, box.width())
    painter.drawText(
        box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine, shown
    )
