"""A floating-point code worked out: sign, exponent less bias, hidden bit and fraction."""

from fractions import Fraction

from workbench.core.bits.digits import ELLIPSIS, digits, exponents_of_ones, power_of_two, sum_of_weights, weights
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
from workbench.core.figures import MINUS
from workbench.numerics.float_format import FloatFormat, Specials
from workbench.numerics.number import NumberClass
from workbench.numerics.number_format import Decoded, FieldKind

# A wider fraction's denominator is written as a power.
MOST_FRACTION_BITS_PLAIN = 23
# Characters of a significand and of the value; of a longer one only the first digits are shown.
LONGEST_SIGNIFICAND, CUT_SIGNIFICAND, LONGEST_VALUE = 14, 13, 31


def work_out_float(format_: FloatFormat, inspection: Inspection, rounding_text: str) -> Workings:
    """Sign, exponent less bias, hidden bit and fraction; `rounding_text` is what there is to say of the rounding."""
    decoded = inspection.decoded
    assert decoded is not None
    return Workings(
        title=title_of(inspection),
        weights=_weights(format_, decoded),
        ghost_weight="1" if decoded.hidden_bit is not None else "",
        rules=_rules(format_, decoded),
        equation=_equation(format_, decoded),
        sentence=f"{rounding_text} {_sentence(format_, decoded)}".strip(),
        facts=facts_of(inspection),
    )


def _weights(format_: FloatFormat, decoded: Decoded) -> dict[int, tuple[str, ...]]:
    """Below every bit of the exponent, and below the ones of the fraction."""
    found: dict[int, tuple[str, ...]] = {}
    if format_.signed:
        found[format_.bits - 1] = (MINUS if decoded.sign else "+",)
    for place in range(format_.exponent_bits):
        found[format_.fraction_bits + place] = weights(place)
    for bit, power in exponents_of_ones(decoded.fraction or 0, format_.fraction_bits, -1):
        found[bit] = weights(power)
    return found


def _rules(format_: FloatFormat, decoded: Decoded) -> tuple[Rule, ...]:
    field, fraction = decoded.exponent_field or 0, decoded.fraction or 0
    rules = []
    for part in format_.fields:
        match part.kind:
            case FieldKind.SIGN:
                rules.append(Rule(part.kind, part.high, part.low, "sign", MINUS if decoded.sign else "+"))
            case FieldKind.EXPONENT:
                total = sum_text(sum_of_weights(field, part.bits, part.bits - 1), str(field))
                rules.append(Rule(part.kind, part.high, part.low, "exponent", str(field), total))
            case FieldKind.FRACTION:
                name = "fraction" if decoded.hidden_bit is None else f"{decoded.hidden_bit} hidden + fraction"
                whole = _denominator(format_)
                total = sum_text(sum_of_weights(fraction, part.bits, -1), f"{fraction}/{whole}" if fraction else "0")
                rules.append(
                    Rule(part.kind, part.high, part.low, name, f"{fraction} of {whole}", total,
                         has_ghost=decoded.hidden_bit is not None, is_long=True)
                )  # fmt: skip
    return tuple(rules)


def _denominator(format_: FloatFormat) -> str:
    bits = format_.fraction_bits
    return str(1 << bits) if bits <= MOST_FRACTION_BITS_PLAIN else power_of_two(bits)


# -- equation ---------------------------------------------------------------------------------------------------------


def _equation(format_: FloatFormat, decoded: Decoded) -> tuple[Line, ...]:
    if decoded.number_class is NumberClass.NAN:
        return ((Run("NaN, "), Run("not a number", Role.QUIET)),)
    minus = MINUS if decoded.sign else ""
    sign: Line = ()
    sign_value: Line = ()
    if format_.signed:
        sign = (Run(f"({MINUS}1)", Role.SIGN), Run(str(decoded.sign), Role.SIGN, True), BY)
        sign_value = (Run(f"{minus or '+'}1", Role.SIGN), BY)
    if decoded.number_class is NumberClass.INFINITY:
        return ((*sign, Run("∞")), (EQUALS, Run(f"{minus}∞")))
    assert decoded.value is not None
    assert decoded.exponent is not None
    counted = decoded.exponent + format_.bias  # 1 where the field is 0: subnormals have the smallest normal's power
    less = f"{counted} {MINUS} {format_.bias}" if format_.bias >= 0 else f"{counted} + {-format_.bias}"
    factors: Line = (*sign, Run("2"), Run(less, Role.EXPONENT, True))
    values: Line = (EQUALS, *sign_value, *power_runs(decoded.exponent))
    if format_.fraction_bits or decoded.hidden_bit:
        factors += (BY, Run(_significand(format_, decoded), Role.FRACTION))
        values += (BY, Run(_cut(decoded.significand or Fraction(0)), Role.FRACTION))
    result = f"{minus}0" if decoded.value == 0 else digits(decoded.value, LONGEST_VALUE)
    return (factors, (*values, EQUALS, Run(result)))


def _significand(format_: FloatFormat, decoded: Decoded) -> str:
    if not format_.fraction_bits:
        return "1"
    if decoded.significand == 0 and decoded.fraction:  # a format without subnormals does not read it
        return "0"
    return f"({decoded.hidden_bit} + {decoded.fraction}/{_denominator(format_)})"


def _cut(significand: Fraction) -> str:
    whole = digits(significand, LONGEST_SIGNIFICAND)
    return digits(significand, CUT_SIGNIFICAND) if whole.endswith(ELLIPSIS) else whole


# -- sentence ---------------------------------------------------------------------------------------------------------


def _sentence(format_: FloatFormat, decoded: Decoded) -> str:
    name, bias = format_.name, format_.bias
    match decoded.number_class:
        case NumberClass.NAN:
            return _nan_words(format_, decoded)
        case NumberClass.INFINITY:
            return f"An exponent of ones alone and a fraction of zeros is how {name} writes infinity."
        case NumberClass.ZERO:
            return _zero_words(format_, decoded)
        case NumberClass.SUBNORMAL:
            return (
                "The exponent bits are all 0: a subnormal. Its hidden bit is 0 and its exponent counts as 1: "
                f"down to 0 the values go in even steps of {_smallest(format_)}."
            )
    if not format_.fraction_bits:
        return f"{bias} is the bias of {name}. There are no fraction bits: every value is a power of two."
    if decoded.exponent_field == 0:
        return f"{bias} is the bias of {name}. It has no zero: the exponent 0 is one like the others."
    return f"{bias} is the bias of {name}. The hidden 1 is not stored: every normal number has it, so it costs no bit."


def _smallest(format_: FloatFormat) -> str:
    return power_of_two(format_.smallest_exponent - format_.fraction_bits)


def _zero_words(format_: FloatFormat, decoded: Decoded) -> str:
    if decoded.fraction:
        return (
            f"{format_.name} has no subnormals: where the exponent bits are all 0 the fraction is not read, "
            "and the value is 0."
        )
    zero = f"With all bits of exponent{' and fraction' if format_.fraction_bits else ''} 0 the number is 0."
    if not format_.signed:
        return zero
    if decoded.sign:
        return f"{zero} The sign makes it {MINUS}0, which is equal to +0 in every comparison."
    return f"{zero} With the sign bit set it would be {MINUS}0."


def _nan_words(format_: FloatFormat, decoded: Decoded) -> str:
    if format_.specials is Specials.NAN_ONLY:
        aside = ", the sign aside," if format_.signed else ""
        return f"All bits{aside} are 1: that is NaN. {format_.name} has no infinity: the code below is a number."
    codes = 2 * ((1 << format_.fraction_bits) - 1) if format_.signed else (1 << format_.fraction_bits) - 1
    quiet = (decoded.fraction or 0) >> (format_.fraction_bits - 1)
    kind = "quiet: it goes through sums unnoticed" if quiet else "signalling: a sum makes a quiet one of it"
    return (
        f"An exponent of ones alone and a fraction that is not 0 is NaN; {format_.name} has {codes} codes for it. "
        f"The fraction's first bit is {quiet}: this one is {kind}."
    )
