"""One number in one format: what is stored, and what is lost."""

import sys
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from workbench.numerics.decimal_text import exact_decimal, shortest_decimal, significant
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.neighbours import Error, error_of, gap, largest_code, next_code, previous_code
from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import Decoded, FieldKind, NotRepresentable, NumberFormat
from workbench.numerics.rounding import Rounding


class Outcome(StrEnum):
    """What became of a number."""

    EXACT = "exact"
    ROUNDED = "rounded"
    CLIPPED = "clipped"  # held at the last value
    OVERFLOWED = "overflowed"  # infinity, or NaN where there is no infinity
    UNDERFLOWED = "underflowed"  # zero
    NO_CODE = "no code"


@dataclass(frozen=True)
class Inspection:
    """`code` and `decoded` are None where no code of the format can stand for the number."""

    format: NumberFormat
    given: Number
    code: int | None
    decoded: Decoded | None
    error: Error | None
    outcome: Outcome

    @property
    def is_exact(self) -> bool:
        return self.outcome is Outcome.EXACT

    @property
    def is_clipped(self) -> bool:
        return self.outcome is Outcome.CLIPPED

    @property
    def previous(self) -> int | None:
        """The code of the next lower value."""
        return None if self.code is None else previous_code(self.format, self.code)

    @property
    def next(self) -> int | None:
        """The code of the next higher value."""
        return None if self.code is None else next_code(self.format, self.code)

    @property
    def note(self) -> str:
        """What a person should know of the outcome, in a sentence; nothing where the number was only rounded."""
        name = self.format.name
        match self.outcome:
            case Outcome.NO_CODE:
                what = "NaN" if self.given.is_nan else significant(self.given, 6)
                return f"{name} has no code for {what}."
            case Outcome.CLIPPED:
                is_lowest = self.decoded is not None and self.decoded.value == self.format.value_at(0)
                side = "lowest" if is_lowest else "largest"
                return f"Held at the {side} value of {name}."
            case Outcome.OVERFLOWED:
                last = significant(self.format.decode(largest_code(self.format)).number, 8)
                kind = "infinity" if self.decoded and self.decoded.number.is_infinite else "NaN"
                return f"The largest value of {name} is {last}; what is rounded beyond it is {kind}."
            case Outcome.UNDERFLOWED:
                return f"Nearer to zero than {name} can tell apart."
            case _:
                return ""

    def row(self) -> dict[str, Any]:
        """What `inspect --json` prints of one format."""
        entry, code, decoded = self.format, self.code, self.decoded
        if code is None or decoded is None:
            return {"name": entry.name, **dict.fromkeys(ROW_KEYS)}
        error = self.error
        facts = (
            hexadecimal(entry, code),
            f"{code:0{entry.bits}b}",
            decoded.sign,
            decoded.exponent_field,
            decoded.fraction,
            str(decoded.number_class),
            shortest_decimal(entry, code),
            exact_decimal(decoded.number),
            _fp64(None if error is None else error.absolute),
            _fp64(None if error is None else error.relative),
            _fp64(None if error is None else error.ulp),
            None if self.previous is None else shortest_decimal(entry, self.previous),
            None if self.next is None else shortest_decimal(entry, self.next),
        )
        return {"name": entry.name, **dict(zip(ROW_KEYS, facts, strict=True))}


ROW_KEYS = (
    "code",
    "bits",
    "sign",
    "exponent",
    "fraction",
    "class",
    "value",
    "exact",
    "error_absolute",
    "error_relative",
    "error_ulp",
    "previous",
    "next",
)


def inspect_number(
    entry: NumberFormat,
    given: Number,
    rounding: Rounding = Rounding.NEAREST_EVEN,
    *,
    saturate: bool = False,
    seed: int = 0,
) -> Inspection:
    """A number as a format stores it."""
    try:
        code = entry.encode(given, rounding, saturate=saturate, seed=seed)
    except NotRepresentable:
        return Inspection(entry, given, None, None, None, Outcome.NO_CODE)
    return inspect_code(entry, code, given)


def inspect_code(entry: NumberFormat, code: int, given: Number | None = None) -> Inspection:
    """A code beside the number that it stands in for; by itself it stands for its own value.

    Raises ValueError for a code that has more bits than the format.
    """
    decoded = entry.decode(code)
    given = decoded.number if given is None else given
    error = error_of(entry, given, code)
    return Inspection(entry, given, code, decoded, error, _outcome(entry, given, decoded, error))


def _outcome(entry: NumberFormat, given: Number, decoded: Decoded, error: Error | None) -> Outcome:
    stored = decoded.number
    if (given.is_nan and stored.is_nan) or (error is not None and error.signed == 0):
        return Outcome.EXACT
    if not stored.is_finite and not given.is_nan:
        is_too_large = given.value is None or abs(given.value) > entry.value_at(entry.value_count - 1)
        return Outcome.OVERFLOWED if is_too_large else Outcome.NO_CODE  # E8M0 has NaN for zero and below
    if decoded.number_class is NumberClass.ZERO:
        return Outcome.UNDERFLOWED
    return Outcome.CLIPPED if _is_beyond(entry, given, error) else Outcome.ROUNDED


def _is_beyond(entry: NumberFormat, given: Number, error: Error | None) -> bool:
    """Whether a number lies past the last value; in a format that can overflow, farther than what is rounded to it."""
    if given.value is None or error is None:
        return given.is_infinite
    if entry.value_at(0) <= given.value <= entry.value_at(entry.value_count - 1):
        return False
    may_overflow = isinstance(entry, FloatFormat) and entry.overflow_magnitude is not None
    return not may_overflow or error.absolute > gap(entry, given.value) / 2


def hexadecimal(entry: NumberFormat, code: int) -> str:
    """A code as "0x3F81", with as many digits as the format needs."""
    return f"0x{code:0{entry.hex_digits}X}"


def field_texts(entry: NumberFormat, code: int) -> list[tuple[FieldKind, str]]:
    """The bits of each field, from the highest."""
    return [(field.kind, f"{field.of(code):0{field.bits}b}") for field in entry.fields]


def spaced_bits(entry: NumberFormat, code: int) -> str:
    """The bits of a code with a blank between its fields: "0 01011 1001100110"."""
    return " ".join(text for _kind, text in field_texts(entry, code))


def _fp64(x: Fraction | None) -> float | None:
    """FP64, and above zero what is above zero; None for what is beyond it."""
    if x is None:
        return None
    try:
        return float(x) or (sys.float_info.min * sys.float_info.epsilon if x else 0.0)
    except OverflowError:
        return None
