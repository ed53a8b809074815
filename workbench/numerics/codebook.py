"""Codebooks: a code is an index into a table and has no sign, exponent or fraction."""

import bisect
import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from statistics import NormalDist
from typing import ClassVar

from workbench.numerics.integer_format import LEAST_SCALE, MOST_SCALE
from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import Decoded, Field, FieldKind, FormatError, NumberFormat

# QLoRA (arXiv 2305.14314) cuts the normal distribution here; bitsandbytes' create_normal_map has the digits.
NF4_OFFSET = 0.9677083


@dataclass(frozen=True)
class Codebook(NumberFormat):
    """value = levels[code] * absmax, the levels in the order of their codes; a tie goes to the even code.

    Raises FormatError for what cannot be.
    """

    levels: tuple[Fraction, ...]
    absmax: Fraction = Fraction(1)
    has_ulp: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if len(self.levels) not in (4, 8, 16, 32, 64, 128, 256):
            raise FormatError("A codebook has 4 to 256 levels, as many as its codes.")
        if not LEAST_SCALE <= self.absmax <= MOST_SCALE:
            raise FormatError("An absmax is above zero, from 1e-300 to 1e300.")

    @property
    def bits(self) -> int:
        return len(self.levels).bit_length() - 1

    @property
    def fields(self) -> tuple[Field, ...]:
        return (Field(FieldKind.INDEX, self.bits - 1, 0),)

    @property
    def value_count(self) -> int:
        return len(self._codes)

    def decode(self, code: int) -> Decoded:
        value = self.levels[self.checked(code)] * self.absmax
        kind = NumberClass.NORMAL if value else NumberClass.ZERO
        return Decoded(code, Number(value, value < 0), kind, integer=code)

    def value_at(self, ordinal: int) -> Fraction:
        return self._values[ordinal]

    def code_at(self, ordinal: int) -> int:
        return self._codes[ordinal]

    def ordinal_at_or_below(self, x: Fraction) -> int:
        return bisect.bisect_right(self._values, x) - 1

    @cached_property
    def _codes(self) -> list[int]:
        """Codes in the order of their values; of several for one value the first."""
        first: dict[Fraction, int] = {}
        for code, level in enumerate(self.levels):
            first.setdefault(level, code)
        return [first[level] for level in sorted(first)]

    @cached_property
    def _values(self) -> list[Fraction]:
        return [self.levels[code] * self.absmax for code in self._codes]


def nf4_levels() -> tuple[Fraction, ...]:
    """The 16 levels of NF4, as bitsandbytes stores them in FP32.

    Eight positive and seven negative quantiles of the normal distribution and zero, divided by the largest. This is not
    equation 4 of the paper to the letter: the outermost quantile is NF4_OFFSET and not one of 2**k + 1 parts.
    """
    quantile = NormalDist().inv_cdf
    positive = [_fp32(quantile(p)) for p in _spaced(9)]
    negative = [_fp32(-quantile(p)) for p in _spaced(8)]
    largest = max(positive)
    return tuple(Fraction(_fp32(level / largest)) for level in sorted([*negative, 0.0, *positive]))


def fp4_levels() -> tuple[Fraction, ...]:
    """The 16 levels of bitsandbytes' FP4, in the order of their codes; both zeros are the same one."""
    # functional.py, get_4bit_type
    twelfths = (0.0, 0.0625, 8.0, 12.0, 4.0, 6.0, 2.0, 3.0)
    positive = [Fraction(_fp32(level / 12)) for level in twelfths]
    return (*positive, *(-level for level in positive))


def _spaced(points: int) -> list[float]:
    """All but the last of points from NF4_OFFSET to 1/2, in FP32 and from either end as torch.linspace does."""
    start, end = _fp32(NF4_OFFSET), 0.5
    step = _fp32(_fp32(end - start) / (points - 1))
    near_start = [_fp32(start + step * i) for i in range(points // 2)]
    return near_start + [_fp32(end - step * (points - 1 - i)) for i in range(points // 2, points - 1)]


def _fp32(x: float) -> float:
    rounded: float = struct.unpack("f", struct.pack("f", x))[0]
    return rounded
