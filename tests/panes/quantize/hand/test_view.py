"""The By hand view: what is typed, chosen, dragged and read."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.core.quantized.test_steps import PUBLISHED
from tests.panes.shown import forget, in_every_look, shown
from tests.qt_waits import wait_until
from workbench.core.quantized.steps import FORMATS
from workbench.numerics.rounding import Rounding
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.hand.places import Handle
from workbench.panes.quantize.hand.presets import PRESETS
from workbench.panes.quantize.hand.view import HandView
from workbench.panes.quantize.page import QuantizePage


@contextmanager
def hand_view(theme: Theme, width: int = 1366) -> Iterator[HandView]:
    """The view on its page, in a window that has the keyboard."""
    page = QuantizePage(theme)
    try:
        with shown(page, width) as frame:
            frame.activateWindow()
            wait_until(frame.isActiveWindow)
            page.shown_first()
            QApplication.processEvents()
            assert isinstance(page.view, HandView)
            yield page.view
    finally:
        forget(page)


def drag(view: HandView, handle: Handle, value: float) -> None:
    """With the mouse, from where a handle is to where a number is."""
    lines, places = view.lines, view.lines.places()
    x, y = lines.handles()[handle]
    gap = {Handle.CLIP: 10, Handle.CLIP_BELOW: -10}.get(handle, 0)
    start = QPoint(round(x), round(y))
    end = QPoint(round(places.x_of(value)) + gap, round(y))
    QTest.mousePress(lines, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(lines, QPoint((start.x() + end.x()) // 2, start.y()))
    QTest.mouseMove(lines, end)
    QTest.mouseRelease(lines, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)


def column(view: HandView, index: int) -> list[str]:
    return [row.text(index) for row in view.table.rows]


def type_numbers(view: HandView, text: str) -> None:
    edit = view.controls.numbers.edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)


def test_that_it_begins_with_the_published_example(theme: Theme) -> None:
    with hand_view(theme) as view:
        stored = next(row for row in view.table.rows if row.role == "stored")
        assert [int(stored.text(index).replace("\u2212", "-")) for index in range(8)] == PUBLISHED
        assert column(view, 2) == ["\u22124.3", "\u2212101.13", "\u2212101", "\u22124.2945", "0.0055"]
        assert view.lines_card.scope.whole == "one scale for all eight: 5.4 / 127 = 0.04252"
        assert view.cost.largest.text == "0.0189"
        assert view.cost.bits.text == "12 8 + 32/8"
        assert view.controls.group.fact.text() == "8"
        assert view.controls.presets.chosen == "eight"


def test_that_a_click_on_an_example_takes_its_numbers_and_its_method(theme: Theme) -> None:
    with hand_view(theme) as view:
        presets = view.controls.presets
        for row, preset in enumerate(PRESETS):
            box = presets.visualItemRect(presets.item(row))
            QTest.mouseClick(
                presets.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, box.center()
            )
            assert view.controls.numbers.edit.toPlainText() == preset.text
            assert view.model.method.format == preset.method.format
            assert presets.chosen == preset.name
        presets.setFocus()
        QTest.keyClick(presets, Qt.Key.Key_Home)
        QTest.keyClick(presets, Qt.Key.Key_Return)
        assert view.model.preset == PRESETS[0].name


def test_that_the_articles_error_is_called_a_slip_only_where_it_is_worked_out(theme: Theme) -> None:
    with hand_view(theme) as view:
        assert view.worked.tag.isHidden()
        view.model.choose_preset("article")
        assert not view.worked.tag.isHidden()
        assert [link.figure for link in view.worked.chain.links] == ["0.3", "38.1", "38", "0.29921", "0.00079"]
        assert "prints 0.008" in view.worked.sentence.text()
        assert "0.00079, ten times smaller" in view.worked.sentence.text()
        view.model.set_format("nf4")
        assert view.worked.tag.isHidden()


def test_that_typed_numbers_are_read_and_nonsense_leaves_the_last_ones(theme: Theme) -> None:
    with hand_view(theme) as view:
        type_numbers(view, "1/3; -2^-2 7")
        assert view.model.values.tolist() == [np.float32(1 / 3), -0.25, 7.0]
        assert view.model.preset == ""
        for text, said in (("1, abc", "abc"), ("1, 1/0", "Division by zero"), ("1e60", "FP32"), (",", "no numbers")):
            type_numbers(view, text)
            assert said in view.controls.numbers.problem.text()
            assert not view.controls.numbers.problem.isHidden()
            assert view.model.values.tolist()[-1] != 60
        assert view.controls.numbers.edit.toPlainText() == ","
        type_numbers(view, "4, 2")
        assert view.controls.numbers.problem.isHidden()
        assert view.model.values.tolist() == [4.0, 2.0]


def test_that_a_line_is_a_row(theme: Theme) -> None:
    with hand_view(theme) as view:
        view.controls.share.button_of("row").click()
        assert view.controls.share_note.text().startswith("A line is a row")
        view.controls.numbers.edit.setPlainText("1, 2\n30, 40, 50")
        assert view.model.steps.group_count == 2
        assert view.controls.share_note.text() == "2 lines are 2 rows."
        assert view.model.steps.stored.tolist()[1] == 127


@pytest.mark.parametrize("name", FORMATS)
def test_that_every_format_is_chosen_from_the_list_and_drawn(theme: Theme, name: str) -> None:
    with hand_view(theme) as view:
        box = view.controls.format
        box.setFocus()
        box.setCurrentIndex(FORMATS.index(name))
        box.activated.emit(FORMATS.index(name))
        assert view.model.method.format == name
        assert not view.lines.grab().isNull()
        is_coded = name in ("nf4", "fp4", "mxfp4", "nvfp4")
        assert view.lines_card.title.text() == f"From numbers to {'codes' if is_coded else 'integers'}"
        assert view.table.rows[-1].name == "Error"
        assert (Handle.SCALE in view.lines.handles()) is (name not in ("mxfp4", "nvfp4"))
        assert (Handle.ZERO in view.lines.handles()) is (name == "int8-zeropoint")
        assert view.controls.share.isEnabled() is (name not in ("mxfp4", "nvfp4"))
        view.controls.share.button_of("block").click()
        if name not in ("mxfp4", "nvfp4"):
            view.controls.block.button_of("2").click()
            assert view.model.steps.group_count == 4


def test_that_dragging_the_clipping_changes_the_errors_as_it_goes(theme: Theme) -> None:
    with hand_view(theme) as view:
        seen: list[str] = []
        view.model.changed.connect(lambda: seen.append(view.cost.largest.text))
        drag(view, Handle.CLIP, 3.0)
        assert view.model.clip == pytest.approx(3.0, abs=0.05)
        assert len(set(seen)) > 1
        assert view.cost.clipped.text == "3 clipped"
        assert view.controls.clip.value.text() == f"{view.model.clip:.3g}"
        assert not view.undo.isHidden()
        drag(view, Handle.CLIP_BELOW, -4.0)
        assert view.model.clip == pytest.approx(4.0, abs=0.05)
        view.undo.click()
        assert view.model.clip == pytest.approx(5.4)
        assert view.cost.largest.text == "0.0189"
        assert view.undo.isHidden()


def test_that_dragging_the_bracket_changes_the_scale(theme: Theme) -> None:
    with hand_view(theme) as view:
        drag(view, Handle.SCALE, 2.7)
        assert float(view.model.steps.highest[0]) == pytest.approx(2.7, abs=0.03)
        assert view.model.steps.is_clipped.sum() == 3
        view.model.undo_dragging()
        drag(view, Handle.SCALE, 5.6)
        assert view.model.steps.stored.max() < 127


def test_that_dragging_the_integers_changes_the_zero_point(theme: Theme) -> None:
    with hand_view(theme) as view:
        view.model.choose_preset("lopsided")
        before = view.model.steps.stored.tolist()
        assert view.model.zero_point == -64
        drag(view, Handle.ZERO, 0.5)
        assert view.model.zero_point == pytest.approx(-96, abs=2)
        assert view.controls.zero.slider.value() == view.model.zero_point
        assert view.model.steps.is_clipped.any()
        assert view.model.steps.stored.tolist() != before
        view.controls.zero.slider.setFocus()
        QTest.keyClick(view.controls.zero.slider, Qt.Key.Key_Right)
        assert view.controls.zero.slider.value() == view.model.zero_point


def test_that_keys_move_what_the_mouse_drags(theme: Theme) -> None:
    with hand_view(theme) as view:
        view.model.choose_preset("lopsided")
        lines = view.lines
        lines.setFocus(Qt.FocusReason.TabFocusReason)
        assert lines.key_handle is Handle.SCALE
        QTest.keyClick(lines, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert view.model.method.stretch == pytest.approx(1.1)
        QTest.keyClick(lines, Qt.Key.Key_Down)
        assert lines.key_handle is Handle.CLIP
        QTest.keyClick(lines, Qt.Key.Key_Left)
        assert view.model.clip == pytest.approx(2.97)
        QTest.keyClick(lines, Qt.Key.Key_Up)
        QTest.keyClick(lines, Qt.Key.Key_Up)
        assert lines.key_handle is Handle.ZERO
        zero_point = view.model.zero_point
        QTest.keyClick(lines, Qt.Key.Key_Left)
        assert view.model.zero_point == zero_point + 1
        assert f"zero point \u2212{-view.model.zero_point}" in lines.accessibleDescription()
        QTest.keyClick(lines, Qt.Key.Key_Home)
        assert not view.model.is_dragged


def test_that_the_slider_clips(theme: Theme) -> None:
    with hand_view(theme) as view:
        slider = view.controls.clip.slider
        slider.setFocus()
        QTest.keyClick(slider, Qt.Key.Key_PageDown)
        assert view.model.clip == pytest.approx(5.4 * 0.81)
        QTest.keyClick(slider, Qt.Key.Key_Home)
        assert view.model.clip == pytest.approx(5.4 * 0.01)
        QTest.keyClick(slider, Qt.Key.Key_End)
        assert view.model.method.clip is None


def test_that_int_costs_more_than_rounding(theme: Theme) -> None:
    with hand_view(theme) as view:
        nearest = view.model.steps.measures.mean_abs_error
        box = view.controls.rounding
        place = box.findText("int(), toward zero")
        box.activated.emit(place)
        assert view.model.method.rounding is Rounding.TOWARD_ZERO
        assert view.model.steps.stored.tolist()[4] == -72
        assert view.model.steps.measures.mean_abs_error > 2 * nearest
        assert "\u221272.91 becomes \u221272" in view.controls.why.words.text()


def test_that_a_number_is_chosen_in_the_table_and_on_the_lines(theme: Theme) -> None:
    with hand_view(theme) as view:
        assert view.model.chosen == 6  # the one that is farthest off
        box = view.table.column_box(2).center().toPoint()
        QTest.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, box)
        assert view.worked.title.whole == "\u22124.3, worked out"
        QTest.keyClick(view.table, Qt.Key.Key_Left)
        assert view.worked.scope.text() == "number 2 of 8"
        assert view.table.accessibleDescription().startswith("2 of 8: Number \u22120.5")
        places = view.lines.places()
        middle = QPoint(round(places.x_of(-3.1)), round((places.real_y + places.stored_y) / 2))
        QTest.mouseClick(view.lines, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
        assert view.model.chosen == 4


@pytest.mark.slow
def test_that_the_table_is_copied_with_tabs(theme: Theme) -> None:
    with hand_view(theme) as view:
        view.copy.click()
        lines = QGuiApplication.clipboard().text().splitlines()
        assert lines[0].split("\t") == ["Number", "1.2", "-0.5", "-4.3", "1.2", "-3.1", "0.8", "2.4", "5.4"]
        assert lines[2].split("\t") == ["Rounded stored", *map(str, PUBLISHED)]
        assert view.copy.text() == "Copied"
        wait_until(lambda: view.copy.text() == "Copy table")


def test_that_thousands_of_numbers_scroll_and_stay_readable(theme: Theme) -> None:
    with hand_view(theme) as view:
        values = np.random.default_rng(3).normal(size=4096)
        view.controls.numbers.edit.setPlainText(", ".join(f"{value:.4f}" for value in values))
        wait_until(lambda: len(view.model.values) == 4096)
        bar = view.table.horizontalScrollBar()
        assert bar.maximum() > 0
        view.table.setFocus()
        QTest.keyClick(view.table, Qt.Key.Key_End)
        assert view.model.chosen == 4095
        assert bar.value() == bar.maximum()
        view.model.set_format("nf4")
        view.model.set_share("block")
        view.model.set_block_size(64)
        assert view.cost.bits.text.startswith("4.5")
        assert not view.grab().isNull()
        type_numbers(view, "1")
        assert bar.maximum() == 0


def test_that_zeros_are_shown_as_they_are(theme: Theme) -> None:
    with hand_view(theme) as view:
        for name in FORMATS:
            type_numbers(view, "0, 0")
            view.model.set_format(name)
            assert not view.grab().isNull()
            assert view.cost.noise.text == "\u2013 nothing is off"
        assert not view.controls.clip.isEnabled()


@pytest.mark.slow
def test_that_every_example_is_drawn_in_every_look(theme: Theme) -> None:
    with hand_view(theme) as view:
        page = view.window().findChild(QuantizePage)
        assert page is not None
        for preset in PRESETS:
            view.model.choose_preset(preset.name)
            in_every_look(theme, page)


def test_that_a_wide_window_has_a_column_with_every_format(theme: Theme) -> None:
    with hand_view(theme) as view:
        assert not view.formats.isVisible()
    with hand_view(theme, 1920) as view:
        wait_until(view.formats.isVisible)
        assert list(view.formats.bars.made) == list(FORMATS)
        assert view.formats.bars.made["int8-absmax"].stored.tolist() == PUBLISHED
        view.model.set_clip(2.0)
        assert view.formats.bars.made["nf4"].is_clipped.sum() == 4
