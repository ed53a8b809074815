"""Values as decimal text: all digits, the fewest that read back, or a given number of digits."""

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

from workbench.numerics.float_format import FloatFormat
from workbench.numerics.named_formats import FP32
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.twos_format import TwosFormat

# Outside of these powers of ten a number is written with an exponent, as in JavaScript.
LEAST_PLAIN_POWER, MOST_PLAIN_POWER = -7, 21


def exact_decimal(number: Number) -> str:
    """All digits; a fraction such as "38/127" where they do not end."""
    if number.value is None or number.is_zero:
        return _special(number)
    value = number.value
    odd, twos, fives = value.denominator, 0, 0
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    while odd % 5 == 0:
        odd, fives = odd // 5, fives + 1
    if odd != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    scaled = value * 10**places
    return _written(scaled.numerator, -places)


def shortest_decimal(entry: NumberFormat, code: int) -> str:
    """The fewest digits that read back as the stored value, and of those the nearest.

    In the format itself where it is floating point. An integer or an index is turned into FP32 before anything is
    computed with it: its value has the digits that it has there.
    """
    number = entry.decode(code).number
    if number.value is None or number.is_zero:
        return _special(number)
    if not isinstance(entry, FloatFormat | TwosFormat):
        as_fp32 = FP32.encode(number)
        in_fp32 = FP32.decode(as_fp32).number
        is_in_range = in_fp32.is_finite and not in_fp32.is_zero
        return shortest_decimal(FP32, as_fp32) if is_in_range else significant(number, 9)
    value = number.value
    bounds = _bounds(entry, value)
    for digits in itertools.count(1):
        power = _floor_log10(abs(value)) - digits + 1
        unit = Fraction(10) ** power
        whole = math.floor(value / unit)
        inside = [(abs(n * unit - value), n % 2, n) for n in (whole, whole + 1) if bounds.contain(n * unit)]
        if inside:
            return _written(min(inside)[-1], power)
    raise AssertionError("with enough digits the value itself is inside")


def significant(number: Number, digits: int) -> str:
    """Rounded to `digits` digits, half to even; zeros at the end are left out."""
    if number.value is None or number.is_zero:
        return _special(number)
    power = _floor_log10(abs(number.value)) - digits + 1
    return _written(round(number.value / Fraction(10) ** power), power)


@dataclass(frozen=True)
class _Bounds:
    """What is rounded to a value, to nearest even: a tie on either side where the value is even."""

    low: Fraction
    high: Fraction
    are_inside: bool

    def contain(self, x: Fraction) -> bool:
        return self.low < x < self.high or (self.are_inside and x in (self.low, self.high))


def _bounds(entry: NumberFormat, value: Fraction) -> _Bounds:
    ordinal = entry.ordinal_at_or_below(value)
    last = entry.value_count - 1
    below = value - entry.value_at(ordinal - 1 if ordinal else 1)
    above = entry.value_at(ordinal + 1 if ordinal < last else last - 1) - value
    # At an end the gap is that of the other side.
    return _Bounds(value - abs(below) / 2, value + abs(above) / 2, entry.is_even(ordinal))


def _floor_log10(x: Fraction) -> int:
    power = len(str(x.numerator)) - len(str(x.denominator))
    return power if x >= Fraction(10) ** power else power - 1


def _special(number: Number) -> str:
    if number.is_nan:
        return "nan"
    return ("-" if number.is_negative else "") + ("0" if number.is_zero else "inf")


def _written(integer: int, power: int) -> str:
    """An integer times a power of ten."""
    sign, digits = "-" if integer < 0 else "", str(abs(integer))
    stripped = digits.rstrip("0")
    power += len(digits) - len(stripped)
    digits, first = stripped, len(stripped) - 1 + power
    if not LEAST_PLAIN_POWER <= first < MOST_PLAIN_POWER:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{mantissa}e{first:+d}"
    if power >= 0:
        return sign + digits + "0" * power
    if first >= 0:
        return f"{sign}{digits[: first + 1]}.{digits[first + 1 :]}"
    return f"{sign}0.{'0' * (-first - 1)}{digits}"
