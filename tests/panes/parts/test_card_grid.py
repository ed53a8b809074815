"""Cards in a grid: each at its place, the room shared, and one of a width of its own where that is asked."""

import pytest
from PySide6.QtWidgets import QGridLayout, QWidget

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.panes.look.theme import Theme
from workbench.panes.parts.card_grid import NO_LIMIT, fix_width, keep_edge, place_cards, share_room
from workbench.panes.parts.cards import Card

pytestmark = pytest.mark.usefixtures("qapp")


def test_that_cards_go_from_place_to_place_and_share_the_room(theme: Theme) -> None:
    view = QWidget()
    grid = QGridLayout(view)
    map_card, table = Card(theme, "Map"), Card(theme, "Table")
    place_cards(grid, {map_card: (0, 0, 1, 2), table: (1, 1, 1, 1)})
    share_room(grid, (1, 3), (2, 5), first_row=1)
    assert [grid.columnStretch(place) for place in range(2)] == [1, 3]
    assert [grid.rowStretch(place) for place in range(3)] == [0, 2, 5]
    view.resize(600, 400)
    view.show()
    wait_until(view.isVisible)
    assert map_card.width() > table.width()
    place_cards(grid, {map_card: (0, 0, 1, 1), table: (0, 1, 1, 1)})
    assert grid.count() == 2
    assert grid.itemAtPosition(0, 1).widget() is table  # type: ignore[union-attr]
    forget(view)


def test_that_a_fixed_width_can_be_left_to_the_layout_again(theme: Theme) -> None:
    card = Card(theme, "Table")
    fix_width(card, 392)
    assert (card.minimumWidth(), card.maximumWidth()) == (392, 392)
    fix_width(card, 0)
    assert (card.minimumWidth(), card.maximumWidth()) == (0, NO_LIMIT)


def test_that_the_edge_grows_with_the_theme(theme: Theme) -> None:
    view = QWidget()
    grid = QGridLayout(view)
    theme.follow(lambda: keep_edge(grid, theme))
    before = grid.contentsMargins()
    theme.set_projector(True)
    assert grid.contentsMargins().top() == theme.px(11) > before.top()
    assert grid.spacing() == theme.size("space.card_gap")
    theme.set_projector(False)
    assert grid.contentsMargins() == before
