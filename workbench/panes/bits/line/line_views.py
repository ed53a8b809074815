"""Which part of the number line is shown: what one begins with, the whole range, and zooming between them."""

from collections.abc import Sequence
from fractions import Fraction

from workbench.numerics.float_format import floor_log2
from workbench.numerics.neighbours import gap
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat
from workbench.panes.bits.shown.scale import LEAST_OCTAVES, LinearView, View, WholeView

# A linear line that is wider than this many times the number shows it at zero: the next step out is the whole range.
WIDEST = 1 << 10


def first_power(number: Number) -> int:
    """Of the width that the line begins with."""
    return floor_log2(abs(number.value)) if number.value else 1


def first_view(number: Number, formats: Sequence[NumberFormat]) -> View:
    """What is shown of a number that was just typed."""
    if number.value is None:
        return whole_view(formats)
    return LinearView.around(number.value, first_power(number))


def whole_view(formats: Sequence[NumberFormat]) -> WholeView:
    """From the smallest positive value of all formats to the largest."""
    bottom, top, has_negative = 0, 1, False
    for format_ in formats:
        smallest = format_.value_at(format_.ordinal_at_or_below(Fraction(0)) + 1)
        lowest, largest = format_.value_at(0), format_.value_at(format_.value_count - 1)
        bottom = min(bottom, floor_log2(smallest))
        top = max(top, floor_log2(max(abs(lowest), largest)) + 1)
        has_negative = has_negative or lowest < 0
    return WholeView.of(bottom, top, has_negative=has_negative)


def zoomed(view: View, share: float, powers: int, formats: Sequence[NumberFormat]) -> View:
    """`powers` powers of two more of the line, around what lies at `share`; from two neighbours to all there is."""
    value = view.value_at(share)
    if isinstance(view, WholeView):
        if powers > 0 or view.octaves * 2.0**powers >= LEAST_OCTAVES:
            return view.zoomed(share, powers)
        power = floor_log2(view.value_at(1.0) - view.value_at(0.0))
        return LinearView(value - Fraction(2) ** power * Fraction(share), power).trimmed()
    if powers > 0 and view.width * 2**powers > WIDEST * (abs(value) or view.width / 2):
        return whole_view(formats)
    if powers < 0 and view.power + powers < least_power(value, formats):
        return view
    return view.zoomed(share, powers)


def least_power(value: Fraction, formats: Sequence[NumberFormat]) -> int:
    """Of a width that holds two neighbours of the finest format."""
    return floor_log2(min(gap(format_, value) for format_ in formats)) + 1
