"""The models at hand, as rows to choose from: name, size, whose it is, and whether it is on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRect
from PySide6.QtGui import QFocusEvent, QPainter

from workbench.core import sources
from workbench.core.units import bytes_in_words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.row_list import PickList, RowPainter

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


class ModelList(PickList):
    """Rows of models; what is picked is the source of one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Models at hand")
        self._entries: list[Entry] = []
        self._chosen = ""
        self._most = MOST_ROWS
        self.setItemDelegate(_Row(theme, self))
        theme.changed.connect(self._resize)

    def key_of(self, entry: Entry) -> str:
        return entry.source

    def is_chosen(self, entry: Entry) -> bool:
        return entry.source == self._chosen

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
                self.add_entry(entry, entry.words, plain_tip(entry.source))
        self._chosen = chosen
        row = next((row for row, entry in enumerate(self._entries) if entry.source == chosen), -1)
        self.setCurrentRow(row)
        self.setVisible(bool(self._entries))
        self._resize()  # which paints it anew

    def set_most(self, rows: int) -> None:
        self._most = rows
        self._resize()

    def _resize(self) -> None:
        self.keep_height(min(len(self._entries), self._most))
        item = self.currentItem()
        if item is not None:
            self.scrollToItem(item)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.currentRow() < 0 and self.has_ring:
            self.setCurrentRow(0)


class _Row(RowPainter):
    def paint_entry(self, painter: QPainter, row: QRect, entry: Entry, *, is_chosen: bool) -> None:
        theme, px = self._theme, self._theme.px
        left, right = row.left() + px(10), row.right() - px(9)
        upper, lower = row.top() + px(4), row.top() + px(24)
        painter.setFont(theme.font("small"))
        taken = painter.fontMetrics().horizontalAdvance(entry.size)
        self.paint_words(painter, QRect(right - taken, upper, taken + 1, px(20)), entry.size, "text.secondary")
        side = px(14)
        icon = ("check", "status.success") if entry.is_here else ("download-simple", "text.tertiary")
        theme.icon(*icon).paint(painter, QRect(right - side, lower + px(2), side, side))
        owner = QRect(left, lower - px(1), right - side - px(8) - left, px(18))
        self.paint_words(painter, owner, entry.owner, "text.tertiary")
        painter.setFont(theme.font("body", weight=500))
        name = QRect(left, upper, right - taken - px(8) - left, px(20))
        self.paint_words(painter, name, entry.name, "text.primary")
