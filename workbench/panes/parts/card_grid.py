"""Where the cards of a page stand: the edge around them, their places in a grid, and how these share the room."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

from workbench.panes.look.theme import Theme

Place = tuple[int, int, int, int]  # row and column, and how many of each it spans
NO_LIMIT = 16_777_215  # as Qt has it, of a widget's width


def keep_edge(layout: QLayout, theme: Theme) -> None:
    """The page's edge around a layout, and the gap between its cards."""
    side, above = theme.size("size.page_padding"), theme.px(11)
    layout.setContentsMargins(side, above, side, above)
    layout.setSpacing(theme.size("space.card_gap"))


def place_cards(grid: QGridLayout, places: Mapping[QWidget, Place]) -> None:
    """Puts each card where it belongs; one that is there already stays untouched."""
    for card, place in places.items():
        at = grid.indexOf(card)
        if at < 0 or grid.getItemPosition(at) != place:
            grid.removeWidget(card)
            grid.addWidget(card, *place)


def share_room(grid: QGridLayout, columns: Sequence[int], rows: Sequence[int], first_row: int = 0) -> None:
    """How columns and rows share the room, in any unit; rows from `first_row` on."""
    for column, share in enumerate(columns):
        grid.setColumnStretch(column, share)
    for row, share in enumerate(rows, start=first_row):
        grid.setRowStretch(row, share)


def fix_width(card: QWidget, pixels: int) -> None:
    """Gives a card a width; 0 leaves it to the layout."""
    card.setMinimumWidth(pixels)
    card.setMaximumWidth(pixels or NO_LIMIT)
