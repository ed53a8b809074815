"""Exact numbers as they are written in workings: whole where they are short, cut off where they are long."""

import math
from fractions import Fraction

from workbench.core.figures import MINUS, with_minus
from workbench.numerics.decimal_text import exact_decimal, significant
from workbench.numerics.float_format import FloatFormat, floor_log2
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat

ELLIPSIS = "\u2026"
LONGEST = 22
# Outside of these powers of ten a cut number is written with an exponent.
LEAST_PLAIN, MOST_PLAIN = -7, 15
CUT_DIGITS = 15
# In words a decimal of more characters is rounded, to DIGITS_IN_WORDS where nothing asks for more.
LONGEST_IN_WORDS, DIGITS_IN_WORDS = 24, 7
LARGEST_WEIGHT, SMALLEST_WEIGHT = 1 << 13, 7
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def digits_for(format_: NumberFormat, least: int = 10) -> int:
    """As many as tell a value from its neighbours."""
    bits = format_.fraction_bits + 1 if isinstance(format_, FloatFormat) else 0
    return max(least, math.ceil(bits * math.log10(2)) + 1)


def special_words(number: Number) -> str:
    """NaN, infinity and zero, with their signs; nothing of other numbers."""
    if number.is_nan:
        return "NaN"
    sign = MINUS if number.is_negative else ""
    if number.is_infinite:
        return f"{sign}infinity"
    return f"{sign}0" if number.is_zero else ""


def number_words(number: Number, most: int = DIGITS_IN_WORDS) -> str:
    """A number in a question or a sentence: "infinity", "0.375"; a long one in `digits` digits: "about 0.3333333"."""
    special = special_words(number)
    if special:
        return special
    exact = exact_decimal(number)
    return with_minus(exact if len(exact) <= LONGEST_IN_WORDS else f"about {significant(number, most)}")


def digits(value: Fraction, longest: int = LONGEST) -> str:
    """All digits of a number; of a longer one the first, followed by an ellipsis."""
    text = exact_decimal(Number.of(value)).replace("e+", "e")
    if "/" not in text and len(text) <= longest:
        return with_minus(text)
    sign, size = MINUS if value < 0 else "", abs(value)
    power = _floor_log10(size)
    if LEAST_PLAIN <= power < MOST_PLAIN:
        places = max(2, longest - 2 - max(0, power))
        cut = math.floor(size * 10**places)
        whole, part = divmod(cut, 10**places)
        if Fraction(cut, 10**places) == size:  # nothing but zeros was left to cut
            return f"{sign}{whole}.{part:0{places}d}".rstrip("0")
        return f"{sign}{whole}.{part:0{places}d}{ELLIPSIS}"
    cut = math.floor(size / Fraction(10) ** (power - CUT_DIGITS + 1))
    is_whole = cut * Fraction(10) ** (power - CUT_DIGITS + 1) == size
    mantissa = f"{str(cut)[0]}.{str(cut)[1:]}"
    mantissa = mantissa.rstrip("0").rstrip(".") if is_whole else mantissa + ELLIPSIS
    return with_minus(f"{sign}{mantissa}e{power}")


def rounded(number: Number, most: int = 10) -> str:
    """A number in a column: at most this many digits, infinity by its sign."""
    if number.is_nan:
        return "NaN"
    if number.value is None:
        return f"{MINUS}∞" if number.is_negative else "∞"
    return with_minus(significant(number, most)).replace("e+", "e")


def column_text(number: Number, most: int) -> str:
    """A number in a narrow column: with an exponent where it would begin with many zeros."""
    text = rounded(number, most)
    if len(text) <= 14 or number.value is None or abs(number.value) >= Fraction(1, 1000):
        return text
    power = _floor_log10(abs(number.value))
    mantissa = rounded(Number.of(number.value / Fraction(10) ** power), most)
    return with_minus(f"{mantissa}e{power}")


def power_of_two(exponent: int) -> str:
    """2 with a raised exponent: "2⁻²⁴"."""
    return "2" + str(exponent).translate(_RAISED)


def weight(exponent: int) -> str:
    """A bit's weight: "16", "½", "1/16", and the power itself where that is shorter."""
    if exponent == -1:
        return "½"
    if exponent >= 0:
        return str(1 << exponent) if 1 << exponent < LARGEST_WEIGHT else power_of_two(exponent)
    return f"1/{1 << -exponent}" if -exponent <= SMALLEST_WEIGHT else power_of_two(exponent)


def exponents_of_ones(field: int, bits: int, first: int) -> list[tuple[int, int]]:
    """The bits of a field that are one, from the highest: each its place in the field and its power of two."""
    return [(bit, first - (bits - 1 - bit)) for bit in range(bits - 1, -1, -1) if field >> bit & 1]


def sum_of_weights(field: int, bits: int, first: int) -> str:
    """A field as a sum of its weights, the highest of which is 2**first: "8 + 2 + 1"."""
    return " + ".join(weight(power) for _bit, power in exponents_of_ones(field, bits, first)) or "0"


def weights(exponent: int) -> tuple[str, ...]:
    """A bit's weight in words, and shorter where that is possible."""
    longer, shorter = weight(exponent), power_of_two(exponent)
    return (longer, shorter) if exponent < -3 and longer != shorter else (longer,)


def in_powers(value: Fraction) -> str:
    """A positive number as one writes it in a sentence: a power of two as such where that is shorter."""
    plain = digits(value, 14)
    exponent = floor_log2(value)
    return power_of_two(exponent) if value == Fraction(2) ** exponent and (len(plain) > 10 or "e" in plain) else plain


def _floor_log10(value: Fraction) -> int:
    power = len(str(value.numerator)) - len(str(value.denominator))
    return power if value >= Fraction(10) ** power else power - 1
