"""Lists of rows: what a row says, what is picked by hand, and which row is marked."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.panes.look.theme import Theme
from workbench.panes.parts.row_list import PickList, RowPainter

pytestmark = pytest.mark.usefixtures("qapp")

NAMES = ("red", "green", "blue")


class Row(RowPainter):
    def paint_entry(self, painter: QPainter, row: QRect, entry: str, *, is_chosen: bool) -> None:
        painter.setFont(self._theme.font("body", weight=600 if is_chosen else 400))
        self.paint_words(painter, row.adjusted(10, 0, -10, 0), entry, "text.primary")


class Colours(PickList):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Colours")
        self.chosen = "green"
        for name in NAMES:
            self.add_entry(name, f"the colour {name}", name.upper())
        self.setItemDelegate(Row(theme, self))
        self.keep_height(len(NAMES))

    def key_of(self, entry: str) -> str:
        return entry

    def is_chosen(self, entry: str) -> bool:
        return entry == self.chosen


@pytest.fixture
def colours(theme: Theme) -> Colours:
    made = Colours(theme)
    made.resize(200, made.height())
    made.show()
    wait_until(made.isVisible)
    return made


def picture(colours: Colours) -> QImage:
    return colours.viewport().grab().toImage()


def ground(colours: Colours, row: int) -> str:
    box = colours.visualItemRect(colours.item(row))
    return picture(colours).pixelColor(box.right() - 3, box.center().y()).name()


def test_that_a_click_enter_or_space_picks_a_row(colours: Colours) -> None:
    picked: list[str] = []
    colours.picked.connect(picked.append)
    place: QPoint = colours.visualItemRect(colours.item(2)).center()
    QTest.mouseClick(colours.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.keyClick(colours, Qt.Key.Key_Up)
    assert picked == ["blue"]
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(colours, key)
    assert picked == ["blue", "green", "green"]
    forget(colours)


def test_that_the_chosen_row_alone_has_a_ground(colours: Colours, theme: Theme) -> None:
    assert ground(colours, 1) == theme.color("surface.selected").name()
    assert ground(colours, 0) == ground(colours, 2) != ground(colours, 1)
    colours.chosen = "red"
    colours.viewport().update()
    assert ground(colours, 0) == theme.color("surface.selected").name() != ground(colours, 1)
    forget(colours)


def test_that_rows_are_as_high_as_the_theme_has_them(colours: Colours, theme: Theme) -> None:
    assert colours.visualItemRect(colours.item(0)).height() == theme.px(Row.HEIGHT)
    assert colours.height() == len(NAMES) * theme.px(Row.HEIGHT)
    assert colours.item(1).toolTip() == "GREEN"
    assert colours.item(1).text() == "the colour green"
    forget(colours)
