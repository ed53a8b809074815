"""A curve smoothed by an exponential moving average, kept up as points come."""

import math

import numpy as np
from numpy.typing import NDArray

# Of the points that are expected, this share has a say in each smoothed one.
SPAN_SHARE = 1 / 30
SHORTEST_SPAN = 4.0
# Powers of the factor that float64 holds without loss, as a natural logarithm.
_BLOCK_LOG = 500.0


class Smoothed:
    """A bias-corrected exponential moving average; NaN and infinities are passed over and stay gaps."""

    def __init__(self) -> None:
        self._values = np.empty(0, dtype=np.float64)
        self._count = 0
        self._factor = 0.0
        self._sum = 0.0
        self._numbers = 0
        self.is_new = False  # whether the last call worked all of it out anew

    def of(
        self, values: NDArray[np.float64], expected: float = 0.0, *, is_rewritten: bool = False
    ) -> NDArray[np.float64]:
        """All smoothed values, shape (points,) as `values`, NaN where these have none; a view, not to be written to.

        Only what was added since the last call is worked out, unless that was rewritten.
        """
        factor = factor_for(max(float(len(values)), expected))
        self.is_new = is_rewritten or factor != self._factor or len(values) < self._count
        if self.is_new:
            self._factor, self._count, self._sum, self._numbers = factor, 0, 0.0, 0
        if len(self._values) < len(values):
            larger = np.empty(max(256, 2 * len(values)), dtype=np.float64)
            larger[: self._count] = self._values[: self._count]
            self._values = larger
        block = max(1, int(_BLOCK_LOG / -math.log(factor)))
        while self._count < len(values):
            self._smooth_more(values[self._count : min(self._count + block, len(values))])
        view = self._values[: self._count]
        view.flags.writeable = False
        return view

    def _smooth_more(self, values: NDArray[np.float64]) -> None:
        is_number = np.isfinite(values)
        numbers = np.where(is_number, values, 0.0)
        seen = np.cumsum(is_number)
        # sum[n] = f^n (sum[0] + (1 - f) * total of x[i] f^-i), n counting the numbers alone
        totals = np.cumsum(numbers * self._factor ** -seen.astype(np.float64))
        sums = self._factor**seen * (self._sum + (1 - self._factor) * totals)
        weights = 1 - self._factor ** (seen + self._numbers).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            smoothed = np.where(is_number, sums / weights, np.nan)
        self._values[self._count : self._count + len(values)] = smoothed
        self._count += len(values)
        self._sum, self._numbers = float(sums[-1]), self._numbers + int(seen[-1])


def factor_for(points: float) -> float:
    """How much of the average before is kept: by powers of two of the points, so that it rarely changes."""
    expected = 2.0 ** round(math.log2(max(points, 1.0)))
    span = max(SHORTEST_SPAN, expected * SPAN_SHARE)
    return 1 - 2 / (span + 1)
