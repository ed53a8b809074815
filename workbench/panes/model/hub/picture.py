"""The picture of the Hub view: what the Hub has, what arrives, and what is on this machine."""

from PySide6.QtWidgets import QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.model.hub.arriving import ArrivingCard
from workbench.panes.model.hub.details import DetailsFoot
from workbench.panes.model.hub.form import SearchField
from workbench.panes.model.hub.kept import KeptCard
from workbench.panes.model.hub.table import HubRows, HubTable
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Message, ScopedCard
from workbench.panes.parts.controls import divider, icon_button

# Of the search's field where it stands in the head of the table.
SEARCH_WIDTH = 250


class HubPicture(QWidget):
    """Three cards one below the other; before a class the table alone."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.message = Message(theme)
        close = icon_button("Close this message", theme, "x")
        close.clicked.connect(self.message.hide)
        self.message.add_button(close)  # type: ignore[arg-type]
        self.message.hide()
        self.rows = HubRows()
        self.table = HubTable(theme, self.rows)
        self.found = ScopedCard(theme, "On the Hub")
        self.found.set_margins(0, 0, 0, 0)
        self.details = DetailsFoot(theme)
        self.found.body.setSpacing(0)
        self.found.body.addWidget(divider())
        self.found.body.addWidget(self.table, 1)
        self.found.body.addWidget(self.details)
        self.arriving = ArrivingCard(theme)
        self.kept = KeptCard(theme)
        self._cards = in_column(self.message, (self.found, 1), self.arriving, self.kept, of=self)
        theme.follow(lambda: keep_edge(self._cards, theme))

    def take_search(self, field: SearchField) -> None:
        """Puts the search into the head of the table, where the form is folded."""
        if field.parentWidget() is not self.found:
            self.found.add_to_head(field)
        field.setFixedWidth(self._theme.px(SEARCH_WIDTH))

    def arrange(self, *, is_projector: bool) -> None:
        """Before a class the search and the list alone."""
        self.kept.setVisible(not is_projector)
        self.details.setVisible(not is_projector)
        self.arriving.set_aside(is_projector)
