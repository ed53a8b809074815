"""How sure a figure is, and what two sides differ by."""

import math
import random

import pytest

from workbench.core.evaluation import paired


def rights(both: int, only_first: int, only_second: int, neither: int) -> tuple[list[bool], list[bool]]:
    first = [True] * (both + only_first) + [False] * (only_second + neither)
    second = [True] * both + [False] * only_first + [True] * only_second + [False] * neither
    return first, second


def test_that_a_share_has_wilsons_interval() -> None:
    found = paired.share([True] * 81 + [False] * 182)
    assert (found.value, found.low, found.high) == pytest.approx((81 / 263, 0.2553, 0.3662), abs=5e-5)
    assert paired.share([True] * 10).high == 1
    assert paired.share([False] * 10).low == 0


def test_that_pairs_are_compared_as_pairs() -> None:
    apart = paired.difference_of_shares(*rights(40, 0, 10, 0))
    assert apart.value == pytest.approx(0.2)
    assert 0 < apart.low < 0.2 < apart.high
    # The same shares, of rows that do not go together, say less.
    loose = paired.difference_of_shares(*rights(30, 10, 20, -10 + 10))
    assert loose.low < apart.low


def test_that_what_is_between_two_sides_turns_round_with_them() -> None:
    first, second = rights(17, 4, 9, 6)
    there, back = paired.difference_of_shares(first, second), paired.difference_of_shares(second, first)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_that_equal_rows_do_not_make_one_sure_of_nothing_between_them() -> None:
    apart = paired.difference_of_shares(*rights(8, 0, 0, 0))
    assert apart.value == 0
    assert apart.low < 0 < apart.high


def test_that_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    drawn = random.Random(7)
    holds = 0
    for _ in range(400):
        first, second = [], []
        for _ in range(40):
            hard = drawn.random()
            first.append(drawn.random() < 0.3 + 0.4 * hard)
            second.append(drawn.random() < 0.5 + 0.4 * hard)
        apart = paired.difference_of_shares(first, second)
        holds += apart.low <= 0.2 <= apart.high
    assert 0.92 <= holds / 400 <= 0.99


def test_that_a_perplexity_is_of_tokens_and_not_of_rows() -> None:
    found = paired.perplexity([-1.0, -9.0], [1, 9])
    assert found.value == pytest.approx(math.e)
    assert paired.perplexity([-1.0, -30.0], [1, 9]).value == pytest.approx(math.exp(3.1))


def test_that_perplexities_are_compared_row_by_row() -> None:
    tokens = [5, 9, 2, 7, 4, 6] * 5
    drawn = random.Random(3)
    first = [-drawn.uniform(1, 3) * count for count in tokens]
    second = [value + 0.1 * count for value, count in zip(first, tokens, strict=True)]
    ratio = paired.ratio_of_perplexities(first, second, tokens)
    # Each token is a tenth of a nat less surprising, in every row: nothing is left to chance.
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((math.exp(-0.1),) * 3)
    one, two = paired.perplexity(first, tokens), paired.perplexity(second, tokens)
    assert one.low < two.value < one.high, "by themselves the sides could not be told apart"


def test_that_the_same_rows_give_the_same_interval() -> None:
    values = [0.1 * n for n in range(50)]
    assert paired.mean(values) == paired.mean(values)
    assert paired.mean(values).value == pytest.approx(2.45)
    apart = paired.difference_of_means(values, [value + 1 for value in values])
    assert (apart.value, apart.low, apart.high) == pytest.approx((1.0, 1.0, 1.0))
