"""Arrays: bit for bit what the formats do with one number at a time."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.numerics.test_number_formats import OWN
from workbench.numerics.arrays import code_type, decode_array, encode_array
from workbench.numerics.float_array import CHUNK
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.named_formats import BF16, FP8_E4M3, FP16, INT8, NF4, NUMBER_FORMATS, UINT8
from workbench.numerics.number_format import NotRepresentable, NumberFormat
from workbench.numerics.rounding import Rounding, element_seed

FORMATS = [*NUMBER_FORMATS.values(), UINT8, *OWN, FloatFormat("TF32", "", 8, 10, 127)]
EDGES = [0.0, -0.0, math.inf, -math.inf, 5e-324, -5e-324, 2.0**-1022, 1.7e308, -1.7e308]


def numbers_for(entry: NumberFormat) -> NDArray[np.float64]:
    """Random ones, values, ties and their neighbours, what is around the largest, and the edges of FP64."""
    random = np.random.default_rng(entry.bits)
    count = 60
    ordinals = random.integers(0, min(entry.value_count - 1, 2**62), count).tolist()
    values = [entry.value_at(ordinal) for ordinal in ordinals]
    ties = np.array([float((entry.value_at(n) + entry.value_at(n + 1)) / 2) for n in ordinals])
    largest = float(entry.value_at(entry.value_count - 1))
    around = [largest * factor for factor in (0.99, 1, 1.01, 1.035, 1.04, 1.07, 1.3, 1.5, 1.9)]
    nans = [math.nan, -math.nan] if isinstance(entry, FloatFormat) and entry.nan_magnitude is not None else []
    parts = [
        random.standard_normal(count) * min(largest, 1e300) / 4,
        np.array([float(value) for value in values]),
        *(ties, np.nextafter(ties, np.inf), np.nextafter(ties, -np.inf)),
        np.array([number for number in around if math.isfinite(number)]),
        np.array(EDGES + nans),
    ]
    return np.concatenate(parts)


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.name)
def test_that_an_array_is_encoded_as_its_numbers_are(entry: NumberFormat, rounding: Rounding) -> None:
    numbers = numbers_for(entry)
    in_fp32 = np.clip(numbers, -3e38, 3e38).astype(np.float32)
    for array in (numbers, in_fp32):
        for saturate in {False, entry.saturable}:
            codes = encode_array(entry, array, rounding, saturate=saturate, seed=7)
            assert codes.dtype == code_type(entry)
            for index, number in enumerate(array.tolist()):
                seed = element_seed(7, index)
                assert codes[index] == entry.encode(number, rounding, saturate=saturate, seed=seed), number


@pytest.mark.slow
@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.name)
def test_that_an_array_is_decoded_as_its_codes_are(entry: NumberFormat) -> None:
    step = 1 + (1 << entry.bits) // 2000
    codes = np.array([*range(0, 1 << entry.bits, step), (1 << entry.bits) - 1], code_type(entry))
    for code, value in zip(codes.tolist(), decode_array(entry, codes).tolist(), strict=True):
        number = entry.decode(code).number
        if number.value is None:
            assert math.isnan(value) if number.is_nan else value == (-math.inf if number.is_negative else math.inf)
        else:
            assert value == float(number.value)
            assert not isinstance(entry, FloatFormat) or np.signbit(value) == number.is_negative


def test_that_shape_length_and_place_make_no_difference() -> None:
    numbers = np.random.default_rng(3).standard_normal((3, CHUNK - 5))
    codes = encode_array(FP16, numbers)
    assert codes.shape == numbers.shape
    assert np.array_equal(codes, numbers.astype(np.float16).view(np.uint16))
    assert np.array_equal(encode_array(FP16, numbers[:, ::2]), codes[:, ::2])
    stochastic = encode_array(NF4, numbers / 4, Rounding.STOCHASTIC, seed=5)
    index = 2 * (CHUNK - 5) + 100
    assert stochastic.flat[index] == NF4.encode(
        float(numbers.flat[index] / 4), Rounding.STOCHASTIC, seed=element_seed(5, index)
    )
    assert encode_array(BF16, np.zeros((0, 3))).shape == (0, 3)


def test_that_stochastic_rounding_keeps_the_mean() -> None:
    numbers = np.full(200_000, 1 + 0.3 / 8)
    values = decode_array(FP8_E4M3, encode_array(FP8_E4M3, numbers, Rounding.STOCHASTIC, seed=1))
    assert set(values.tolist()) == {1.0, 1.125}
    assert float(values.mean()) == pytest.approx(float(numbers[0]), abs=6e-4)  # four standard deviations


@pytest.mark.parametrize("name", ["INT8", "NF4", "FP4 E2M1", "Article 6+10"])
def test_that_nan_in_an_array_is_refused_where_there_is_none(name: str) -> None:
    with pytest.raises(NotRepresentable, match="has no code for NaN"):
        encode_array(NUMBER_FORMATS[name], np.array([1.0, math.nan]))


def test_that_a_code_with_too_many_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="4 bits"):
        decode_array(NF4, np.array([3, 16], np.uint8))
    assert decode_array(INT8, np.array([], np.uint8)).size == 0
