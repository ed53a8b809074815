"""A view of a laboratory page: its form at the left, itself the picture at the right."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.page import FormColumn


class LabView(QWidget):
    """The page puts `form` and the view side by side.

    Signals:
        message: A short sentence for the page to say.
    """

    message = Signal(str)

    name = ""
    title = ""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.form = FormColumn(theme)
        self.is_wide = False

    def shown_first(self) -> None:
        """Called when the view comes up, for what is too slow before."""

    def arranged(self) -> None:
        """Called when the window became wide or narrow, or the projector went on or off."""


class Views(QStackedWidget):
    """One view at a time; the others ask for no room."""

    def minimumSizeHint(self) -> QSize:
        shown = self.currentWidget()
        return shown.minimumSizeHint() if shown else super().minimumSizeHint()
