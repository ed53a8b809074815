"""How far quantized numbers are from those they stand for, added up piece by piece."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Fp32 = NDArray[np.float32]

# A sum of squares in FP32 between these has lost nothing that matters at the ends of FP32.
LEAST_SUM, LARGEST_SUM = 1e-24, 1e34
# Products added up in FP32 at once; OpenBLAS gives more of them than 10 000 to threads of its own, which would
# wait for each other where several threads measure.
LENGTH = 8192
_ONES = np.ones(LENGTH, np.float32)


@dataclass(frozen=True)
class ErrorMeasures:
    """e = restored - stored over all numbers of a tensor.

    `max_abs_error` is the largest |e|, `mean_abs_error` the mean of |e| (bitsandbytes' own tests print it for numbers
    of N(0, 1)), `rmse` the root of the mean of e**2. `snr_db` is 10 log10(sum of x**2 / sum of e**2), the
    signal-to-quantization-noise ratio in decibels (Gersho and Gray, "Vector Quantization and Signal Compression",
    1992); None where no number is off, or all are zero. `zeros` is the share of numbers that come back as zero,
    `clipped` the share of those beyond the range, which the format would have rounded farther had it gone on.
    """

    max_abs_error: float
    mean_abs_error: float
    rmse: float
    snr_db: float | None
    zeros: float
    clipped: float


class ErrorSums:
    """The sums behind the measures. Sums over pieces are in FP64."""

    def __init__(self) -> None:
        self._count = 0
        self._largest = 0.0
        self._sum_of_magnitudes = 0.0
        self._sum_of_squares = 0.0
        self._energy = 0.0
        self._zeros = 0
        self._clipped = 0

    def add(
        self,
        values: Fp32,
        restored: Fp32,
        *,
        clipped: int = 0,
        energy: float | None = None,
        room: Fp32 | None = None,
    ) -> None:
        """A piece of the tensor, of any shape; `energy` is its `energy_of`, where it is known already.

        `restored` has as many numbers. `room`, shape (numbers,), which may be `restored` itself, is overwritten.
        """
        if not values.size:
            return
        count = values.size
        self._zeros += int(np.count_nonzero(restored.reshape(-1) == 0))
        error = np.subtract(values.reshape(-1), restored.reshape(-1), out=room)
        np.abs(error, out=error)
        self._count += count
        self._largest = max(self._largest, float(error.max()))
        magnitudes = _sum_of_products(error, None)
        self._sum_of_magnitudes += magnitudes if magnitudes < LARGEST_SUM else float(error.sum(dtype=np.float64))
        self._sum_of_squares += _sum_of_squares(error)
        self._energy += energy_of(values) if energy is None else energy
        self._clipped += clipped

    def merge(self, other: "ErrorSums") -> None:
        """Takes over the sums of other pieces of the same tensor."""
        self._count += other._count
        self._largest = max(self._largest, other._largest)
        self._sum_of_magnitudes += other._sum_of_magnitudes
        self._sum_of_squares += other._sum_of_squares
        self._energy += other._energy
        self._zeros += other._zeros
        self._clipped += other._clipped

    def measures(self) -> ErrorMeasures:
        """Raises ValueError where nothing was added."""
        if not self._count:
            raise ValueError("There is no error of no numbers.")
        noise = self._sum_of_squares
        return ErrorMeasures(
            self._largest,
            self._sum_of_magnitudes / self._count,
            math.sqrt(noise / self._count),
            10 * math.log10(self._energy / noise) if noise > 0 and self._energy > 0 else None,
            self._zeros / self._count,
            self._clipped / self._count,
        )


def errors_of(values: Fp32, restored: Fp32, *, clipped: int = 0) -> ErrorMeasures:
    """Of numbers of any shape and what came back of them, of the same shape. Raises ValueError where there are none."""
    sums = ErrorSums()
    sums.add(values, restored, clipped=clipped)
    return sums.measures()


def energy_of(values: Fp32) -> float:
    """The sum of the squares of numbers of any shape; not finite where a number is not."""
    return _sum_of_squares(values.reshape(-1))


def _sum_of_squares(flat: Fp32) -> float:
    """In FP32 where that neither over- nor underflows: it is good to six digits."""
    found = _sum_of_products(flat, flat)
    if LEAST_SUM < found < LARGEST_SUM:
        return found
    precise = flat.astype(np.float64)
    return float(np.dot(precise, precise))


def _sum_of_products(flat: Fp32, other: Fp32 | None) -> float:
    """The products with `other`, or with ones, are added up in FP32 by pieces, and these sums in FP64."""
    whole = len(flat) // LENGTH * LENGTH
    second = _ONES if other is None else other[:whole].reshape(-1, LENGTH)
    with np.errstate(over="ignore", invalid="ignore"):
        found = sum(np.vecdot(flat[:whole].reshape(-1, LENGTH), second).tolist()) if whole else 0.0
        if whole == len(flat):
            return found
        rest = _ONES[: len(flat) - whole] if other is None else other[whole:]
        return found + float(np.vecdot(flat[whole:], rest))
