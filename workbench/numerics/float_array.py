"""Arrays encoded in a floating-point format by integer arithmetic on their own bits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.float_format import FloatFormat
from workbench.numerics.rounding import DRAW_BITS, GOLDEN_STEP, LAST_SHIFT, MIX_FACTORS, Rounding, element_seed

# Some dozen arrays of this length are in work at once and stay in the processor's cache.
CHUNK = 16_384

Integers = NDArray[Any]  # int32 or int64
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Source:
    """The floating-point type that an array comes in, and the integer of its width."""

    integer: type[np.int32] | type[np.int64]
    floating: type[np.float32] | type[np.float64]
    fraction_bits: int
    bias: int

    @property
    def infinity(self) -> int:
        return (2 * self.bias + 1) << self.fraction_bits


FROM_FP32 = Source(np.int32, np.float32, 23, 127)
FROM_FP64 = Source(np.int64, np.float64, 52, 1023)


def encode_floats(
    entry: FloatFormat,
    values: NDArray[Any],
    code_type: type[np.unsignedinteger[Any]],
    rounding: Rounding,
    *,
    saturate: bool,
    seed: int,
) -> NDArray[np.unsignedinteger[Any]]:
    """The codes of FP32 or FP64 numbers, shape (numbers,): of the same shape, `code_type`.

    NaN in a format without one is for the caller to refuse.
    """
    source = FROM_FP32 if values.dtype == np.float32 else FROM_FP64
    if source is FROM_FP32 and not _fits_fp32(entry):
        values, source = values.astype(np.float64), FROM_FP64
    bits: Integers = values.view(source.integer)
    codes = np.empty(len(bits), code_type)
    encoder = _Encoder(entry, source, rounding, saturate=saturate, seed=seed)
    for start in range(0, len(bits), CHUNK):
        codes[start : start + CHUNK] = encoder.codes(bits[start : start + CHUNK], start)
    return codes


def _fits_fp32(entry: FloatFormat) -> bool:
    """Whether FP32's own subnormals lie below the format's normal numbers, so that they need no care."""
    return entry.fraction_bits <= FROM_FP32.fraction_bits and entry.smallest_exponent > -FROM_FP32.bias


class _Encoder:
    """One format, one source, one rounding. Magnitudes are codes without their sign bit."""

    def __init__(self, entry: FloatFormat, source: Source, rounding: Rounding, *, saturate: bool, seed: int) -> None:
        self.entry, self.source, self.rounding, self.seed = entry, source, rounding, seed
        self.shift = source.fraction_bits - entry.fraction_bits
        # The source's exponent field at which the format's normal numbers begin.
        self.first_normal = entry.smallest_exponent + source.bias
        self.last_bit = source.fraction_bits + (2 * source.bias + 1).bit_length()
        # In an integer of this width the highest bit is a sign.
        self.sign_mask = entry.sign_mask - ((entry.sign_mask >> self.last_bit) << (self.last_bit + 1))
        beyond = entry.overflow_magnitude
        self.beyond = entry.largest_magnitude if beyond is None or (saturate and entry.saturable) else beyond
        # Numbers whose last bit is the unit of the format's subnormals: adding rounds to it, to nearest even.
        power = source.fraction_bits + entry.smallest_exponent - entry.fraction_bits
        self.adds = entry.subnormals and entry.fraction_bits > 0 and self.shift > 0 and power <= source.bias
        self.summand: NDArray[Any] = np.array([2.0**power if self.adds else 0.0], source.floating)

    def codes(self, bits: Integers, start: int) -> Integers:
        """`start` is the place of the first of them in the whole array."""
        entry, source = self.entry, self.source
        is_negative = bits < 0
        given = bits & (source.infinity | ((1 << source.fraction_bits) - 1))
        if self.rounding is Rounding.NEAREST_EVEN and self.adds:
            magnitude = self._nearest_even(given)
        else:
            magnitude = self._rounded(given, is_negative, start)
        self._cap(magnitude, is_negative)
        magnitude[given == source.infinity] = self.beyond
        if entry.nan_magnitude is not None:
            magnitude[given > source.infinity] = entry.nan_magnitude
        if entry.signed:
            magnitude |= (bits >> self.last_bit) & self.sign_mask  # a negative number is then all ones
            return magnitude
        is_foreign = is_negative & (given > 0)
        if not entry.zero:
            is_foreign |= given == 0
        magnitude[is_foreign] = 0 if entry.nan_magnitude is None else entry.nan_magnitude
        return magnitude

    def _nearest_even(self, given: Integers) -> Integers:
        """Adds just under a half, and the last bit that stays; a carry goes on into the exponent, as it should."""
        kept = given >> self.shift
        kept &= 1
        kept += given
        kept += (1 << (self.shift - 1)) - 1
        kept >>= self.shift
        kept -= (self.first_normal - 1) << self.entry.fraction_bits
        is_below = given < self.first_normal << self.source.fraction_bits
        if is_below.any():
            with np.errstate(invalid="ignore"):  # a signalling NaN, which is not among these
                sums: NDArray[Any] = given.view(self.source.floating) + self.summand
            np.copyto(kept, sums.view(self.source.integer) - self.summand.view(self.source.integer), where=is_below)
        return kept

    def _rounded(self, given: Integers, is_negative: Flags, start: int) -> Integers:
        entry, source = self.entry, self.source
        field = given >> source.fraction_bits
        significand = given & ((1 << source.fraction_bits) - 1)
        significand[field > 0] |= 1 << source.fraction_bits
        np.maximum(field, 1, out=field)
        depth = np.maximum(self.first_normal - field, 0)  # binades below the smallest normal number
        shift = depth + self.shift
        if not entry.subnormals:  # below it there is only zero
            shift[depth > 0] += entry.fraction_bits
        unit_power = np.minimum(shift, source.fraction_bits + 2)  # beyond, the rest is less than a half anyway
        whole = significand >> unit_power
        rest = significand - (whole << unit_power)
        magnitude: Integers = (np.maximum(field - self.first_normal, 0) << entry.fraction_bits) + whole
        if not entry.zero:
            magnitude -= 1 << entry.fraction_bits
        goes_out = self._goes_out(magnitude, rest, unit_power, shift, is_negative, start)
        step = np.ones(1, source.integer)
        if not entry.subnormals:
            # From zero it is one step to the smallest normal number; without a zero there is nothing below it.
            step = np.where(depth > 0, 1 << entry.fraction_bits if entry.zero else 0, step)
            magnitude[depth > 0] = 0
        magnitude += goes_out * step
        return magnitude

    def _goes_out(
        self, magnitude: Integers, rest: Integers, unit_power: Integers, shift: Integers, is_negative: Flags, start: int
    ) -> Flags:
        """Whether each number is rounded away from zero."""
        match self.rounding:
            case Rounding.TOWARD_ZERO:
                return np.zeros(len(rest), np.bool_)
            case Rounding.UP:
                return (rest > 0) & ~is_negative
            case Rounding.DOWN:
                return (rest > 0) & is_negative
            case Rounding.STOCHASTIC:
                parts = np.ceil(np.ldexp(rest.astype(np.float64), (DRAW_BITS - shift).astype(np.int32)))
                return draws(self.seed, start, len(rest)) < parts.astype(np.uint64)
            case Rounding.NEAREST_EVEN | Rounding.NEAREST_AWAY:
                beyond_half = (rest << 1) - (np.ones_like(rest) << unit_power)
                is_tie_out = self.rounding is Rounding.NEAREST_AWAY or magnitude & 1 == 1
                goes_out: Flags = (beyond_half > 0) | ((beyond_half == 0) & is_tie_out)
                return goes_out

    def _cap(self, magnitude: Integers, is_negative: Flags) -> None:
        """What comes out above the largest number is infinity, NaN or that number, as the rounding has it."""
        is_above = magnitude > self.entry.largest_magnitude
        if not is_above.any():
            return
        match self.rounding:
            case Rounding.TOWARD_ZERO:
                magnitude[is_above] = self.entry.largest_magnitude
            case Rounding.UP:
                magnitude[is_above] = np.where(is_negative[is_above], self.entry.largest_magnitude, self.beyond)
            case Rounding.DOWN:
                magnitude[is_above] = np.where(is_negative[is_above], self.beyond, self.entry.largest_magnitude)
            case _:
                magnitude[is_above] = self.beyond


def draws(seed: int, start: int, count: int) -> NDArray[np.uint64]:
    """What `rounding.draw` gives for the elements from `start` on of an array: shape (count,)."""
    first = element_seed(seed, start) + GOLDEN_STEP
    mixed = np.arange(count, dtype=np.uint64) + np.uint64(first & (2**64 - 1))
    for shift, factor in MIX_FACTORS:
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(LAST_SHIFT))
