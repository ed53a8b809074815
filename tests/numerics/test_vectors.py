"""Numbers whose bits are known, each with its name."""

from fractions import Fraction

import numpy as np
import pytest

from workbench.numerics.arrays import decode_array, encode_array
from workbench.numerics.conversion import convert, rounded_twice
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.named_formats import BF16, E8M0, FP4_E2M1, FP8_E4M3, FP8_E5M2, FP16, FP32, FP64, INT8
from workbench.numerics.neighbours import error_of
from workbench.numerics.number import INFINITY, Number
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.number_text import read_number

VECTORS: dict[str, tuple[NumberFormat, str, int]] = {
    "FP16, largest": (FP16, "65504", 0x7BFF),
    "FP16, just below the tie with what would come next": (FP16, "65519.996", 0x7BFF),
    "FP16, that tie is infinity": (FP16, "65520", 0x7C00),
    "FP16, smallest": (FP16, "2^-24", 0x0001),
    "FP16, half the smallest is a tie and goes to zero": (FP16, "2^-25", 0x0000),
    "FP16, a little more than half": (FP16, "1.0001*2^-25", 0x0001),
    "FP16, minus zero": (FP16, "-0", 0x8000),
    "FP16, a tie to even, down": (FP16, "1+2^-11", 0x3C00),
    "FP16, a tie to even, up": (FP16, "1+3*2^-11", 0x3C02),
    "FP16, the double rounding trap": (FP16, "1+2^-11+2^-40", 0x3C01),
    "FP16, a third": (FP16, "1/3", 0x3555),
    "BF16, the double rounding trap": (BF16, "1+2^-8+2^-40", 0x3F81),
    "BF16, a tie": (BF16, "128.5", 0x4300),
    "BF16, not cut off": (BF16, "0.2691408770292272", 0x3E8A),
    "BF16, largest": (BF16, "3.3895313892515355e38", 0x7F7F),
    "BF16, largest of FP32": (BF16, "(2-2^-23)*2^127", 0x7F80),
    "BF16, smallest": (BF16, "2^-133", 0x0001),
    "FP32, 2^24 + 1 is a tie": (FP32, "16777217", 0x4B800000),
    "FP32, a tenth": (FP32, "0.1", 0x3DCCCCCD),
    "FP32, smallest": (FP32, "2^-149", 0x00000001),
    "FP64, a tenth": (FP64, "0.1", 0x3FB999999999999A),
    "FP64, smallest": (FP64, "5e-324", 0x0000000000000001),
    "FP64, more digits than it holds": (
        FP64,
        "1.00000000000000011102230246251565404236316680908203126",
        0x3FF0000000000001,
    ),
    "E4M3, largest": (FP8_E4M3, "448", 0x7E),
    "E4M3, a tie to even": (FP8_E4M3, "464", 0x7E),
    "E4M3, beyond the tie is NaN": (FP8_E4M3, "465", 0x7F),
    "E4M3, the value that NaN takes the place of": (FP8_E4M3, "480", 0x7F),
    "E4M3, far beyond": (FP8_E4M3, "1000", 0x7F),
    "E4M3, infinity": (FP8_E4M3, "inf", 0x7F),
    "E4M3, smallest": (FP8_E4M3, "2^-9", 0x01),
    "E5M2, largest": (FP8_E5M2, "57344", 0x7B),
    "E5M2, below the tie": (FP8_E5M2, "61439", 0x7B),
    "E5M2, the tie is infinity": (FP8_E5M2, "61440", 0x7C),
    "E5M2, smallest": (FP8_E5M2, "2^-16", 0x01),
    "E8M0, one": (E8M0, "1", 0x7F),
    "E8M0, no zero": (E8M0, "0", 0xFF),
    "E8M0, nothing negative": (E8M0, "-1", 0xFF),
    "E8M0, largest": (E8M0, "2^127", 0xFE),
    "E8M0, smallest": (E8M0, "2^-127", 0x00),
    "INT8, 0.3": (INT8, "0.3", 38),
    "INT8, held at its end": (INT8, "5", 0x7F),
}


@pytest.mark.parametrize("name", VECTORS)
def test_that_a_known_number_has_its_bits(name: str) -> None:
    entry, text, code = VECTORS[name]
    assert entry.encode(read_number(text)) == code


@pytest.mark.parametrize("text", ["465", "480", "1000", "inf", "1e300"])
def test_that_a_saturating_e4m3_stops_at_448(text: str) -> None:
    number = read_number(text)
    assert FP8_E4M3.encode(number, saturate=True) == 0x7E
    assert FP8_E4M3.encode(number.negated(), saturate=True) == 0xFE


def test_that_a_saturating_e5m2_stops_at_57344_and_fp16_does_not() -> None:
    assert FP8_E5M2.encode(61440, saturate=True) == FP8_E5M2.encode(INFINITY, saturate=True) == 0x7B
    assert FP16.encode(65520, saturate=True) == 0x7C00


@pytest.mark.parametrize(
    ("text", "value"), [("0.25", 0), ("0.75", 1), ("1.25", 1), ("1.75", 2), ("2.5", 2), ("3.5", 4), ("5", 4), ("7", 6)]
)
def test_that_ties_of_e2m1_go_to_the_even_code(text: str, value: int) -> None:
    assert FP4_E2M1.decode(FP4_E2M1.encode(read_number(text))).value == value


def test_that_a_bf16_sum_stalls_at_256() -> None:
    total = Fraction(0)
    for _ in range(1_000):
        total = BF16.decode(BF16.encode(total + 1)).value or total
    assert total == 256


def test_that_a_stop_in_fp32_changes_what_fp16_and_bf16_make_of_it() -> None:
    for text, target, direct, twice in (
        ("1+2^-11+2^-40", FP16, 0x3C01, 0x3C00),
        ("1+2^-8+2^-40", BF16, 0x3F81, 0x3F80),
    ):
        found = rounded_twice(read_number(text), FP32, target)
        assert (found.direct, found.twice, found.differs) == (direct, twice, True)
    assert not rounded_twice(read_number("0.1"), FP32, FP16).differs
    assert FP16.decode(convert(FP32.encode(70_000), FP32, FP16)).number.is_infinite


def test_that_nan_with_a_payload_in_the_lower_half_stays_nan() -> None:
    for code in (0x7F800001, 0x7FC00000, 0xFF800001):
        assert FP32.decode(code).number.is_nan
        for target in (FP16, BF16, FP8_E4M3, FP8_E5M2):
            assert target.decode(convert(code, FP32, target)).number.is_nan
        quiet = encode_array(BF16, np.array([code], np.uint32).view(np.float32))
        assert BF16.decode(int(quiet[0])).number.is_nan


def test_that_0_3_in_int8_is_off_by_0_000787() -> None:
    error = error_of(INT8, Number.of(Fraction(3, 10)), 38)
    assert error is not None
    assert float(INT8.decode(38).value or 0) == pytest.approx(0.299212598, abs=1e-9)
    assert float(error.absolute) == pytest.approx(0.000787, abs=1e-6)  # some print 0.008


def test_that_a_row_of_int8_by_its_absmax_is_as_published() -> None:
    row = [Fraction(text) for text in ("1.2", "-0.5", "-4.3", "1.2", "-3.1", "0.8", "2.4", "5.4")]
    entry = IntegerFormat("row", "", 8, scale=Fraction("5.4") / 127)
    codes = [entry.encode(x) for x in row]
    assert [entry.decode(code).integer for code in codes] == [28, -12, -101, 28, -73, 19, 56, 127]
    back = [1.1905512, -0.5102362, -4.294488, 1.1905512, -3.103937, 0.807874, 2.3811023, 5.4]
    assert [float(entry.decode(code).value or 0) for code in codes] == pytest.approx(back, abs=1e-6)
    assert encode_array(entry, np.array([float(x) for x in row])).tolist() == codes
    assert decode_array(entry, np.array(codes, np.uint8)).tolist() == pytest.approx(back, abs=1e-6)


def test_that_a_zero_point_covers_a_range_that_is_not_symmetric() -> None:
    entry = IntegerFormat("from -1 to 3", "", 8, signed=False, scale=Fraction(4, 255), zero_point=64)
    ends = [entry.decode(code).value for code in (0, 64, 255)]
    assert [float(end or 0) for end in ends] == pytest.approx([-1.0039, 0, 2.9961], abs=1e-4)
    assert entry.encode(0) == 64
    # A tie goes to the even multiple of the scale; the zero point is added afterwards.
    assert entry.encode(Fraction(4, 255) * Fraction(1, 2)) == 64
    odd = IntegerFormat("odd zero point", "", 8, signed=False, scale=Fraction(1), zero_point=3)
    assert [odd.encode(Fraction(tie)) for tie in ("0.5", "1.5", "2.5")] == [3, 5, 5]
