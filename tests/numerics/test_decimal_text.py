"""Decimals: all digits, and the fewest that read back, beside Python's and numpy's."""

import struct
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from tests.numerics.oracle import SMALL
from workbench.numerics.decimal_text import exact_decimal, shortest_decimal, significant
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.named_formats import ARTICLE, FP8_E4M3, FP16, FP32, FP64, INT8, NF4
from workbench.numerics.number import INFINITY, NAN, Number
from workbench.numerics.twos_format import TwosFormat


def test_that_the_fewest_digits_of_fp64_are_pythons() -> None:
    random = Random(1)
    numbers = [struct.unpack("<d", struct.pack("<Q", random.getrandbits(64)))[0] for _ in range(1_000)]
    numbers += [2.0**exponent for exponent in range(-1074, 1024, 7)]
    for number in numbers:
        if np.isfinite(number):
            text = shortest_decimal(FP64, FP64.encode(number))
            assert Fraction(text) == Fraction(repr(number))
            assert float(text) == number


def test_that_the_fewest_digits_of_fp32_and_fp16_are_numpys() -> None:
    random = Random(2)
    codes = np.array([random.getrandbits(32) for _ in range(2_000)], np.uint32)
    for code, number in zip(codes.tolist(), codes.view(np.float32), strict=True):
        if np.isfinite(number):
            assert Fraction(shortest_decimal(FP32, code)) == Fraction(np.format_float_scientific(number))
    halves = np.arange(0, 1 << 16, 13, dtype=np.uint16)
    for code, half in zip(halves.tolist(), halves.view(np.float16), strict=True):
        if np.isfinite(half):
            assert Fraction(shortest_decimal(FP16, code)) == Fraction(np.format_float_scientific(half))


@pytest.mark.parametrize("name", SMALL)
def test_that_the_fewest_digits_read_back(name: str) -> None:
    entry = SMALL[name]
    for code in range(0, 1 << entry.bits, 1 + (1 << entry.bits) // 3000):
        number = entry.decode(code).number
        text = shortest_decimal(entry, code)
        if number.value is not None:
            back = entry.encode(Fraction(text))
            assert entry.decode(back).value == number.value
            if number.value and isinstance(entry, FloatFormat | TwosFormat):
                assert len(text) <= len(exact_decimal(number)) + 4  # never more digits than there are


def test_that_known_values_are_written_as_one_knows_them() -> None:
    assert exact_decimal(FP16.decode(0x2E66).number) == "0.0999755859375"
    assert exact_decimal(Number.of(0.1)) == "0.1000000000000000055511151231257827021181583404541015625"
    assert exact_decimal(INT8.decode(38).number) == "38/127"
    assert exact_decimal(Number.of(2**31)) == "2147483648"
    assert exact_decimal(Number.of(1e22)) == "1e+22"
    assert exact_decimal(FP32.decode(1).number).endswith("5e-45")
    smallest = exact_decimal(FP64.decode(1).number)
    assert Fraction(smallest) == Fraction(1, 1 << 1074)
    assert len(smallest) == 751 + len(".e-324")
    assert shortest_decimal(FP64, 1) == "5e-324"
    assert shortest_decimal(INT8, 38) == "0.2992126"
    assert shortest_decimal(NF4, 8) == "0.0795803"
    assert shortest_decimal(FP8_E4M3, 0x1D) == "0.1"
    assert shortest_decimal(ARTICLE, 0b111110_0100000000) == "0.125"
    assert significant(Number.of(Fraction(1, 3)), 5) == "0.33333"
    assert significant(Number.of(Fraction("999999.97")), 7) == "1000000"
    assert significant(Number.of(Fraction("-2.5e-9")), 1) == "-2e-9"
    assert [exact_decimal(n) for n in (INFINITY, INFINITY.negated(), NAN, Number.of(-0.0))] == [
        "inf",
        "-inf",
        "nan",
        "-0",
    ]
