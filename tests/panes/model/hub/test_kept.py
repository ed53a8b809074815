"""The models on this machine: used and deleted by the mouse, told to a screen reader."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.panes.shown import forget
from workbench.panes.look.theme import Theme
from workbench.panes.model.hub.kept import COLUMNS, DELETE, MODEL, USE, USED_BY, DeleteQuestion, KeptCard, KeptRow

SMALL = KeptRow(
    "org/small", "small", "org", "org/small", size_bytes=988_000_000, licence="Apache-2.0", runs=6, last_used="today"
)
BROKEN = KeptRow("org/broken", "broken", "org", size_bytes=12_000_000, problem="A file of its weights is missing.")


@pytest.fixture
def card(theme: Theme) -> Iterator[KeptCard]:
    made = KeptCard(theme)
    made.resize(852, 200)
    made.show_kept([SMALL, BROKEN])
    made.show()
    yield made
    forget(made)


def click(card: KeptCard, row: int, column: int, *, is_double: bool = False) -> None:
    table = card.table
    at = table.visualRect(table.model().index(row, column)).center()
    (QTest.mouseDClick if is_double else QTest.mouseClick)(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_that_a_click_on_a_word_does_what_it_says(card: KeptCard) -> None:
    said: list[tuple[str, str]] = []
    card.table.use_wanted.connect(lambda row: said.append(("use", row.source)))
    card.table.delete_wanted.connect(lambda row: said.append(("delete", row.source)))
    click(card, 0, MODEL)
    assert said == []
    click(card, 0, USE)
    click(card, 1, DELETE)
    assert said == [("use", "org/small"), ("delete", "org/broken")]
    click(card, 0, MODEL, is_double=True)
    assert said[2:] == [("use", "org/small")]


def test_that_the_pointer_shows_what_can_be_clicked(card: KeptCard) -> None:
    table = card.table
    QTest.mouseMove(table.viewport(), table.visualRect(table.model().index(0, USE)).center())
    assert table.is_under_pointer(table.model().index(0, USE))
    assert table.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    QTest.mouseMove(table.viewport(), table.visualRect(table.model().index(0, MODEL)).center() + QPoint(2, 0))
    assert table.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_that_a_row_says_itself_aloud(card: KeptCard) -> None:
    def told(row: int, column: int) -> str:
        return str(card.table.model().index(row, column).data(Qt.ItemDataRole.AccessibleTextRole))

    assert [told(0, column) for column in range(len(COLUMNS))] == [
        *("small, of org", "on the disk: 988 MB", "licence: Apache-2.0", "used by: 6 runs", "last used: today"),
        *("Use small, by Enter", "Delete small, by the Delete key"),
    ]
    assert told(1, MODEL) == "broken, of org, A file of its weights is missing."
    assert told(1, USED_BY) == "used by: no run"
    assert card.scope.whole == "2 models, 1.00 GB"


def test_that_the_chosen_row_stays_chosen_when_others_come_and_go(card: KeptCard) -> None:
    card.table.setCurrentIndex(card.rows.index(1, 0))
    card.show_kept([BROKEN, SMALL])
    assert card.table.chosen == BROKEN
    card.show_kept([SMALL])
    assert card.table.chosen == SMALL


def test_that_a_deletion_is_asked_with_its_size_and_who_needs_it(theme: Theme, card: KeptCard) -> None:
    question = DeleteQuestion(theme, SMALL, card)
    said = " ".join(words.text() for words in question.findChildren(QLabel))
    assert "988 MB will be free. 6 runs need it to be tried or resumed." in said
    assert "It can be downloaded again from the Hub." in said
    assert question.keep.isDefault()
    confirmed: list[bool] = []
    question.confirmed.connect(lambda: confirmed.append(True))
    question.reject()
    assert confirmed == []


def test_that_what_is_not_the_hubs_is_not_said_to_come_again(theme: Theme, card: KeptCard) -> None:
    question = DeleteQuestion(theme, replace(SMALL, hub_id=""), card)
    said = " ".join(words.text() for words in question.findChildren(QLabel))
    assert "what is deleted here cannot be downloaded again" in said
    question.reject()
