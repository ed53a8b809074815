"""A two's complement code worked out: mantissa and exponent, the first bit of each with a negative weight."""

from fractions import Fraction

from workbench.core.bits.digits import digits, sum_of_weights, weight, weights
from workbench.core.bits.inspection import Inspection
from workbench.core.bits.workings import (
    BY,
    EQUALS,
    Line,
    Role,
    Rule,
    Run,
    Workings,
    facts_of,
    power_runs,
    sum_text,
    title_of,
)
from workbench.core.figures import MINUS, with_minus
from workbench.numerics.twos_format import TwosFormat


def work_out_twos(format_: TwosFormat, inspection: Inspection, rounding_text: str) -> Workings:
    """The first bit of either field has a negative weight."""
    decoded, code = inspection.decoded, inspection.code or 0
    assert decoded is not None
    assert decoded.value is not None
    assert decoded.exponent is not None
    assert decoded.fraction is not None
    exponent_field, mantissa_field = format_.fields
    whole = 1 << (format_.mantissa_bits - 1)
    first = exponent_field.bits - 1
    below = {exponent_field.low + place: weights(place) for place in range(first)}
    below[exponent_field.high] = (f"{MINUS}{1 << first}",)
    mantissa = mantissa_field.of(code)
    ones = [bit for bit in range(mantissa_field.high) if mantissa >> bit & 1]
    below |= {bit: weights(bit - mantissa_field.high) for bit in ones}
    below[mantissa_field.high] = (f"{MINUS}1",)
    rules = (
        Rule(exponent_field.kind, exponent_field.high, exponent_field.low, "exponent", with_minus(decoded.exponent),
             _twos_sum(exponent_field.of(code), exponent_field.bits, first, with_minus(decoded.exponent))),
        Rule(mantissa_field.kind, mantissa_field.high, mantissa_field.low, "mantissa",
             f"{with_minus(decoded.fraction)} of {whole}",
             _twos_sum(mantissa, mantissa_field.bits, 0, f"{with_minus(decoded.fraction)}/{whole}"), is_long=True),
    )  # fmt: skip
    return Workings(
        title=title_of(inspection),
        weights=below,
        rules=rules,
        equation=_twos_equation(format_, mantissa, exponent_field.of(code), decoded.value, decoded.exponent),
        sentence=f"{rounding_text} {_twos_words(format_, decoded.fraction)}".strip(),
        facts=facts_of(inspection),
    )


def _twos_equation(format_: TwosFormat, mantissa: int, exponent: int, value: Fraction, power: int) -> tuple[Line, ...]:
    whole, top = 1 << (format_.mantissa_bits - 1), 1 << (format_.exponent_bits - 1)
    rest, low = mantissa & (whole - 1), exponent & (top - 1)
    significand = Fraction(rest - (mantissa & whole), whole)
    first = f"{MINUS}1 + " if mantissa & whole else ""
    raised = f"{MINUS}{top} + {low}" if exponent & top else str(low)
    return (
        (Run(f"({first}{rest}/{whole})", Role.FRACTION), BY, Run("2"), Run(raised, Role.EXPONENT, True)),
        (EQUALS, Run(digits(significand), Role.FRACTION), BY, *power_runs(power), EQUALS, Run(digits(value, 31))),
    )


def _twos_words(format_: TwosFormat, mantissa: int) -> str:
    whole = 1 << (format_.mantissa_bits - 1)
    first = f"{MINUS}{1 << (format_.exponent_bits - 1)} and {MINUS}1"
    shared = f"Both fields are two's complement: their first bits count {first}. Nothing is hidden"
    if mantissa == 0:
        return f"{shared}: any exponent with the mantissa 0 is 0, so {1 << format_.exponent_bits} codes stand for it."
    if -whole // 2 <= mantissa < whole // 2:
        return f"{shared}: the mantissa's first two bits are alike, so a smaller exponent may write the same value."
    return f"{shared}: the mantissa's first two bits differ, which is called normalized."


def _twos_sum(field: int, bits: int, first: int, result: str) -> str:
    """A field as a sum of its weights, the first of which is negative, and what it comes to."""
    rest = sum_of_weights(field & ((1 << (bits - 1)) - 1), bits - 1, first - 1)
    if not field >> (bits - 1):
        return sum_text(rest, result)
    return sum_text(f"{MINUS}{weight(first)}" + ("" if rest == "0" else f" + {rest}"), result)
