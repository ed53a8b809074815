"""Neighbours, gaps, errors and density, counted and computed."""

import bisect
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest

from tests.numerics.oracle import SMALL, table_of
from workbench.numerics.named_formats import (
    ARTICLE,
    BF16,
    E8M0,
    FP4_BITSANDBYTES,
    FP4_E2M1,
    FP8_E4M3,
    FP8_E5M2,
    FP16,
    FP32,
    FP64,
    INT8,
    NF4,
    NUMBER_FORMATS,
)
from workbench.numerics.neighbours import (
    count_between,
    error_of,
    gap,
    infinity_code,
    largest_code,
    limits_of,
    next_code,
    previous_code,
    shifted,
    smallest_code,
    values_between,
    values_per_binade,
    wasted_codes,
    zero_code,
)
from workbench.numerics.number import INFINITY, NAN, Number
from workbench.numerics.number_format import NumberFormat


def test_that_neighbours_are_numpys() -> None:
    codes = np.arange(0, 1 << 16, 11, dtype=np.uint16)
    for code, number in zip(codes.tolist(), codes.view(np.float16), strict=True):
        if not np.isfinite(number):
            continue
        up = next_code(FP16, code)
        assert up is not None
        # numpy goes from minus zero to the smallest number, and so does this
        assert up == np.nextafter(number, np.float16(np.inf)).view(np.uint16) or FP16.decode(up).number.is_zero
        if number > -65504 and number != 0:
            below = previous_code(FP16, code)
            assert below is not None
            assert FP16.decode(below).value == Fraction(float(np.nextafter(number, np.float16(-np.inf))))


def test_that_neighbours_end_where_the_format_ends() -> None:
    assert next_code(FP16, 0x7BFF) == 0x7C00
    assert next_code(FP16, 0x7C00) is None
    assert previous_code(FP16, 0x7C00) == 0x7BFF
    assert next_code(FP16, 0xFC00) == 0xFBFF
    assert previous_code(FP16, 0xFBFF) == 0xFC00
    assert previous_code(FP16, 0xFC00) is None
    assert next_code(FP16, 0x7E00) is None
    assert next_code(FP8_E4M3, 0x7E) is None
    assert previous_code(INT8, 0x80) is None
    assert next_code(FP16, 0x8000) == 1
    assert previous_code(FP16, 0x0000) == 0x8001
    assert shifted(FP16, 0x3C00, 3) == 0x3C03
    assert shifted(FP16, 0x0001, -2) == 0x8001
    assert shifted(FP16, 0x3C00, 10**9) == 0x7BFF
    assert shifted(FP16, 0x7C00, -1) == 0x7C00


def test_that_keys_find_their_codes() -> None:
    assert [infinity_code(FP16, is_negative=sign) for sign in (False, True)] == [0x7C00, 0xFC00]
    assert [infinity_code(entry, is_negative=False) for entry in (FP8_E4M3, INT8, NF4)] == [None, None, None]
    assert [zero_code(entry) for entry in (FP16, INT8, NF4, E8M0, ARTICLE)] == [0, 0, 7, None, 0]
    assert [largest_code(entry) for entry in (FP16, FP8_E4M3, NF4, FP4_BITSANDBYTES)] == [0x7BFF, 0x7E, 15, 3]
    assert [smallest_code(entry) for entry in (FP16, INT8, E8M0, FP4_BITSANDBYTES)] == [1, 1, 0, 1]


def test_that_one_ulp_is_the_gap_around_a_number() -> None:
    assert gap(FP16, Fraction(1)) == Fraction(1, 1024)
    assert gap(FP16, Fraction(-1)) == Fraction(1, 1024)
    assert gap(FP16, Fraction(9999, 10000)) == Fraction(1, 2048)
    assert gap(FP16, Fraction(0)) == Fraction(1, 1 << 24)
    assert gap(FP16, Fraction(65504)) == gap(FP16, Fraction(10**6)) == gap(FP16, Fraction(-(10**6))) == 32
    assert gap(BF16, Fraction(256)) == 2
    assert gap(INT8, Fraction(1, 3)) == Fraction(1, 127)
    for x in (Fraction(1, 10), Fraction(-7, 3), Fraction(1000)):
        assert gap(FP64, x) == Fraction(float(np.spacing(abs(float(x)))))


def test_that_errors_are_said_in_three_units() -> None:
    error = error_of(FP16, Number.of(Fraction(1, 10)), 0x2E66)
    assert error is not None
    assert error.ulp is not None
    assert error.signed == Fraction("0.0999755859375") - Fraction(1, 10) == -error.absolute
    assert error.relative == error.absolute * 10
    assert error.ulp == Fraction(2, 5)
    assert error_of(FP16, Number.of(65520), 0x7C00) is None
    assert error_of(FP16, NAN, 0x7E00) is None
    same = error_of(FP16, INFINITY, 0x7C00)
    assert same is not None
    assert same.signed == 0
    beside_zero = error_of(INT8, Number.of(0), 1)
    assert beside_zero is not None
    assert (beside_zero.relative, beside_zero.ulp) == (None, 1)
    in_codebook = error_of(NF4, Number.of(Fraction(1, 10)), 8)
    assert in_codebook is not None
    assert in_codebook.ulp is None


def test_that_codes_are_wasted_as_one_counts_them() -> None:
    counted = {
        "FP32": 2**24 - 2, "FP16": 2046, "BF16": 254, "FP64": 2**53 - 2, "INT8": 0, "FP8 E4M3": 2, "FP8 E5M2": 6,
        "FP4 E2M1": 1, "E8M0": 0, "NF4": 0, "FP4 (bitsandbytes)": 1, "Article 6+10": 65536 - 33280,
    }  # fmt: skip
    assert {name: wasted_codes(NUMBER_FORMATS[name]) for name in counted} == counted


@pytest.mark.parametrize(
    ("entry", "largest", "normal", "subnormal"),
    [
        (FP16, 65504, "2^-14", "2^-24"),
        (BF16, Fraction(255, 128) * 2**127, "2^-126", "2^-133"),
        (FP32, Fraction(2**24 - 1) * 2**104, "2^-126", "2^-149"),
        (FP8_E4M3, 448, "2^-6", "2^-9"),
        (FP8_E5M2, 57344, "2^-14", "2^-16"),
        (FP4_E2M1, 6, "2^0", "2^-1"),
        (ARTICLE, 2143289344, "2^-33", "2^-41"),
    ],
)
def test_that_a_format_ends_where_it_is_said_to(
    entry: NumberFormat, largest: Fraction, normal: str, subnormal: str
) -> None:
    ends = limits_of(entry)
    powers = [Fraction(2) ** int(text.removeprefix("2^")) for text in (normal, subnormal)]
    assert (ends.largest, ends.smallest_normal, ends.smallest_subnormal) == (largest, *powers)
    assert ends.lowest == (-(2**31) if entry is ARTICLE else -largest)


@pytest.mark.parametrize("name", SMALL)
def test_that_counting_agrees_with_looking_through_all(name: str) -> None:
    entry, values = SMALL[name], table_of(name).values
    span = values[-1] - values[0]
    for low, high in ((0, 1), (Fraction(1, 4), Fraction(3, 4)), (values[0], values[-1]), (-span, span), (1, 0)):
        expected = values[bisect.bisect_left(values, low) : max(0, bisect.bisect_right(values, high))]
        assert count_between(entry, Fraction(low), Fraction(high)) == len(expected)
        found = [value for _, value in values_between(entry, Fraction(low), Fraction(high), limit=50)]
        assert found == expected[:50]
    per_binade = values_per_binade(entry)
    assert sum(count for _, count in per_binade) == sum(value > 0 for value in values)
    for exponent, count in per_binade[:: 1 + len(per_binade) // 20]:
        ends = (bisect.bisect_left(values, Fraction(2) ** power) for power in (exponent, exponent + 1))
        assert count == -next(ends) + next(ends)


def test_that_2_to_the_64_codes_are_not_looked_through() -> None:
    assert count_between(FP64, Fraction(1), Fraction(2)) == 2**52 + 1
    assert count_between(FP64, Fraction(-(10**400)), Fraction(10**400)) == FP64.value_count
    first = list(islice(values_between(FP64, Fraction(1), Fraction(2), limit=10**9), 3))
    assert [value for _, value in first] == [1 + Fraction(n, 2**52) for n in range(3)]
    assert values_per_binade(FP32)[-1] == (127, 2**23)
