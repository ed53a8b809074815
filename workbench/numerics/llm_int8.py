"""Matrix products in 8 bits: absmax and zero point by tensor or vector, and LLM.int8() with its outlier columns."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.affine import Affine

Fp32 = NDArray[np.float32]

# LLM.int8(), arXiv 2208.07339, section 3.2: a feature that reaches this anywhere is an outlier.
OUTLIER_THRESHOLD = 6.0
ROWS_AT_ONCE = 4096


class Product(StrEnum):
    """How both matrices are quantized: rows of the input and of the weight, which are features of the output."""

    ABSMAX = "absmax"  # one scale a matrix
    ABSMAX_ROW = "absmax, row-wise"  # a scale a row of the input, one for the weight
    ABSMAX_VECTOR = "absmax, vector-wise"  # a scale a row of the input, one an output feature
    ZERO_POINT = "zero point"
    ZERO_POINT_VECTOR = "zero point, vector-wise"
    LLM_INT8 = "LLM.int8()"  # vector-wise, and outlier columns apart in 16 bits


@dataclass(frozen=True)
class Int8Product:
    """input @ weight.T as 8 bits have it, shape (rows, output features).

    `outliers` are the columns of the input that were multiplied in 16 bits.
    """

    output: Fp32
    outliers: NDArray[np.intp]


def outlier_columns(values: Fp32, threshold: float = OUTLIER_THRESHOLD) -> NDArray[np.intp]:
    """The columns of `values`, shape (rows, features), of which any row reaches the threshold; shape (outliers,)."""
    return np.flatnonzero((np.abs(values) >= threshold).any(axis=0))


def int8_product(
    values: Fp32, weight: Fp32, how: Product = Product.LLM_INT8, threshold: float = OUTLIER_THRESHOLD
) -> Int8Product:
    """`values` has the shape (rows, features), `weight` (output features, features).

    Both are rounded to FP16 first, as bitsandbytes' Linear8bitLt does. Integers are multiplied exactly and added up
    exactly.
    """
    given, stored = _as_fp16(values), _as_fp16(weight)
    none = np.zeros(0, np.intp)
    match how:
        case Product.LLM_INT8:
            return _decomposed(given, stored, threshold)
        case Product.ABSMAX:
            return Int8Product(_multiplied(given, _absmax(given), stored, _absmax(stored)), none)
        case Product.ABSMAX_ROW:
            return Int8Product(_multiplied(given, _absmax(given, axis=1), stored, _absmax(stored)), none)
        case Product.ABSMAX_VECTOR:
            return Int8Product(_multiplied(given, _absmax(given, axis=1), stored, _absmax(stored, axis=1)), none)
        case Product.ZERO_POINT:
            return Int8Product(_multiplied(given, _zero_point(given), stored, _zero_point(stored)), none)
        case Product.ZERO_POINT_VECTOR:
            by_row = _zero_point(given, axis=1), _zero_point(stored, axis=1)
            return Int8Product(_multiplied(given, by_row[0], stored, by_row[1]), none)


def relative_error(exact: Fp32, output: Fp32) -> float:
    """The norm of the difference divided by that of the exact product, of the same shape; 0 where both are zero."""
    norm = float(np.linalg.norm(exact))
    off = float(np.linalg.norm(exact.astype(np.float64) - output))
    return off / norm if norm else (0.0 if not off else float("inf"))


def _decomposed(given: Fp32, stored: Fp32, threshold: float) -> Int8Product:
    """As int8_vectorwise_quant and int8_mixed_scaled_mm of bitsandbytes: the outliers alone leave the absmax of a row.

    What else stands in an outlier's column counts for its row's absmax still, and goes the way of the outlier.
    """
    outliers = outlier_columns(given, threshold) if threshold > 0 else np.zeros(0, np.intp)
    inliers = np.where(np.abs(given) >= threshold, np.float32(0), given) if len(outliers) else given
    scale, weight_scale = _absmax(inliers, axis=1), _absmax(stored, axis=1)
    if len(outliers):
        inliers[:, outliers] = 0
    output = _multiplied(inliers, scale, stored, weight_scale)
    if len(outliers):
        columns = weight_scale.restored(weight_scale.integers(stored)[:, outliers])
        output += given[:, outliers] @ columns.T
    return Int8Product(output, outliers)


def _multiplied(given: Fp32, by: Affine, stored: Fp32, weight_by: Affine) -> Fp32:
    """A sum of products of integers of 9 bits is exact in FP64, and far quicker there than in integers."""
    left = (by.integers(given) - by.zero_point).astype(np.float64)
    steps = weight_by.step.reshape(-1)
    output = np.empty((len(given), len(stored)), np.float32)
    for start in range(0, len(stored), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        one_for_all = steps.size == 1
        mine = weight_by if one_for_all else _rows_of(weight_by, part)
        right = (mine.integers(stored[part]) - mine.zero_point).astype(np.float64)
        scale = by.step.astype(np.float64) * mine.step.reshape(-1).astype(np.float64)
        output[:, part] = (left @ right.T) * scale
    return output


def _rows_of(affine: Affine, part: slice) -> Affine:
    return Affine(affine.factor[part], affine.step[part], affine.zero_point[part], affine.lowest, affine.highest)


def _absmax(matrix: Fp32, axis: int | None = None) -> Affine:
    return Affine.symmetric(np.abs(matrix).max(axis=axis, keepdims=axis is not None, initial=0))


def _zero_point(matrix: Fp32, axis: int | None = None) -> Affine:
    keep = axis is not None
    return Affine.asymmetric(matrix.min(axis=axis, keepdims=keep), matrix.max(axis=axis, keepdims=keep))


def _as_fp16(matrix: Fp32) -> Fp32:
    with np.errstate(over="ignore"):  # infinity, as there
        return matrix.astype(np.float16).astype(np.float32)
