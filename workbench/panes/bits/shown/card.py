"""A card of the Bits page: it is as wide as its place, and its hint is there where all of it fits."""

from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card


class BitsCard(Card):
    """Its title may change; the hint beside it gives way to title and buttons."""

    def __init__(self, theme: Theme, title: str, scope: str) -> None:
        super().__init__(theme, title, scope)
        self._parts: list[QWidget] = [self.title]
        self._titles = (title, title)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    def add_to_head(self, widget: QWidget) -> None:
        super().add_to_head(widget)
        self._parts.append(widget)

    def rename(self, title: str, short: str) -> None:
        """`short` is the title where there is no room for more."""
        if (title, short) != self._titles:
            self._titles = (title, short)
            self.setAccessibleName(title)
            self.make_room()

    def make_room(self) -> None:
        self.title.setText(self._titles[0])
        if self._room() < 0:
            self.title.setText(self._titles[1])
        self.scope.setVisible(self._room() >= self.scope.sizeHint().width())

    def _room(self) -> int:
        """What title and buttons leave."""
        taken = sum(part.sizeHint().width() for part in self._parts) + (len(self._parts) + 1) * self.head.spacing()
        return self.width() - 2 * self.theme.size("size.card_padding") - taken

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.make_room()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.make_room()
