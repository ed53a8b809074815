"""The steps of the By hand view against the numerics and the published example."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.core.quantized.steps import FORMATS, Method, Share, work_out
from workbench.core.quantized.values import quantize_values
from workbench.numerics.affine import Affine
from workbench.numerics.quantization_scheme import SCHEMES
from workbench.numerics.rounding import Rounding
from workbench.numerics.whole_rounding import round_whole
from workbench.panes.quantize.hand.words import bits_words, fixed, int_words, rows_of, scale_words, short, table_text

EIGHT = [1.2, -0.5, -4.3, 1.2, -3.1, 0.8, 2.4, 5.4]
PUBLISHED = [28, -12, -101, 28, -73, 19, 56, 127]


def normal(count: int) -> np.ndarray:
    return np.random.default_rng(7).normal(size=count).astype(np.float32)


def test_that_the_published_vector_becomes_the_published_integers() -> None:
    assert work_out(EIGHT, [8], Method()).stored.tolist() == PUBLISHED


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("count", [1, 8, 70, 200])
def test_that_every_format_comes_back_as_the_command_line_has_it(name: str, count: int) -> None:
    scheme, values = SCHEMES[name], normal(count)
    share = Share.BLOCK if scheme.block_size else Share.ALL
    steps = work_out(values, [count], Method(name, share, scheme.block_size or 4))
    told = quantize_values(values.tolist(), scheme)
    assert steps.restored.tolist() == told.restored.tolist()
    assert steps.measures == told.measures
    assert steps.bits_per_number == pytest.approx(8 * scheme.size_bytes(count, count) / count, abs=8 / count)
    if told.integers and name != "int4":
        assert steps.stored.tolist() == list(told.integers)


@pytest.mark.parametrize("name", FORMATS)
def test_that_what_comes_back_is_one_of_the_levels(name: str) -> None:
    steps = work_out(EIGHT, [8], Method(name))
    for index, back in enumerate(steps.restored):
        levels, stored = steps.levels(int(steps.which[index]))
        nearest = int(np.abs(levels - float(back)).argmin())
        assert levels[nearest] == pytest.approx(float(back), rel=1e-6, abs=1e-9)
        assert levels[nearest] == pytest.approx(0, abs=1e-9) or stored[nearest] == steps.stored[index]


def test_that_blocks_and_rows_have_scales_of_their_own() -> None:
    blocks = work_out(EIGHT, [8], Method(share=Share.BLOCK, block_size=4))
    first = Affine.symmetric(np.float32(4.3)).integers(np.array(EIGHT[:4], np.float32)).tolist()
    assert blocks.group_count == 2
    assert blocks.stored.tolist()[:4] == first
    rows = work_out(EIGHT, [2, 6], Method(share=Share.ROW))
    assert [rows.members(group) for group in range(2)] == [(0, 2), (2, 8)]
    assert rows.stored.tolist()[:2] == [127, -53]
    assert bits_words(rows) == ("16", "8 + 2 \u00d7 32/8")


def test_that_row_is_all_where_there_is_one_line() -> None:
    for name in FORMATS:
        assert (
            work_out(EIGHT, [8], Method(name)).restored == work_out(EIGHT, [8], Method(name, Share.ROW)).restored
        ).all()


def test_that_clipping_narrows_the_scale_and_counts_what_it_holds() -> None:
    whole, clipped = work_out(EIGHT, [8], Method()), work_out(EIGHT, [8], Method(clip=3.0))
    assert float(clipped.scales[0]) == pytest.approx(3 / 127)
    assert clipped.is_clipped.tolist() == [False, False, True, False, True, False, False, True]
    assert clipped.restored.max() == pytest.approx(3.0)
    assert clipped.measures.max_abs_error > whole.measures.max_abs_error


def test_that_a_scale_by_hand_wastes_integers_or_clips() -> None:
    wide, narrow = work_out(EIGHT, [8], Method(stretch=2.0)), work_out(EIGHT, [8], Method(stretch=0.5))
    assert wide.stored.max() == 64
    assert not wide.is_clipped.any()
    assert narrow.is_clipped.sum() == 3
    for name in ("int4", "nf4", "fp4"):
        assert work_out(EIGHT, [8], Method(name, stretch=0.5)).is_clipped.sum() == 3


def test_that_a_zero_point_moves_the_integers_and_not_what_they_stand_for() -> None:
    values = [-1, 0, 0.5, 1]
    own = work_out(values, [4], Method("int8-zeropoint"))
    moved = work_out(values, [4], Method("int8-zeropoint", shift=-30))
    assert own.zero_points[0] == 0 or own.zero_points[0] == -1
    assert (moved.stored[1:] == own.stored[1:] - 30).all()
    assert moved.is_clipped.tolist() == [True, False, False, False]
    assert moved.restored[2:].tolist() == own.restored[2:].tolist()


@pytest.mark.parametrize("name", FORMATS)
def test_that_every_rounding_stays_on_its_side(name: str) -> None:
    method = Method(name)
    values = normal(40)
    for rounding in method.roundings:
        steps = work_out(values, [40], replace(method, rounding=rounding))
        slack = 1e-6 * float(np.abs(values).max())
        match rounding:
            case Rounding.UP:
                assert (steps.errors >= -slack).all()
            case Rounding.DOWN:  # save what would fall out of the range below
                assert (steps.errors[~steps.is_clipped] <= slack).all()
            case Rounding.TOWARD_ZERO:
                assert (np.abs(steps.restored) <= np.abs(values) + slack).all()


def test_that_whole_numbers_are_rounded_as_their_names_say() -> None:
    halves = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], np.float32)
    assert round_whole(halves, Rounding.NEAREST_EVEN).tolist() == [-2, -2, 0, 0, 2, 2]
    assert round_whole(halves, Rounding.NEAREST_AWAY).tolist() == [-3, -2, -1, 1, 2, 3]
    assert round_whole(halves, Rounding.TOWARD_ZERO).tolist() == [-2, -1, 0, 0, 1, 2]
    drawn = round_whole(np.full(2000, -1.25, np.float32), Rounding.STOCHASTIC)
    assert set(drawn.tolist()) == {-1.0, -2.0}
    assert drawn.mean() == pytest.approx(-1.25, abs=0.05)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("values", [[0.0, 0.0], [3.4e38, -3.4e38, 1.0], [1e-40, -2e-42], [-1.0, -2.0], [7.0]])
def test_that_the_ends_of_fp32_are_worked_out_and_said(name: str, values: list[float]) -> None:
    steps = work_out(values, [len(values)], Method(name))
    assert np.isfinite(steps.restored).all()
    assert len(table_text(steps).splitlines()) == len(rows_of(steps))
    assert scale_words(steps, 0)
    assert int_words(steps)


def test_that_int_is_worked_out_from_the_numbers_at_hand() -> None:
    words = int_words(work_out([-11.76 * 5.4 / 127, 5.4], [2], Method()))
    assert words.startswith("int() cuts the fraction off: \u221211.76 becomes \u221211, an error of 0.032.")
    assert "Rounding gives \u221212 and 0.010." in words
    assert "make the same" in int_words(work_out([1.0], [1], Method()))


def test_that_numbers_are_written_short() -> None:
    assert [short(value) for value in (1.2, -0.0, np.float32(0.1), 3.4e38, -1e-7)] == [
        "1.2", "0", "0.1", "3.4e38", "\u22121e-7".replace("-", "\u2212"),
    ]  # fmt: skip
    assert [fixed(*pair) for pair in ((-0.00001, 3), (58.9, 5), (5.4, 4), (0.0, 4))] == [
        "0.000",
        "58.900",
        "5.4000",
        "0",
    ]
