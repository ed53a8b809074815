"""A million prepared rows: listed, filtered, searched and shown at the cost of what is in sight."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.core.tokens.prepared.kinds import KINDS
from workbench.core.tokens.prepared.tables import ASKED, HELD_OUT, LEFT_OUT, PIECE, PIECES, ROW, ROWS, Tables
from workbench.panes.data.rows.card import RowsCard
from workbench.panes.data.rows.listing import Wanted
from workbench.panes.data.rows.prepared import PreparedRows
from workbench.panes.data.rows.table import LINE, TEXT, TOKENS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.tables import TAG

COUNT = 1_000_000
BROKEN, CUT = 1 << KINDS["broken"].bit, 1 << KINDS["cut at the end"].bit


def written(folder: Path, texts: list[str], rows: "np.ndarray") -> Tables:
    """Tables in a folder; each row asks one of the texts in turn."""
    folder.mkdir()
    asked = [texts[number % len(texts)].encode() for number in range(len(rows))]
    rows["asked_bytes"] = [len(text) for text in asked]
    rows["asked_at"] = np.concatenate([[0], np.cumsum(rows["asked_bytes"].astype(np.int64))[:-1]])
    rows.tofile(folder / ROWS)
    np.zeros(0, PIECE).tofile(folder / PIECES)
    (folder / ASKED).write_bytes(b"".join(asked))
    return Tables(folder)


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> PreparedRows:
    rows = np.zeros(COUNT, ROW)
    rows["line"] = np.arange(1, COUNT + 1)
    rows["pieces"], rows["whole"] = 1, 50
    rows["part"][::10] = HELD_OUT
    rows["kinds"][7::1000] = CUT
    rows["part"][[5, 999_999]] = LEFT_OUT
    rows["kinds"][[5, 999_999]] = BROKEN
    rows["pieces"][[5, 999_999]] = rows["whole"][[5, 999_999]] = 0
    texts = ["Two rye loaves", "Zwei Äpfel", "", "Nails, fifty"]
    return PreparedRows(written(tmp_path_factory.mktemp("prepared") / "a", texts, rows))


@pytest.fixture
def card(theme: Theme, million: PreparedRows) -> Iterator[RowsCard]:
    made = RowsCard(theme)
    made.resize(420, 300)
    made.show_listing(million, "1 000 000")
    yield made
    forget(made)


def test_that_rows_are_found_by_kind_part_words_and_line(million: PreparedRows) -> None:
    assert million.numbers(Wanted(kind="broken")).tolist() == [5, 999_999]
    assert len(million.numbers(Wanted(kind="cut at the end"))) == 1000
    assert len(million.numbers(Wanted(part="held out"))) == 100_000
    assert len(million.numbers(Wanted(part="learned"))) == 900_000
    assert million.numbers(Wanted(words="RYE"))[:3].tolist() == [0, 4, 8]
    assert million.numbers(Wanted(words="äpfel"))[:2].tolist() == [1, 5]
    assert len(million.numbers(Wanted(words="loavesZwei"))) == 0
    assert million.number_at(388) == 387
    assert million.number_at(COUNT + 1) == -1


def test_that_an_entry_tells_what_the_table_has_of_it(million: PreparedRows) -> None:
    entry = million.entry(0)
    assert (entry.text, entry.tokens, entry.is_held_out, entry.tag) == (
        "Two rye loaves", 50, True, ("held out", "info", "eye"),
    )  # fmt: skip
    broken = million.entry(999_999)
    assert (broken.tokens, broken.is_left_out) == (-1, True)
    assert broken.tag == ("broken", "danger", "warning-circle")


def test_that_the_table_goes_through_a_million_rows(card: RowsCard) -> None:
    assert len(card.shown) == COUNT
    QTest.keyClick(card.table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert card.entry is not None
    assert card.entry.place.line == COUNT
    assert card.go_to(388)
    assert card.table.text(card.place, LINE) == "388"
    assert card.table.text(card.place, TOKENS) == "50"
    card.step(-1)
    assert card.entry.place.line == 387
    assert not card.grab().isNull()


def test_that_a_filter_is_looked_for_beside_the_window_and_taken_back(card: RowsCard) -> None:
    card.show_kinds([("broken", "are broken", 2), ("cut at the end", "are cut", 1000)])
    assert [action.text() for action in card.menu.actions()] == ["All rows", "2 are broken", "1\u2009000 are cut"]
    card.menu.actions()[1].trigger()
    wait_until(lambda: len(card.shown) == 2)
    assert card.scope.text() == "2 of 1 000 000"
    assert card.table.rows_model.index(0, TEXT).data(TAG)[0] == "broken"
    card.show_all()
    assert len(card.shown) == COUNT
    assert card.filter.text() == "all"


def test_that_a_line_that_is_not_shown_is_shown_with_all_rows(card: RowsCard) -> None:
    card.show_kind("broken")
    wait_until(lambda: len(card.shown) == 2)
    assert card.go_to(100)
    assert len(card.shown) == COUNT
    assert card.table.text(card.place, LINE) == "100"


def test_that_a_word_that_is_nowhere_says_so(card: RowsCard) -> None:
    chosen: list[object] = []
    card.row_chosen.connect(chosen.append)
    card.search.setText("no such words")
    wait_until(lambda: len(card.shown) == 0)
    assert chosen[-1] is None
    assert card.table.empty_words == "No row is like this."
