"""A piece of a tensor quantized and back again, by any scheme."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.affine import Affine
from workbench.numerics.blockwise import CODEBOOKS, block_absmax, restored_blocks
from workbench.numerics.double_quant import double_quantize
from workbench.numerics.mx_blocks import quantize_mxfp4, quantize_nvfp4
from workbench.numerics.quantization_scheme import Family, Grouping, Scheme

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
    match scheme.family:
        case Family.CODEBOOK:
            absmax = None if known is None else known.absmax
            if scheme.double_quant and absmax is None:
                absmax = double_quantize(block_absmax(values, scheme.block_size)).restored()
            return RoundTrip(restored_blocks(values, CODEBOOKS[scheme.name], scheme.block_size, absmax))
        case Family.MXFP4 | Family.NVFP4:
            largest = None if known is None else max(-known.lowest, known.highest)
            scaled = quantize_mxfp4(values) if scheme.family is Family.MXFP4 else quantize_nvfp4(values, largest)
            return RoundTrip(scaled.restored(), scaled.clipped)
        case Family.ABSMAX | Family.ZERO_POINT:
            return _by_affine(values, scheme, row_length, known)


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


def _by_affine(values: Fp32, scheme: Scheme, row_length: int, known: Known | None) -> RoundTrip:
    affine = affine_of(values, scheme, row_length, known)
    shaped = values.reshape(-1, row_length) if affine.step.ndim else values
    integers = affine.unheld(shaped)
    clipped = 0
    if scheme.family is Family.ZERO_POINT:  # the absmax itself is never clipped
        clipped = int(np.count_nonzero((integers < affine.lowest) | (integers > affine.highest)))
        np.clip(integers, affine.lowest, affine.highest, out=integers)
    return RoundTrip(affine.restored(integers).reshape(-1), clipped)
