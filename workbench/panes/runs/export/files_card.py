"""The card of where the files lie: what is there now, what is being written, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from workbench.core.units import bytes_in_digits
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.parts.row_list import PickList, RowPainter

DEEPER = 20  # pixels of the drawing


@dataclass(frozen=True)
class FileRow:
    """One line of the tree.

    Attributes:
        path: Relative to the folder; the folder itself has ".".
        note: A word beside the name.
        state: "writing" or "waits" where it is not there yet, "rejected" where a check has failed.
        is_open: Of a folder: whether what is in it is shown; None of a file.
    """

    path: str
    name: str
    depth: int = 1
    size_bytes: int = 0
    note: str = ""
    state: str = ""
    is_open: bool | None = None

    @property
    def fact(self) -> str:
        return self.state or (bytes_in_digits(self.size_bytes) if self.size_bytes else "")

    @property
    def in_words(self) -> str:
        """What a screen reader is told."""
        kind = "" if self.is_open is None else "folder, open" if self.is_open else "folder, closed"
        return ", ".join(filter(None, (self.name, kind, self.note, self.fact)))


class _Painter(RowPainter):
    HEIGHT = 23
    RADIUS = 4

    def paint_entry(self, painter: QPainter, row: QRect, entry: FileRow, *, is_chosen: bool) -> None:
        theme, px = self._theme, self._theme.px
        side = px(15)
        left = row.left() + px(2) + entry.depth * px(DEEPER)
        is_waiting = entry.state == "waits"
        icon = "file" if entry.is_open is None else "folder-open" if entry.is_open else "folder"
        icon = "file-text" if entry.name.endswith(".md") else icon
        box = QRect(left, row.center().y() - side // 2, side, side)
        theme.icon(icon, "text.tertiary" if is_waiting else "text.secondary").paint(painter, box)
        painter.setFont(theme.font("small"))
        taken = painter.fontMetrics().horizontalAdvance(entry.fact)
        shade = {"writing": "text.link", "rejected": "status.danger"}.get(entry.state, "text.secondary")
        right = row.right() - px(4)
        self.paint_words(painter, QRect(right - taken, row.top(), taken + 2, row.height()), entry.fact, shade)
        left += side + px(7)
        room = right - taken - px(8) - left
        painter.setFont(theme.font("body"))
        name = QRect(left, row.top(), room, row.height())
        self.paint_words(painter, name, entry.name, "text.secondary" if is_waiting else "text.primary")
        wide = min(room, painter.fontMetrics().horizontalAdvance(entry.name)) + px(6)
        if entry.note and room - wide > px(20):
            painter.setFont(theme.font("small"))
            rest = QRect(left + wide, row.top(), room - wide, row.height())
            self.paint_words(painter, rest, entry.note, "text.tertiary", Qt.TextElideMode.ElideRight)


class FileTree(PickList):
    """Folders open and close by a click, Enter, or the arrows left and right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Files of the export; Enter opens and closes a folder")
        self.setItemDelegate(_Painter(theme, self))
        self._rows: list[FileRow] = []
        self._open: set[str] = set()
        self._chosen = ""
        self.picked.connect(self._turn)

    def key_of(self, entry: FileRow) -> str:
        return entry.path

    def is_chosen(self, entry: FileRow) -> bool:
        return False

    @property
    def rows(self) -> list[FileRow]:
        """All of them, those within closed folders too."""
        return list(self._rows)

    def show_rows(self, rows: Sequence[FileRow]) -> None:
        """Takes the folder and all that is in it, what a folder holds behind it."""
        if list(rows) != self._rows:
            self._rows = list(rows)
            self._fill()

    def _fill(self) -> None:
        current = self.currentItem()
        chosen = self.key_of(current.data(Qt.ItemDataRole.UserRole)) if current is not None else ""
        bar = self.verticalScrollBar().value()
        self.clear()
        for row in self._rows:
            if self._is_seen(row):
                shown = row if row.is_open is None or row.path == "." else self._as_open(row)
                self.add_entry(shown, shown.in_words, plain_tip(shown.name))
                if shown.path == chosen:
                    self.setCurrentRow(self.count() - 1)
        self.verticalScrollBar().setValue(bar)

    def _as_open(self, row: FileRow) -> FileRow:
        return replace(row, is_open=row.path in self._open)

    def _is_seen(self, row: FileRow) -> bool:
        parents = row.path.split("/")[:-1]
        return all("/".join(parents[: place + 1]) in self._open for place in range(len(parents)))

    def _turn(self, path: str) -> None:
        row = next((row for row in self._rows if row.path == path), None)
        if row is not None and row.is_open is not None and path != ".":
            self._open ^= {path}
            self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        path = self.key_of(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""
        opens = event.key() == Qt.Key.Key_Right and path not in self._open
        closes = event.key() == Qt.Key.Key_Left and path in self._open
        if path and (opens or closes):
            self._turn(path)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Of a few rows: a list's own would take the room of the cards above it."""
        return QSize(self._theme.px(260), self._theme.px(100))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(180), self._theme.px(70))


class FilesCard(Card):
    """Shows what it is given."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Where the files lie")
        self._folder = ""
        self.copy = copy_button(theme, lambda: self._folder, "Copies the folder's path", words="Copy path")
        self.add_to_head(self.copy)
        self.tree = FileTree(theme)
        self.set_margins(10, 2, 10, 6)
        self.body.addWidget(self.tree)

    def show_files(self, folder: str, rows: Sequence[FileRow]) -> None:
        self._folder = folder
        self.tree.show_rows(rows)
