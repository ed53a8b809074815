"""The number line: places, zoom down to neighbours, bands and counts, needle, pointer and keys."""

import itertools
import random
from collections.abc import Iterator
from fractions import Fraction

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.qt_waits import wait_until
from workbench.numerics.named_formats import BF16, FP16, FP32, FP64, INT8, NF4, NUMBER_FORMATS
from workbench.numerics.neighbours import count_between, values_between
from workbench.numerics.number_format import NumberFormat
from workbench.panes.bits.line.lanes import lane_of
from workbench.panes.bits.line.line import NumberLineCard
from workbench.panes.bits.line.line_views import whole_view
from workbench.panes.bits.line.number_line import NumberLine
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.scale import LinearView, View, WholeView
from workbench.panes.look.theme import Theme

FORMATS = list(NUMBER_FORMATS.values())
LEAST_GAP = 3.0


@pytest.fixture
def model(qapp: QApplication) -> BitsModel:
    return BitsModel()


@pytest.fixture
def card(theme: Theme, model: BitsModel) -> Iterator[NumberLineCard]:
    made = NumberLineCard(theme, model)
    made.resize(588, 288)
    made.show()
    yield made
    made.hide()
    made.deleteLater()


def picture(line: NumberLine) -> QImage:
    return line.grab().toImage()


# -- arithmetic -------------------------------------------------------------------------------------------------------


def test_that_a_place_and_its_value_are_each_others() -> None:
    chosen = random.Random(1)
    for _ in range(300):
        power = chosen.randrange(-1060, 1000)
        view = LinearView.around(Fraction(chosen.randrange(-999, 999)) * Fraction(2) ** power, power)
        share = chosen.random()
        assert view.share_of(view.value_at(share)) == pytest.approx(share, abs=1e-12)


def test_that_the_whole_range_has_every_value_in_its_order() -> None:
    view = whole_view(FORMATS)
    chosen = random.Random(2)
    values = sorted(FP64.value_at(chosen.randrange(FP64.value_count)) for _ in range(400))
    shares = [view.share_of(value) for value in values]
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] <= 1
    assert view.share_of(Fraction(0)) == pytest.approx(0.5)
    for share in (0.01, 0.3, 0.499, 0.5, 0.7, 0.99):
        assert view.share_of(view.value_at(share)) == pytest.approx(share, abs=1e-6)


def test_that_what_is_zoomed_on_stays_where_it_is() -> None:
    views: list[View] = [LinearView.around(Fraction(1, 10), -4), whole_view([FP32, NF4])]
    for view in views:
        before = view.value_at(0.3)
        assert view.zoomed(0.3, -1).share_of(before) == pytest.approx(0.3, abs=1e-6)


def test_that_dragging_for_long_does_not_make_fractions_longer() -> None:
    view = LinearView.around(Fraction(1, 3), 0)
    for step in range(500):
        view = view.panned(0.1234567 if step % 3 else -0.21)
    assert view.low.denominator <= 1 << 24


@pytest.mark.parametrize("power", [-60, -44, -27, -10, -4, 0, 3, 15, 40, 90])
def test_that_ticks_stand_at_the_numbers_they_name(power: int) -> None:
    view = LinearView.around(Fraction(13, 10) * Fraction(2) ** power, power - 3)
    base, ticks = view.ticks(7)
    assert 3 <= len(ticks) <= 9
    for tick in ticks:
        offset = Fraction(tick.text.replace("\u2212", "-").lstrip("+"))
        value = offset + (Fraction(base.replace("\u2212", "-")) if base else 0)
        assert view.share_of(value) == pytest.approx(tick.share, abs=1e-9)


def test_that_ticks_of_a_deep_zoom_are_counted_from_a_written_number() -> None:
    base, ticks = LinearView.around(Fraction(1, 10), -44).ticks(6)
    assert base
    assert len({tick.text for tick in ticks}) == len(ticks)
    assert all(len(tick.text) <= 9 for tick in ticks)


def test_that_ticks_of_the_whole_range_are_powers_of_ten_on_both_sides() -> None:
    _base, ticks = whole_view([FP32]).ticks(7)
    texts = [tick.text for tick in ticks]
    assert "0" in texts
    assert any(text.startswith("\u2212") for text in texts)
    assert [tick.share for tick in ticks] == sorted(tick.share for tick in ticks)


# -- lanes ------------------------------------------------------------------------------------------------------------


def every_place(format_: NumberFormat, view: View, width: int) -> list[float]:
    found = values_between(format_, view.value_at(0), view.value_at(1), 1 << 16)
    return [view.share_of(value) * width for _code, value in found]


@pytest.mark.parametrize("format_", [entry for entry in FORMATS if entry.bits <= 16], ids=lambda entry: entry.name)
@pytest.mark.parametrize("power", [-6, 0, 9])
def test_that_every_value_in_sight_is_a_mark_or_in_a_band_and_nothing_else(format_: NumberFormat, power: int) -> None:
    width = 470
    for middle in (Fraction(1, 10), Fraction(-3, 7), Fraction(0)):
        view = LinearView.around(middle, power)
        lane = lane_of(format_, view, width, LEAST_GAP)
        places = every_place(format_, view, width)
        assert lane.count == len(places)
        single = [
            place for place in places if not any(start - 0.01 <= place <= end + 0.01 for start, end in lane.bands)
        ]
        assert list(lane.marks) == pytest.approx(single, abs=1e-6)
        for start, end in lane.bands:
            inside = [place for place in places if start - 0.01 <= place <= end + 0.01]
            gaps = [after - before for before, after in itertools.pairwise(inside)]
            assert max(gaps, default=0) < LEAST_GAP + 0.01


def test_that_counts_are_those_of_the_numerics() -> None:
    view = LinearView.around(Fraction(1, 10), -4)
    for format_ in (FP32, FP64, FP16, BF16):
        lane = lane_of(format_, view, 470, LEAST_GAP)
        assert lane.count == count_between(format_, view.value_at(0), view.value_at(1))
    assert lane_of(FP32, view, 470, LEAST_GAP).words == "7.97 million values in sight"


def test_that_a_band_ends_where_the_values_end() -> None:
    view = LinearView.around(Fraction(65520), 15)
    lane = lane_of(FP16, view, 470, LEAST_GAP)
    assert lane.bands[0][1] == pytest.approx(view.share_of(Fraction(65504)) * 470)
    assert not lane.marks


def test_that_the_whole_range_shows_zero_between_two_bands() -> None:
    lane = lane_of(FP32, whole_view([FP32]), 470, LEAST_GAP)
    assert len(lane.bands) == 3
    negative, zero, positive = lane.bands
    assert negative[1] < zero[0] <= 235 <= zero[1] < positive[0]


# -- the widget -------------------------------------------------------------------------------------------------------


def test_that_it_begins_around_the_number(card: NumberLineCard) -> None:
    view = card.line.view
    assert isinstance(view, LinearView)
    assert view.power == -4
    assert view.share_of(Fraction(1, 10)) == pytest.approx(0.5, abs=1e-6)


def test_that_zooming_in_ends_at_two_neighbours_of_the_finest_format(card: NumberLineCard, model: BitsModel) -> None:
    for _ in range(200):
        QTest.keyClick(card.line, Qt.Key.Key_Plus)
    finest = [lane for lane in map(card.line.lane, model.formats) if lane.count]
    assert any(2 <= lane.count <= 5 for lane in finest)
    assert card.line.lane(FP32).marks
    assert 0.4 < card.line.view.share_of(Fraction(1, 10)) < 0.6


def test_that_zooming_out_ends_at_the_whole_range_and_comes_back(card: NumberLineCard) -> None:
    for _ in range(40):
        QTest.keyClick(card.line, Qt.Key.Key_Minus)
    assert card.line.is_whole
    assert card.whole.text() == "Near the value"
    for _ in range(20):
        QTest.keyClick(card.line, Qt.Key.Key_Plus)
    assert isinstance(card.line.view, LinearView)
    assert 0 <= card.line.view.share_of(Fraction(1, 10)) <= 1


def test_that_the_button_turns_between_all_and_near(card: NumberLineCard) -> None:
    QTest.mouseClick(card.whole, Qt.MouseButton.LeftButton)
    assert isinstance(card.line.view, WholeView)
    QTest.mouseClick(card.whole, Qt.MouseButton.LeftButton)
    assert isinstance(card.line.view, LinearView)


def test_that_the_wheel_zooms_where_the_pointer_is(card: NumberLineCard) -> None:
    line = card.line
    plot = line.geometry_now().plot
    at = QPointF(plot.left() + plot.width() * 0.25, plot.center().y())
    before = line.view.value_at(0.25)
    event = QWheelEvent(
        at, line.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(line, event)
    assert isinstance(line.view, LinearView)
    assert line.view.power == -5
    assert line.view.share_of(before) == pytest.approx(0.25, abs=1e-6)


def test_that_dragging_moves_the_line_with_the_pointer(card: NumberLineCard) -> None:
    line = card.line
    before = line.view.share_of(Fraction(1, 10))
    plot = line.geometry_now().plot
    start = QPoint(round(plot.center().x()), round(plot.center().y()))
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(line, start + QPoint(47, 0))
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=start + QPoint(47, 0))
    assert line.view.share_of(Fraction(1, 10)) - before == pytest.approx(47 / plot.width(), abs=0.002)


def test_that_a_click_chooses_the_row_and_two_take_its_value(card: NumberLineCard, model: BitsModel) -> None:
    line = card.line
    geometry, row = line.geometry_now(), model.formats.index(NF4)
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(40, round(geometry.center_of(row))))
    assert model.selected == row
    at = QPoint(round(geometry.plot.center().x()), round(line.geometry_now().center_of(row)))
    QTest.mouseDClick(line, Qt.MouseButton.LeftButton, pos=at)
    assert model.number.value == NF4.value_at(8)


def test_that_up_and_down_choose_rows(card: NumberLineCard, model: BitsModel) -> None:
    before = model.selected
    QTest.keyClick(card.line, Qt.Key.Key_Down)
    assert model.selected == before + 1
    QTest.keyClick(card.line, Qt.Key.Key_Up)
    assert model.selected == before


def test_that_the_needle_moves_and_the_line_stays_while_it_can(card: NumberLineCard, model: BitsModel) -> None:
    before = card.line.view
    model.set_text("0.11")
    assert card.line.view == before
    model.set_text("1000")
    assert isinstance(card.line.view, LinearView)
    assert card.line.view.power == 9


def test_that_a_zoom_of_ones_own_is_kept_for_another_number(card: NumberLineCard, model: BitsModel) -> None:
    for _ in range(5):
        card.line.zoom(-1)
    model.set_text("1000")
    assert isinstance(card.line.view, LinearView)
    assert card.line.view.power == 9 - 5
    assert card.line.view.share_of(Fraction(1000)) == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "0", "-0", "1e400", "-1e-400", "2**-1074", "2^1000"])
def test_that_every_kind_of_number_is_painted_at_every_zoom(card: NumberLineCard, model: BitsModel, text: str) -> None:
    model.set_formats(FORMATS)
    model.set_text(text)
    assert not picture(card.line).isNull()
    for act in (
        card.line.show_whole,
        *[lambda: card.line.zoom(-1)] * 12,
        lambda: card.line.pan(3),
        card.line.show_near,
    ):
        act()
        assert not picture(card.line).isNull()


def test_that_the_needle_is_painted_in_the_text_colour(card: NumberLineCard, theme: Theme) -> None:
    image, plot = picture(card.line), card.line.geometry_now().plot
    x = round(plot.left() + card.line.view.share_of(Fraction(1, 10)) * plot.width())
    lane = card.line.geometry_now().center_of(6)  # NF4 has no mark there
    assert image.pixelColor(x, round(lane - 6)) == theme.color("text.primary")


def test_that_a_hidden_line_follows_when_it_is_shown(theme: Theme, model: BitsModel) -> None:
    line = NumberLine(theme, model)
    line.resize(560, 250)
    model.set_text("1e6")
    line.show()
    assert isinstance(line.view, LinearView)
    assert line.view.power == 19
    line.hide()
    line.deleteLater()


def test_that_rows_that_find_no_room_come_with_the_selection(card: NumberLineCard, model: BitsModel) -> None:
    card.resize(588, 200)
    model.set_formats(FORMATS)
    model.select(len(FORMATS) - 1)
    geometry = card.line.geometry_now()
    assert geometry.first + geometry.shown >= len(FORMATS)
    assert geometry.center_of(len(FORMATS) - 1) < card.line.height()


def test_that_it_can_be_heard(card: NumberLineCard, model: BitsModel) -> None:
    model.set_text("0.3")
    wait_until(lambda: "INT8 0.2992126" in card.line.accessibleDescription())
    assert card.line.accessibleDescription().startswith("From 0.")


def test_that_it_follows_every_look(card: NumberLineCard, theme: Theme) -> None:
    for choice, projector in (("dark", False), ("light", True), ("light", False)):
        theme.projector = projector
        theme.choose(choice)  # type: ignore[arg-type]
        assert not picture(card.line).isNull()
    assert card.line.lane(INT8).count == 8


def test_that_a_line_zoomed_in_on_tiny_values_shows_neighbours_of_the_next_number(
    card: NumberLineCard, model: BitsModel
) -> None:
    model.set_text("inf")
    for _ in range(20):
        card.line.zoom(-1, 0.45)
    assert not card.line.is_whole
    model.set_text("1")
    assert card.line.lane(FP32).count >= 2
