"""How one comes from the bits of a code to its value, or the other way, in steps that a person can follow."""

from fractions import Fraction

from workbench.core.bits.quiz_question import Kind, Question
from workbench.numerics.codebook import Codebook
from workbench.numerics.decimal_text import exact_decimal, significant
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import Decoded, NumberFormat
from workbench.numerics.twos_format import TwosFormat

MINUS, TIMES = "\u2212", "\u00d7"
RAISED = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
LONGEST_EXACT = 24  # characters; a longer decimal is shown rounded
ROUNDED_DIGITS = 7


def as_typed(number: Number) -> str:
    """A number as a person writes it; one of many digits is rounded, and says so."""
    if number.is_nan:
        return "NaN"
    sign = MINUS if number.is_negative else ""
    if number.value is None:
        return f"{sign}infinity"
    return _minus(_decimal(number.value)) if number.value else f"{sign}0"


def working_of(asked: Question) -> tuple[str, ...]:
    """The worked answer, a line a step."""
    format_, code = asked.format, asked.answer
    match asked.kind:
        case Kind.DECIMAL:
            return _reading(format_, code)
        case Kind.FLIP:
            return (*_writing(format_, code), f"The bits are {spaced_bits(format_, code)}.")
        case Kind.NEARER:
            return _distances(asked)
        case Kind.NEXT:
            return (_step(asked), *_reading(format_, code))


def spaced_bits(format_: NumberFormat, code: int) -> str:
    """The bits of a code with a blank between its fields."""
    return " ".join(f"{field.of(code):0{field.bits}b}" for field in format_.fields)


# -- from bits to a value ----------------------------------------------------------------------------------------------


def _reading(format_: NumberFormat, code: int) -> tuple[str, ...]:
    found = format_.decode(code)
    match format_:
        case FloatFormat():
            return _reading_of_float(format_, found)
        case TwosFormat():
            return _reading_of_twos(format_, found)
        case IntegerFormat():
            weights = _weights(f"{code:0{format_.bits}b}", is_signed=format_.signed)
            return (
                f"The first bit of {spaced_bits(format_, code)} weighs {MINUS}128, the others 64 to 1.",
                f"{weights}.",
            )
        case Codebook():
            return (f"{format_.name} is a table: its line {code} holds {as_typed(found.number)}.",)
        case _:
            raise TypeError(format_)


def _reading_of_float(format_: FloatFormat, found: Decoded) -> tuple[str, ...]:
    bits = spaced_bits(format_, found.code)
    assert found.exponent_field is not None
    assert found.fraction is not None
    field, whole = found.exponent_field, 1 << format_.fraction_bits
    first = f"{bits}: exponent field {field}, fraction {found.fraction} of {whole}."
    if found.number_class is NumberClass.INFINITY:
        return (first, f"An exponent field of ones with fraction 0 is infinity: {as_typed(found.number)}.")
    if found.number_class is NumberClass.NAN:
        return (first, f"{format_.name} keeps this pattern for NaN: not a number.")
    sign = MINUS if found.sign else ""
    power = _power(found.exponent)
    if found.number_class is NumberClass.ZERO:
        return (first, f"Exponent field and fraction are 0: this is {sign}0.")
    assert found.significand is not None
    significand = _decimal(found.significand)
    if found.hidden_bit:
        second = (
            f"The exponent is {field} less the bias {format_.bias}: {_minus(str(found.exponent))}. "
            f"With the hidden 1 the significand is 1 + {found.fraction}/{whole} = {significand}."
        )
    else:
        second = (
            f"Exponent field 0 is a subnormal: no hidden 1, and the smallest exponent, {_minus(str(found.exponent))}. "
            f"The significand is {found.fraction}/{whole} = {significand}."
        )
    return (first, second, f"{sign}{significand} {TIMES} {power} = {as_typed(found.number)}.")


def _reading_of_twos(format_: TwosFormat, found: Decoded) -> tuple[str, ...]:
    exponent, mantissa = format_.fields
    assert found.fraction is not None
    assert found.significand is not None
    half = 1 << (format_.mantissa_bits - 1)
    return (
        f"Exponent {_weights(f'{exponent.of(found.code):0{exponent.bits}b}', is_signed=True)}: its first bit weighs "
        f"{MINUS}{1 << (exponent.bits - 1)}.",
        f"Mantissa {_weights(f'{mantissa.of(found.code):0{mantissa.bits}b}', is_signed=True)}, of {half}: "
        f"{_minus(_decimal(found.significand))}.",
        f"{_minus(_decimal(found.significand))} {TIMES} {_power(found.exponent)} = {as_typed(found.number)}.",
    )


# -- from a value to bits ----------------------------------------------------------------------------------------------


def _writing(format_: NumberFormat, code: int) -> tuple[str, ...]:
    found = format_.decode(code)
    if not isinstance(format_, FloatFormat):
        return _reading(format_, code)
    assert found.significand is not None
    assert found.exponent is not None
    assert found.fraction is not None
    value, whole = as_typed(found.number), 1 << format_.fraction_bits
    sign = f"It is {'negative: the sign bit is 1' if found.sign else 'positive: the sign bit is 0'}."
    if found.hidden_bit:
        return (
            sign,
            f"{value} = {MINUS if found.sign else ''}{_decimal(found.significand)} {TIMES} {_power(found.exponent)}.",
            f"The exponent field is {_minus(str(found.exponent))} + {format_.bias} = {found.exponent_field}. "
            f"The 1 before the point is hidden; the fraction is {_decimal(found.significand - 1)}, "
            f"{found.fraction} of {whole}.",
        )
    return (
        sign,
        f"It is below the smallest normal number, {_power(format_.smallest_exponent)}: exponent field 0, no hidden 1.",
        f"{value} is {found.fraction}/{whole} of that.",
    )


# -- neighbours --------------------------------------------------------------------------------------------------------


def _distances(asked: Question) -> tuple[str, ...]:
    low, high = (asked.format.decode(code).value for code in asked.choices)
    assert low is not None
    assert high is not None
    below, above = asked.given - low, high - asked.given
    from_low, from_high = as_typed(Number.of(low)), as_typed(Number.of(high))
    first = f"From {from_low} it is {_decimal(below)} away, from {from_high} it is {_decimal(above)}."
    if below == above:
        bits = spaced_bits(asked.format, asked.answer)
        return (
            first,
            f"Nearest even takes the code that ends in 0, {bits}: so errors up and down keep their balance.",
        )
    return (first, f"The {'lower' if below < above else 'upper'} one is nearer, by {_decimal(abs(above - below))}.")


def _step(asked: Question) -> str:
    digits = asked.format.hex_digits
    from_code, to_code = f"0x{asked.shown:0{digits}X}", f"0x{asked.answer:0{digits}X}"
    way = {1: "plus 1", -1: "less 1"}.get(asked.answer - asked.shown)
    if way is None:
        return f"The sign changes here: from code {from_code} to {to_code}."
    return f"Values of one sign lie in the order of their codes: {from_code} {way} is {to_code}."


# -- words -------------------------------------------------------------------------------------------------------------


def _decimal(value: Fraction) -> str:
    exact = exact_decimal(Number.of(value))
    return exact if len(exact) <= LONGEST_EXACT else f"about {significant(Number.of(value), ROUNDED_DIGITS)}"


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def _power(exponent: int | None) -> str:
    return "2" + str(exponent).translate(RAISED)


def _weights(bits: str, *, is_signed: bool) -> str:
    """ "00000101 = 4 + 1 = 5"."""
    weights = [1 << place for place in reversed(range(len(bits)))]
    if is_signed:
        weights[0] = -weights[0]
    held = [weight for bit, weight in zip(bits, weights, strict=True) if bit == "1"]
    total = _minus(str(sum(held)))
    if len(held) < 2:
        return f"{bits} = {total}"
    return f"{bits} = {_minus(' + '.join(map(str, held)))} = {total}"
