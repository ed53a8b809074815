"""Rows of bars are drawn to one scale, with their words in columns."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from workbench.panes.charts.bar_rows import BarRow, BarRows, Columns, Words
from workbench.panes.look.theme import Theme

COLOR, OTHER = "status.warn", "memory.weights"


class Rows(BarRows):
    SIZE, LEAST = (300, 0), (200, 0)
    ROW, BAR = (30, 10, 40), 8
    shown: tuple[BarRow, ...] = ()
    notice = "There are no rows."

    def columns(self) -> Columns:
        return Columns((100.0, 200.0), ((0.0, 90.0), (210.0, 290.0)))

    def bar_rows(self) -> tuple[BarRow, ...]:
        return self.shown


class RowsWithHeads(Rows):
    HEADS = (Words("what"), Words("how much"))


def row(share: float | None, color: str = COLOR, *, is_chosen: bool = False) -> BarRow:
    return BarRow((Words("title"), Words("figure", weight=600)), share, color, is_chosen)


@pytest.fixture
def rows(qapp: QApplication, theme: Theme) -> Iterator[Rows]:
    made = Rows(theme, "Rows")
    made.resize(300, 90)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()


def shown(rows: Rows, *which: BarRow) -> QImage:
    rows.shown = which
    return rows.grab().toImage()


def length_of(picture: QImage, theme: Theme, y: int, color: str = COLOR) -> int:
    return sum(picture.pixelColor(x, y) == theme.color(color) for x in range(picture.width()))


def test_that_bars_are_as_long_as_their_shares(rows: Rows, theme: Theme) -> None:
    picture = shown(rows, row(1.0), row(0.5, OTHER), row(None))
    assert length_of(picture, theme, 15) == 100
    assert length_of(picture, theme, 45, OTHER) == 50
    assert length_of(picture, theme, 75) == 0
    assert length_of(shown(rows, row(0.0)), theme, theme.px(40) // 2) == 2  # nothing is seen, too


def test_that_a_row_is_no_higher_than_it_may_be_and_all_find_room(rows: Rows, theme: Theme) -> None:
    few = shown(rows, row(1.0))
    assert length_of(few, theme, theme.px(40) // 2) == 100
    assert length_of(few, theme, 60) == 0
    many = shown(rows, *[row(1.0)] * 9)
    assert [length_of(many, theme, 10 * place + 5) for place in range(9)] == [100] * 9
    assert (rows.sizeHint().height(), rows.minimumSizeHint().height()) == (9 * theme.px(30), 9 * theme.px(10))


def test_that_heads_take_a_row_and_the_chosen_row_has_a_ground(rows: Rows, theme: Theme) -> None:
    made = RowsWithHeads(theme, "Rows")
    made.resize(300, 90)
    picture = shown(made, row(1.0), row(1.0, is_chosen=True))
    assert [length_of(picture, theme, y) for y in (15, 45, 75)] == [0, 100, 100]
    assert length_of(picture, theme, 30, "border.divider") > 250
    assert length_of(picture, theme, 62, "surface.selected") > 150
    assert made.row_count() == 3
    made.deleteLater()


def test_that_without_rows_there_is_a_notice(rows: Rows, theme: Theme) -> None:
    without = shown(rows)
    rows.notice = ""
    assert without != shown(rows)
