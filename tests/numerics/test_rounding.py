"""Rounding: every way of it beside a search through all values, and the ties one by one."""

from fractions import Fraction

import pytest

from tests.numerics.oracle import PLAIN, SMALL, random_numbers, table_of, ties
from workbench.numerics.named_formats import FP16, NF4, NUMBER_FORMATS
from workbench.numerics.rounding import Rounding, draw, element_seed

RANDOM_NUMBERS = 100_000
NEAREST = (Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY)


@pytest.mark.parametrize("name", SMALL)
def test_that_random_numbers_are_rounded_as_a_search_has_it(name: str) -> None:
    entry, table = SMALL[name], table_of(name)
    for x in random_numbers(name, RANDOM_NUMBERS // len(SMALL) + 1, seed=len(name)):
        for rounding in PLAIN:
            assert entry.encode(x, rounding) == table.code_of(x, rounding), (x, rounding)


@pytest.mark.parametrize("name", SMALL)
def test_that_every_tie_is_rounded_as_a_search_has_it(name: str) -> None:
    entry, table = SMALL[name], table_of(name)
    for number, x in enumerate(ties(name)):
        for rounding in NEAREST if number % 16 else PLAIN:
            assert entry.encode(x, rounding) == table.code_of(x, rounding), (x, rounding)


@pytest.mark.parametrize("name", SMALL)
def test_that_what_is_beside_a_tie_by_a_hair_is_no_tie(name: str) -> None:
    entry, table, hair = SMALL[name], table_of(name), Fraction(1, 1 << 400)
    for x in list(ties(name))[:: 1 + (1 << entry.bits) // 500]:
        for beside in (x - hair, x + hair):
            assert entry.encode(beside) == table.code_of(beside, Rounding.NEAREST_EVEN), beside


@pytest.mark.parametrize("name", ["FP32", "FP64"])
def test_that_wide_formats_round_to_a_neighbour_and_ties_to_the_even_one(name: str) -> None:
    entry = NUMBER_FORMATS[name]
    for ordinal in range(0, entry.value_count - 1, entry.value_count // 2000):
        low, high = entry.value_at(ordinal), entry.value_at(ordinal + 1)
        even = ordinal if entry.code_at(ordinal) % 2 == 0 else ordinal + 1
        assert entry.decode(entry.encode((low + high) / 2)).value == entry.value_at(even)
        third = low + (high - low) / 3
        assert entry.decode(entry.encode(third)).value == low
        assert entry.decode(entry.encode(third, Rounding.UP)).value == high


def test_that_stochastic_rounding_is_right_on_the_average_and_repeats_with_its_seed() -> None:
    low, high = FP16.value_at(40_000), FP16.value_at(40_001)
    x = low + (high - low) * Fraction(3, 10)
    codes = [FP16.encode(x, Rounding.STOCHASTIC, seed=seed) for seed in range(4_000)]
    share = codes.count(FP16.encode(high)) / len(codes)
    assert abs(share - 0.3) < 0.03  # four standard deviations
    assert codes[:50] == [FP16.encode(x, Rounding.STOCHASTIC, seed=seed) for seed in range(50)]
    assert {FP16.encode(low, Rounding.STOCHASTIC, seed=seed) for seed in range(50)} == {FP16.encode(low)}
    assert {NF4.encode(5, Rounding.STOCHASTIC, seed=seed) for seed in range(50)} == {15}


def test_that_draws_are_those_of_splitmix() -> None:
    # Sebastiano Vigna's splitmix64.c from state 0
    assert [draw(0), draw(0x9E3779B97F4A7C15)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]
    assert len({element_seed(seed, index) for seed in range(100) for index in range(100)}) == 10_000


def test_that_a_rounding_goes_by_its_name() -> None:
    assert [Rounding.named(rounding.slug) for rounding in Rounding] == list(Rounding)
    with pytest.raises(ValueError, match="nearest-even, nearest-away"):
        Rounding.named("half up")
