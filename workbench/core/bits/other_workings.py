"""Codes without a hidden bit worked out: two's complement, integers with a scale, indexes into a table."""

from fractions import Fraction

from workbench.core.bits.digits import MINUS, TIMES, digits, rounded, sum_of_weights, weight
from workbench.core.bits.digits import weights as bit_weights
from workbench.core.bits.inspection import Inspection
from workbench.core.bits.workings import (
    FAINT,
    Line,
    Rule,
    Run,
    Workings,
    class_words,
    color_of,
    facts_of,
    title_of,
)
from workbench.numerics.codebook import Codebook
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.number import Number
from workbench.numerics.number_format import FieldKind
from workbench.numerics.twos_format import TwosFormat

EXPONENT, FRACTION = color_of(FieldKind.EXPONENT), color_of(FieldKind.FRACTION)
INTEGER, INDEX = color_of(FieldKind.INTEGER), color_of(FieldKind.INDEX)
EQUALS, BY = Run(" = ", FAINT), Run(f" {TIMES} ", FAINT)


# -- two's complement -------------------------------------------------------------------------------------------------


def work_out_twos(format_: TwosFormat, inspection: Inspection, how: str) -> Workings:
    """The first bit of either field has a negative weight."""
    decoded, code = inspection.decoded, inspection.code or 0
    assert decoded is not None
    assert decoded.value is not None
    assert decoded.exponent is not None
    assert decoded.fraction is not None
    exponent_field, mantissa_field = format_.fields
    whole = 1 << (format_.mantissa_bits - 1)
    first = exponent_field.bits - 1
    weights = {exponent_field.low + place: bit_weights(place) for place in range(first)}
    weights[exponent_field.high] = (f"{MINUS}{1 << first}",)
    mantissa = mantissa_field.of(code)
    ones = [bit for bit in range(mantissa_field.high) if mantissa >> bit & 1]
    weights |= {bit: bit_weights(bit - mantissa_field.high) for bit in ones}
    weights[mantissa_field.high] = (f"{MINUS}1",)
    rules = (
        Rule(exponent_field.kind, exponent_field.high, exponent_field.low, "exponent", _signed(decoded.exponent),
             _twos_sum(exponent_field.of(code), exponent_field.bits, first, _signed(decoded.exponent))),
        Rule(mantissa_field.kind, mantissa_field.high, mantissa_field.low, "mantissa",
             f"{_signed(decoded.fraction)} of {whole}",
             _twos_sum(mantissa, mantissa_field.bits, 0, f"{_signed(decoded.fraction)}/{whole}"), is_long=True),
    )  # fmt: skip
    return Workings(
        title=title_of(inspection),
        weights=weights,
        rules=rules,
        equation=_twos_equation(format_, mantissa, exponent_field.of(code), decoded.value, decoded.exponent),
        sentence=f"{how} {_twos_words(format_, decoded.fraction)}".strip(),
        facts=facts_of(inspection),
    )


def _twos_equation(format_: TwosFormat, mantissa: int, exponent: int, value: Fraction, power: int) -> tuple[Line, ...]:
    whole, top = 1 << (format_.mantissa_bits - 1), 1 << (format_.exponent_bits - 1)
    rest, low = mantissa & (whole - 1), exponent & (top - 1)
    significand = Fraction(rest - (mantissa & whole), whole)
    first = f"{MINUS}1 + " if mantissa & whole else ""
    raised = f"{MINUS}{top} + {low}" if exponent & top else str(low)
    plain = digits(Fraction(2) ** power, 40)
    reckoned: Line = (Run(plain, EXPONENT),)
    if len(plain) > 12:
        reckoned = (Run("2", EXPONENT), Run(_signed(power), EXPONENT, True))
    return (
        (Run(f"({first}{rest}/{whole})", FRACTION), BY, Run("2"), Run(raised, EXPONENT, True)),
        (EQUALS, Run(digits(significand), FRACTION), BY, *reckoned, EQUALS, Run(digits(value, 31))),
    )


def _twos_words(format_: TwosFormat, mantissa: int) -> str:
    whole = 1 << (format_.mantissa_bits - 1)
    first = f"{MINUS}{1 << (format_.exponent_bits - 1)} and {MINUS}1"
    said = f"Both fields are two's complement: their first bits count {first}. Nothing is hidden"
    if mantissa == 0:
        return f"{said}: any exponent with the mantissa 0 is 0, so {1 << format_.exponent_bits} codes stand for it."
    if -whole // 2 <= mantissa < whole // 2:
        return f"{said}: the mantissa's first two bits are alike, so a smaller exponent may write the same value."
    return f"{said}: the mantissa's first two bits differ, which is called normalized."


def _twos_sum(field: int, bits: int, first: int, result: str) -> str:
    """The first weight is negative."""
    rest = sum_of_weights(field & ((1 << (bits - 1)) - 1), bits - 1, first - 1)
    if not field >> (bits - 1):
        return rest if rest == result else f"{rest} = {result}"
    told = f"{MINUS}{weight(first)}" + ("" if rest == "0" else f" + {rest}")
    return told if told == result else f"{told} = {result}"


# -- integers ---------------------------------------------------------------------------------------------------------


def work_out_integer(format_: IntegerFormat, inspection: Inspection, how: str) -> Workings:
    """An integer, less a zero point, times a scale."""
    decoded, code = inspection.decoded, inspection.code or 0
    assert decoded is not None
    assert decoded.value is not None
    assert decoded.integer is not None
    weights = {bit: bit_weights(bit) for bit in range(format_.bits)}
    rules = []
    for part in format_.fields:
        if part.kind is FieldKind.SIGN:
            weights[part.low] = (f"{MINUS}{1 << part.low}",)
            value = f"{MINUS}{1 << part.low}" if part.of(code) else "0"
            rules.append(Rule(part.kind, part.high, part.low, "sign", value))
        else:
            terms, value = sum_of_weights(part.of(code), part.bits, part.bits - 1), str(part.of(code))
            told = terms if terms == value else f"{terms} = {value}"
            rules.append(Rule(part.kind, part.high, part.low, "integer", value, told))
    return Workings(
        title=title_of(inspection),
        weights=weights,
        rules=tuple(rules),
        equation=_integer_equation(format_, code, decoded.integer, decoded.value),
        sentence=f"{how} {_integer_words(format_, inspection)}".strip(),
        facts=facts_of(inspection),
    )


def _integer_equation(format_: IntegerFormat, code: int, integer: int, value: Fraction) -> tuple[Line, ...]:
    scale, zero = str(format_.scale), format_.zero_point
    scale_runs: Line = (Run(f"({scale})" if "/" in scale else digits(format_.scale)),)
    inner: Line
    top = 1 << (format_.bits - 1)
    if format_.signed and code & top:
        inner = (Run(f"{MINUS}{top}", color_of(FieldKind.SIGN)), Run(f" + {code & (top - 1)}", INTEGER))
    else:
        inner = (Run(str(integer), INTEGER),)
    if zero:
        inner += (Run(f" {MINUS} {zero}" if zero > 0 else f" + {-zero}"),)
    first: Line = (*inner, BY, *scale_runs) if len(inner) == 1 else (Run("("), *inner, Run(")"), BY, *scale_runs)
    steps = integer - zero
    lines: list[Line] = [first]
    middle: Line = () if len(inner) == 1 else (EQUALS, Run(_signed(steps), INTEGER), BY, *scale_runs)
    whole = digits(value, 40)
    ratio = _signed(value.numerator) + f"/{value.denominator}"
    result: Line = (EQUALS, Run(whole))
    if whole.endswith("\u2026") and len(ratio) <= 24:
        result = (EQUALS, Run(ratio), EQUALS, Run(digits(value, 20)))
    lines.append((*middle, *result))
    return tuple(lines)


def _integer_words(format_: IntegerFormat, inspection: Inspection) -> str:
    given = inspection.given.value
    step = rounded(Number.of(format_.scale), 8) if len(str(format_.scale)) > 9 else str(format_.scale)
    even = f"There is no exponent: from one value to the next it is {step} everywhere."
    stored = inspection.decoded.value if inspection.decoded else None
    if given is None or given == stored or inspection.is_clipped:
        return even
    steps = rounded(Number.of(given / format_.scale), 8)
    put = f", and {_signed(format_.zero_point)} more is the integer" if format_.zero_point else ""
    by = f"({step})" if "/" in step else step
    return f"{rounded(Number.of(given), 8)} / {by} = {steps}, rounded to a whole number{put}. {even}"


# -- codebooks --------------------------------------------------------------------------------------------------------


def work_out_codebook(format_: Codebook, inspection: Inspection, how: str) -> Workings:
    """The bits are the number of a line in a table."""
    decoded, code = inspection.decoded, inspection.code or 0
    assert decoded is not None
    assert decoded.value is not None
    part = format_.fields[0]
    terms = sum_of_weights(code, part.bits, part.bits - 1)
    told = terms if terms == str(code) else f"{terms} = {code}"
    level = format_.levels[code]
    absmax = digits(format_.absmax, 14)
    first: Line = (Run(f"level {code}", INDEX), BY, Run("absmax", FAINT), Run(" 1" if absmax == "1" else ""))
    second = () if absmax == "1" else ((EQUALS, Run(digits(level, 14), INDEX), BY, Run(absmax)),)
    return Workings(
        title=title_of(inspection),
        weights={bit: bit_weights(bit) for bit in range(part.bits)},
        rules=(Rule(part.kind, part.high, part.low, "index", str(code), told),),
        equation=(first, *second, (EQUALS, Run(digits(decoded.value, 14)))),
        sentence=f"{how} {_codebook_words(format_, inspection)}".strip(),
        facts=_codebook_facts(format_, inspection),
    )


def _codebook_facts(format_: Codebook, inspection: Inspection) -> tuple[tuple[str, str], ...]:
    below, above, _ulp, _kind = facts_of(inspection)
    low, high = boundaries(format_, inspection.code or 0)
    ends = ("" if low is None else rounded(Number.of(low), 5), "" if high is None else rounded(Number.of(high), 5))
    if ends[0] and ends[1]:
        takes = f"{ends[0]} to {ends[1]}"
    else:
        takes = f"up to {ends[1]}" if ends[1] else f"from {ends[0]} on"
    return (below, above, ("Takes", takes), ("Class", class_words(inspection)))


def boundaries(format_: Codebook, code: int) -> tuple[Fraction | None, Fraction | None]:
    """Half way to the neighbours: what lies between is rounded to this level; None at the ends."""
    ordinal = format_.ordinal_at_or_below(format_.levels[code] * format_.absmax)
    value, last = format_.value_at(ordinal), format_.value_count - 1
    low = (value + format_.value_at(ordinal - 1)) / 2 if ordinal else None
    high = (value + format_.value_at(ordinal + 1)) / 2 if ordinal < last else None
    return low, high


def _codebook_words(format_: Codebook, inspection: Inspection) -> str:
    size = len(format_.levels)
    said = f"The bits are the number of a line in a table of {size}: no sign, no exponent, no fraction."
    given, stored = inspection.given.value, inspection.decoded.value if inspection.decoded else None
    if given is None or given == stored:
        return said
    ends = (format_.value_at(0), format_.value_at(format_.value_count - 1))
    if not ends[0] <= given <= ends[1]:
        return f"{rounded(Number.of(given), 6)} is beyond the last level. {said}"
    return said


def _signed(value: int) -> str:
    return str(value).replace("-", MINUS)
