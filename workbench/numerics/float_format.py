"""Floating point with a sign bit, an exponent and a fraction."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import Decoded, Field, FieldKind, FormatError, NumberFormat, goes_up
from workbench.numerics.rounding import Rounding

MOST_EXPONENT_BITS = 11
MOST_FRACTION_BITS = 52
# FP64 holds every value of every format: arrays are decoded into it.
LEAST_EXPONENT, MOST_EXPONENT = -1022, 1023
LEAST_POWER = -1074


class Specials(StrEnum):
    """What the codes with the largest exponent stand for."""

    IEEE = "infinities and NaNs"
    NAN_ONLY = "one NaN"  # every bit set, the sign aside
    NONE = "numbers"


@dataclass(frozen=True)
class FloatFormat(NumberFormat):
    """A sign bit, an exponent with a bias and a fraction; raises FormatError for what cannot be.

    Without `subnormals` the codes below the smallest normal number read as zero. Without `zero` exponent 0 is one like
    the others, as in E8M0.
    """

    exponent_bits: int
    fraction_bits: int
    bias: int
    signed: bool = True
    specials: Specials = Specials.IEEE
    subnormals: bool = True
    zero: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.exponent_bits <= MOST_EXPONENT_BITS:
            raise FormatError(f"An exponent has 1 to {MOST_EXPONENT_BITS} bits, not {self.exponent_bits}.")
        if not 0 <= self.fraction_bits <= MOST_FRACTION_BITS:
            raise FormatError(f"A fraction has 0 to {MOST_FRACTION_BITS} bits, not {self.fraction_bits}.")
        if self.specials is Specials.IEEE and (self.fraction_bits == 0 or self.exponent_bits == 1):
            raise FormatError("Infinities and NaNs take two exponent bits and one fraction bit at least.")
        if not self.zero and (self.signed or self.subnormals):
            raise FormatError("A format without a zero has neither a sign nor subnormals.")
        if self.largest_magnitude < 1:
            raise FormatError("No number but zero is left of so few bits.")
        if self.smallest_exponent < LEAST_EXPONENT or self.smallest_exponent - self.fraction_bits < LEAST_POWER:
            raise FormatError(f"With the bias {self.bias} the smallest numbers are below those of FP64.")
        if self.largest_exponent > MOST_EXPONENT:
            raise FormatError(f"With the bias {self.bias} the largest numbers are above those of FP64.")

    @property
    def bits(self) -> int:
        return self.signed + self.exponent_bits + self.fraction_bits

    @property
    def fields(self) -> tuple[Field, ...]:
        exponent_low = self.fraction_bits
        sign_bit = exponent_low + self.exponent_bits
        sign = (Field(FieldKind.SIGN, sign_bit, sign_bit),) if self.signed else ()
        fraction = (Field(FieldKind.FRACTION, exponent_low - 1, 0),) if self.fraction_bits else ()
        return (*sign, Field(FieldKind.EXPONENT, sign_bit - 1, exponent_low), *fraction)

    @property
    def saturable(self) -> bool:
        """Of the formats that can overflow it is the 8-bit ones whose libraries do not agree."""
        return self.specials is not Specials.NONE and self.bits <= 8

    @property
    def smallest_exponent(self) -> int:
        """That of the smallest normal number."""
        return self.zero - self.bias

    @property
    def largest_exponent(self) -> int:
        return max(self.largest_magnitude >> self.fraction_bits, int(self.zero)) - self.bias

    @cached_property
    def sign_mask(self) -> int:
        """The sign bit of a code; 0 in a format that has none."""
        return 1 << (self.bits - 1) if self.signed else 0

    @cached_property
    def largest_magnitude(self) -> int:
        """The code of the largest number."""
        end = 1 << (self.exponent_bits + self.fraction_bits)
        match self.specials:
            case Specials.IEEE:
                return end - (1 << self.fraction_bits) - 1
            case Specials.NAN_ONLY:
                return end - 2
            case Specials.NONE:
                return end - 1

    @property
    def nan_magnitude(self) -> int | None:
        """The code of the quiet NaN."""
        end = 1 << (self.exponent_bits + self.fraction_bits)
        if self.specials is Specials.NONE:
            return None
        return end - (1 << (self.fraction_bits - 1)) if self.specials is Specials.IEEE else end - 1

    @property
    def overflow_magnitude(self) -> int | None:
        """The code of infinity, or of NaN where there is no infinity; None where the largest number is the last."""
        return self.largest_magnitude + 1 if self.specials is Specials.IEEE else self.nan_magnitude

    @property
    def value_count(self) -> int:
        return self._last_step * (1 + self.signed) + 1

    def decode(self, code: int) -> Decoded:
        self.checked(code)
        is_negative = bool(code & self.sign_mask)
        magnitude = code & ~self.sign_mask
        field, fraction = magnitude >> self.fraction_bits, magnitude & ((1 << self.fraction_bits) - 1)
        sign = int(is_negative) if self.signed else None
        if magnitude > self.largest_magnitude:
            is_nan = self.specials is not Specials.IEEE or fraction != 0
            number = Number(None, is_negative, is_nan)
            kind = NumberClass.NAN if is_nan else NumberClass.INFINITY
            return Decoded(code, number, kind, sign=sign, exponent_field=field, fraction=fraction)
        hidden_bit = int(field > 0 or not self.zero)
        value = self._value_of(magnitude)
        kind = NumberClass.NORMAL if hidden_bit else NumberClass.SUBNORMAL if value else NumberClass.ZERO
        kept = fraction if hidden_bit or self.subnormals else 0
        return Decoded(
            code,
            Number(-value if is_negative else value, is_negative),
            kind,
            sign=sign,
            exponent_field=field,
            exponent=max(field - self.bias, self.smallest_exponent),
            hidden_bit=hidden_bit,
            fraction=fraction,
            significand=hidden_bit + Fraction(kept, 1 << self.fraction_bits),
        )

    def value_at(self, ordinal: int) -> Fraction:
        step = ordinal - self._zero_ordinal
        value = self._value_of(self._magnitude_at(abs(step)))
        return -value if step < 0 else value

    def code_at(self, ordinal: int) -> int:
        step = ordinal - self._zero_ordinal
        return self._magnitude_at(abs(step)) | (self.sign_mask if step < 0 else 0)

    def ordinal_at_or_below(self, x: Fraction) -> int:
        if x >= 0:
            return self._zero_ordinal + self._step_within(x)
        if not self.signed:
            return -1
        step = self._step_within(-x)
        is_exact = self._value_of(self._magnitude_at(step)) == -x
        return self._zero_ordinal - step - (not is_exact)

    def _code_of_nan(self, number: Number) -> int:
        if self.nan_magnitude is None:
            return super()._code_of_nan(number)
        return self._signed(self.nan_magnitude, number)

    def _code_of_infinity(self, number: Number, *, saturate: bool) -> int:
        if number.is_negative and not self.signed:
            return self._unsigned_code_of_negative()
        return self._signed(self._beyond_largest(saturate=saturate), number)

    def _code_of_finite(self, number: Number, rounding: Rounding, *, saturate: bool, seed: int) -> int:
        x = number.value
        assert x is not None
        if (x < 0 and not self.signed) or (x == 0 and not self.zero):
            return self._unsigned_code_of_negative()
        if abs(x) > self._largest_value:
            overflows = self._rounds_beyond_largest(x, rounding, seed)
            magnitude = self._beyond_largest(saturate=saturate) if overflows else self.largest_magnitude
            return self._signed(magnitude, number)
        code = super()._code_of_finite(number, rounding, saturate=saturate, seed=seed)
        return self._signed(code, number)  # what is rounded to zero keeps its sign

    def _rounds_beyond_largest(self, x: Fraction, rounding: Rounding, seed: int) -> bool:
        """Whether the value after the largest, were there one, would be chosen."""
        largest = self._largest_value
        following = largest + Fraction(2) ** (self.largest_exponent - self.fraction_bits)
        if abs(x) >= following:
            direction = {Rounding.UP: x > 0, Rounding.DOWN: x < 0, Rounding.TOWARD_ZERO: False}
            return direction.get(rounding, True)
        is_largest_even = self.largest_magnitude % 2 == 0
        if x > 0:
            return goes_up(x, largest, following, rounding, seed, is_low_even=is_largest_even)
        return not goes_up(x, -following, -largest, rounding, seed, is_low_even=not is_largest_even)

    def _beyond_largest(self, *, saturate: bool) -> int:
        beyond = self.overflow_magnitude
        return self.largest_magnitude if beyond is None or (saturate and self.saturable) else beyond

    def _unsigned_code_of_negative(self) -> int:
        """NaN for what an unsigned format cannot hold, as the libraries have it for E8M0; else its lowest value."""
        return self.code_at(0) if self.nan_magnitude is None else self.nan_magnitude

    def _signed(self, magnitude: int, number: Number) -> int:
        return magnitude | (self.sign_mask if number.is_negative else 0)

    def is_even(self, ordinal: int) -> bool:
        # Without subnormals zero is the even neighbour of the smallest normal number of either sign.
        is_flushed = not self.subnormals and self.zero and ordinal == self._zero_ordinal - 1
        return super().is_even(ordinal) and not is_flushed

    @cached_property
    def _largest_value(self) -> Fraction:
        return self._value_of(self.largest_magnitude)

    @cached_property
    def _skipped(self) -> int:
        """How many codes between zero and the smallest normal number stand for nothing of their own."""
        return 0 if self.subnormals or not self.zero else (1 << self.fraction_bits) - 1

    @cached_property
    def _last_step(self) -> int:
        """How many values are above the smallest one that is not negative."""
        return self.largest_magnitude - self._skipped

    @property
    def _zero_ordinal(self) -> int:
        return self._last_step if self.signed else 0

    def _magnitude_at(self, step: int) -> int:
        return step + self._skipped if step else 0

    def _step_within(self, x: Fraction) -> int:
        """The step of the greatest value that is not above `x`, which is not negative; -1 where there is none."""
        if x == 0:
            return 0 if self.zero else -1
        exponent = max(floor_log2(x), self.smallest_exponent)
        shift = self.fraction_bits - exponent
        whole = (x.numerator << max(shift, 0)) // (x.denominator << max(-shift, 0))
        magnitude = ((exponent - self.smallest_exponent) << self.fraction_bits) + whole
        if not self.zero:
            return min(magnitude - (1 << self.fraction_bits), self._last_step) if whole else -1
        if magnitude <= self._skipped:
            return 0
        return min(magnitude - self._skipped, self._last_step)

    def _value_of(self, magnitude: int) -> Fraction:
        field, fraction = magnitude >> self.fraction_bits, magnitude & ((1 << self.fraction_bits) - 1)
        if field or not self.zero:
            whole, power = (1 << self.fraction_bits) | fraction, field - self.bias - self.fraction_bits
        else:
            whole = fraction if self.subnormals else 0
            power = self.smallest_exponent - self.fraction_bits
        return dyadic(whole, power)


def dyadic(whole: int, power: int) -> Fraction:
    """whole * 2**power."""
    return Fraction(whole << power) if power >= 0 else Fraction(whole, 1 << -power)


def floor_log2(x: Fraction) -> int:
    """The largest power of two that is not above a positive `x`."""
    power = x.numerator.bit_length() - x.denominator.bit_length()
    is_above = x.numerator << max(-power, 0) < x.denominator << max(power, 0)
    return power - is_above
