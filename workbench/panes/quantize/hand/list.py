"""Examples to begin with, as rows: a name and what it is."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import is_activation
from workbench.panes.parts.focus_ring import FocusRing
from workbench.panes.parts.list_rows import is_under_mouse, paint_ground
from workbench.panes.quantize.hand.presets import Preset

ROW_HEIGHT = 46
PRESET = Qt.ItemDataRole.UserRole


class PresetList(FocusRing, QListWidget):
    """A click, Enter or Space takes an example.

    Signals:
        picked: The name of the example that was taken.
    """

    picked = Signal(str)

    def __init__(self, theme: Theme, presets: Sequence[Preset]) -> None:
        super().__init__()
        self._theme = theme
        self.chosen = ""
        self.setProperty("role", "onpage")
        self.setStyleSheet("QListView, QListView:focus { border: none; }")
        self.setAccessibleName("Examples")
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for preset in presets:
            item = QListWidgetItem(f"{preset.title}, {preset.sentence}")
            item.setData(PRESET, preset)
            item.setToolTip(preset.text)
            self.addItem(item)
        self.setItemDelegate(_Row(theme, self))
        self.itemClicked.connect(self._pick)
        theme.changed.connect(self._resize)
        self._resize()

    def show_chosen(self, name: str) -> None:
        """Marks an example, or none, without telling it."""
        self.chosen = name
        for row in range(self.count()):
            if self.item(row).data(PRESET).name == name:
                self.setCurrentRow(row)
        self.viewport().update()

    def _resize(self) -> None:
        self.setFixedHeight(self.count() * self._theme.px(ROW_HEIGHT))
        self.scheduleDelayedItemsLayout()

    def _pick(self, item: QListWidgetItem) -> None:
        self.picked.emit(item.data(PRESET).name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if is_activation(event) and item is not None:
            self._pick(item)
        else:
            self.has_ring = True
            super().keyPressEvent(event)


class _Row(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: PresetList) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(10, self._theme.px(ROW_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, px = self._theme, self._theme.px
        preset: Preset = index.data(PRESET)
        row = QRect(option.rect).adjusted(0, 1, 0, -1)
        is_chosen = preset.name == self._view.chosen
        painter.save()
        has_ring = self._view.has_ring and index.row() == self._view.currentRow()
        paint_ground(painter, theme, row, is_chosen=is_chosen, is_near=is_under_mouse(option), has_ring=has_ring)
        wide = row.width() - px(20)
        for text, y, role, color in (
            (preset.title, px(4), "body", "text.primary"),
            (preset.sentence, px(22), "small", "text.tertiary"),
        ):
            font = theme.font(role, weight=500 if role == "body" else 400)
            painter.setFont(font)
            painter.setPen(theme.color(color))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, wide)
            box = QRect(row.left() + px(10), row.top() + y, wide, px(18))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
        painter.restore()
