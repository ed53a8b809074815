"""Beside numpy, struct, ml_dtypes and gfloat, none of which shares a line with the program."""

import math
import struct
from random import Random

import gfloat
import numpy as np
import pytest
from gfloat.formats import (
    format_info_bfloat16,
    format_info_binary16,
    format_info_binary32,
    format_info_ocp_e2m1,
    format_info_ocp_e4m3,
    format_info_ocp_e5m2,
    format_info_ocp_e8m0,
)

from tests.numerics.oracle import ML_DTYPES
from workbench.numerics.arrays import encode_array
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.named_formats import FP16, FP32, NUMBER_FORMATS
from workbench.numerics.rounding import Rounding

GFLOAT = {
    "FP32": format_info_binary32,
    "FP16": format_info_binary16,
    "BF16": format_info_bfloat16,
    "FP8 E4M3": format_info_ocp_e4m3,
    "FP8 E5M2": format_info_ocp_e5m2,
    "FP4 E2M1": format_info_ocp_e2m1,
    "E8M0": format_info_ocp_e8m0,
}
GFLOAT_ROUNDINGS = {
    Rounding.NEAREST_EVEN: gfloat.RoundMode.TiesToEven,
    Rounding.NEAREST_AWAY: gfloat.RoundMode.TiesToAway,
    Rounding.TOWARD_ZERO: gfloat.RoundMode.TowardZero,
    Rounding.UP: gfloat.RoundMode.TowardPositive,
    Rounding.DOWN: gfloat.RoundMode.TowardNegative,
}


def floats_around(entry: FloatFormat, count: int, seed: int, hair: float = 2.0**-52) -> list[float]:
    """Random ones over the format's range and beyond, values, ties, and what is beside a tie by a hair."""
    random = Random(seed)
    least, most = entry.smallest_exponent - entry.fraction_bits - 2, entry.largest_exponent + 2
    numbers = [random.uniform(1, 2) * 2.0 ** random.randint(least, most) for _ in range(count)]
    for _ in range(count):
        ordinal = random.randrange(entry.value_count - 1)
        tie = float((entry.value_at(ordinal) + entry.value_at(ordinal + 1)) / 2)
        numbers += [tie, tie * (1 + hair), tie * (1 - hair), float(entry.value_at(ordinal))]
    return numbers + [-number for number in numbers]


def test_that_fp16_is_numpys() -> None:
    numbers = np.array([*floats_around(FP16, 20_000, 1), 0.0, -0.0, np.inf, -np.inf])
    with np.errstate(over="ignore"):
        expected = numbers.astype(np.float16).view(np.uint16)
    assert np.array_equal(encode_array(FP16, numbers), expected)
    assert [FP16.encode(float(x)) for x in numbers[::50]] == expected[::50].tolist()


def test_that_fp32_is_that_of_struct() -> None:
    numbers = [x for x in floats_around(FP32, 1_000, 2) if abs(x) < 3.4028235e38]
    expected = [struct.unpack("<I", struct.pack("<f", x))[0] for x in numbers]
    assert [FP32.encode(x) for x in numbers] == expected
    assert encode_array(FP32, np.array(numbers)).tolist() == expected


@pytest.mark.parametrize("name", ML_DTYPES)
def test_that_small_formats_are_those_of_ml_dtypes(name: str) -> None:
    entry = NUMBER_FORMATS[name]
    assert isinstance(entry, FloatFormat)
    # It takes FP64 by way of FP32, and rounds it twice.
    with np.errstate(over="ignore", under="ignore"):
        numbers = np.array([*floats_around(entry, 5_000, 3), np.inf, -np.inf]).astype(np.float32)
        if name == "E8M0":
            # There a tie goes up and not to the even code, and FP32's subnormals do not go to the nearest.
            numbers = numbers[(numbers >= 2.0**-126) & (np.frexp(numbers)[0] != 0.75)]
        expected = numbers.astype(ML_DTYPES[name])
    ours = encode_array(entry, numbers)
    is_nan = np.isnan(expected.astype(np.float64))
    assert np.array_equal(ours[~is_nan], expected.view(ours.dtype)[~is_nan])
    assert all(entry.decode(int(code)).number.is_nan for code in ours[is_nan])


# gfloat holds any format at its largest value; here only those of 8 bits are asked to, and E2M1 has nothing beyond.
SATURATING = [(name, False) for name in GFLOAT if name != "FP4 E2M1"] + [
    (name, True) for name in GFLOAT if NUMBER_FORMATS[name].saturable or name == "FP4 E2M1"
]


@pytest.mark.parametrize(("name", "saturate"), SATURATING)
def test_that_every_rounding_is_gfloats(name: str, saturate: bool) -> None:
    entry, other = NUMBER_FORMATS[name], GFLOAT[name]
    assert isinstance(entry, FloatFormat)
    smallest = 2.0**-127 if name == "E8M0" else 0.0  # what is below it is NaN there and the smallest value here
    # It adds a half in FP64 to see what is nearest, so that nothing may be nearer to a tie than this.
    numbers = [x for x in floats_around(entry, 60, 4, hair=2.0**-30) if x >= smallest or name != "E8M0"]
    for rounding, mode in GFLOAT_ROUNDINGS.items():
        for x in numbers:
            expected = gfloat.round_float(other, x, mode, saturate)
            ours = entry.decode(entry.encode(x, rounding, saturate=saturate)).number
            if math.isnan(expected):
                assert ours.is_nan, (x, rounding)
            elif math.isinf(expected):
                assert ours.is_infinite, (x, rounding)
                assert ours.is_negative is (expected < 0)
            else:
                assert ours.value == expected, (x, rounding)
