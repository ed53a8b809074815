"""The histogram: every row counted once, whatever the lengths are, and a line that says what it cuts."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from workbench.panes.data.lengths import MOST_BARS, Lengths
from workbench.panes.data.lengths_chart import LengthsChart
from workbench.panes.look.theme import Theme


@pytest.fixture
def chart(theme: Theme) -> Iterator[LengthsChart]:
    made = LengthsChart(theme)
    made.set_bounds(8, 1_000_000)
    made.resize(380, 140)
    yield made
    forget(made)


def colors(chart: LengthsChart) -> set[str]:
    image = chart.grab().toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=300), st.integers(0, 10**9))
def test_that_every_row_is_counted_once_in_a_bar_that_holds_it(lengths: list[int], limit: int) -> None:
    made = Lengths.of(lengths)
    bars = made.bars
    assert sum(bars.counts) == len(lengths)
    assert len(bars.counts) <= MOST_BARS + 2
    closed = len(bars.counts) - bars.is_open
    for bar in range(closed):
        first = bars.start + bar * bars.width
        assert bars.counts[bar] == sum(first <= length < first + bars.width for length in lengths)
    assert made.beyond(limit) == sum(length > limit for length in lengths)
    assert (made.shortest, made.longest) == (min(lengths), max(lengths))


def test_that_one_row_far_longer_than_all_others_leaves_their_bars_apart() -> None:
    bars = Lengths.of([*range(100, 200), *range(100, 200), 1_000_000]).bars
    assert bars.is_open
    assert bars.counts[-1] < 10
    assert sum(count > 0 for count in bars.counts) > 10


def test_that_what_is_said_names_median_and_longest_and_what_is_only_about(chart: LengthsChart) -> None:
    assert Lengths.of([10, 20, 90]).in_words() == "tokens; median 20, longest 90"
    assert Lengths.of([10, 20, 90], is_estimate=True).in_words() == "tokens, about; median 20, longest 90"
    assert Lengths.of([]).in_words() == "tokens"
    chart.show_lengths(Lengths.of([10, 20, 90]))
    assert "3 rows. tokens; median 20" in chart.accessibleDescription()


@pytest.mark.parametrize(
    ("limit", "said"),
    [(20, "longest row 20: 2 rows are cut"), (40, "longest row 40: 1 row is cut"), (90, "longest row 90: none is cut")],
)
def test_that_the_line_says_what_it_cuts(chart: LengthsChart, limit: int, said: str) -> None:
    chart.show_lengths(Lengths.of([10, 20, 40, 90]))
    chart.show_limit(limit)
    assert chart.lengths.cut_in_words(limit) == said
    assert said in chart.accessibleDescription()


def test_that_a_bar_tells_its_numbers(chart: LengthsChart) -> None:
    chart.show_lengths(Lengths.of([5, 5, 6]))
    assert chart.bar_in_words(0) == "2 rows of 5 tokens"
    chart.show_lengths(Lengths.of([*range(1000)]))
    assert chart.bar_in_words(0).endswith(" tokens")
    assert chart.bar_at(-5) == -1
    assert chart.bar_at(chart.width() - 20) == len(chart.lengths.bars.counts) - 1


def test_that_the_line_is_dragged_and_moved_by_keys(chart: LengthsChart) -> None:
    wanted: list[int] = []
    chart.limit_wanted.connect(wanted.append)
    chart.show_lengths(Lengths.of([*range(30, 91)]))
    chart.show_limit(56)
    at = QPoint(round(chart.x_of(56)), 60)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(chart, QPoint(round(chart.x_of(70)), 60))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=at)
    assert wanted[-1] == chart.limit
    assert abs(chart.limit - 70) <= 1
    chart.show_limit(60)
    for key, limit in (
        (Qt.Key.Key_Left, 59),
        (Qt.Key.Key_Right, 60),
        (Qt.Key.Key_End, 90),
        (Qt.Key.Key_Home, 30),
        (Qt.Key.Key_Up, 31),
    ):
        QTest.keyClick(chart, key)
        assert wanted[-1] == limit


def test_that_a_line_beyond_every_row_stands_at_the_edge_and_comes_in_with_a_key(chart: LengthsChart) -> None:
    chart.show_lengths(Lengths.of([*range(30, 91)]))
    chart.show_limit(512)
    assert chart.x_of(512) == chart.x_of(chart.lengths.bars.end)
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.limit == 89


def test_that_the_mouse_beside_the_line_moves_nothing(chart: LengthsChart) -> None:
    wanted: list[int] = []
    chart.limit_wanted.connect(wanted.append)
    chart.show_lengths(Lengths.of([*range(30, 91)]))
    chart.show_limit(56)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=QPoint(round(chart.x_of(80)), 60))
    QTest.mouseMove(chart, QPoint(round(chart.x_of(85)), 60))
    assert wanted == []


@pytest.mark.parametrize("lengths", [(), (0,), (7,), (0, 0, 0), (1, 10**9)])
def test_that_odd_files_are_drawn(chart: LengthsChart, lengths: tuple[int, ...]) -> None:
    chart.show_lengths(Lengths.of(lengths))
    chart.show_limit(512)
    assert ("#00805e" in colors(chart)) == bool(lengths)


def test_that_what_is_cut_has_its_colour_in_both_themes(chart: LengthsChart, theme: Theme) -> None:
    chart.show_lengths(Lengths.of([*range(100)]))
    chart.show_limit(60)
    light = colors(chart)
    theme.choose("dark")
    assert {"#6fddb8", "#f0935a"} <= colors(chart)
    assert {"#00805e", "#b84e00"} <= light
    assert "#00805e" not in colors(chart)
    theme.choose("light")


def test_that_a_million_rows_are_drawn(chart: LengthsChart) -> None:
    made = Lengths.of(np.random.default_rng(0).integers(1, 5000, 1_000_000))
    chart.show_lengths(made)
    chart.show_limit(600)
    assert "4\u2009999" in made.in_words()
    assert not chart.grab().isNull()
