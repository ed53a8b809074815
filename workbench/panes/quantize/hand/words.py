"""The By hand view in words: numbers, the rows of its table, what a scale is, why int() is not rounding."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from workbench.core.figures import MINUS, TIMES, short_power, with_minus
from workbench.core.quantized.steps import FORMATS, Method, Share, Steps, work_out
from workbench.core.units import grouped
from workbench.numerics.quantization_scheme import SCHEMES
from workbench.numerics.rounding import Rounding

OVER = "\u00f7"
COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
TITLES = {name: SCHEMES[name].quantizer.title for name in FORMATS}
ROUNDINGS = {
    Rounding.NEAREST_EVEN: "Nearest even",
    Rounding.NEAREST_AWAY: "Nearest, ties away",
    Rounding.TOWARD_ZERO: "int(), toward zero",
    Rounding.UP: "Up",
    Rounding.DOWN: "Down",
    Rounding.STOCHASTIC: "Stochastic",
}
# Beyond these a number is written with an exponent; with more digits than that none is written.
MOST_DECIMALS, LARGEST_PLAIN, MOST_DIGITS = 8, 1e6, 5


def short(value: float, digits: int = 6) -> str:
    """A number in `digits` digits, zeros at its end left out: "0.3", "3.4e38"."""
    if isinstance(value, np.float32):
        value = float(str(value))
    text = short_power(f"{value:.{digits}g}")
    return with_minus("0" if text == "-0" else text)


def fixed(value: float, decimals: int) -> str:
    """With `decimals` decimals, or fewer where that were too many digits; 0 is "0"."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "\u221e"
    if decimals > MOST_DECIMALS or abs(value) >= LARGEST_PLAIN:
        return short(value, 4)
    whole = math.floor(math.log10(abs(value))) + 1
    text = f"{value:.{max(0, min(decimals, MOST_DIGITS - whole))}f}"
    return with_minus(text[1:] if text.startswith("-") and not text.strip("-0.") else text)


def decimals_of(steps: Steps, group: int) -> int:
    """As many as show by how much a group's numbers are off."""
    if steps.method.scheme.bits == 8:
        size, more = float(steps.scales[group]), 2
    else:
        size, more = float(steps.highest[group]), 4
    return more - math.floor(math.log10(size)) if 0 < size < math.inf else 4


def finest(steps: Steps) -> int:
    """The decimals of figures over all numbers: those of the coarsest group."""
    largest = int(np.argmax(steps.highest - steps.lowest))
    return decimals_of(steps, largest)


def count_of(count: int) -> str:
    return COUNTS[count] if count < len(COUNTS) else grouped(count)


def bits_of(code: int, bits: int) -> str:
    return f"{code:0{bits}b}"


# -- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A step of all numbers; `quiet` stands behind its name, `role` is given, stored, error or nothing."""

    name: str
    quiet: str
    text: Callable[[int], str]
    role: str = ""


def rows_of(steps: Steps) -> list[Row]:
    method = steps.method
    divisor = "scale" if method.is_whole else method.quantizer.divisor
    places = 2 if method.is_whole else 4
    decimals = [decimals_of(steps, group) for group in range(steps.group_count)]

    def of(numbers: np.ndarray, index: int) -> str:
        return fixed(float(numbers[index]), decimals[steps.which[index]])

    rows = [
        Row("Number", "", lambda i: short(steps.values[i]), "given"),
        Row(f"{OVER} {divisor}", "", lambda i: fixed(float(steps.scaled[i]), places)),
    ]
    if method.has_zero_point:
        rows.append(Row("Rounded", "", lambda i: short(float(steps.rounded[i]))))
        rows.append(Row("+ zero point", "stored", lambda i: with_minus(steps.stored[i]), "stored"))
    elif method.is_whole:
        rows.append(Row("Rounded", "stored", lambda i: with_minus(steps.stored[i]), "stored"))
    else:
        rows.append(Row("Level", _choice(method), lambda i: fixed(float(steps.rounded[i]), places)))
        rows.append(Row("Code", "stored", lambda i: str(steps.stored[i]), "stored"))
    rows.append(Row(f"{TIMES} {divisor}", "back", lambda i: of(steps.restored, i)))
    rows.append(Row("Error", "", lambda i: of(steps.errors, i), "error"))
    return rows


def _choice(method: Method) -> str:
    return {
        Rounding.NEAREST_EVEN: "nearest",
        Rounding.TOWARD_ZERO: "toward zero",
        Rounding.UP: "above",
        Rounding.DOWN: "below",
    }.get(method.rounding, "by chance")


def table_text(steps: Steps) -> str:
    """For the clipboard: a line a step, tabs between, hyphens for minus signs."""
    lines = [
        "\t".join([f"{row.name} {row.quiet}".strip(), *(row.text(index) for index in range(len(steps.values)))])
        for row in rows_of(steps)
    ]
    return "\n".join(lines).replace(MINUS, "-") + "\n"


def column_words(steps: Steps, index: int) -> str:
    """A number's steps in a sentence, for a tooltip and a screen reader."""
    values = [f"{row.name} {row.quiet}".strip() + f" {row.text(index)}" for row in rows_of(steps)]
    return (
        f"{index + 1} of {len(steps.values)}: " + ", ".join(values) + (", clipped" if steps.is_clipped[index] else "")
    )


# -- scales -----------------------------------------------------------------------------------------------------------


def scale_words(steps: Steps, group: int) -> str:
    """What a group's scale is, for the head of the picture."""
    method = steps.method
    first, after = steps.members(group)
    if steps.group_count > 1:
        kind = "row" if method.share is Share.ROW and not method.fixed_block else "block"
        whose = f"{kind} {group + 1} of {steps.group_count}"
    elif after - first == 1:
        whose = "one number"
    else:
        what = "scale" if method.is_whole else method.quantizer.divisor
        whose = f"one {what} for all {count_of(after - first)}"
    return f"{whose}: {_scale(steps, group)}"


def _scale(steps: Steps, group: int) -> str:
    low, high, scale = steps.lowest[group], steps.highest[group], short(float(steps.scales[group]), 4)
    quantizer = steps.method.quantizer
    if quantizer.has_zero_point:
        return f"({short(high, 5)} {MINUS} {_bracketed(low)}) / {(1 << quantizer.bits) - 1} = {scale}"
    if not quantizer.has_free_scale:
        stored = "a power of two" if quantizer.is_scale_a_power else quantizer.scale_title
        return f"{scale}, {stored}" + f" {TIMES} FP32" * quantizer.has_tensor_scale
    return f"{short(high, 5)} / {quantizer.unit} = {scale}" if quantizer.is_integer else short(high, 5)


def _bracketed(value: float) -> str:
    return f"({short(value, 5)})" if value < 0 else short(value, 5)


def bits_words(steps: Steps) -> tuple[str, str]:
    """Bits per number, and how they come about: ("12", "8 + 32/8")."""
    each, common = steps.overhead_bits
    count, groups = len(steps.values), steps.group_count
    scales = f"{groups} {TIMES} {each}" if groups > 1 else str(each)
    top = f"({scales} + {common})" if common else scales
    return short(steps.bits_per_number, 5), f"{steps.method.scheme.bits} + {top}/{grouped(count)}"


# -- int() ------------------------------------------------------------------------------------------------------------


def int_words(steps: Steps) -> str:
    """What int() would have made of these very numbers, beside rounding."""
    method = steps.method
    if method.fixed_block:
        return (
            f"{TITLES[method.format]} stores floating-point numbers of {method.scheme.bits} bits, rounded to nearest "
            "even; int() would leave nothing of what is below 1."
        )
    nearest = work_out(steps.values, _lengths(steps), replace(method, rounding=Rounding.NEAREST_EVEN))
    cut = work_out(steps.values, _lengths(steps), replace(method, rounding=Rounding.TOWARD_ZERO))
    gain = np.abs(cut.errors) - np.abs(nearest.errors)
    index = int(np.argmax(gain))
    means = [short(float(np.abs(made.errors).mean(dtype=np.float64)), 2) for made in (cut, nearest)]
    if not (cut.rounded != nearest.rounded).any():
        return "Of these numbers int() and rounding make the same: nothing lies past the middle between two values."
    decimals = min(MOST_DECIMALS, max(0, decimals_of(steps, int(steps.which[index])) - 1))
    errors = [fixed(abs(float(made.errors[index])), decimals) for made in (cut, nearest)]
    if not method.is_whole:
        lead = (
            f"int() makes 0 of every level below 1. For {fixed(float(steps.scaled[index]), 3)} the level toward zero, "
            f"{fixed(float(cut.rounded[index]), 3)}, is off by {errors[0]}; the nearest, "
            f"{fixed(float(nearest.rounded[index]), 3)}, by {errors[1]}."
        )
    else:
        lead = (
            f"int() cuts the fraction off: {fixed(float(steps.scaled[index]), 2)} becomes "
            f"{short(float(cut.rounded[index]))}, an error of {errors[0]}. Rounding gives "
            f"{short(float(nearest.rounded[index]))} and {errors[1]}."
        )
    return (
        lead if means[0] == means[1] or len(steps.values) == 1 else f"{lead} On average {means[0]} against {means[1]}."
    )


def _lengths(steps: Steps) -> list[int]:
    return [int(length) for length in np.diff(np.append(steps.starts, len(steps.values)))]
