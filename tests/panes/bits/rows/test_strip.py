"""The strips of bits: every bit by mouse and by key, and what a screen reader is told."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.bits.pages import bits_of, bits_page, click_bit, place_of, row_of, strip_of, type_text
from workbench.numerics.named_formats import NUMBER_FORMATS
from workbench.panes.bits.page import BitsPage
from workbench.panes.bits.rows.strip import BitStrip
from workbench.panes.charts.bit_cells import CellSize, lay_out
from workbench.panes.look.theme import Theme

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def page(theme: Theme) -> Iterator[BitsPage]:
    with bits_page(theme) as made:
        yield made


@pytest.fixture
def strip(page: BitsPage) -> BitStrip:
    """FP16's, with the keyboard."""
    type_text(page, "1")
    made = strip_of(page, "FP16")
    made.setFocus(Qt.FocusReason.TabFocusReason)
    page.model.select(row_of(page, "FP16"), 9)
    return made


def press(strip: BitStrip, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(strip, key)


def test_that_a_click_flips_a_bit_and_all_rows_follow(page: BitsPage) -> None:
    type_text(page, "1")
    click_bit(strip_of(page, "FP16"), 9)
    assert bits_of(page, "FP16") == "0 01111 1000000000"
    assert page.view.bar.field.text() == "1.5"
    assert bits_of(page, "BF16") == "0 01111111 1000000"
    assert (page.model.row.format.name, page.model.bit) == ("FP16", 9)


def test_that_dragging_paints_one_digit_and_undo_takes_the_stroke_back(page: BitsPage) -> None:
    type_text(page, "1")
    strip = strip_of(page, "FP16")
    QTest.mousePress(strip, LEFT, NO_KEYS, place_of(strip, 9))
    for bit in (8, 7, 6, 6, 7):
        QTest.mouseMove(strip, place_of(strip, bit))
    QTest.mouseRelease(strip, LEFT, NO_KEYS, place_of(strip, 6))
    assert bits_of(page, "FP16") == "0 01111 1111000000"
    QTest.mouseMove(strip, place_of(strip, 3))
    assert bits_of(page, "FP16") == "0 01111 1111000000"
    page.model.undo()
    assert bits_of(page, "FP16") == "0 01111 0000000000"


def test_that_a_click_beside_the_bits_selects_the_row_alone(page: BitsPage) -> None:
    before = page.model.state()
    view = page.view.table.views[row_of(page, "NF4")]
    QTest.mouseClick(view, LEFT, NO_KEYS, QPoint(20, view.height() // 2))
    assert page.model.row.format.name == "NF4"
    assert page.model.state() == before
    assert view.strip.hasFocus()


def test_that_the_keys_move_flip_and_step(page: BitsPage, strip: BitStrip) -> None:
    keys = Qt.Key
    press(strip, keys.Key_Space)
    assert bits_of(page, "FP16") == "0 01111 1000000000"
    press(strip, keys.Key_Right, keys.Key_Space)
    assert bits_of(page, "FP16") == "0 01111 1100000000"
    press(strip, keys.Key_Home)
    assert page.model.bit == 15
    press(strip, keys.Key_Left)
    assert page.model.bit == 15
    press(strip, keys.Key_End, keys.Key_Right)
    assert page.model.bit == 0
    press(strip, keys.Key_Up)
    assert bits_of(page, "FP16") == "0 01111 1100000001"
    press(strip, keys.Key_Down, keys.Key_Down)
    assert bits_of(page, "FP16") == "0 01111 1011111111"


def test_that_the_letters_go_to_neighbours_and_places(page: BitsPage, strip: BitStrip) -> None:
    for key, bits in (
        ("m", "0 11110 1111111111"),
        ("n", "0 11111 0000000000"),
        ("p", "0 11110 1111111111"),
        ("i", "0 11111 0000000000"),
        ("0", "0 00000 0000000000"),
        ("s", "0 00000 0000000001"),
    ):
        QTest.keyClicks(strip, key)
        assert bits_of(page, "FP16") == bits, key


def test_that_a_place_that_is_not_there_is_said(page: BitsPage) -> None:
    strip = strip_of(page, "INT8")
    strip.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(strip, "i")
    assert page.view.bar.words.text == "INT8 has no infinity."


def test_that_l_keeps_the_bits(page: BitsPage, strip: BitStrip) -> None:
    QTest.keyClicks(strip, "l")
    assert page.view.table.views[row_of(page, "FP16")].lock.isChecked()
    type_text(page, "7")
    assert bits_of(page, "FP16") == "0 01111 0000000000"
    assert bits_of(page, "BF16") != "0 01111111 0000000"


def test_that_the_lock_is_a_button_too(page: BitsPage) -> None:
    view = page.view.table.views[0]
    QTest.mouseClick(view.lock, LEFT)
    assert page.model.rows[0].is_locked
    assert "Keeps" in view.lock.toolTip()
    QTest.mouseClick(view.lock, LEFT)
    assert not page.model.rows[0].is_locked


def test_that_copying_puts_the_row_on_the_clipboard_and_says_so(page: BitsPage, strip: BitStrip) -> None:
    QTest.keyClick(strip, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "FP16\t0x3C00\t0 01111 0000000000\t1"
    assert page.view.bar.words.text == "Copied: FP16  0x3C00  0 01111 0000000000  1"


def test_that_tab_goes_on_and_page_down_takes_the_next_row(page: BitsPage, strip: BitStrip) -> None:
    press(strip, Qt.Key.Key_PageDown)
    assert page.model.row.format.name == "BF16"
    assert strip_of(page, "BF16").hasFocus()
    QTest.keyClick(strip_of(page, "BF16"), Qt.Key.Key_Tab)
    assert strip_of(page, "FP8 E4M3").hasFocus()
    assert page.model.row.format.name == "FP8 E4M3"
    QTest.keyClick(strip_of(page, "FP8 E4M3"), Qt.Key.Key_Backtab)
    assert strip_of(page, "BF16").hasFocus()


def test_that_a_screen_reader_is_told_the_value_in_words(page: BitsPage, strip: BitStrip) -> None:
    told = QAccessible.queryAccessibleInterface(strip)
    assert told.role() == QAccessible.Role.SpinBox
    assert told.text(QAccessible.Text.Name) == "Bits of FP16"
    assert told.text(QAccessible.Text.Value) == "FP16: 1, hex 3C00, exact; bit 9, fraction, 0, weighs 1/2"
    press(strip, Qt.Key.Key_Space)
    assert told.text(QAccessible.Text.Value) == "FP16: 1.5, hex 3E00, exact; bit 9, fraction, 1, weighs 1/2"
    type_text(page, "65520")
    assert "FP16: infinity, infinity, hex 7C00" in told.text(QAccessible.Text.Value)
    assert "Space flips" in told.text(QAccessible.Text.Description)


def test_that_a_row_without_a_code_says_why_and_a_flip_begins_at_zero(page: BitsPage) -> None:
    type_text(page, "nan")
    strip = strip_of(page, "INT8")
    assert "INT8 has no code for NaN." in strip.spoken()
    strip.setFocus(Qt.FocusReason.TabFocusReason)
    page.model.select(row_of(page, "INT8"), 0)
    press(strip, Qt.Key.Key_Space)
    assert bits_of(page, "INT8") == "0 0000001"


def test_that_ones_are_solid_and_zeros_pale_in_both_themes(page: BitsPage, theme: Theme) -> None:
    type_text(page, "1")
    strip = strip_of(page, "BF16")
    for choice in ("light", "dark"):
        theme.choose(choice)  # type: ignore[arg-type]
        QApplication.processEvents()
        picture = strip.grab().toImage()
        scale = picture.devicePixelRatio()

        def corner(bit: int, picture: object = picture, scale: float = scale) -> QColor:
            box = strip.cells.boxes[bit]
            return picture.pixelColor(round((box.left() + 3) * scale), round((box.top() + 3) * scale))  # type: ignore[attr-defined]

        assert corner(7) == theme.color("bits.exponent")
        assert corner(0) != theme.color("bits.fraction")
    theme.choose("light")


@pytest.mark.parametrize("name", NUMBER_FORMATS)
def test_that_every_bit_has_a_place_of_its_own_within_any_room(theme: Theme, name: str) -> None:
    format_ = NUMBER_FORMATS[name]
    for room in (1e9, 560, 300, 150):
        cells = lay_out(format_, CellSize.small(theme), room=room)
        boxes = list(cells.boxes.values())
        assert sorted(cells.boxes) == list(range(format_.bits))
        assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
        assert room > 1e6 or cells.width <= room
        assert {cells.bit_at(box.center()) for box in boxes} == set(range(format_.bits))
