"""The rows of the Bits page in words and figures."""

import math
from fractions import Fraction

from workbench.core.bits.digits import special_words
from workbench.core.bits.inspection import Outcome, spaced_bits
from workbench.core.figures import MINUS
from workbench.numerics.codebook import Codebook
from workbench.numerics.decimal_text import exact_decimal, significant
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import FieldKind, NumberFormat
from workbench.numerics.twos_format import TwosFormat
from workbench.panes.bits.shown.model import BitsRow

NOTHING = "–"  # noqa: RUF001
# A relative error from here on fills part of its bar, an error as large as the number all of it.
LEAST_RELATIVE_POWER = -9
MOST_SCALE_CHARACTERS = 9
# Of a value that has more digits than its column, these are shown.
MOST_DIGITS = 17
ULP_SHOWN = Fraction(10_000)
WARNINGS = {
    Outcome.CLIPPED: "clipped",
    Outcome.OVERFLOWED: "overflow",
    Outcome.UNDERFLOWED: "underflow",
    Outcome.NO_CODE: "no code",
}
PLAIN_FROM, PLAIN_TO = 10, 100_000  # from a tenth on, below this many


def value_text(number: Number, characters: int = 0) -> str:
    """A stored value with all its digits, or with as many as there is room for."""
    special = special_words(number)
    if special:
        return special
    exact = exact_decimal(number)
    if characters and (len(exact) > characters or "/" in exact):
        digits = min(characters, MOST_DIGITS)
        exact = significant(number, digits)
        while len(exact) > characters and digits > 1:
            digits -= max(1, min(digits - 1, len(exact) - characters))
            exact = significant(number, digits)
    return exact


def scientific(x: Fraction, digits: int = 3, *, signed: bool = False) -> str:
    """As "1.49e-9", whatever its size."""
    if x == 0:
        return "0"
    top, bottom = abs(x.numerator), x.denominator  # integers: a row has two of these at every keystroke
    power = len(str(top)) - len(str(bottom))
    power -= top * 10 ** max(0, -power) < bottom * 10 ** max(0, power)
    shift = digits - 1 - power
    scaled = _rounded(top * 10 ** max(0, shift), bottom * 10 ** max(0, -shift))
    if scaled == 10**digits:
        scaled, power = scaled // 10, power + 1
    figures = str(scaled)
    sign = "-" if x.numerator < 0 else "+" if signed else ""
    return f"{sign}{figures[0]}.{figures[1:]}e{power}"


def _rounded(top: int, bottom: int) -> int:
    """The whole number nearest to a fraction, a tie to the even one."""
    whole, rest = divmod(top, bottom)
    return whole + (2 * rest > bottom or (2 * rest == bottom and whole % 2 == 1))


def figure_text(x: Fraction, digits: int = 3, *, signed: bool = False) -> str:
    """With a power of ten where it is small or large, else as one writes it: "+1.49e-9", "-0.25", "+16"."""
    top, bottom = abs(x.numerator), x.denominator
    if not bottom <= PLAIN_FROM * top or top >= PLAIN_TO * bottom:
        return scientific(x, digits, signed=signed)
    text = significant(Number.of(x), max(digits, len(str(top // bottom))))
    return f"+{text}" if signed and x.numerator > 0 else text


def ulp_text(ulp: Fraction | None) -> str:
    """An error in gaps between neighbours."""
    if ulp is None:
        return NOTHING
    if ulp == 0:
        return "0"
    if ulp >= 100:
        return scientific(ulp, 2) if ulp >= ULP_SHOWN else str(round(ulp))
    return f"{float(ulp):.2f}" if ulp >= Fraction(1, 100) else scientific(ulp, 2)


def relative_text(relative: Fraction | None) -> str:
    return NOTHING if relative is None else figure_text(relative, 2)


def relative_share(relative: Fraction | None) -> float:
    """How much of its bar a relative error fills, by powers of ten."""
    if not relative:
        return 0.0
    power = math.log10(relative.numerator) - math.log10(relative.denominator)
    return min(1.0, max(0.04, 1 - power / LEAST_RELATIVE_POWER))


def hex_text(row: BitsRow) -> str:
    return NOTHING if row.code is None else f"{row.code:0{row.format.hex_digits}X}"


def bits_text(row: BitsRow) -> str:
    """The bits, a blank between fields: "0 01011 1001100110"."""
    return "" if row.code is None else spaced_bits(row.format, row.code)


def fact_text(row: BitsRow) -> tuple[str, bool]:
    """What stands beside the name, and whether it is a warning: that it is clipped, subnormal, or with which scale."""
    inspection, decoded = row.inspection, row.inspection.decoded
    if row.is_locked:
        return "kept", False
    if inspection.outcome in WARNINGS:
        return WARNINGS[inspection.outcome], True
    if decoded is not None and decoded.number_class is NumberClass.SUBNORMAL:
        return "subnormal", False
    return constant_text(row.format), False


def constant_text(format_: NumberFormat) -> str:
    """What the numbers of a format are multiplied by, where there is such a thing."""
    if isinstance(format_, IntegerFormat):
        scale = f"scale {_short(format_.scale)}"
        return f"{scale}, zero {format_.zero_point}" if format_.zero_point else scale
    return f"absmax {_short(format_.absmax)}" if isinstance(format_, Codebook) else ""


def _short(x: Fraction) -> str:
    text = str(x)
    return text if len(text) <= MOST_SCALE_CHARACTERS else significant(Number.of(x), 4)


def error_in_words(row: BitsRow) -> str:
    """The error in its three units."""
    inspection = row.inspection
    if inspection.error is None:
        return inspection.note or "no error can be given"
    if inspection.is_exact:
        return "exact"
    error = inspection.error
    parts = [f"error {figure_text(error.signed, signed=True)}"]
    if error.relative is not None:
        parts.append(f"relative {figure_text(error.relative)}")
    if error.ulp is not None:
        parts.append(f"{ulp_text(error.ulp)} ulp")
    return ", ".join(parts)


def row_in_words(row: BitsRow) -> str:
    """All that a row shows, for who does not see it."""
    decoded = row.inspection.decoded
    if row.code is None or decoded is None:
        return f"{row.format.name}: {row.inspection.note}"
    kind = f", {decoded.number_class}" if decoded.number_class is not NumberClass.NORMAL else ""
    locked = ", bits are kept" if row.is_locked else ""
    value = value_text(decoded.number, 24)
    return f"{row.format.name}: {value}{kind}, hex {hex_text(row)}, {error_in_words(row)}{locked}"


def row_line(row: BitsRow) -> str:
    """A row as one line for the clipboard: name, hex, bits and value, with tabs between."""
    decoded = row.inspection.decoded
    if row.code is None or decoded is None:
        return f"{row.format.name}\t{row.inspection.note}"
    return "\t".join((row.format.name, f"0x{hex_text(row)}", bits_text(row), exact_decimal(decoded.number)))


def bit_in_words(row: BitsRow, bit: int) -> str:
    """One bit: its number, field, digit and weight, such as "bit 5, fraction, 1, weighs 1/32"."""
    if row.code is None:
        return ""
    field = next(field for field in row.format.fields if field.low <= bit <= field.high)
    digit = row.code >> bit & 1
    weight = _weight(row.format, field.kind, bit - field.low, field.bits)
    return ", ".join(part for part in (f"bit {bit}", field.kind.value, str(digit), weight) if part)


def _weight(format_: NumberFormat, kind: FieldKind, place: int, bits: int) -> str:
    is_twos = isinstance(format_, TwosFormat)
    is_top = place == bits - 1
    if kind is FieldKind.SIGN:
        return f"weighs {MINUS}{2 ** (format_.bits - 1)}" if isinstance(format_, IntegerFormat) else ""
    if kind is FieldKind.FRACTION and is_twos:
        return f"weighs {MINUS}1" if is_top else f"weighs 1/{2 ** (bits - 1 - place)}"
    if kind is FieldKind.FRACTION and isinstance(format_, FloatFormat):
        return f"weighs 1/{2 ** (bits - place)}"
    if kind is FieldKind.INDEX:
        return ""
    sign = MINUS if is_twos and is_top else ""
    return f"weighs {sign}{2**place}"
