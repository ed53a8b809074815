"""Encoding and decoding of whole arrays, bit for bit what the formats themselves do with one number."""

import functools
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.float_array import CHUNK, Flags, draws, encode_floats
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.number_format import NotRepresentable, NumberFormat
from workbench.numerics.rounding import DRAW_BITS, Rounding, element_seed

Codes = NDArray[np.unsignedinteger[Any]]
Floats = NDArray[np.float64] | NDArray[np.float32]

MOST_TABLE_BITS = 16
# Bounds are exact fractions rounded to FP64: what is this near to one of them is left to the format itself.
DOUBTFUL_ERROR = 4 * float(np.finfo(np.float64).eps)
# Between two bounds, of at most 2**16, the place of a number is off by less than 2**16 times that.
DOUBTFUL_SHARE = 1e-9


def encode_array(
    entry: NumberFormat,
    values: Floats,
    rounding: Rounding = Rounding.NEAREST_EVEN,
    *,
    saturate: bool = False,
    seed: int = 0,
) -> Codes:
    """The codes of FP32 or FP64 numbers of any shape: of the same shape, `code_type(entry)`.

    Element i, counted row by row, is rounded with `element_seed(seed, i)`.
    Raises NotRepresentable for NaN in a format that has none.
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    if flat.dtype not in (np.float32, np.float64):
        flat = flat.astype(np.float64)
    if isinstance(entry, FloatFormat):
        if entry.nan_magnitude is None and np.isnan(flat).any():
            raise NotRepresentable(f"{entry.name} has no code for NaN.")
        codes = encode_floats(entry, flat, code_type(entry), rounding, saturate=saturate, seed=seed)
    else:
        codes = _encode_by_table(entry, flat, rounding, seed)
    return codes.reshape(values.shape)


def decode_array(entry: NumberFormat, codes: Codes) -> NDArray[np.float64]:
    """The values of codes of any shape: of the same shape, in FP64, which holds every floating-point format exactly.

    Raises ValueError for a code that has more bits than the format.
    """
    if codes.size and int(codes.max()) >> entry.bits:
        entry.checked(int(codes.max()))
    if entry.bits <= MOST_TABLE_BITS:
        return _values_by_code(entry)[codes]
    assert isinstance(entry, FloatFormat)
    return _decode_floats(entry, codes.astype(np.uint64))


def code_type(entry: NumberFormat) -> type[np.unsignedinteger[Any]]:
    """The smallest unsigned integer that holds a code."""
    if entry.bits <= 8:
        return np.uint8
    if entry.bits <= 16:
        return np.uint16
    return np.uint32 if entry.bits <= 32 else np.uint64


@functools.lru_cache(maxsize=32)
def _values_by_code(entry: NumberFormat) -> NDArray[np.float64]:
    if isinstance(entry, FloatFormat):
        return _decode_floats(entry, np.arange(1 << entry.bits, dtype=np.uint64))
    values = [entry.decode(code).value for code in range(1 << entry.bits)]
    return np.array([float(value) for value in values if value is not None])


def _decode_floats(entry: FloatFormat, codes: NDArray[np.uint64]) -> NDArray[np.float64]:
    magnitude = (codes & np.uint64(~entry.sign_mask & (2**64 - 1))).astype(np.int64)
    field = magnitude >> entry.fraction_bits
    fraction = magnitude & ((1 << entry.fraction_bits) - 1)
    hidden_bit = (field > 0) | (not entry.zero)
    if not entry.subnormals:
        fraction = np.where(hidden_bit, fraction, 0)
    whole = fraction + (hidden_bit.astype(np.int64) << entry.fraction_bits)
    power = np.maximum(field - entry.bias, entry.smallest_exponent) - entry.fraction_bits
    with np.errstate(over="ignore"):  # FP64's own infinities and NaNs, which come next
        values: NDArray[np.float64] = np.ldexp(whole.astype(np.float64), power.astype(np.int32))
    is_special = magnitude > entry.largest_magnitude
    if entry.overflow_magnitude != entry.nan_magnitude:
        values[is_special] = np.where(magnitude[is_special] == entry.overflow_magnitude, np.inf, np.nan)
    else:
        values[is_special] = np.nan
    values[(codes & np.uint64(entry.sign_mask)) > 0] *= -1
    return values


@dataclass(frozen=True)
class _Table:
    """The values of a small format, upward."""

    values: NDArray[np.float64]
    middles: NDArray[np.float64]
    codes: Codes


@functools.lru_cache(maxsize=32)
def _table_of(entry: NumberFormat) -> _Table:
    values = [entry.value_at(ordinal) for ordinal in range(entry.value_count)]
    middles = [(low + high) / 2 for low, high in pairwise(values)]
    codes = [entry.code_at(ordinal) for ordinal in range(entry.value_count)]
    return _Table(
        np.array([float(value) for value in values]),
        np.array([float(middle) for middle in middles]),
        np.array(codes, code_type(entry)),
    )


def _encode_by_table(entry: NumberFormat, values: NDArray[Any], rounding: Rounding, seed: int) -> Codes:
    """Looks up between which bounds each number lies; what is near a bound is encoded by the format itself."""
    if np.isnan(values).any():
        raise NotRepresentable(f"{entry.name} has no code for NaN.")
    table = _table_of(entry)
    codes = np.empty(len(values), code_type(entry))
    for start in range(0, len(values), CHUNK):
        chunk = values[start : start + CHUNK].astype(np.float64)
        ordinals, is_doubtful = _looked_up(table, chunk, rounding, seed, start)
        codes[start : start + CHUNK] = table.codes[ordinals]
        for index in np.flatnonzero(is_doubtful):
            own_seed = element_seed(seed, start + int(index))
            codes[start + index] = entry.encode(float(chunk[index]), rounding, seed=own_seed)
    return codes


def _looked_up(
    table: _Table, values: NDArray[np.float64], rounding: Rounding, seed: int, start: int
) -> tuple[NDArray[np.intp], Flags]:
    """The ordinals that numbers are rounded to, and which of them are in doubt."""
    if rounding in (Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY):
        ordinals = np.searchsorted(table.middles, values)
        return ordinals, _is_near(table.middles, ordinals, values)
    after = np.searchsorted(table.values, values)
    is_doubtful = _is_near(table.values, after, values)
    last = len(table.values) - 1
    low, high = np.clip(after - 1, 0, last), np.minimum(after, last)
    match rounding:
        case Rounding.UP:
            return high, is_doubtful
        case Rounding.DOWN:
            return low, is_doubtful
        case Rounding.TOWARD_ZERO:
            return np.where(values < 0, high, low), is_doubtful
        case _:
            inner, outer = np.where(values < 0, (high, low), (low, high))
            width = np.where(low < high, table.values[outer] - table.values[inner], 1.0)
            share = (np.clip(values, table.values[0], table.values[-1]) - table.values[inner]) / width
            drawn = draws(seed, start, len(values)) / 2.0**DRAW_BITS
            return np.where(drawn < share, outer, inner), is_doubtful | (np.abs(drawn - share) < DOUBTFUL_SHARE)


def _is_near(bounds: NDArray[np.float64], after: NDArray[np.intp], values: NDArray[np.float64]) -> Flags:
    """Whether a number is next to one of the bounds around it; `after` is the place of the upper one."""
    right = values - bounds[np.minimum(after, len(bounds) - 1)]
    left = values - bounds[np.maximum(after - 1, 0)]
    nearest: NDArray[np.float64] = np.minimum(np.abs(left), np.abs(right))
    is_near: Flags = np.isfinite(values) & (nearest <= DOUBTFUL_ERROR * np.abs(values))
    return is_near
