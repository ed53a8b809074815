"""Figures as text, in few digits and short powers of ten.

`with_minus`, `with_sign` and `in_digits` write a true minus sign before a number, the others Python's hyphen.
"""

import math

MINUS, TIMES = "\u2212", "\u00d7"
THIN_SPACE = "\u2009"


def with_minus(value: str | float) -> str:
    """With a true minus sign in the place of each hyphen."""
    return str(value).replace("-", MINUS)


def with_sign(text: str, value: float) -> str:
    """A magnitude with the sign of `value`, a plus at 0: "+1.4", "\u22121.4"."""
    return f"{MINUS if value < 0 else '+'}{text}"


def short_power(text: str) -> str:
    """A number as Python writes it, with the power of ten as people do: "1.2e-5" for "1.2e-05"."""
    mantissa, has_power, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if has_power else text


def in_digits(value: float, digits: int = 3) -> str:
    """In this many significant digits: "0.0503", "\u22121.2e-5"."""
    text = short_power(f"{value:.{digits}g}")
    return MINUS + text[1:] if text.startswith("-") else text


def in_powers(value: float, decimals: int) -> str:
    """As a power of ten, its factor with `decimals` at most: "2e-4"."""
    factor, power = f"{value:.{decimals}e}".split("e")
    return f"{float(factor):g}e{int(power)}"


def measured_text(value: float) -> str:
    """A measured number in three or four digits: "0.109", "4.5e-5", "12.4"."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    if value and (abs(value) < 0.001 or abs(value) >= 1e5):
        return in_powers(value, 1)
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def setting_text(value: float) -> str:
    """A setting's number: "2e-4" where zeros would have to be counted."""
    return in_powers(value, 6) if value and abs(value) < 0.001 else f"{value:g}"


def percent(share: float, decimals: int = 0) -> str:
    """A share of 1 in percent, with a thin space before the sign."""
    return f"{100 * share:.{decimals}f}{THIN_SPACE}%"
