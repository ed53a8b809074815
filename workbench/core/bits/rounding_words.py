"""Why a number became what is stored: distances, ties, overflow and underflow, in sentences with its own numbers."""

from fractions import Fraction

from workbench.core.bits.digits import DIGITS_IN_WORDS, digits_for, in_powers, number_words
from workbench.core.bits.inspection import Inspection
from workbench.core.figures import MINUS
from workbench.numerics.codebook import Codebook
from workbench.numerics.neighbours import gap, limits_of
from workbench.numerics.number import Number
from workbench.numerics.number_format import Decoded, NumberFormat
from workbench.numerics.rounding import Rounding

NEAREST = (Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY)


def rounding_words(inspection: Inspection, rounding: Rounding) -> str:
    """Nothing where the number is stored exactly, or simply rounded to the nearer of two neighbours."""
    given, decoded, format_ = inspection.given.value, inspection.decoded, inspection.format
    if given is None or decoded is None or given == decoded.value or isinstance(format_, Codebook):
        return ""
    ends = limits_of(format_)
    end = ends.largest if given > 0 else ends.lowest
    if given > ends.largest or given < ends.lowest:
        return _overflow_words(format_, given, end, decoded, rounding)
    if decoded.value == 0:
        return _underflow_words(given, ends.smallest, rounding)
    below = format_.ordinal_at_or_below(given)
    low, high = format_.value_at(below), format_.value_at(below + 1)
    if rounding in NEAREST and 2 * given == low + high:
        between = f"{in_sentence(given)} lies half way between {in_sentence(low)} and {in_sentence(high)}"
        return f"{between}: {_tie_words(rounding, decoded.code)}."
    return ""


def distance_words(format_: NumberFormat, given: Fraction, low: Fraction, high: Fraction) -> tuple[str, ...]:
    """How far a number lies from the values around it, then which of them is the nearer, if one is: a sentence each."""
    below, above = given - low, high - given
    most = digits_for(format_, DIGITS_IN_WORDS)
    from_low, from_high = (number_words(Number.of(value), most) for value in (low, high))
    to_low, to_high, apart = (number_words(Number.of(distance)) for distance in (below, above, abs(above - below)))
    distances = f"From {from_low} it is {to_low} away, from {from_high} it is {to_high}."
    if below == above:
        return (distances,)
    return (distances, f"The {'lower' if below < above else 'upper'} one is nearer, by {apart}.")


def in_sentence(value: Fraction) -> str:
    """A number in a sentence about rounding, a power of two as such where that is shorter: "65520", "2⁻²⁴"."""
    if value == 0:
        return "0"
    return (MINUS if value < 0 else "") + in_powers(abs(value))


def _tie_words(rounding: Rounding, code: int) -> str:
    if rounding is Rounding.NEAREST_AWAY:
        return "the tie goes away from zero"
    return "the tie goes to the even one" + (", whose last bit is 0" if code % 2 == 0 else "")


def _overflow_words(format_: NumberFormat, given: Fraction, end: Fraction, decoded: Decoded, rounding: Rounding) -> str:
    """A number outside of what a format has: infinity, NaN, or the last value."""
    stored = decoded.value
    name = f"the {'largest' if end > 0 else 'lowest'} value of {format_.name}"
    if end == 0:
        return f"{format_.name} has no negative numbers: {in_sentence(given)} becomes 0."
    following = end + gap(format_, end) * (1 if end > 0 else -1)
    half = (end + following) / 2
    if rounding in NEAREST and abs(given) < abs(following):
        last = f"{in_sentence(end)}, {name}"
        between = f"{in_sentence(given)} lies between {last}, and {in_sentence(following)}, the next it would have"
        if given == half:
            between = between.replace("lies between", "lies half way between")
            if stored is None:
                even = "to the even one, " if rounding is Rounding.NEAREST_EVEN else "away from zero, to "
                odd = f"The last bit of {in_sentence(end)} is 1. " if rounding is Rounding.NEAREST_EVEN else ""
                return f"{between}. {odd}The tie goes {even}{in_sentence(following)}, which it cannot hold."
            if rounding is Rounding.NEAREST_EVEN and decoded.code % 2 == 0:
                return f"{between}. The tie goes to the even one, {in_sentence(stored)}."
            return f"{between}. It is held at the last value."
        if abs(given) > abs(half):
            if stored is None:
                return f"{between}. It is nearer to {in_sentence(following)}, which {format_.name} cannot hold."
            return f"{between}. It is held at the last value."
        return f"{between}. It is nearer to {in_sentence(end)}: from {in_sentence(half)} on it would not be."
    if stored is None:
        return f"{in_sentence(given)} is beyond {in_sentence(end)}, {name}."
    return f"{in_sentence(given)} is beyond {in_sentence(end)}, {name}, and is held there."


def _underflow_words(given: Fraction, smallest: Fraction, rounding: Rounding) -> str:
    size, least = abs(given), in_powers(smallest)
    if rounding in NEAREST:
        if 2 * size == smallest:
            half = f"{in_sentence(given)} is half of {least}, the smallest value above 0"
            return f"{half}: the tie goes to the even one, 0."
        if 2 * size < smallest:
            return f"{in_sentence(given)} is less than half of {least}, the smallest value above 0: it becomes 0."
    return f"{in_sentence(given)} is less than {least}, the smallest value above 0: it is rounded to 0."
