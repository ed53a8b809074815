"""Examples to begin with, as rows: a name and what it is."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from workbench.panes.look.theme import Theme
from workbench.panes.parts.row_list import ENTRY, PickList, RowPainter
from workbench.panes.quantize.hand.presets import Preset


class PresetList(PickList):
    """The rows of all examples; what is picked is the name of one."""

    def __init__(self, theme: Theme, presets: Sequence[Preset]) -> None:
        super().__init__(theme, "Examples")
        self.chosen = ""
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for preset in presets:
            self.add_entry(preset, f"{preset.title}, {preset.sentence}", preset.text)
        self.setItemDelegate(_Row(theme, self))
        theme.follow(self._resize)

    def key_of(self, entry: Preset) -> str:
        return entry.name

    def is_chosen(self, entry: Preset) -> bool:
        return entry.name == self.chosen

    def show_chosen(self, name: str) -> None:
        """Marks an example, or none, without telling it."""
        self.chosen = name
        for row in range(self.count()):
            if self.item(row).data(ENTRY).name == name:
                self.setCurrentRow(row)
        self.viewport().update()

    def _resize(self) -> None:
        self.keep_height(self.count())


class _Row(RowPainter):
    APART = 1

    def paint_entry(self, painter: QPainter, row: QRect, entry: Preset, *, is_chosen: bool) -> None:
        px = self._theme.px
        for text, y, role, weight, color in (
            (entry.title, px(4), "body", 500, "text.primary"),
            (entry.sentence, px(22), "small", 400, "text.tertiary"),
        ):
            painter.setFont(self._theme.font(role, weight=weight))
            box = QRect(row.left() + px(10), row.top() + y, row.width() - px(20), px(18))
            self.paint_words(painter, box, text, color, Qt.TextElideMode.ElideRight)
