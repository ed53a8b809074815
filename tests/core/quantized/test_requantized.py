"""What INT8, NF4 and FP4 make of a stored weight."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from tests.tensors import Made, bf16, fp32, write_tensors
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.quantized.requantized import Requantized, StoredWeight, stored_weight
from workbench.numerics.number_format import NumberFormat


def weight_of(path: Path, made: Made, place: int) -> StoredWeight:
    (tensor,) = open_tensors(write_tensors(path / "a.safetensors", {"w": made}))
    return stored_weight(tensor, place)


def value_of(made: Requantized) -> float:
    assert made.inspection is not None
    assert made.inspection.decoded is not None
    assert made.inspection.decoded.value is not None
    return float(made.inspection.decoded.value)


def code_of(made: Requantized) -> int:
    assert made.inspection is not None
    assert made.inspection.code is not None
    return made.inspection.code


def nearest_levels(values: np.ndarray, format_: NumberFormat) -> np.ndarray:
    levels = np.array([float(format_.value_at(ordinal)) for ordinal in range(format_.value_count)])
    return levels[np.abs(values[:, None] - levels[None, :]).argmin(axis=1)]


def test_that_the_vector_everybody_prints_becomes_its_codes(tmp_path: Path) -> None:
    vector = fp32([1.2, -0.5, -4.3, 1.2, -3.1, 0.8, 2.4, 5.4])
    codes = []
    for place in range(8):
        int8 = weight_of(tmp_path, vector, place).requantized[0]
        codes.append(code_of(int8) - 256 * (code_of(int8) > 127))
    assert codes == [28, -12, -101, 28, -73, 19, 56, 127]


def test_that_int8_is_scaled_by_the_row_and_nf4_and_fp4_by_the_block(tmp_path: Path) -> None:
    values = np.zeros((2, 96))
    values[0, 10], values[0, 70], values[1, 40], values[1, 50] = 2.0, -8.0, 0.5, 4.0
    int8, nf4, fp4 = weight_of(tmp_path, bf16(values), 96 + 40).requantized
    assert (int8.extent.start, int8.extent.count, int8.absmax) == (96, 96, 4)
    assert (nf4.extent.start, nf4.extent.count, nf4.absmax) == (128, 64, 4)
    assert fp4.extent == nf4.extent
    assert [made.is_row for made in (int8, nf4, fp4)] == [True, False, False]
    assert code_of(int8) == 16  # 0.5 * 127 / 4 = 15.875
    assert value_of(int8) == float(Fraction(16 * 4, 127))
    first = weight_of(tmp_path, bf16(values), 10).requantized
    assert [made.absmax for made in first] == [8, 2, 2]


def test_that_a_whole_block_agrees_with_the_nearest_level(tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(size=64).astype(np.float32)
    (tensor,) = open_tensors(write_tensors(tmp_path / "a.safetensors", {"w": fp32(values)}))
    weights = [stored_weight(tensor, place) for place in range(64)]
    for at in (1, 2):
        format_ = weights[0].requantized[at].format
        assert format_ is not None
        found = [value_of(weight.requantized[at]) for weight in weights]
        assert np.allclose(found, nearest_levels(values.astype(np.float64), format_), rtol=0, atol=1e-12)


def test_that_zeros_and_what_is_not_finite_are_explained(tmp_path: Path) -> None:
    for made in weight_of(tmp_path, fp32([0.0, 0.0, -0.0]), 2).requantized:
        assert made.inspection is None
        assert "is zero" in made.note
    for made in weight_of(tmp_path, fp32([1.0, np.nan]), 0).requantized:
        assert made.absmax is None
        assert "infinity or NaN" in made.note
    weight = weight_of(tmp_path, fp32([1.0, np.nan]), 1)
    assert weight.number.is_nan


def test_that_an_absmax_too_small_to_scale_by_is_explained(tmp_path: Path) -> None:
    tiny = Made("F64", (2,), np.array([1e-308, 0.0], "<f8").tobytes())
    for made in weight_of(tmp_path, tiny, 0).requantized:
        assert made.inspection is None
        assert made.note
