"""Where tokens stand: each once, none beyond the edge, every message in lines of its own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.panes.charts.token_layout import TokenLayout

GAP, PITCH, APART = 4, 40, 6


def laid_out(widths: list[int], messages: list[int], room: int) -> TokenLayout:
    return TokenLayout.of(
        np.asarray(widths, float), np.asarray(sorted({0, *messages})), room, gap=GAP, pitch=PITCH, apart=APART
    )


@given(
    st.lists(st.integers(min_value=5, max_value=90), min_size=1, max_size=200),
    st.lists(st.integers(min_value=0, max_value=250), max_size=5),
    st.integers(min_value=20, max_value=400),
)
def test_that_lines_hold_every_token_once_and_none_beyond_the_edge(
    widths: list[int], messages: list[int], room: int
) -> None:
    layout = laid_out(widths, messages, room)
    assert [token for line in range(layout.line_count) for token in layout.tokens_of(line)] == [*range(len(widths))]
    for line in range(layout.line_count):
        tokens = layout.tokens_of(line)
        assert layout.lefts[tokens.start] == 0
        assert layout.lefts[tokens.stop - 1] + widths[tokens.stop - 1] <= room or len(tokens) == 1
    beginnings = {layout.tokens_of(line).start for line in range(layout.line_count)}
    assert beginnings >= {first for first in messages if first < len(widths)}
    assert layout.height == layout.tops[-1] + PITCH


@given(st.lists(st.integers(min_value=5, max_value=90), min_size=1, max_size=80), st.integers(0, 79))
def test_that_a_token_is_found_where_it_stands(widths: list[int], token: int) -> None:
    layout = laid_out(widths, [7, 30], 200)
    token = min(token, len(widths) - 1)
    x, y = layout.lefts[token] + widths[token] / 2, layout.tops[layout.line_of(token)]
    assert layout.token_at(x, y + 3, 30) == token
    assert layout.token_at(x, y + 35, 30) == -1
    assert layout.token_at(-5, y + 3, 30) == -1
    assert layout.token_over(token, 0) == token


def test_that_no_tokens_are_no_lines() -> None:
    layout = laid_out([], [], 100)
    assert (layout.line_count, layout.height) == (0, 0)
    assert layout.token_at(5, 5, 30) == -1


def test_that_up_and_down_lead_to_the_token_that_is_nearest() -> None:
    layout = laid_out([40, 40, 40, 90, 30], [3], 200)
    assert layout.token_over(1, 1) == 3
    assert layout.token_over(2, 1) == 4
    assert layout.token_over(4, -1) == 2
    assert layout.token_over(0, -1) == 0
