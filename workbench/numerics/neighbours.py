"""What lies around a value of a format: neighbours, gaps, errors, density."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from workbench.numerics.float_format import FloatFormat, floor_log2
from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.twos_format import TwosFormat


@dataclass(frozen=True)
class Error:
    """How far what is stored is from what was given: `signed` is stored minus given."""

    signed: Fraction
    relative: Fraction | None  # None beside zero
    ulp: Fraction | None  # in gaps between neighbours at the given number; None in a codebook

    @property
    def absolute(self) -> Fraction:
        return abs(self.signed)


@dataclass(frozen=True)
class Limits:
    """The ends of a format's values; the smallest ones are above zero, None where there are none of that kind."""

    lowest: Fraction
    largest: Fraction
    smallest: Fraction
    smallest_normal: Fraction | None
    smallest_subnormal: Fraction | None


def previous_code(entry: NumberFormat, code: int) -> int | None:
    """The code of the next lower value, which may be minus infinity; None below the lowest and for NaN."""
    number = entry.decode(code).number
    if number.is_infinite:
        return None if number.is_negative else entry.code_at(entry.value_count - 1)
    ordinal = entry.ordinal_of(code)
    if ordinal is None:
        return None
    return entry.code_at(ordinal - 1) if ordinal else infinity_code(entry, is_negative=True)


def next_code(entry: NumberFormat, code: int) -> int | None:
    """The code of the next higher value, which may be infinity; None above the largest and for NaN."""
    number = entry.decode(code).number
    if number.is_infinite:
        return entry.code_at(0) if number.is_negative else None
    ordinal = entry.ordinal_of(code)
    if ordinal is None:
        return None
    is_last = ordinal == entry.value_count - 1
    return infinity_code(entry, is_negative=False) if is_last else entry.code_at(ordinal + 1)


def shifted(entry: NumberFormat, code: int, ulps: int) -> int:
    """The code `ulps` values higher or lower, held at the last finite one; NaN and infinity stay."""
    ordinal = entry.ordinal_of(code)
    if ordinal is None:
        return code
    return entry.code_at(min(max(ordinal + ulps, 0), entry.value_count - 1))


def infinity_code(entry: NumberFormat, *, is_negative: bool) -> int | None:
    """None where the format has no infinity of that sign."""
    code = entry.encode(Number(None, is_negative))
    number = entry.decode(code).number
    return code if number.is_infinite and number.is_negative is is_negative else None


def zero_code(entry: NumberFormat) -> int | None:
    """None where the format has no zero."""
    ordinal = entry.ordinal_at_or_below(Fraction(0))
    return entry.code_at(ordinal) if ordinal >= 0 and entry.value_at(ordinal) == 0 else None


def largest_code(entry: NumberFormat) -> int:
    """The code of the largest finite value."""
    return entry.code_at(entry.value_count - 1)


def smallest_code(entry: NumberFormat) -> int:
    """The code of the smallest value above zero."""
    return entry.code_at(entry.ordinal_at_or_below(Fraction(0)) + 1)


def gap(entry: NumberFormat, x: Fraction) -> Fraction:
    """The distance between the values around `x`; of a value itself, that to the next one away from zero.

    In a floating-point format this is one ulp. Beyond the ends it is the last gap.
    """
    last = entry.value_count - 1
    below = min(max(entry.ordinal_at_or_below(x), 0), last - 1)
    if x < 0 and below and entry.value_at(below) == x:
        below -= 1
    return entry.value_at(below + 1) - entry.value_at(below)


def error_of(entry: NumberFormat, given: Number, code: int) -> Error | None:
    """None where either side is infinite or NaN, unless both are the same infinity."""
    stored = entry.decode(code).number
    if given.is_infinite and stored.is_infinite and given.is_negative is stored.is_negative:
        return Error(Fraction(0), Fraction(0), Fraction(0) if entry.has_ulp else None)
    if given.value is None or stored.value is None:
        return None
    signed = stored.value - given.value
    relative = abs(signed / given.value) if given.value else None if signed else Fraction(0)
    ulp = abs(signed) / gap(entry, given.value) if entry.has_ulp else None
    return Error(signed, relative, ulp)


def count_between(entry: NumberFormat, low: Fraction, high: Fraction) -> int:
    """How many values lie from `low` to `high`, both counted."""
    first, last = ordinals_between(entry, low, high)
    return max(0, last - first + 1)


def values_between(
    entry: NumberFormat, low: Fraction, high: Fraction, limit: int = 1_000
) -> Iterator[tuple[int, Fraction]]:
    """Codes and values from `low` to `high`, upward, the first `limit` of them."""
    first, last = ordinals_between(entry, low, high)
    for ordinal in range(first, min(last + 1, first + limit)):
        yield entry.code_at(ordinal), entry.value_at(ordinal)


def ordinals_between(entry: NumberFormat, low: Fraction, high: Fraction) -> tuple[int, int]:
    """The first and the last of the sorted values from `low` to `high`; the last is below the first where none is."""
    first = entry.ordinal_at_or_below(low)
    if first < 0 or entry.value_at(first) < low:
        first += 1
    return first, entry.ordinal_at_or_below(high)


def limits_of(entry: NumberFormat) -> Limits:
    """The ends of a format's values."""
    smallest = entry.decode(smallest_code(entry))
    assert smallest.value is not None
    normal = None
    if isinstance(entry, FloatFormat):
        normal = Fraction(2) ** entry.smallest_exponent
    elif isinstance(entry, TwosFormat):
        normal = Fraction(2) ** (entry.smallest_exponent - 1)
    return Limits(
        lowest=entry.value_at(0),
        largest=entry.value_at(entry.value_count - 1),
        smallest=smallest.value,
        smallest_normal=normal,
        smallest_subnormal=smallest.value if smallest.number_class is NumberClass.SUBNORMAL else None,
    )


def wasted_codes(entry: NumberFormat) -> int:
    """How many codes stand for nothing that another code does not stand for: second zeros, further NaNs, doubles."""
    infinities = sum(infinity_code(entry, is_negative=sign) is not None for sign in (False, True))
    nan = isinstance(entry, FloatFormat) and entry.nan_magnitude is not None
    return (1 << entry.bits) - entry.value_count - infinities - nan


def values_per_binade(entry: NumberFormat) -> list[tuple[int, int]]:
    """Each power of two, and how many values lie from it to the next; of the values above zero, none left out."""
    ends = limits_of(entry)
    first, last = floor_log2(ends.smallest), floor_log2(ends.largest)
    starts = [ordinals_between(entry, Fraction(2) ** exponent, ends.largest)[0] for exponent in range(first, last + 2)]
    return [(first + i, starts[i + 1] - starts[i]) for i in range(last - first + 1)]
