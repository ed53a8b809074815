"""What quantization would make of one stored weight, with the absmax of the row or the block it lies in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from workbench.core.inspection import Inspection, inspect_number
from workbench.core.stored_tensor import Extent, StoredTensor
from workbench.numerics.codebook import Codebook
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.named_formats import FP4_BITSANDBYTES, INT8, NF4
from workbench.numerics.number import Number
from workbench.numerics.number_format import FormatError, NumberFormat

# bitsandbytes' default; a block goes on from one row into the next.
BLOCK_SIZE = 64
LARGEST_INT8 = 127


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
        _requantized(INT8, row, True, largest_of_row, number, scaled_int8),
        _requantized(NF4, block, False, largest_of_block, number, lambda absmax: scaled_codebook(NF4, absmax)),
        _requantized(
            FP4_BITSANDBYTES,
            block,
            False,
            largest_of_block,
            number,
            lambda absmax: scaled_codebook(FP4_BITSANDBYTES, absmax),
        ),
    )
    return StoredWeight(tensor, place, code, number, made)


def scaled_int8(absmax: Fraction) -> IntegerFormat:
    """INT8 of which 127 stands for the absmax. Raises FormatError."""
    return replace(INT8, scale=absmax / LARGEST_INT8)


def scaled_codebook(codebook: Codebook, absmax: Fraction) -> Codebook:
    """The codebook of which level 1 stands for the absmax. Raises FormatError."""
    return replace(codebook, absmax=absmax)


def _requantized(
    plain: NumberFormat,
    extent: Extent,
    is_row: bool,
    absmax: Fraction | None,
    number: Number,
    scaled: Callable[[Fraction], NumberFormat],
) -> Requantized:
    what = f"{'row' if is_row else 'block'} of {extent.count}"
    if absmax is None:
        note = f"The {what} holds an infinity or NaN: it has no absmax to scale by, and all of it would be lost."
    elif not absmax:
        note = f"Every weight of the {what} is zero, and stays zero: there is no absmax to divide by."
    else:
        try:
            return Requantized(plain.name, extent, is_row, absmax, inspect_number(scaled(absmax), number))
        except FormatError as error:
            note = str(error)
    return Requantized(plain.name, extent, is_row, absmax, None, note)
