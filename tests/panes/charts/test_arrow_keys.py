"""Where keys lead from one of several places in a row."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from workbench.panes.charts.arrow_keys import clamped, place_after


def press(key: Qt.Key) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)


@pytest.mark.parametrize(
    ("key", "place", "led_to"),
    [
        (Qt.Key.Key_Left, 2, 1),
        (Qt.Key.Key_Left, 0, 0),
        (Qt.Key.Key_Right, 2, 3),
        (Qt.Key.Key_Right, 3, 3),
        (Qt.Key.Key_Home, 2, 0),
        (Qt.Key.Key_End, 0, 3),
        (Qt.Key.Key_Right, -1, 0),
        (Qt.Key.Key_Left, -1, 0),
    ],
)
def test_that_arrows_and_ends_lead_along_the_row_and_stop_at_its_ends(key: Qt.Key, place: int, led_to: int) -> None:
    assert place_after(press(key), place, 4) == led_to


@pytest.mark.parametrize("key", [Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_A, Qt.Key.Key_Escape])
def test_that_other_keys_lead_nowhere(key: Qt.Key) -> None:
    assert place_after(press(key), 2, 4) is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End])
def test_that_among_no_places_no_key_leads_anywhere(key: Qt.Key) -> None:
    assert place_after(press(key), -1, 0) is None


def test_that_a_number_is_held_within_a_count() -> None:
    assert [clamped(number, 3) for number in (-5, 0, 2, 3, 99)] == [0, 0, 2, 2, 2]
    assert [clamped(number, 0) for number in (-5, 0, 2)] == [0, 0, 0]
