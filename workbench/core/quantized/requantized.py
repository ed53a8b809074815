"""What quantization would make of one stored weight, with the absmax of the row or the block it lies in."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from workbench.core.bits.inspection import Inspection, inspect_code
from workbench.core.model.stored_tensor import Extent, StoredTensor
from workbench.numerics.affine import Affine, largest_integer
from workbench.numerics.blockwise import code_of
from workbench.numerics.codebook import Codebook
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.named_formats import FP4_BITSANDBYTES, INT8, NF4
from workbench.numerics.number import Number
from workbench.numerics.number_format import FormatError, NumberFormat
from workbench.numerics.quantization_scheme import DEFAULT_BLOCK

BLOCK_SIZE = DEFAULT_BLOCK


@dataclass(frozen=True)
class Requantized:
    """A weight in one quantized format; without an inspection `note` says why there is none."""

    name: str
    extent: Extent  # the weights that share the absmax
    is_row: bool
    absmax: Fraction | None
    inspection: Inspection | None
    note: str = ""

    @property
    def format(self) -> NumberFormat | None:
        """The format with the scale of this weight."""
        return self.inspection.format if self.inspection else None


@dataclass(frozen=True)
class StoredWeight:
    """One weight: where it lies, its stored bits, and what INT8, NF4 and FP4 would make of it."""

    tensor: StoredTensor
    place: int
    code: int
    number: Number
    requantized: tuple[Requantized, ...]


def stored_weight(tensor: StoredTensor, place: int) -> StoredWeight:
    """Reads the weight with its row and its block. Raises UserError."""
    code, number = tensor.number_at(place)
    row, block = tensor.row_of(place), tensor.block_of(place, BLOCK_SIZE)
    largest_of_row, largest_of_block = tensor.absmax(row), tensor.absmax(block)
    made = (
        _requantized(INT8, row, largest_of_row, number),
        _requantized(NF4, block, largest_of_block, number),
        _requantized(FP4_BITSANDBYTES, block, largest_of_block, number),
    )
    return StoredWeight(tensor, place, code, number, made)


def _requantized(
    plain: IntegerFormat | Codebook, extent: Extent, absmax: Fraction | None, number: Number
) -> Requantized:
    is_row = isinstance(plain, IntegerFormat)
    what = f"{'row' if is_row else 'block'} of {extent.count}"
    if absmax is None:
        note = f"The {what} holds an infinity or NaN: it has no absmax to scale by, and all of it would be lost."
    elif not absmax:
        note = f"Every weight of the {what} is zero, and stays zero: there is no absmax to divide by."
    elif not _is_fp32(absmax):
        note = f"The absmax of the {what} is beyond FP32, in which weights are scaled."
    else:
        try:
            return Requantized(plain.name, extent, is_row, absmax, _inspection(plain, extent, absmax, number))
        except FormatError as error:
            note = str(error)
    return Requantized(plain.name, extent, is_row, absmax, None, note)


def _inspection(plain: IntegerFormat | Codebook, extent: Extent, absmax: Fraction, number: Number) -> Inspection:
    """The code is worked out in FP32, as that of the whole row or block; its value is exact. Raises FormatError."""
    assert number.value is not None  # where there is an absmax, every weight is finite
    value = float(number.value)
    if isinstance(plain, IntegerFormat):
        integer = int(Affine.symmetric(float(absmax), plain.bits).integers(np.array(value, np.float32)))
        code = integer & ((1 << plain.bits) - 1)
        return inspect_code(replace(plain, scale=absmax / largest_integer(plain.bits)), code, number)
    code = code_of(value, float(absmax), plain, is_whole_block=extent.count == BLOCK_SIZE)
    return inspect_code(replace(plain, absmax=absmax), code, number)


def _is_fp32(absmax: Fraction) -> bool:
    with np.errstate(over="ignore"):
        return 0 < float(np.float32(float(absmax))) < math.inf
