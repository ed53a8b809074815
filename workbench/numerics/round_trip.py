"""A piece of a tensor quantized and back again, by any scheme."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.affine import Affine
from workbench.numerics.affine_quantizer import AffineQuantizer
from workbench.numerics.block_quantizer import BlockQuantizer, Scales
from workbench.numerics.blockwise import cells_of, levels_of, times_by_blocks
from workbench.numerics.double_quant import double_quantize
from workbench.numerics.quantization_scheme import Grouping, Scheme
from workbench.numerics.scratch import Scratch

Fp32 = NDArray[np.float32]


@dataclass(frozen=True)
class Known:
    """What is known of more than the piece: of the tensor, of the row that the piece is a part of, or of its blocks."""

    lowest: float = 0.0
    highest: float = 0.0
    absmax: Fp32 | None = None  # of the piece's blocks, as double quantization has left it: shape (blocks,)


@dataclass(frozen=True)
class RoundTrip:
    restored: Fp32  # shape (numbers,)
    clipped: int = 0


def round_trip(values: Fp32, scheme: Scheme, row_length: int, known: Known | None = None) -> RoundTrip:
    """`values`, shape (numbers,), are whole blocks or whole rows.

    Without `known` they are the whole tensor, or rows of it.
    """
    return RoundTrips(values, row_length, Scratch()).by(scheme, known)


class RoundTrips:
    """One piece by several schemes, which have in common what numbers are divided by, and often the levels too.

    Everything is worked out in the arrays of `scratch`: what `by` gives holds until it is called again.
    """

    def __init__(self, values: Fp32, row_length: int, scratch: Scratch) -> None:
        self.values = np.ascontiguousarray(values, np.float32).reshape(-1)
        self._row_length = row_length
        self._scratch = scratch
        self._scales: dict[_Divided, Scales] = {}
        self._scaled_for: _Divided | None = None  # what the arrays of scaled numbers and of cells hold
        self._levels_for: tuple[BlockQuantizer, _Divided] | None = None  # and that of levels

    def by(self, scheme: Scheme, known: Known | None = None) -> RoundTrip:
        if isinstance(scheme.quantizer, AffineQuantizer):
            return self._by_affine(scheme, scheme.quantizer, known)
        return self._by_blocks(scheme, scheme.quantizer, known)

    def _floats(self, name: str) -> Fp32:
        return self._scratch.floats(name, len(self.values))

    def _cells(self) -> NDArray[np.intp]:
        return self._scratch.array("cells", len(self.values), np.intp)

    def _narrow(self) -> NDArray[np.int32]:
        return self._scratch.array("narrow", len(self.values), np.int32)

    def _by_blocks(self, scheme: Scheme, quantizer: BlockQuantizer, known: Known | None) -> RoundTrip:
        size = scheme.block_size
        largest = max(-known.lowest, known.highest) if known is not None and quantizer.has_tensor_scale else None
        divided = _Divided(type(quantizer), size, largest)
        if divided not in self._scales:
            absmax = quantizer.absmax(self.values, size, self._floats("restored"))
            self._scales[divided] = quantizer.scales(absmax, largest)
        factors = self._scales[divided].numbers
        levels = self._levels(quantizer, divided, factors)
        if scheme.double_quant:
            known_absmax = None if known is None else known.absmax
            factors = double_quantize(factors).restored() if known_absmax is None else known_absmax
        restored = times_by_blocks(levels, factors, size, self._floats("restored"))
        return RoundTrip(restored, quantizer.clipped(self._floats("scaled")))

    def _levels(self, quantizer: BlockQuantizer, divided: "_Divided", factors: Fp32) -> Fp32:
        levels, scaled = self._floats("levels"), self._floats("scaled")
        cells, table = self._cells(), quantizer.table()
        if self._levels_for == (quantizer, divided):
            return levels
        if self._scaled_for != divided:
            quantizer.scaled(self.values, factors, divided.block_size, scaled)
            cells_of(scaled, table.reach, cells, (levels, self._narrow()))
            self._scaled_for = divided
        self._levels_for = (quantizer, divided)
        return levels_of(table, scaled, cells, levels)

    def _by_affine(self, scheme: Scheme, quantizer: AffineQuantizer, known: Known | None) -> RoundTrip:
        affine = affine_of(self.values, quantizer, scheme.grouping, self._row_length, known)
        shape = (-1, self._row_length) if affine.step.ndim else (-1,)
        out: Fp32 = self._floats("restored").reshape(shape)
        integers = affine.unheld(self.values.reshape(shape), out)
        clipped = 0
        if quantizer.has_zero_point:  # the absmax itself is never clipped
            clipped = int(np.count_nonzero(integers < affine.lowest) + np.count_nonzero(integers > affine.highest))
            if clipped:
                np.clip(integers, affine.lowest, affine.highest, out=integers)
        return RoundTrip(affine.restored(integers, out).reshape(-1), clipped)


@dataclass(frozen=True)
class _Divided:
    """How numbers are divided: a class of quantizers divides alike, and its tables have one reach."""

    by: type[BlockQuantizer]
    block_size: int
    largest: float | None


def affine_of(
    values: Fp32, quantizer: AffineQuantizer, grouping: Grouping, row_length: int, known: Known | None = None
) -> Affine:
    """The scale and zero point of values in the shape (numbers,); of rows both have the shape (rows, 1)."""
    if known is not None:
        return quantizer.affine(np.float32(known.lowest), np.float32(known.highest))
    if grouping is Grouping.ROW:
        rows = values.reshape(-1, row_length)
        return quantizer.affine(rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True))
    return quantizer.affine(values.min(), values.max())
