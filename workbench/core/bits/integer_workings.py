"""An integer code worked out: less its zero point, times its scale."""

from fractions import Fraction

from workbench.core.bits.digits import ELLIPSIS, digits, rounded, sum_of_weights, weights
from workbench.core.bits.inspection import Inspection
from workbench.core.bits.workings import BY, EQUALS, Line, Role, Rule, Run, Workings, facts_of, sum_text, title_of
from workbench.core.figures import MINUS, with_minus
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.number import Number
from workbench.numerics.number_format import FieldKind


def work_out_integer(format_: IntegerFormat, inspection: Inspection, rounding_text: str) -> Workings:
    """An integer, less a zero point, times a scale."""
    decoded, code = inspection.decoded, inspection.code or 0
    assert decoded is not None
    assert decoded.value is not None
    assert decoded.integer is not None
    below = {bit: weights(bit) for bit in range(format_.bits)}
    rules = []
    for part in format_.fields:
        if part.kind is FieldKind.SIGN:
            below[part.low] = (f"{MINUS}{1 << part.low}",)
            value = f"{MINUS}{1 << part.low}" if part.of(code) else "0"
            rules.append(Rule(part.kind, part.high, part.low, "sign", value))
        else:
            value = str(part.of(code))
            total = sum_text(sum_of_weights(part.of(code), part.bits, part.bits - 1), value)
            rules.append(Rule(part.kind, part.high, part.low, "integer", value, total))
    return Workings(
        title=title_of(inspection),
        weights=below,
        rules=tuple(rules),
        equation=_integer_equation(format_, code, decoded.integer, decoded.value),
        sentence=f"{rounding_text} {_integer_words(format_, inspection)}".strip(),
        facts=facts_of(inspection),
    )


def _integer_equation(format_: IntegerFormat, code: int, integer: int, value: Fraction) -> tuple[Line, ...]:
    scale, zero = str(format_.scale), format_.zero_point
    scale_runs: Line = (Run(f"({scale})" if "/" in scale else digits(format_.scale)),)
    inner: Line
    top = 1 << (format_.bits - 1)
    if format_.signed and code & top:
        inner = (Run(f"{MINUS}{top}", Role.SIGN), Run(f" + {code & (top - 1)}", Role.INTEGER))
    else:
        inner = (Run(str(integer), Role.INTEGER),)
    if zero:
        inner += (Run(f" {MINUS} {zero}" if zero > 0 else f" + {-zero}"),)
    first: Line = (*inner, BY, *scale_runs) if len(inner) == 1 else (Run("("), *inner, Run(")"), BY, *scale_runs)
    steps = integer - zero
    lines: list[Line] = [first]
    middle: Line = () if len(inner) == 1 else (EQUALS, Run(with_minus(steps), Role.INTEGER), BY, *scale_runs)
    whole = digits(value, 40)
    ratio = with_minus(value.numerator) + f"/{value.denominator}"
    result: Line = (EQUALS, Run(whole))
    if whole.endswith(ELLIPSIS) and len(ratio) <= 24:
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
    put = f", and {with_minus(format_.zero_point)} more is the integer" if format_.zero_point else ""
    by = f"({step})" if "/" in step else step
    return f"{rounded(Number.of(given), 8)} / {by} = {steps}, rounded to a whole number{put}. {even}"
