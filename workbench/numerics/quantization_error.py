"""How far quantized numbers are from those they stand for, added up piece by piece."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Fp32 = NDArray[np.float32]

# Squares of FP32 numbers between these are far from the ends of FP32.
SMALLEST_SQUARED, LARGEST_SQUARED = 1e-15, 1e15


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

    def add(self, values: Fp32, restored: Fp32, *, clipped: int = 0, energy: float | None = None) -> None:
        """A piece of the tensor; `energy` is its `energy_of`, where it is known already."""
        if not values.size:
            return
        error = values.reshape(-1) - restored.reshape(-1)
        np.abs(error, out=error)
        largest = float(error.max())
        self._count += error.size
        self._largest = max(self._largest, largest)
        self._sum_of_magnitudes += float(error.sum())
        self._sum_of_squares += _sum_of_squares(error, largest)
        self._energy += energy_of(values) if energy is None else energy
        self._zeros += int(np.count_nonzero(restored == 0))
        self._clipped += clipped

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
    sums = ErrorSums()
    sums.add(values, restored, clipped=clipped)
    return sums.measures()


def energy_of(values: Fp32) -> float:
    """The sum of the squares."""
    flat = values.reshape(-1)
    return _sum_of_squares(flat, max(float(flat.max(initial=0)), -float(flat.min(initial=0))))


def _sum_of_squares(flat: Fp32, largest: float) -> float:
    """In FP32 where that neither over- nor underflows: of a piece of some ten thousand it is good to six digits."""
    if not SMALLEST_SQUARED < largest < LARGEST_SQUARED:
        precise = flat.astype(np.float64)
        return float(np.dot(precise, precise))
    return float(np.dot(flat, flat))
