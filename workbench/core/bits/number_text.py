"""A number as one would type it."""

from fractions import Fraction

from workbench.numerics.decimal_text import exact_decimal
from workbench.numerics.number import Number

# Of a longer exact decimal the form m*2^e says more in the value field.
LONGEST_DECIMAL = 30


def number_text(number: Number) -> str:
    """A number as one types it, exactly: 0.0999755859375, 13/127, 13421773*2^-27."""
    sign = "-" if number.is_negative else ""
    if number.is_nan:
        return f"{sign}nan"
    if number.value is None:
        return f"{sign}inf"
    if number.is_zero:
        return f"{sign}0"
    text = exact_decimal(number)
    return text if len(text) <= LONGEST_DECIMAL else _power_text(number.value)


def _power_text(value: Fraction) -> str:
    """m*2^e where the denominator is a power of two, else the fraction."""
    numerator, denominator = value.numerator, value.denominator
    if denominator & (denominator - 1):
        return f"{numerator}/{denominator}"
    twos = (numerator & -numerator).bit_length() - 1
    exponent = twos - (denominator.bit_length() - 1)
    odd = numerator >> twos
    power = f"2^{exponent}"
    return {1: power, -1: f"-{power}"}.get(odd, f"{odd}*{power}")
