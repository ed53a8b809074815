"""Numbers in blocks: divided by the scale of its block, each goes to the next level of a format of few bits."""

from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.affine import largest_integer
from workbench.numerics.arrays import decode_array
from workbench.numerics.blockwise import (
    Table,
    block_absmax,
    place_codes,
    scaled_by_blocks,
    table_of,
    times_by_blocks,
)
from workbench.numerics.codebook import Codebook
from workbench.numerics.number_format import FieldKind, NumberFormat
from workbench.numerics.quantizer import Bytes, Fp64, Quantizer, Whole
from workbench.numerics.rounding import Rounding

Fp32 = NDArray[np.float32]


@dataclass(frozen=True)
class Scales:
    """What the levels of each block are multiplied by, a scale that the tensor has besides included: shape (blocks,).

    `codes`, of the same shape, are what is stored; None where that is the number itself in FP32.
    """

    numbers: Fp32
    codes: Bytes | None = None
    of_tensor: float = 1.0


class BlockQuantizer(Quantizer):
    """Numbers are flat, in the order in which they lie: shape (numbers,), and what belongs to blocks (blocks,).

    Blocks do not end with rows, and the last may be short.
    """

    @property
    @abstractmethod
    def code(self) -> NumberFormat:
        """What a code stands for, in units of the divisor."""

    @abstractmethod
    def table(self) -> Table:
        """The same levels, for looking up numbers that are divided already."""

    @abstractmethod
    def absmax(self, flat: Fp32, block_size: int, room: Fp32 | None = None) -> Fp32:
        """The largest magnitude of each block, shape (blocks,); `room` of the shape of `flat` is overwritten."""

    @abstractmethod
    def scales(self, absmax: Fp32, largest: float | None = None) -> Scales:
        """Of the absmax of blocks, shape (blocks,).

        `largest` is that of the whole tensor where these are not all its blocks.
        """

    @abstractmethod
    def scaled(self, flat: Fp32, scales: Fp32, block_size: int, out: Fp32 | None = None) -> Fp32:
        """Numbers, shape (numbers,), divided by the scales of their blocks, shape (blocks,).

        The result is `out`, which has the shape of `flat`, where it is given.
        """

    @abstractmethod
    def codes_of(self, scaled: Fp32) -> Bytes:
        """The nearest code of each: of the same shape, a byte a code."""

    @abstractmethod
    def is_beyond(self, scaled: Fp32) -> NDArray[np.bool_]:
        """Which are so large that they are held at the outermost level: of the same shape."""

    def clipped(self, scaled: Fp32) -> int:
        """How many are, of numbers of any shape that are divided by the scales which follow from them."""
        return 0

    @property
    def kinds(self) -> tuple[FieldKind, ...]:
        return tuple(field.kind for field in self.code.fields for _bit in range(field.low, field.high + 1))

    def numbers_by_code(self) -> Fp32:
        """What each code stands for: shape (codes,)."""
        return decode_array(self.code, np.arange(1 << self.bits, dtype=np.uint8)).astype(np.float32)

    def levels(self) -> tuple[Fp64, Whole]:
        numbers = self.numbers_by_code().astype(np.float64) + 0.0  # of two zeros one
        levels, codes = np.unique(numbers, return_index=True)
        return levels, self.signed(codes.astype(np.int64))

    def quantize(self, values: Fp32, block_size: int, largest: float | None = None) -> "Blocks":
        """FP32 numbers of any shape; `largest` as `scales` has it."""
        flat = np.ascontiguousarray(values, np.float32).reshape(-1)
        scales = self.scales(self.absmax(flat, block_size), largest)
        scaled = self.scaled(flat, scales.numbers, block_size)
        return Blocks(self, block_size, self.codes_of(scaled), scales, self.clipped(scaled))


@dataclass(frozen=True)
class Blocks:
    """The codes of numbers, shape (numbers,), and the scales of their blocks."""

    quantizer: BlockQuantizer
    block_size: int
    codes: Bytes
    scales: Scales
    clipped: int

    def restored(self, scales: Fp32 | None = None) -> Fp32:
        """level * scale in FP32, shape (numbers,).

        Other `scales`, shape (blocks,), are what double quantization leaves of them.
        """
        values = np.take(self.quantizer.numbers_by_code(), self.codes, mode="clip")
        return times_by_blocks(values, self.scales.numbers if scales is None else scales, self.block_size)

    def packed(self) -> Bytes:
        """As the codes lie in memory, shape (bytes,); the last byte is filled up with the code of zero."""
        return self.quantizer.pack(self.codes, int(self.quantizer.codes_of(np.zeros(1, np.float32))[0]))


@dataclass(frozen=True, eq=False)
class CodebookQuantizer(BlockQuantizer):
    """A codebook and the absmax of a block in FP32, to the bit what bitsandbytes makes of a tensor.

    A number is multiplied by 1 / absmax in FP32, in a last, short block divided by it, and what lies on a bound takes
    the lower level. A block that holds NaN has NaN for its absmax.
    """

    codebook: Codebook
    is_whole: bool = False  # whether the codes are integers in two's complement, and the levels these over the largest

    @property
    def code(self) -> NumberFormat:
        return self.codebook

    @property
    def kinds(self) -> tuple[FieldKind, ...]:
        if self.is_whole:
            return (FieldKind.SIGN, *[FieldKind.INTEGER] * (self.codebook.bits - 1))
        return super().kinds

    @property
    def roundings(self) -> tuple[Rounding, ...]:
        return tuple(rounding for rounding in Rounding if rounding is not Rounding.NEAREST_AWAY)

    def table(self) -> Table:
        return table_of(self.codebook)

    def absmax(self, flat: Fp32, block_size: int, room: Fp32 | None = None) -> Fp32:
        return block_absmax(flat, block_size, room)

    def scales(self, absmax: Fp32, largest: float | None = None) -> Scales:
        return Scales(absmax)

    def scaled(self, flat: Fp32, scales: Fp32, block_size: int, out: Fp32 | None = None) -> Fp32:
        return scaled_by_blocks(flat, scales, block_size, out)

    def codes_of(self, scaled: Fp32) -> Bytes:
        return place_codes(self.codebook, scaled)

    def is_beyond(self, scaled: Fp32) -> NDArray[np.bool_]:
        levels, more = self.table().levels, np.float32(1.000001)
        beyond: NDArray[np.bool_] = (scaled > levels[-1] * more) | (scaled < levels[0] * more)
        return beyond


def integer_codebook(bits: int) -> Codebook:
    """Absmax quantization: the largest integer of `bits` stands for the absmax. The lowest is never taken."""
    largest = largest_integer(bits)
    levels = (Fraction(code - (1 << bits) * (code > largest), largest) for code in range(1 << bits))
    return Codebook(f"INT{bits}", f"a signed integer of {bits} bits times a scale", tuple(levels))
