"""Integers that stand for numbers by a scale and a zero point: absmax and asymmetric quantization of arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Fp32 = NDArray[np.float32]
Integers = NDArray[np.int32]


@dataclass(frozen=True)
class Affine:
    """integer = round(value * factor) + zero_point, held in lowest to highest; value = (integer - zero_point) * step.

    The three arrays have one number for all values, or broadcast against them: shape (rows, 1) for a scale a row.
    Rounding is to nearest, a tie to the even integer, as numpy, PyTorch and bitsandbytes round.
    """

    factor: Fp32
    step: Fp32
    zero_point: Integers
    lowest: int
    highest: int

    @classmethod
    def symmetric(cls, absmax: ArrayLike, bits: int = 8) -> "Affine":
        """absmax becomes the largest integer, 127 of 8 bits, and zero stays zero (LLM.int8(), arXiv 2208.07339).

        `absmax` of any shape, which factor, step and zero point have too: () for one scale, (rows, 1) for one a row.
        As in bitsandbytes' int8_vectorwise_quant the factor is 127 times the reciprocal of the absmax, each rounded to
        FP32. Where the absmax is zero so is every integer.
        """
        largest = largest_integer(bits)
        top = np.asarray(absmax, np.float32)
        factor = _over(np.float32(1), top) * np.float32(largest)
        return cls(factor, np.asarray(top / np.float32(largest)), np.zeros_like(top, np.int32), -largest, largest)

    @classmethod
    def asymmetric(cls, lowest: ArrayLike, highest: ArrayLike, bits: int = 8) -> "Affine":
        """The range from lowest to highest takes all 2**bits integers, from -128 to 127; both of one shape, any.

        step = (highest - lowest) / 255 and zero_point = round(-128 - lowest / step). The range is widened to hold zero,
        so that zero is an integer: so do PyTorch's observers and ONNX's DynamicQuantizeLinear.
        """
        low = np.minimum(np.asarray(lowest, np.float64), 0)
        high = np.maximum(np.asarray(highest, np.float64), 0)
        first = -(1 << (bits - 1))
        step = np.asarray((high - low) / ((1 << bits) - 1), np.float32)
        zero_point = np.rint(first - low * _over(np.float64(1), step.astype(np.float64)))
        last = -first - 1
        held = np.clip(zero_point, first, last).astype(np.int32)
        return cls(_over(np.float32(1), step), step, held, first, last)

    @classmethod
    def of(cls, scale: float, zero_point: int = 0, bits: int = 8) -> "Affine":
        """Whatever scale and zero point one likes; `scale` is the step between two integers."""
        step = np.asarray(scale, np.float32)
        first = -(1 << (bits - 1))
        return cls(_over(np.float32(1), step), step, np.asarray(zero_point, np.int32), first, -first - 1)

    def unheld(self, values: Fp32, out: Fp32 | None = None) -> Fp32:
        """The rounded integers, as FP32, before they are held within the range.

        `values` of any shape that goes with the scale's; the result and `out`, which may be `values`, of the same.
        """
        rounded = np.asarray(np.multiply(values, self.factor, out=out))
        np.rint(rounded, out=rounded)
        if self.zero_point.any():
            rounded += self.zero_point
        return rounded

    def integers(self, values: Fp32) -> Integers:
        """The integers of `values`, held within the range: int32, of the same shape."""
        return np.clip(self.unheld(values), self.lowest, self.highest).astype(np.int32)

    def restored(self, integers: NDArray[Any], out: Fp32 | None = None) -> Fp32:
        """The numbers that integers, of any type, stand for: FP32, of the same shape, as is `out`."""
        from_zero = integers
        if self.zero_point.any():  # FP32 holds the difference: both are below 2**24
            from_zero = np.subtract(integers, self.zero_point, out=out, dtype=np.float32, casting="same_kind")
        restored = np.multiply(from_zero, self.step, out=out, dtype=np.float32, casting="same_kind")
        return np.asarray(restored)

    def is_clipped(self, values: Fp32) -> NDArray[np.bool_]:
        """Which values round to an integer beyond the range: of the same shape."""
        integers = self.unheld(values)
        clipped: NDArray[np.bool_] = (integers < self.lowest) | (integers > self.highest)
        return clipped


def largest_integer(bits: int) -> int:
    """127 of 8 bits: the lowest integer is left out, so that the range is the same on both sides of zero."""
    return (1 << (bits - 1)) - 1


def _over(dividend: Any, divisor: NDArray[Any]) -> NDArray[Any]:
    """Zero where the divisor is, or where the quotient is beyond the type."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        quotient = np.asarray(dividend / divisor)
    return np.where(np.isfinite(quotient), quotient, quotient.dtype.type(0))
