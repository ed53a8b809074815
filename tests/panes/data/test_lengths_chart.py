"""The histogram: every row counted once, whatever the lengths are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from workbench.panes.data.lengths_chart import MOST_BARS, Bars, LengthsChart
from workbench.panes.look.theme import Theme


@pytest.fixture
def chart(theme: Theme) -> LengthsChart:
    made = LengthsChart(theme)
    made.resize(380, 120)
    return made


def colors(chart: LengthsChart) -> set[str]:
    image = chart.grab().toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=300))
def test_that_every_row_is_counted_once_in_a_bar_that_holds_it(lengths: list[int]) -> None:
    bars = Bars.of(lengths)
    assert sum(bars.counts) == len(lengths)
    assert len(bars.counts) <= MOST_BARS + 2
    closed = len(bars.counts) - bars.is_open
    for bar in range(closed):
        first = bars.start + bar * bars.width
        assert bars.counts[bar] == sum(first <= length < first + bars.width for length in lengths)


def test_that_one_row_far_longer_than_all_others_leaves_their_bars_apart() -> None:
    bars = Bars.of([*range(100, 200), *range(100, 200), 1_000_000])
    assert bars.is_open
    assert bars.counts[-1] < 10
    assert sum(count > 0 for count in bars.counts) > 10


def test_that_what_is_said_names_median_and_longest(chart: LengthsChart) -> None:
    assert chart.show_lengths([10, 20, 90]) == "characters; median 20, longest 90"
    assert chart.show_lengths([]) == "characters"
    assert "3 rows" not in chart.accessibleDescription()


def test_that_a_bar_tells_its_numbers(chart: LengthsChart) -> None:
    chart.show_lengths([5, 5, 6])
    assert chart.bar_in_words(0) == "2 rows of 5 characters"
    chart.show_lengths([*range(1000)])
    assert chart.bar_in_words(0).endswith(" characters")
    assert chart.bar_at(-5) == -1
    assert chart.bar_at(chart.width() - 20) == len(chart.bars.counts) - 1


@pytest.mark.parametrize("lengths", [(), (0,), (7,), (0, 0, 0), (1, 10**9)])
def test_that_odd_files_are_drawn(chart: LengthsChart, lengths: tuple[int, ...]) -> None:
    chart.show_lengths(lengths)
    drawn = colors(chart)
    assert ("#007a5a" in drawn) == bool(lengths)


def test_that_a_switch_of_the_theme_leaves_no_colour_behind(chart: LengthsChart, theme: Theme) -> None:
    chart.show_lengths([*range(100)])
    light = colors(chart)
    theme.choose("dark")
    assert "#33bd96" in colors(chart)
    assert "#007a5a" in light
    assert "#007a5a" not in colors(chart)
    theme.choose("light")


def test_that_two_hundred_thousand_rows_are_drawn(chart: LengthsChart) -> None:
    lengths = np.random.default_rng(0).integers(1, 5000, 200_000)
    words = chart.show_lengths(lengths)  # type: ignore[arg-type]
    assert "4\u2009999" in words or "4999" in words
    assert not chart.grab().isNull()
