"""What becomes of a number on its way through another format, and of a stored value in another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from workbench.core.bits.digits import rounded
from workbench.core.bits.inspection import hexadecimal
from workbench.core.bits.rounding_words import NEAREST, in_sentence
from workbench.numerics.conversion import convert, rounded_twice
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.neighbours import error_of
from workbench.numerics.number import Number
from workbench.numerics.number_format import NotRepresentable, NumberFormat
from workbench.numerics.rounding import Rounding
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.words import scientific

MOST_DIGITS = 12


@dataclass(frozen=True)
class Step:
    """A row: the format, what it stores, and what that comes to; `is_lossy` marks it."""

    name: str
    stored: str
    result: str
    verdict: str
    is_lossy: bool = False
    code: int | None = None  # of the format the number ends in
    is_checked: bool = True  # whether the verdict is one


def by_way_of(model: BitsModel) -> tuple[list[Step], str]:
    """The number in the selected format, straight and by way of every other; and why the first difference is one."""
    target, number = model.row.format, model.number
    try:
        straight = target.encode(number, model.rounding, saturate=model.saturate, seed=model.seed)
    except NotRepresentable as error:
        return [Step("straight", "", "", str(error), True)], str(error)
    steps = [Step("straight", "", _value(target, straight), hexadecimal(target, straight), False, straight, False)]
    why = ""
    for through in _others(model):
        try:
            found = rounded_twice(number, through, target, model.rounding, saturate=model.saturate, seed=model.seed)
        except NotRepresentable as error:
            steps.append(Step(through.name, "", "", str(error).rstrip("."), True))
            continue
        between, twice = found.through, found.twice
        differs = not _is_same(target, straight, twice)
        verdict = _difference(target, straight, twice) if differs else "the same"
        steps.append(Step(through.name, _value(through, between), _value(target, twice), verdict, differs, twice))
        is_double_rounding = differs and isinstance(through, FloatFormat) and through.bits > target.bits
        if differs and (not why or (is_double_rounding and "half way" not in why)):
            why = _why(target, through, between, number, straight, twice, model.rounding)
    return steps, why or f"By way of none of these does {target.name} get another value than straight."


def into_others(model: BitsModel) -> tuple[list[Step], str]:
    """What the selected row's stored value becomes in every other format."""
    row = model.row
    if row.code is None:
        return [], row.inspection.note
    steps = []
    for target in _others(model):
        try:
            code = convert(row.code, row.format, target, model.rounding, saturate=model.saturate, seed=model.seed)
        except NotRepresentable as error:
            steps.append(Step(target.name, "", "", str(error).rstrip("."), True))
            continue
        words, is_lossy = _loss(row.format, row.code, target, code)
        steps.append(Step(target.name, hexadecimal(target, code), _value(target, code), words, is_lossy, code))
    return steps, _into_words(row.format, _others(model))


def _others(model: BitsModel) -> list[NumberFormat]:
    return [format_ for format_ in model.formats if format_ != model.row.format]


def _value(format_: NumberFormat, code: int) -> str:
    return rounded(format_.decode(code).number, MOST_DIGITS)


def _is_same(format_: NumberFormat, one: int, other: int) -> bool:
    """By value: NaN is NaN, whatever its bits."""
    first, second = format_.decode(one).number, format_.decode(other).number
    return first == second or (first.is_nan and second.is_nan)


def _difference(format_: NumberFormat, straight: int, twice: int) -> str:
    first, second = format_.ordinal_of(straight), format_.ordinal_of(twice)
    if first is None or second is None:
        return "differs"
    steps = second - first
    if steps == 0:
        return "another sign of 0"
    if abs(steps) > 999:
        return "differs"
    way = "higher" if steps > 0 else "lower"
    return f"{'one value' if abs(steps) == 1 else f'{abs(steps)} values'} {way}"


def _why(
    target: NumberFormat, through: NumberFormat, between: int, number: Number, straight: int, twice: int,
    rounding: Rounding,
) -> str:  # fmt: skip
    """Why a stop in another format made a difference."""
    stop = through.decode(between).number
    if stop.value is None:
        return f"{through.name} overflows: what it hands on is {rounded(stop)}."
    at = f"{through.name} hands on {in_sentence(stop.value)}"
    low = target.ordinal_at_or_below(stop.value)
    if rounding in NEAREST and 0 <= low < target.value_count - 1:
        below, above = target.value_at(low), target.value_at(low + 1)
        if 2 * stop.value == below + above and number.value != stop.value:
            ends, got = _value(target, straight), _value(target, twice)
            return (
                f"Rounded twice: {at}, just half way between two values of {target.name}, and the tie gives {got}. "
                f"The number itself is not half way: straight it gives {ends}."
            )
    if stop.value == 0 and number.value:
        return f"{through.name} hands on 0: the number is too small for it."
    if number.value is not None and abs(stop.value) < abs(number.value) and stop.value in _ends(through):
        return f"{at}, its last value: the number is beyond what it holds."
    if stop.value == target.decode(twice).value:
        return f"{at}, which {target.name} holds as it is: what {through.name} rounded away is gone."
    return f"{at}, and {target.name} rounds that once more."


def _ends(format_: NumberFormat) -> tuple[Fraction, Fraction]:
    return format_.value_at(0), format_.value_at(format_.value_count - 1)


def _loss(source: NumberFormat, code: int, target: NumberFormat, into: int) -> tuple[str, bool]:
    """What is lost of a stored value."""
    before, after = source.decode(code).number, target.decode(into).number
    if before.is_nan:
        return ("stays NaN", False) if after.is_nan else ("NaN is lost", True)
    if before == after or (before.is_zero and after.is_zero and before.is_negative is after.is_negative):
        return "nothing is lost", False
    if before.is_zero and after.is_zero:
        return "the sign of 0 is lost", True
    if before.value is None:
        return ("becomes NaN", True) if after.is_nan else ("becomes the last value", True)
    if after.is_nan:
        return "too large: becomes NaN", True
    if after.value is None:
        return "overflow", True
    if after.is_zero:
        return "too small: becomes 0", True
    if not target.value_at(0) <= before.value <= target.value_at(target.value_count - 1):
        return "too large: held at the end", True
    error = error_of(target, before, into)
    assert error is not None
    return f"{scientific(abs(error.signed))} {'more' if error.signed > 0 else 'less'}", True


def dropped_bits(model: BitsModel) -> tuple[NumberFormat, int] | None:
    """A format of the rows that has the selected one's exponents and fewer fraction bits, with what it stores."""
    row = model.row
    source = row.format
    if row.code is None or not isinstance(source, FloatFormat):
        return None
    for target in _others(model):
        if isinstance(target, FloatFormat) and _bits_dropped(source, target) > 0:
            code = convert(row.code, source, target, model.rounding, saturate=model.saturate, seed=model.seed)
            return target, code
    return None


def _bits_dropped(source: FloatFormat, target: FloatFormat) -> int:
    """Fraction bits that `target` has less than `source`; 0 where their exponents differ."""
    kinds = [(entry.signed, entry.zero, entry.exponent_bits, entry.bias) for entry in (source, target)]
    return source.fraction_bits - target.fraction_bits if kinds[0] == kinds[1] else 0


def _into_words(source: NumberFormat, targets: Sequence[NumberFormat]) -> str:
    """Of the first format that has the same exponents and fewer fraction bits, else of one with fewer exponents."""
    if not isinstance(source, FloatFormat):
        return f"The value of {source.name} is rounded to the nearest value of each."
    floats = [target for target in targets if isinstance(target, FloatFormat) and target.signed]
    for target in floats:
        dropped = _bits_dropped(source, target)
        if dropped > 0:
            return (
                f"{target.name} has the sign and exponent of {source.name} and drops the last {dropped} of its "
                f"{source.fraction_bits} fraction bits: the range stays, the precision goes."
            )
    for target in floats:
        if target.exponent_bits < source.exponent_bits:
            largest = in_sentence(_ends(target)[1])
            return (
                f"{target.name} has {target.exponent_bits} exponent bits to the {source.exponent_bits} of "
                f"{source.name}: beyond {largest} it overflows."
            )
    return f"Every format here has at least the exponents of {source.name}."
