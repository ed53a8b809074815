"""The Bits page: what is typed, what is chosen, what is copied, pasted and saved, in every look."""

from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.panes.bits.pages import bits_of, bits_page, row_of, strip_of, type_text
from tests.panes.shown import in_every_look
from tests.qt_waits import wait_until
from workbench.core.bits.state import BitsState
from workbench.numerics.named_formats import FP64, NUMBER_FORMATS
from workbench.numerics.rounding import Rounding
from workbench.panes.bits.page import BitsPage
from workbench.panes.bits.rows.formats import RowsDialog
from workbench.panes.bits.shown.presets import PRESETS
from workbench.panes.charts.picture_files import file_of
from workbench.panes.look.theme import Theme

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def page(theme: Theme) -> Iterator[BitsPage]:
    with bits_page(theme) as made:
        yield made


# -- the value --------------------------------------------------------------------------------------------------------


def test_that_typing_changes_all_rows_at_every_letter(page: BitsPage) -> None:
    type_text(page, "65520")
    assert bits_of(page, "FP16") == "0 11111 0000000000"
    assert bits_of(page, "FP32") == "0 10001110 11111111111000000000000"
    assert [bits_of(page, name) for name in ("INT8", "NF4")] == ["0 1111111", "1111"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("1e", "exponent"),
        ("0x", "0x"),
        ("1" * 10_000, "characters at most"),
        ("nan(7)", "operator is missing"),
        ("🙂", "not part of a number"),
        ("9**9**9", "too large"),
        ("0,5", "point"),
    ],
)
def test_that_a_bad_text_is_said_under_the_field_and_the_last_value_stays(page: BitsPage, bad: str, words: str) -> None:
    type_text(page, "0.25")
    field = page.view.bar.field
    field.selectAll()
    QGuiApplication.clipboard().setText(bad)
    QTest.keyClick(field, Qt.Key.Key_V, CONTROL)
    assert words in page.view.bar.words.text
    assert field.property("state") == "danger"
    assert field.text() == bad
    assert bits_of(page, "FP16") == "0 01101 0000000000"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.25"
    assert field.property("state") == ""


def test_that_what_is_wrong_is_plain_text(page: BitsPage) -> None:
    type_text(page, "<b>7")
    words = page.view.bar.words.words
    assert words.textFormat() is Qt.TextFormat.PlainText
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in page.view.bar.words.findChildren(QLabel)
               if label.text())  # fmt: skip


def test_that_arrows_in_the_field_step_the_chosen_row(page: BitsPage) -> None:
    type_text(page, "1")
    QTest.keyClick(page.view.bar.field, Qt.Key.Key_Up)
    assert bits_of(page, "FP16") == "0 01111 0000000001"
    assert page.view.bar.field.text() == "1.0009765625"


def test_that_undo_in_the_field_is_that_of_the_page(page: BitsPage) -> None:
    page.model.set_rounding(Rounding.UP)
    type_text(page, "7")
    QTest.keyClick(page.view.bar.field, Qt.Key.Key_Z, CONTROL)
    assert page.view.bar.field.text() == "0.1"
    QTest.keyClick(page.view.bar.field, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert page.view.bar.field.text() == "7"


def test_that_rounding_and_saturation_are_chosen_in_the_bar(page: BitsPage) -> None:
    type_text(page, "65519")
    box = page.view.bar.rounding
    box.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(box, "Up")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert page.model.rounding is Rounding.UP
    assert bits_of(page, "FP16") == "0 11111 0000000000"
    QTest.mouseClick(page.view.bar.saturate, Qt.MouseButton.LeftButton)
    assert page.model.saturate
    assert bits_of(page, "FP8 E4M3") == "0 1111 110"


def test_that_chance_can_be_drawn_anew_where_rounding_is_by_chance(page: BitsPage) -> None:
    assert not page.view.bar.again.isVisible()
    page.model.set_rounding(Rounding.STOCHASTIC)
    type_text(page, "0.1")
    seen = set()
    for _ in range(40):
        QTest.mouseClick(page.view.bar.again, Qt.MouseButton.LeftButton)
        seen.add(bits_of(page, "FP8 E5M2"))
    assert len(seen) == 2


# -- presets ----------------------------------------------------------------------------------------------------------


def test_that_a_chip_shows_its_value_its_row_and_its_sentence(page: BitsPage) -> None:
    chip = page.view.bar.chips.chips["65520"]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert page.model.text == "65520"
    assert page.model.row.format.name == "FP16"
    assert chip.isChecked()
    assert "halfway between 65504, where FP16 ends, and 65536" in page.view.bar.words.text
    type_text(page, "65521")
    assert not chip.isChecked()
    assert "65504 and" not in page.view.bar.words.text


def test_that_the_menu_has_every_preset(page: BitsPage) -> None:
    bar = page.view.bar
    assert [action.text() for action in bar.presets] == [preset.chip for preset in PRESETS]
    for action, preset in zip(bar.presets, PRESETS, strict=True):
        action.trigger()
        assert page.model.text == preset.text
        assert page.model.row.format.name == preset.format
        assert bar.words.text == preset.sentence


def test_that_the_sentence_on_int8_gives_the_true_error(page: BitsPage) -> None:
    page.view.bar.show_preset(next(preset for preset in PRESETS if preset.text == "0.3"))
    assert "0.00079" in page.view.bar.words.text
    assert "0.008" in page.view.bar.words.text
    assert "error -7.87e-4" in strip_of(page, "INT8").spoken()


# -- the page as text and as a picture --------------------------------------------------------------------------------


def test_that_the_page_goes_through_the_clipboard_as_one_line(page: BitsPage) -> None:
    type_text(page, "1/3")
    page.model.set_rounding(Rounding.DOWN)
    page.model.set_lock(0, True)
    before = page.model.state()
    field = page.view.bar.field
    page.actions_by_words["Copy this page as a line of text"].trigger()
    line = QGuiApplication.clipboard().text()
    assert BitsState.from_text(line) == before
    page.model.set_state(BitsState("7"))
    page.actions_by_words["Paste such a line"].trigger()
    assert page.model.state() == before
    page.model.undo()
    assert page.model.text == "7"
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_V, CONTROL)
    assert page.model.state() == before
    assert field.text() == "1/3"


def test_that_a_broken_line_changes_nothing_and_says_why(page: BitsPage) -> None:
    before = page.model.state()
    QGuiApplication.clipboard().setText("bits value=1/0")
    page.paste_state()
    assert page.model.state() == before
    assert "not a number" in page.view.bar.words.text
    page.view.bar.field.selectAll()
    QTest.keyClick(page.view.bar.field, Qt.Key.Key_V, CONTROL)
    assert page.model.state() == before
    assert "not a number" in page.view.bar.words.text


def test_that_the_page_is_saved_as_a_picture_and_as_a_drawing(page: BitsPage, theme: Theme) -> None:
    picture = QImage.fromData(file_of(page.view, theme, "Bits", ".png"))
    assert picture.width() == 2 * page.view.width()
    drawing = ElementTree.fromstring(file_of(page.view, theme, "Bits", ".svg"))
    words = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"FP16", "2E66", "0.0999755859375"} <= {str(word).strip() for word in words}


# -- rows -------------------------------------------------------------------------------------------------------------


def test_that_rows_are_chosen_ordered_and_made_in_the_dialog(page: BitsPage, theme: Theme) -> None:
    dialog = RowsDialog(theme, page.model, page)
    dialog.open()
    names = [dialog.list.item(index).text() for index in range(dialog.list.count())]
    assert set(NUMBER_FORMATS) | {"UINT8"} == set(names)
    dialog.list.item(names.index("FP64")).setCheckState(Qt.CheckState.Checked)
    dialog.list.item(names.index("BF16")).setCheckState(Qt.CheckState.Unchecked)
    shown_names = [view.row.format.name for view in page.view.table.views]
    assert "FP64" in shown_names
    assert "BF16" not in shown_names
    dialog.list.setCurrentRow(0)
    QTest.mouseClick(dialog.down, Qt.MouseButton.LeftButton)
    assert page.model.formats[1].name == "FP32"
    maker = dialog.maker
    maker.fields["exponent"].setText("99")
    maker.fields["exponent"].textEdited.emit("99")
    assert not maker.made.isEnabled()
    assert "exponent" in maker.words.text()
    maker.fields["exponent"].setText("3")
    maker.fields["exponent"].textEdited.emit("3")
    assert "values from" in maker.words.text()
    QTest.mouseClick(maker.made, Qt.MouseButton.LeftButton)
    assert page.model.formats[-1].name == "Mine"
    assert page.model.formats[-1].bits == 7
    for index in range(maker.kind.count()):
        maker.kind.setCurrentIndex(index)
        assert maker.made.isEnabled(), maker.words.text()
    dialog.accept()


def test_that_the_last_ticked_row_cannot_be_taken_away(page: BitsPage, theme: Theme) -> None:
    page.model.set_formats([FP64])
    dialog = RowsDialog(theme, page.model, page)
    dialog.open()
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert page.model.formats == [FP64]
    assert dialog.list.item(0).checkState() is Qt.CheckState.Checked
    dialog.accept()


def test_that_the_menu_of_a_row_copies_keeps_moves_and_leaves_out(page: BitsPage) -> None:
    table = page.view.table
    actions = {action.text(): action for action in table.menu_of(row_of(page, "FP16")).actions()}
    for words, text in (
        ("Copy the value", "0.0999755859375"),
        ("Copy the hex code", "0x2E66"),
        ("Copy the bits", "0 01011 1001100110"),
    ):
        actions[words].trigger()
        assert QGuiApplication.clipboard().text() == text
    actions["Keep its bits"].trigger()
    assert page.model.rows[row_of(page, "FP16")].is_locked
    actions["Move up"].trigger()
    assert page.model.formats[0].name == "FP16"
    table.menu_of(0).actions()[-1].trigger()
    assert "FP16" not in [format_.name for format_ in page.model.formats]


# -- the whole --------------------------------------------------------------------------------------------------------


def test_that_the_header_opens_quiz_and_weight_and_they_close_again(page: BitsPage) -> None:
    for made, view in ((page.quiz_button, page.quiz), (page.weight_button, page.weight)):
        QTest.mouseClick(made, Qt.MouseButton.LeftButton)
        assert view.isVisible()
        assert not page.view.isVisible()
        assert made.isChecked()
        view.closed.emit()
        assert page.view.isVisible()
        assert not made.isChecked()
    page.view.worked.conversions_wanted.emit()
    assert page.conversions.isVisible()
    page.conversions.closed.emit()
    assert page.view.bar.field.hasFocus()


def test_that_a_hidden_page_paints_nothing_and_is_right_when_it_comes_up(page: BitsPage) -> None:
    page.hide()
    painted: list[int] = []
    strip = strip_of(page, "FP16")
    paint = strip.paintEvent
    strip.paintEvent = lambda event: (painted.append(1), paint(event))[1]  # type: ignore[method-assign]
    page.model.set_text("1.5")
    page.model.set_formats([*page.model.formats, FP64])
    QApplication.processEvents()
    assert painted == []
    page.show()
    wait_until(lambda: bool(painted))
    assert bits_of(page, "FP16") == "0 01111 1000000000"
    assert bits_of(page, "FP64").startswith("0 01111111111 1")


@pytest.mark.slow
@pytest.mark.parametrize("text", ["0.1", "nan", "65520", "-0", "2^-1074", "1/3"])
def test_that_the_page_holds_in_every_look(theme: Theme, text: str) -> None:
    with bits_page(theme) as page:
        page.model.set_text(text)
        in_every_look(theme, page)


@pytest.mark.parametrize("width", [1000, 1100, 1366, 1920])
def test_that_columns_do_not_overlap_at_any_width(theme: Theme, width: int) -> None:
    with bits_page(theme, width) as page:
        page.model.set_formats(list(NUMBER_FORMATS.values()))
        QApplication.processEvents()
        for view in page.view.table.views:
            columns = view.columns
            assert columns is not None
            edges = [column for column in (columns.name, columns.strip, columns.hex, columns.value, columns.error,
                     columns.relative, columns.ulp, columns.number_class, columns.lock) if column]  # fmt: skip
            assert all(a[1] <= b[0] for a, b in pairwise(edges))
            assert edges[-1][1] <= page.view.table.width()
            assert view.strip.geometry().right() <= (columns.hex or columns.value)[0]
