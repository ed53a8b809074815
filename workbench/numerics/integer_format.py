"""Integers that stand for multiples of a scale."""

from dataclasses import dataclass
from fractions import Fraction

from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import Decoded, Field, FieldKind, FormatError, NumberFormat
from workbench.numerics.twos_format import signed

MOST_BITS = 16
# Beyond these a product with a code is not a number of FP64 any more.
LEAST_SCALE, MOST_SCALE = Fraction(1, 10**300), Fraction(10**300)


@dataclass(frozen=True)
class IntegerFormat(NumberFormat):
    """value = (integer - zero_point) * scale; raises FormatError for what cannot be.

    A tie goes to the even multiple of the scale, before the zero point is added: so do PyTorch and ONNX.
    """

    width: int = 8
    signed: bool = True
    scale: Fraction = Fraction(1, 127)
    zero_point: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.width <= MOST_BITS:
            raise FormatError(f"An integer has 2 to {MOST_BITS} bits, not {self.width}.")
        if not LEAST_SCALE <= self.scale <= MOST_SCALE:
            raise FormatError("A scale is above zero, from 1e-300 to 1e300.")
        if not self.lowest_integer <= self.zero_point <= self.lowest_integer + self.value_count - 1:
            raise FormatError(
                f"A zero point is one of the integers, and {self.zero_point} does not fit {self.width} bits."
            )

    @property
    def bits(self) -> int:
        return self.width

    @property
    def fields(self) -> tuple[Field, ...]:
        if not self.signed:
            return (Field(FieldKind.INTEGER, self.width - 1, 0),)
        top = self.width - 1
        return (Field(FieldKind.SIGN, top, top), Field(FieldKind.INTEGER, top - 1, 0))

    @property
    def lowest_integer(self) -> int:
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def value_count(self) -> int:
        return 1 << self.width

    def decode(self, code: int) -> Decoded:
        integer = signed(self.checked(code), self.width) if self.signed else self.checked(code)
        value = (integer - self.zero_point) * self.scale
        kind = NumberClass.NORMAL if value else NumberClass.ZERO
        sign = code >> (self.width - 1) if self.signed else None
        return Decoded(code, Number(value, value < 0), kind, sign=sign, integer=integer)

    def value_at(self, ordinal: int) -> Fraction:
        return self._multiple_at(ordinal) * self.scale

    def code_at(self, ordinal: int) -> int:
        return (ordinal + self.lowest_integer) & ((1 << self.width) - 1)

    def ordinal_at_or_below(self, x: Fraction) -> int:
        multiple = x / self.scale
        whole = multiple.numerator // multiple.denominator
        return min(max(whole + self.zero_point - self.lowest_integer, -1), self.value_count - 1)

    def _multiple_at(self, ordinal: int) -> int:
        return ordinal + self.lowest_integer - self.zero_point

    def is_even(self, ordinal: int) -> bool:
        return self._multiple_at(ordinal) % 2 == 0
