"""What a way to quantize knows of itself: its codes, its levels, its scales, and what it is called."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.affine import largest_integer
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.named_formats import FP32
from workbench.numerics.number_format import FieldKind, NumberFormat
from workbench.numerics.rounding import Rounding

Fp64 = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Quantizer(ABC):
    """Makes codes of numbers and numbers of codes, whatever numbers share a scale. Two are equal if they are one.

    Attributes:
        title: The name, without what shares a scale.
        color: The token of the theme.
        scale_format: What the scale of a group is stored in.
        divisor: What the numbers of a group are divided by, in a word.
        has_zero_point: Whether a group keeps an integer that stands for zero.
        has_tensor_scale: Whether all groups of a tensor have one more scale in common, in FP32.
        has_free_scale: Whether a scale may be any number, and a block of any size.
        is_first_low: Whether the first code in a byte is in its lowest bits.
    """

    title: str
    color: str

    scale_format: ClassVar[NumberFormat] = FP32
    divisor: ClassVar[str] = "absmax"
    has_zero_point: ClassVar[bool] = False
    has_tensor_scale: ClassVar[bool] = False
    has_free_scale: ClassVar[bool] = True
    is_first_low: ClassVar[bool] = False

    @property
    @abstractmethod
    def kinds(self) -> tuple[FieldKind, ...]:
        """What each bit of a code means, the highest first; 1, 2, 4 or 8 of them."""

    @abstractmethod
    def levels(self) -> tuple[Fp64, Whole]:
        """All that codes stand for, upward, in units of the divisor, and what is stored for each: integers, or codes.

        Both have the shape (levels,).
        """

    @property
    def roundings(self) -> tuple[Rounding, ...]:
        """Those that can be chosen by hand."""
        return tuple(Rounding)

    @property
    def bits(self) -> int:
        return len(self.kinds)

    @property
    def is_integer(self) -> bool:
        return FieldKind.INTEGER in self.kinds

    @property
    def integers(self) -> tuple[int, int]:
        """The lowest and the highest that numbers become, where a code is an integer."""
        largest = largest_integer(self.bits)
        return -largest, largest

    @property
    def unit(self) -> int:
        """How many times the step between two integers goes into the divisor; 1 where a code is not an integer."""
        return largest_integer(self.bits) if self.is_integer else 1

    @property
    def ends(self) -> tuple[float, float]:
        """From where to where numbers lie, in units of the divisor."""
        return -1.0, 1.0

    @property
    def group_bytes(self) -> int:
        """What a group keeps beside its codes; a zero point takes a byte."""
        return self.scale_format.bits // 8 + self.has_zero_point

    @property
    def tensor_bytes(self) -> int:
        """What all groups of a tensor have in common."""
        return FP32.bits // 8 if self.has_tensor_scale else 0

    @property
    def scale_title(self) -> str:
        """What a scale is stored in, in a word: "E4M3"."""
        return self.scale_format.name.rpartition(" ")[2]

    @property
    def is_scale_a_power(self) -> bool:
        """Whether a scale is a power of two."""
        return isinstance(self.scale_format, FloatFormat) and not self.scale_format.fraction_bits

    def signed(self, codes: Whole) -> Whole:
        """Codes as integers of the same shape, where that is what they are: those of a lower half are negative."""
        return codes - (1 << self.bits) * (codes > largest_integer(self.bits)) if self.is_integer else codes

    def pack(self, codes: Bytes, filler: int = 0) -> Bytes:
        """Codes, shape (codes,), as many in a byte as it holds: shape (bytes,); the last byte is filled up."""
        each = 8 // self.bits
        full = np.append(codes, np.full(-len(codes) % each, filler, np.uint8)).reshape(-1, each)
        shifts = np.arange(each) * self.bits
        shifted = full << (shifts if self.is_first_low else shifts[::-1]).astype(np.uint8)
        packed: Bytes = np.bitwise_or.reduce(shifted, axis=1, dtype=np.uint8)
        return packed
