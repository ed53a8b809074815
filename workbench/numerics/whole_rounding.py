"""Numbers rounded to whole ones, in every way there is."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.float_array import draws
from workbench.numerics.rounding import DRAW_BITS, Rounding

Fp64 = NDArray[np.float64]

SEED = 0

_ROUNDERS: dict[Rounding, Callable[[Fp64], Fp64]] = {
    Rounding.NEAREST_EVEN: np.rint,
    Rounding.NEAREST_AWAY: lambda x: np.trunc(x + np.copysign(0.5, x)),
    Rounding.TOWARD_ZERO: np.trunc,
    Rounding.UP: np.ceil,
    Rounding.DOWN: np.floor,
}


def round_whole(scaled: NDArray[np.float32], rounding: Rounding) -> Fp64:
    """To whole numbers, in FP64: shape (numbers,) as `scaled`.

    A stochastic rounding goes up or down by a draw that is the same every time.
    """
    precise = scaled.astype(np.float64)
    if rounding is not Rounding.STOCHASTIC:
        return _ROUNDERS[rounding](precise)
    size = np.abs(precise)
    below = np.floor(size)
    drawn = draws(SEED, 0, len(precise)).astype(np.float64) / 2.0**DRAW_BITS
    rounded: Fp64 = np.copysign(below + (drawn < size - below), precise)
    return rounded
