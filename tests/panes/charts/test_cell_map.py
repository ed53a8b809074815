"""A map of cells: pointing, keys, ring, tip and mark, of a map made by hand."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from workbench.panes.charts.arrow_keys import Step, clamped
from workbench.panes.charts.cell_map import CellMap, grown, paint_mark
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring

LINES, COLUMNS, SIDE = 4, 5, 20
Place = tuple[int, int]


class Chessboard(CellMap[Place]):
    """Four lines of five cells."""

    SIZE, LEAST = (COLUMNS * SIDE, LINES * SIDE), (50, 40)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Chessboard")
        self.place: Place | None = None
        self.told: list[Place] = []

    def cell_at(self, at: QPointF) -> Place | None:
        line, column = int(at.y() // SIDE), int(at.x() // SIDE)
        return (line, column) if line in range(LINES) and column in range(COLUMNS) else None

    def words_of(self, cell: Place) -> str:
        return f"<{cell[0]}, {cell[1]}>"

    def cell_after(self, step: Step) -> Place | None:
        if self.place is None:
            return None
        line = self.place[0] + step.down + 2 * step.pages
        return clamped(line, LINES), clamped(self.place[1] + step.across + COLUMNS * step.ends, COLUMNS)

    def choose_by_hand(self, cell: Place) -> None:
        self.place = cell
        self.told.append(cell)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("surface.inset"))
        if self.place is not None:
            line, column = self.place
            paint_mark(painter, self._theme, QRectF(column * SIDE, line * SIDE, SIDE, SIDE).adjusted(4, 4, -4, -4))
        if self.has_ring:
            paint_ring(painter, self._theme, self.rect().adjusted(1, 1, -1, -1))


@pytest.fixture
def board(theme: Theme) -> Iterator[Chessboard]:
    made = Chessboard(theme)
    made.resize(COLUMNS * SIDE + 40, LINES * SIDE + 40)
    yield made
    QToolTip.hideText()
    made.deleteLater()


def color_at(made: Chessboard, x: float, y: float) -> QColor:
    return made.grab().toImage().pixelColor(round(x), round(y))


def ask_for_tip(made: Chessboard, x: int, y: int) -> None:
    at = QPoint(x, y)
    QApplication.sendEvent(made, QHelpEvent(QHelpEvent.Type.ToolTip, at, made.mapToGlobal(at)))


def test_that_a_click_chooses_the_cell_under_it_and_tells_it(board: Chessboard) -> None:
    QTest.mouseClick(board, Qt.MouseButton.LeftButton, pos=QPoint(3 * SIDE + 2, SIDE + 2))
    assert (board.place, board.told) == ((1, 3), [(1, 3)])
    QTest.mouseClick(board, Qt.MouseButton.RightButton, pos=QPoint(2, 2))
    QTest.mouseClick(board, Qt.MouseButton.LeftButton, pos=QPoint(board.width() - 2, 2))
    assert board.told == [(1, 3)]


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (Qt.Key.Key_Left, (1, 1)),
        (Qt.Key.Key_Right, (1, 3)),
        (Qt.Key.Key_Up, (0, 2)),
        (Qt.Key.Key_Down, (2, 2)),
        (Qt.Key.Key_Home, (1, 0)),
        (Qt.Key.Key_End, (1, 4)),
        (Qt.Key.Key_PageUp, (0, 2)),
        (Qt.Key.Key_PageDown, (3, 2)),
    ],
)
def test_that_each_key_leads_somewhere(board: Chessboard, key: Qt.Key, place: Place) -> None:
    board.place = (1, 2)
    QTest.keyClick(board, key)
    assert board.told == [place]


def test_that_a_key_that_leads_nowhere_is_left_to_the_page(board: Chessboard) -> None:
    QTest.keyClick(board, Qt.Key.Key_Down)
    board.place = (0, 0)
    QTest.keyClick(board, Qt.Key.Key_F5)
    assert board.told == []


def test_that_the_tip_says_the_cell_under_the_pointer_as_plain_text(board: Chessboard) -> None:
    board.show()
    ask_for_tip(board, 2 * SIDE + 1, 1)
    assert QToolTip.text() == "<span>&lt;0, 2&gt;</span>"


def test_that_no_tip_is_shown_beside_the_cells(board: Chessboard) -> None:
    board.show()
    ask_for_tip(board, board.width() - 2, 1)
    assert not QToolTip.isVisible()


def test_that_the_keyboard_brings_a_ring_and_a_click_does_not(board: Chessboard, theme: Theme) -> None:
    edge = board.width() / 2, 1
    QApplication.sendEvent(board, QFocusEvent(QFocusEvent.Type.FocusIn, Qt.FocusReason.MouseFocusReason))
    assert color_at(board, *edge) == theme.color("surface.inset")
    QApplication.sendEvent(board, QFocusEvent(QFocusEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert color_at(board, *edge) == theme.color("focus.ring")
    QApplication.sendEvent(board, QFocusEvent(QFocusEvent.Type.FocusOut))
    assert color_at(board, *edge) == theme.color("surface.inset")


def test_that_the_chosen_cell_is_marked_and_the_mark_follows_the_theme(board: Chessboard, theme: Theme) -> None:
    board.choose_by_hand((0, 0))
    assert color_at(board, 4, SIDE / 2) == theme.color("text.primary")
    was = color_at(board, 4, SIDE / 2)
    theme.choose("dark")
    assert color_at(board, 4, SIDE / 2) == theme.color("text.primary") != was


def test_that_sizes_are_those_of_the_drawing_in_the_themes_pixels(board: Chessboard, theme: Theme) -> None:
    assert (board.sizeHint().width(), board.minimumSizeHint().height()) == (theme.px(COLUMNS * SIDE), theme.px(40))
    before = board.sizeHint().width()
    theme.set_projector(True)
    assert board.sizeHint().width() == theme.px(COLUMNS * SIDE) > before


def test_that_a_small_box_grows_around_its_middle_and_a_large_one_stays() -> None:
    assert grown(QRectF(10, 10, 1, 20), 7, 7) == QRectF(7, 10, 7, 20)
    assert grown(QRectF(0, 0, 9, 9), 7, 7) == QRectF(0, 0, 9, 9)
