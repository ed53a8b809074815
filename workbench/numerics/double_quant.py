"""Double quantization: the absmax values of blocks, quantized to 8 bits in their turn."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.formats import DOUBLE_QUANT_BLOCK

Fp32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]

EXPONENTS = 7
# The CPU code of bitsandbytes looks a number from -1 to 1 up in these cells. A card compares with the bounds between
# the levels: of the codes of random numbers one in 700 is then a neighbour of this one.
CELLS = 65_536


@dataclass(frozen=True)
class DoubleQuantized:
    """Absmax values less their mean, as indices into the dynamic map and one FP32 scale for every 256 of them.

    `codes` have the shape (blocks,), `scales` (blocks / 256,), rounded up.
    """

    codes: Bytes
    scales: Fp32
    offset: np.float32

    def restored(self) -> Fp32:
        """What is left of the absmax values: shape (blocks,)."""
        each = np.repeat(self.scales, DOUBLE_QUANT_BLOCK)[: len(self.codes)]
        restored: Fp32 = dynamic_map()[self.codes] * each + self.offset
        return restored


def double_quantize(absmax: Fp32, offset: float | None = None) -> DoubleQuantized:
    """What bitsandbytes' quantize_4bit does with compress_statistics: the mean subtracted, then blocks of 256.

    `absmax` has the shape (blocks,).
    The mean is rounded once, from FP64; that of torch adds in FP32 and may be off by a few units in the last place:
    `offset` takes it over.
    """
    mean = np.float32(absmax.mean(dtype=np.float64) if offset is None else offset)
    centred = absmax - mean
    scales = np.maximum.reduceat(np.abs(centred), np.arange(0, len(centred), DOUBLE_QUANT_BLOCK))
    each = np.repeat(scales, DOUBLE_QUANT_BLOCK)[: len(centred)]
    return DoubleQuantized(_dynamic_codes(centred, each), scales, mean)


def _dynamic_codes(values: Fp32, absmax: Fp32) -> Bytes:
    """Where the absmax is zero the code is 0."""
    scaled = np.divide(values, absmax, out=np.full_like(values, -1), where=absmax > 0)
    half = np.float32(0.5)
    cells = (scaled + np.float32(1)) * half * np.float32(CELLS - 1) + half
    return _codes_by_cell()[cells.astype(np.int32)]


@functools.lru_cache(maxsize=1)
def dynamic_map() -> Fp32:
    """The levels of the signed dynamic 8-bit type, upward, shape (256,).

    As in arXiv 1511.04561 and functional.py, create_dynamic_map.

    For each power of ten from 1e-6 to 1 the middles of 1, 2, 4 ... 64 equal parts of 0.1 to 1, both signs; zero; one.
    """
    levels = [0.0, 1.0]
    for exponent in range(EXPONENTS):
        bounds = _spaced(0.1, 1.0, 2**exponent + 1)
        middles = (bounds[:-1] + bounds[1:]) / np.float32(2)
        power = np.float32(10.0 ** (exponent + 1 - EXPONENTS))
        levels += [*(power * middles).tolist(), *(-power * middles).tolist()]
    return np.array(sorted(levels), np.float32)


def _spaced(start: float, end: float, points: int) -> Fp32:
    """Points in FP32 and from either end, each rounded once, as torch.linspace has them."""
    first, last = np.float32(start), np.float32(end)
    step = np.float64((last - first) / np.float32(points - 1))
    places = np.arange(points)
    points_in_fp64 = np.where(places < points // 2, first + step * places, last - step * (points - 1 - places))
    return points_in_fp64.astype(np.float32)


@functools.lru_cache(maxsize=1)
def _codes_by_cell() -> Bytes:
    levels = dynamic_map()
    cells = np.arange(CELLS, dtype=np.float32) / np.float32(CELLS - 1) * np.float32(2) - np.float32(1)
    return np.searchsorted((levels[:-1] + levels[1:]) / np.float32(2), cells).astype(np.uint8)
