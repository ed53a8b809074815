"""A row that shows or hides what stands under it."""

from PySide6.QtWidgets import QPushButton

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import set_icon


class Disclosure(QPushButton):
    """One row with a caret that shows or hides what stands under it."""

    def __init__(self, theme: Theme, words: str) -> None:
        super().__init__(words)
        self.setProperty("kind", "disclosure")
        self.setCheckable(True)
        self._theme = theme
        set_icon(self, theme, "caret-right", "text.secondary")
        self.toggled.connect(self._turn)

    def _turn(self, is_open: bool) -> None:
        set_icon(self, self._theme, "caret-down" if is_open else "caret-right", "text.secondary")
