"""A view of the Runs page: what the page and its views tell each other."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.core.runs.row import RunRow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.page import FormColumn


class RunsView(QWidget):
    """One of the views that the page's header switches.

    Attributes:
        form: What the page puts at its left while the view is shown.
        header_buttons: What stands in the header while it is.

    Signals:
        said: A short sentence for the page to say.
        go_to, recipe_wanted, try_wanted: As a page's.
    """

    said = Signal(str)
    go_to = Signal(str)
    recipe_wanted = Signal(object)
    try_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.is_wide = False
        self.form: FormColumn | None = None
        self.header_buttons: list[QPushButton] = []

    def show_run(self, row: RunRow | None) -> None:
        """Says which run is chosen on the page; None where there is none."""

    def shown_first(self) -> None:
        """Called when the view comes up, for what is too slow before."""

    def arranged(self) -> None:
        """Called when the window became wide or narrow, or the projector went on or off."""

    def window_closes(self) -> None:
        """Called before the window goes, for threads to be left."""

    def act(self) -> bool:
        """As a page's."""
        return False

    def undo(self) -> None:
        """Takes back what was done last, where the view changes anything."""

    def redo(self) -> None:
        """Does again what was taken back last."""

    @property
    def is_pending(self) -> bool:
        """Whether something that was asked for is still to be shown."""
        return False
