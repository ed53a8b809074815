"""Floating point with exponent and mantissa in two's complement, without a hidden bit."""

from dataclasses import dataclass
from fractions import Fraction

from workbench.numerics.float_format import dyadic, floor_log2
from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import Decoded, Field, FieldKind, FormatError, NumberFormat

MOST_BITS = 16


@dataclass(frozen=True)
class TwosFormat(NumberFormat):
    """value = mantissa / 2**(mantissa_bits - 1) * 2**exponent, the point after the mantissa's first bit.

    A mantissa is normalized where its first two bits differ. Several codes stand for most values: encoding gives the
    normalized one, or that with the least exponent. Raises FormatError for what cannot be.
    """

    exponent_bits: int
    mantissa_bits: int

    def __post_init__(self) -> None:
        if self.exponent_bits < 2 or self.mantissa_bits < 2:
            raise FormatError("In two's complement exponent and mantissa have two bits each at least.")
        if self.bits > MOST_BITS:
            raise FormatError(f"Exponent and mantissa have {MOST_BITS} bits together at most, not {self.bits}.")
        if self.exponent_bits > 10:
            raise FormatError(f"An exponent in two's complement has 10 bits at most, not {self.exponent_bits}.")

    @property
    def bits(self) -> int:
        return self.exponent_bits + self.mantissa_bits

    @property
    def fields(self) -> tuple[Field, ...]:
        return (
            Field(FieldKind.EXPONENT, self.bits - 1, self.mantissa_bits),
            Field(FieldKind.FRACTION, self.mantissa_bits - 1, 0),
        )

    @property
    def smallest_exponent(self) -> int:
        return -(1 << (self.exponent_bits - 1))

    @property
    def _quarter(self) -> int:
        """The smallest mantissa that is normalized."""
        return 1 << (self.mantissa_bits - 2)

    @property
    def _negative_values(self) -> int:
        return 2 * self._quarter + ((1 << self.exponent_bits) - 1) * self._quarter

    @property
    def value_count(self) -> int:
        return 2 * self._negative_values  # as many positive ones but one, and zero

    def decode(self, code: int) -> Decoded:
        exponent_field, fraction_field = self.fields
        exponent = signed(exponent_field.of(self.checked(code)), self.exponent_bits)
        mantissa = signed(fraction_field.of(code), self.mantissa_bits)
        value = self._value_of(mantissa, exponent)
        # Also a mantissa that is not normalized, where with a smaller exponent it could be.
        at_least_exponent = mantissa << (exponent - self.smallest_exponent)
        is_normal = not -self._quarter <= at_least_exponent < self._quarter
        kind = NumberClass.NORMAL if is_normal else NumberClass.SUBNORMAL if mantissa else NumberClass.ZERO
        return Decoded(
            code,
            Number(value, value < 0),
            kind,
            exponent_field=exponent,
            exponent=exponent,
            fraction=mantissa,
            significand=Fraction(mantissa, 2 * self._quarter),
        )

    def value_at(self, ordinal: int) -> Fraction:
        return self._value_of(*self._parts_at(ordinal))

    def code_at(self, ordinal: int) -> int:
        if ordinal == self._negative_values:
            return 0
        mantissa, exponent = self._parts_at(ordinal)
        exponent_field = exponent & ((1 << self.exponent_bits) - 1)
        return exponent_field << self.mantissa_bits | mantissa & ((1 << self.mantissa_bits) - 1)

    def ordinal_at_or_below(self, x: Fraction) -> int:
        quarter = self._quarter
        exponent = self.smallest_exponent
        if x:
            exponent = max(exponent, floor_log2(abs(x)) + 1)
            if x < 0 and -x == dyadic(1, exponent - 1):
                exponent = max(self.smallest_exponent, exponent - 1)  # -1 is -512/512 and 1 is 256/512 * 2
        power = exponent - self.smallest_exponent
        shift = self.mantissa_bits - 1 - exponent
        whole = (x.numerator << max(shift, 0)) // (x.denominator << max(-shift, 0))
        if x >= 0:
            step = whole + power * quarter
            return min(self._negative_values + step, self.value_count - 1)
        step = -whole + power * quarter  # a mantissa below the normalized ones of this exponent counts there too
        return max(self._negative_values - step, -1)

    def _value_of(self, mantissa: int, exponent: int) -> Fraction:
        return dyadic(mantissa, exponent - self.mantissa_bits + 1)

    def _parts_at(self, ordinal: int) -> tuple[int, int]:
        """Mantissa and exponent."""
        step, half = ordinal - self._negative_values, 2 * self._quarter
        magnitude, first = abs(step), half - 1 if step >= 0 else half
        if magnitude <= first:
            return step, self.smallest_exponent
        powers, rest = divmod(magnitude - first - 1, self._quarter)
        mantissa = self._quarter + rest if step >= 0 else -(self._quarter + 1 + rest)
        return mantissa, self.smallest_exponent + 1 + powers

    def is_even(self, ordinal: int) -> bool:
        return self._parts_at(ordinal)[0] % 2 == 0


def signed(field: int, bits: int) -> int:
    """A field of `bits` bits read as two's complement."""
    return field - (1 << bits) if field >> (bits - 1) else field
