"""Rows of lists: their ground, their words, and a list of which one row is picked."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import is_activation
from workbench.panes.parts.focus_ring import FocusRing, paint_ring

Index = QModelIndex | QPersistentModelIndex
Elide = Qt.TextElideMode
# What a row is of.
ENTRY = Qt.ItemDataRole.UserRole
# Of the bar that marks the chosen row.
BAR_PIXELS = 3
# A list under its rows' ring has no frame of its own: one that comes and goes would move the rows.
FRAMELESS = "QListView, QListView:focus { border: none; }"


class RowPainter(QStyledItemDelegate):
    """Paints rows of one height; a list says by `paint_entry` what stands on their ground."""

    HEIGHT = 46
    RADIUS = 6
    APART = 0  # what the ground leaves free above and below, in pixels

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def paint_entry(self, painter: QPainter, row: QRect, entry: Any, *, is_chosen: bool) -> None:
        raise NotImplementedError

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(10, self._theme.px(self.HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = QRect(option.rect).adjusted(0, self.APART, 0, -self.APART)
        entry, view = index.data(ENTRY), self._view
        is_current = index.row() == view.currentIndex().row()
        is_chosen = view.is_chosen(entry) if isinstance(view, PickList) else is_current
        painter.save()
        self._paint_ground(painter, row, is_chosen=is_chosen, is_near=_is_under_mouse(option))
        if is_current and isinstance(view, FocusRing) and view.has_ring:
            paint_ring(painter, self._theme, row.adjusted(1, 1, -1, -1), max(0, self.RADIUS - 1))
        self.paint_entry(painter, row, entry, is_chosen=is_chosen)
        painter.restore()

    def _paint_ground(self, painter: QPainter, row: QRect, *, is_chosen: bool, is_near: bool) -> None:
        """What is neither chosen nor under the pointer has no ground of its own."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_chosen or is_near:
            painter.setBrush(self._theme.color("surface.selected" if is_chosen else "surface.hover"))
            painter.drawRoundedRect(row, self.RADIUS, self.RADIUS)
        if is_chosen:
            painter.save()
            painter.setClipRect(QRect(row.left(), row.top(), BAR_PIXELS, row.height()), Qt.ClipOperation.IntersectClip)
            painter.setBrush(self._theme.color("accent.line"))
            painter.drawRoundedRect(row, self.RADIUS, self.RADIUS)
            painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def paint_words(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        color: str,
        mode: Elide = Elide.ElideMiddle,
    ) -> None:
        """One line in the painter's font, shortened to the box."""
        painter.setPen(self._theme.color(color))
        shown = painter.fontMetrics().elidedText(" ".join(text.split()), mode, max(0, box.width()))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        painter.drawText(box, flags, shown)


def _is_under_mouse(option: QStyleOptionViewItem) -> bool:
    from PySide6.QtWidgets import QStyle  # its 1000 names take 5 ms to make, which the first paint need not wait for

    return bool(option.state & QStyle.StateFlag.State_MouseOver)


class PickList(FocusRing, QListWidget):
    """Rows on the ground of a form; a click, Enter or Space picks one.

    Signals:
        picked: The key of the row that was picked by hand.
    """

    picked = Signal(str)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "onpage")
        self.setStyleSheet(FRAMELESS)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.itemClicked.connect(self._pick)

    def key_of(self, entry: Any) -> str:
        raise NotImplementedError

    def is_chosen(self, entry: Any) -> bool:
        raise NotImplementedError

    def add_entry(self, entry: Any, words: str, tip: str) -> None:
        item = QListWidgetItem(words)
        item.setData(ENTRY, entry)
        item.setToolTip(tip)
        self.addItem(item)

    def keep_height(self, rows: int) -> None:
        """The height of a number of rows."""
        self.setFixedHeight(rows * self._theme.px(RowPainter.HEIGHT))
        self.scheduleDelayedItemsLayout()

    def _pick(self, item: QListWidgetItem) -> None:
        self.picked.emit(self.key_of(item.data(ENTRY)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if is_activation(event) and item is not None:
            self._pick(item)
        else:
            self.has_ring = True
            super().keyPressEvent(event)
