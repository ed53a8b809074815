"""The levels of a quantized format relative to a scale, and the bins that weights are counted in beside them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.figures import with_minus
from workbench.numerics.quantization_scheme import Scheme

# An odd number: zero and, where they are levels, the two ends each lie in the middle of a bin.
BINS = 161
# More levels than this lie too close for a line and a number each.
MOST_DRAWN_LEVELS = 16


@dataclass(frozen=True)
class Grid:
    """The levels of a format upward, relative to the scale of a group, and the bounds half-way between them.

    Shapes (levels,) and (levels - 1,). `labels` are the codes of the levels, or the integers. `low` and `high` are the
    ends of the bins.
    """

    levels: NDArray[np.float64]
    bounds: NDArray[np.float64]
    labels: tuple[str, ...]
    low: float
    high: float

    @property
    def is_dense(self) -> bool:
        return len(self.levels) > MOST_DRAWN_LEVELS

    def edges(self) -> NDArray[np.float64]:
        """Of the bins, one more than there are: shape (BINS + 1,), in units of the scale."""
        return np.linspace(self.low, self.high, BINS + 1)

    def level_of(self, place: float) -> int:
        """The level that a number there goes to, counted upward."""
        return int(np.searchsorted(self.bounds, place))


def grid_of(scheme: Scheme) -> Grid:
    """Without levels below all numbers, such as the lowest of INT4, to which nothing goes."""
    low, high = scheme.quantizer.ends
    levels, stored = scheme.quantizer.levels()
    is_taken = levels >= low
    levels, stored = levels[is_taken], stored[is_taken]
    half_a_bin = (high - low) / (BINS - 1) / 2
    labels = tuple(with_minus(code) for code in stored.tolist())
    return Grid(levels, (levels[:-1] + levels[1:]) / 2, labels, low - half_a_bin, high + half_a_bin)
