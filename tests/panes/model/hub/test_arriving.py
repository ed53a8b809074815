"""What arrives: one at work, and those that wait, in an order that keys and a drag change."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.bridge.arrival import Arrival
from workbench.panes.look.theme import Theme
from workbench.panes.model.hub.arriving import ArrivingCard
from workbench.panes.parts.controls import ElidedLabel

LONG = Arrival("org/a-model-of-a-long-name-Instruct-v2", "paused", 6_240_000_000, 15_200_000_000, 2, 4, 1, 11_700_000)
NOW = Arrival("org/now", "arriving", 6_240_000_000, 15_200_000_000, 2, 4, 1, 11_700_000)
WAITING = tuple(Arrival(f"org/{name}", total_bytes=10**9) for name in ("first", "second", "third"))


@pytest.fixture
def card(theme: Theme) -> Iterator[ArrivingCard]:
    made = ArrivingCard(theme)
    made.show_arrivals((NOW, *WAITING))
    made.show()
    yield made
    forget(made)


def asked_order(card: ArrivingCard) -> list[list[str]]:
    orders: list[list[str]] = []
    card.order_wanted.connect(orders.append)
    return orders


def test_that_one_is_at_work_and_the_others_wait(card: ArrivingCard) -> None:
    assert card.scope.whole == "1 now, 3 waiting"
    assert card.waiting.names == ["org/first", "org/second", "org/third"]
    assert card.waiting.item(0).text() == "org/first, 1.00 GB, waits as number 1"


def test_that_what_is_said_of_its_files_has_room_in_every_size_of_letters(card: ArrivingCard, theme: Theme) -> None:
    card.resize(1000, card.height())
    for is_projector in (False, True, False):
        theme.set_projector(is_projector)
        theme.put_style_sheet()
        wait_until(lambda: card.findChildren(ElidedLabel)[1].text() != "")
        for words in card.findChildren(ElidedLabel):
            wait_until(lambda words=words: words.text() == words.whole)  # type: ignore[misc]


def test_that_whatever_arrives_next_is_called_by_its_whole_name(card: ArrivingCard) -> None:
    card.resize(1000, card.height())
    for arrivals in ((), (LONG,), (NOW,), (LONG,)):
        card.show_arrivals(arrivals)
        for words in card.findChildren(ElidedLabel):
            wait_until(lambda words=words: words.text() == words.whole)  # type: ignore[misc]
    assert "a-model-of-a-long-name-Instruct-v2" in [words.text() for words in card.findChildren(ElidedLabel)]
    assert LONG.speed == "", "nothing comes while it is paused"


def test_that_alt_and_an_arrow_move_one_that_waits(card: ArrivingCard) -> None:
    orders = asked_order(card)
    card.waiting.setCurrentRow(0)
    QTest.keyClick(card.waiting, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)  # the first goes no further
    assert orders == []
    QTest.keyClick(card.waiting, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert orders == [["org/second", "org/first", "org/third"]]
    card.show_arrivals((NOW, WAITING[1], WAITING[0], WAITING[2]))
    assert card.waiting.currentRow() == 1  # it stays the chosen one
    QTest.keyClick(card.waiting, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert orders[1] == ["org/second", "org/third", "org/first"]


def test_that_a_row_that_is_dragged_asks_for_its_new_place(card: ArrivingCard) -> None:
    orders = asked_order(card)
    none = QModelIndex()
    assert card.waiting.model().moveRow(none, 2, none, 0)  # what a drop within a list does
    wait_until(lambda: orders)
    assert orders == [["org/third", "org/first", "org/second"]]


def test_that_buttons_and_del_say_what_is_wanted(card: ArrivingCard) -> None:
    said: list[str] = []
    card.pause_wanted.connect(lambda: said.append("pause"))
    card.continue_wanted.connect(lambda: said.append("continue"))
    card.cancel_wanted.connect(said.append)
    card.pause.click()
    card.show_arrivals((Arrival("org/now", "paused", 10, 20, why="The network broke off."),))
    assert card.scope.whole == "1 paused, 0 waiting"
    assert card.why.text() == "The network broke off."
    assert (card.pause.text(), card.pause.accessibleName()) == ("Continue", "Continue now")
    card.pause.click()
    card.cancel.click()
    card.show_arrivals((NOW, *WAITING))
    card.waiting.setCurrentRow(1)
    QTest.keyClick(card.waiting, Qt.Key.Key_Delete)
    assert said == ["pause", "continue", "org/now", "org/second"]
