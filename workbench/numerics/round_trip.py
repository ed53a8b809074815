"""A piece of a tensor quantized and back again, by any scheme."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.affine import Affine
from workbench.numerics.blockwise import (
    CODEBOOKS,
    block_absmax,
    cells_of,
    largest_by_block,
    levels_of,
    scaled_by_blocks,
    table_of,
    times_by_blocks,
)
from workbench.numerics.double_quant import double_quantize
from workbench.numerics.mx_blocks import (
    clipped_of,
    e2m1_table,
    mxfp4_scales,
    nvfp4_scales,
    scaled_by,
)
from workbench.numerics.quantization_scheme import Family, Grouping, Scheme
from workbench.numerics.scratch import Scratch

Fp32 = NDArray[np.float32]


@dataclass(frozen=True)
class Known:
    """What is known of more than the piece: of the tensor, of the row that the piece is a part of, or of its blocks."""

    lowest: float = 0.0
    highest: float = 0.0
    absmax: Fp32 | None = None  # of the piece's blocks, as double quantization has left it


@dataclass(frozen=True)
class RoundTrip:
    restored: Fp32  # flat
    clipped: int = 0


def round_trip(values: Fp32, scheme: Scheme, row_length: int, known: Known | None = None) -> RoundTrip:
    """`values` are flat: whole blocks or whole rows. Without `known` they are the whole tensor, or rows of it."""
    return RoundTrips(values, row_length, Scratch()).by(scheme, known)


class RoundTrips:
    """One piece by several schemes, which have in common what numbers are divided by, and often the levels too.

    Everything is worked out in the arrays of `scratch`: what `by` gives holds until it is called again.
    """

    def __init__(self, values: Fp32, row_length: int, scratch: Scratch) -> None:
        self.values = np.ascontiguousarray(values, np.float32).reshape(-1)
        self._row_length = row_length
        self._scratch = scratch
        self._absmax: dict[int, Fp32] = {}
        self._scaled_for = 0  # the block size that the array of scaled numbers is for
        self._levels_for: tuple[str, int] = ("", 0)  # and that of levels

    def by(self, scheme: Scheme, known: Known | None = None) -> RoundTrip:
        match scheme.family:
            case Family.CODEBOOK:
                return self._by_codebook(scheme, None if known is None else known.absmax)
            case Family.MXFP4 | Family.NVFP4:
                return self._by_e2m1(scheme, known)
            case Family.ABSMAX | Family.ZERO_POINT:
                return self._by_affine(scheme, known)

    def _floats(self, name: str) -> Fp32:
        return self._scratch.floats(name, len(self.values))

    def _cells(self) -> NDArray[np.intp]:
        return self._scratch.array("cells", len(self.values), np.intp)

    def _narrow(self) -> NDArray[np.int32]:
        return self._scratch.array("narrow", len(self.values), np.int32)

    def _by_codebook(self, scheme: Scheme, absmax: Fp32 | None) -> RoundTrip:
        size = scheme.block_size
        if scheme.double_quant and absmax is None:
            absmax = double_quantize(self.absmax(size)).restored()
        levels = self._levels(scheme.name, size)
        factors = self.absmax(size) if absmax is None else absmax
        return RoundTrip(times_by_blocks(levels, factors, size, self._floats("restored")))

    def absmax(self, block_size: int) -> Fp32:
        if block_size not in self._absmax:
            self._absmax[block_size] = block_absmax(self.values, block_size, self._floats("restored"))
        return self._absmax[block_size]

    def _levels(self, codebook: str, size: int) -> Fp32:
        levels, scaled = self._floats("levels"), self._floats("scaled")
        cells, table = self._cells(), table_of(CODEBOOKS[codebook])
        if self._levels_for == (codebook, size):
            return levels
        if self._scaled_for != size:
            scaled_by_blocks(self.values, self.absmax(size), size, scaled)
            cells_of(scaled, table.reach, cells, (levels, self._narrow()))
            self._scaled_for = size
        self._levels_for = (codebook, size)
        return levels_of(table, scaled, cells, levels)

    def _by_e2m1(self, scheme: Scheme, known: Known | None) -> RoundTrip:
        size, table = scheme.block_size, e2m1_table()
        absmax = largest_by_block(self.values, size, self._floats("restored"))
        if scheme.family is Family.MXFP4:
            scales = mxfp4_scales(absmax)
        else:
            scales = nvfp4_scales(absmax, None if known is None else max(-known.lowest, known.highest))
        self._scaled_for, self._levels_for = 0, ("", 0)
        scaled = scaled_by(self.values, scales.numbers, size, self._floats("scaled"))
        restored = self._floats("restored")
        cells = cells_of(scaled, table.reach, self._cells(), (restored, self._narrow()))
        levels = levels_of(table, scaled, cells, restored)
        return RoundTrip(times_by_blocks(levels, scales.numbers, size), clipped_of(scaled))

    def _by_affine(self, scheme: Scheme, known: Known | None) -> RoundTrip:
        affine = affine_of(self.values, scheme, self._row_length, known)
        shape = (-1, self._row_length) if affine.step.ndim else (-1,)
        out: Fp32 = self._floats("restored").reshape(shape)
        integers = affine.unheld(self.values.reshape(shape), out)
        clipped = 0
        if scheme.family is Family.ZERO_POINT:  # the absmax itself is never clipped
            clipped = int(np.count_nonzero(integers < affine.lowest) + np.count_nonzero(integers > affine.highest))
            if clipped:
                np.clip(integers, affine.lowest, affine.highest, out=integers)
        return RoundTrip(affine.restored(integers, out).reshape(-1), clipped)


def affine_of(values: Fp32, scheme: Scheme, row_length: int, known: Known | None = None) -> Affine:
    """The scale and zero point of the values, for values in the shape (rows, row length) where rows have their own."""
    if known is not None:
        lowest, highest = np.float32(known.lowest), np.float32(known.highest)
    elif scheme.grouping is Grouping.ROW:
        rows = values.reshape(-1, row_length)
        lowest, highest = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    else:
        lowest, highest = values.min(), values.max()
    if scheme.family is Family.ABSMAX:
        return Affine.symmetric(np.maximum(-lowest, highest), scheme.bits)
    return Affine.asymmetric(lowest, highest, scheme.bits)
