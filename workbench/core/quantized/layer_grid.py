"""The levels of a quantized format relative to a scale, and the bins that weights are counted in beside them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.arrays import decode_array
from workbench.numerics.blockwise import CODEBOOKS, table_of
from workbench.numerics.named_formats import FP4_E2M1
from workbench.numerics.quantization_scheme import Family, Scheme

# An odd number: zero and, where they are levels, the two ends each lie in the middle of a bin.
BINS = 161
# More levels than this lie too close for a line and a number each.
MOST_DRAWN_LEVELS = 16


@dataclass(frozen=True)
class Grid:
    """The levels of a format upward, relative to the scale of a group, and the bounds half-way between them.

    `labels` are the codes of the levels, those of INT4 and INT8 the integers. `low` and `high` are the ends of the
    bins.
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
        """Of the bins, one more than there are."""
        return np.linspace(self.low, self.high, BINS + 1)

    def level_of(self, place: float) -> int:
        """The level that a number there goes to, counted upward."""
        return int(np.searchsorted(self.bounds, place))


def grid_of(scheme: Scheme) -> Grid:
    match scheme.family:
        case Family.CODEBOOK:
            table = table_of(CODEBOOKS[scheme.name])
            taken = [(float(level), int(code)) for level, code in zip(table.levels, table.codes, strict=True)]
            # Nothing comes to lie on the lowest level of INT4, and FP4 has two codes for zero.
            unique = {level: code for level, code in reversed(taken) if level >= -1}
            levels = sorted(unique)
            is_integer = scheme.name == "int4"
            labels = [_signed(unique[level] - 16 * (is_integer and unique[level] > 7)) for level in levels]
            return _grid(levels, labels, 1.0)
        case Family.MXFP4 | Family.NVFP4:
            values = decode_array(FP4_E2M1, np.arange(16, dtype=np.uint8))
            codes = {float(value): code for code, value in reversed(list(enumerate(values.tolist())))}
            levels = sorted(codes)
            # The largest number of a block is under 8 times the scale of MXFP4; that of NVFP4 is rounded, and near 6.
            return _grid(levels, [str(codes[level]) for level in levels], 8.0 if scheme.family is Family.MXFP4 else 6.5)
        case Family.ABSMAX:
            integers = range(-127, 128)
            return _grid([integer / 127 for integer in integers], [_signed(integer) for integer in integers], 1.0)
        case Family.ZERO_POINT:
            integers = range(-128, 128)
            half = 255 / (BINS - 1) / 2
            made = _grid([float(integer) for integer in integers], [_signed(integer) for integer in integers], 128.0)
            return replace(made, low=-128 - half, high=127 + half)


def _grid(levels: list[float], labels: list[str], end: float) -> Grid:
    upward = np.array(levels)
    reach = end * BINS / (BINS - 1)
    return Grid(upward, (upward[:-1] + upward[1:]) / 2, tuple(labels), -reach, reach)


def _signed(integer: int) -> str:
    return str(integer).replace("-", "\u2212")
