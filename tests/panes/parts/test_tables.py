"""Tables: columns that go where there is no room, what is marked and what is told."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Column, TableRows
from workbench.panes.parts.tables import NARROWEST, FollowingTable, RowTable

pytestmark = pytest.mark.usefixtures("qapp")

COLUMNS = (
    Column("Name", least=150, is_text=True),
    Column("Loss", 60),
    Column("Largest", 70, goes=1, tip="The largest magnitude"),
    Column("Mean", 80, goes=2),
)


class Rows(TableRows):
    columns = COLUMNS

    def cell_text(self, row: str, column: int) -> str:
        return f"{row}{column}"


def shown_table(theme: Theme, table: RowTable, width: int) -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(table)
    window.resize(width, 300)
    window.show()
    wait_until(window.isVisible)
    wait_until(lambda: table.width() == width)
    return window


def widths(table: RowTable) -> list[int]:
    return [table.columnWidth(place) for place in range(len(COLUMNS))]


def table_of(theme: Theme, rows: Rows) -> RowTable:
    made = RowTable(theme, "Rows", COLUMNS)
    made.setModel(rows)
    return made


def test_that_columns_go_in_their_turn_where_the_first_has_too_little(theme: Theme) -> None:
    table = table_of(theme, Rows())
    window = shown_table(theme, table, 500)
    loss, largest, mean, least = (theme.px(width) for width in (60, 70, 80, 150))
    whole = [500 - loss - largest - mean, loss, largest, mean]
    assert widths(table) == whole
    for width, left in (
        (least + loss + largest + mean, [least, loss, largest, mean]),
        (least + loss + largest + mean - 1, [least + largest - 1, loss, 0, mean]),
        (least + loss + mean - 1, [least + mean - 1, loss, 0, 0]),
        (500, whole),
    ):
        window.resize(width, 300)
        wait_until(lambda width=width: table.width() == width)  # type: ignore[misc]
        assert widths(table) == left
    forget(window)


def test_that_what_gets_the_rest_is_never_narrower_than_can_be_read(theme: Theme) -> None:
    table = table_of(theme, Rows())
    window = shown_table(theme, table, 90)
    assert widths(table) == [theme.px(NARROWEST), theme.px(60), 0, 0]
    forget(window)


def test_that_the_projector_shares_out_anew(theme: Theme) -> None:
    table = table_of(theme, Rows())
    window = shown_table(theme, table, 500)
    before = widths(table)
    theme.set_projector(True)
    assert widths(table)[1] == theme.px(60) > before[1]
    theme.set_projector(False)
    assert widths(table) == before
    forget(window)


def test_that_heads_and_cells_are_what_the_columns_declare() -> None:
    rows = Rows()
    rows.show_rows(["a", "b"])
    head = [rows.headerData(place, Qt.Orientation.Horizontal) for place in range(rows.columnCount())]
    assert head == ["Name", "Loss", "Largest", "Mean"]
    assert rows.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == "The largest magnitude"
    assert rows.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) is None
    assert rows.index(1, 2).data() == "b2"
    assert rows.index(1, 0).data(Qt.ItemDataRole.TextAlignmentRole) is None
    assert rows.index(1, 1).data(Qt.ItemDataRole.TextAlignmentRole) == int(Qt.AlignmentFlag.AlignRight)


def test_that_a_table_tells_what_a_hand_chose_and_not_what_it_was_told_to_mark(theme: Theme) -> None:
    rows = Rows()
    rows.show_rows(["a", "b", "c"])
    table = FollowingTable(theme, "Rows", rows, lambda row: row.upper())
    picked: list[str] = []
    table.picked.connect(picked.append)
    table.mark(1)
    assert table.currentIndex().row() == 1
    table.mark(-1)
    assert not table.currentIndex().isValid()
    assert picked == []
    table.setCurrentIndex(rows.index(2, 0))
    assert picked == ["C"]
    assert table.rows == ["a", "b", "c"]
    assert table.text(2, 1) == "c1"
