"""What a format has in sight on the number line: single marks, and bands where marks would touch."""

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from workbench.core.figures import short_power
from workbench.core.units import count_in_words
from workbench.numerics.float_format import floor_log2
from workbench.numerics.neighbours import count_between, gap, ordinals_between
from workbench.numerics.number_format import NumberFormat
from workbench.panes.bits.shown.scale import LinearView, View

# Formats with no more values than this are kept whole, those of 8 bits and fewer.
SMALL = 256
# On a logarithmic line this many values are looked at one by one; more are a band.
MOST_MARKS = 600


@dataclass(frozen=True)
class Lane:
    """Marks by their place in pixels, bands from left to right, and how many values there are in sight."""

    marks: tuple[float, ...]
    bands: tuple[tuple[float, float], ...]
    count: int

    @property
    def words(self) -> str:
        """The count, where a band does not let one count."""
        return f"{self.figure} value{'s' * (self.count != 1)} in sight" if self.bands else ""

    @property
    def figure(self) -> str:
        """The count alone, where there is no room for more."""
        return _many(self.count) if self.bands else ""


def lane_of(format_: NumberFormat, view: View, width: int, least_gap: float) -> Lane:
    """The lane of a format over a width in pixels; marks nearer to each other than `least_gap` pixels become a band."""
    low, high = view.value_at(0.0), view.value_at(1.0)
    if format_.value_count <= SMALL:
        values = _small(format_)
        values = values[bisect_left(values, low) : bisect_right(values, high)]
        return Lane(*_merged((view.share_of(value) * width for value in values), least_gap), len(values))
    lowest, largest = format_.value_at(0), format_.value_at(format_.value_count - 1)
    low, high = max(low, lowest), min(high, largest)
    if low > high:
        return Lane((), (), 0)
    count = count_between(format_, low, high)
    if isinstance(view, LinearView):
        reach = _dense_reach(format_, view, low, high, width, least_gap)
        dense = (max(low, -reach), min(high, reach))
    elif count <= MOST_MARKS:
        dense = (high, low)
    else:
        return Lane((), tuple(_log_bands(format_, view, low, high, width)), count)
    places: list[float] = []
    bands: list[tuple[float, float]] = []
    if dense[0] < dense[1]:
        bands.append((view.share_of(dense[0]) * width, view.share_of(dense[1]) * width))
        outside = [(low, dense[0]), (dense[1], high)]
    else:
        outside = [(low, high)]
    for start, end in outside:
        if start < end or (start == end and not bands):
            places += _places(format_, view, start, end, width)
    marks, touching = _merged(places, least_gap)
    return Lane(marks, tuple(_joined(bands + list(touching), least_gap)), count)


def _places(format_: NumberFormat, view: View, low: Fraction, high: Fraction, width: int) -> list[float]:
    """Where the values between two lie. Most stand in even steps, whose places need not be asked for one by one."""
    first, last = ordinals_between(format_, low, high)
    if last < first:
        return []
    ends = view.share_of(format_.value_at(first)) * width, view.share_of(format_.value_at(last)) * width
    steps = last - first
    if steps < 2:
        return list(ends[: steps + 1])
    start, end = format_.value_at(first), format_.value_at(last)
    is_even = isinstance(view, LinearView) and end - start == steps * gap(format_, min(start, end, key=abs))
    if is_even and (start > 0) == (end > 0):  # on one side of zero no step is smaller than the first
        pitch = (ends[1] - ends[0]) / steps
        return [ends[0] + number * pitch for number in range(steps + 1)]
    middle = format_.value_at((first + last) // 2)
    return _places(format_, view, start, middle, width) + _places(
        format_, view, format_.value_at((first + last) // 2 + 1), end, width
    )


def _dense_reach(
    format_: NumberFormat, view: LinearView, low: Fraction, high: Fraction, width: int, least_gap: float
) -> Fraction:
    """The power of two below which the values of a format lie too near to each other to be told apart."""
    largest = max(abs(low), abs(high))
    nearest = Fraction(0) if low <= 0 <= high else min(abs(low), abs(high))
    least = view.width * Fraction(least_gap) / width
    if largest == 0:
        return Fraction(0)
    reach = Fraction(2) ** (floor_log2(largest) + 1)
    while reach > nearest:
        spacing = gap(format_, reach / 2)
        if spacing < least:
            return reach
        if spacing * 4 >= reach:  # nothing but the values around zero is left
            return Fraction(0)
        reach /= 2
    return Fraction(0)


def _log_bands(
    format_: NumberFormat, view: View, low: Fraction, high: Fraction, width: int
) -> Iterable[tuple[float, float]]:
    """From the lowest to the last value below zero, and from the first above it."""
    zero = format_.ordinal_at_or_below(Fraction(0))
    above = format_.value_at(zero + 1) if zero + 1 < format_.value_count else None
    is_zero = zero >= 0 and format_.value_at(zero) == 0
    below = zero - 1 if is_zero else zero
    if below >= 0 and low < 0:
        yield view.share_of(low) * width, view.share_of(min(high, format_.value_at(below))) * width
    if is_zero and low <= 0 <= high:
        middle = view.share_of(Fraction(0)) * width
        yield middle - 1, middle + 1
    if above is not None and high > 0:
        yield view.share_of(max(low, above)) * width, view.share_of(high) * width


def _merged(places: Iterable[float], least_gap: float) -> tuple[tuple[float, ...], tuple[tuple[float, float], ...]]:
    """Single marks, and runs of three and more that touch."""
    marks: list[float] = []
    bands: list[tuple[float, float]] = []
    run: list[float] = []
    for place in [*sorted(places), float("inf")]:
        if run and place - run[-1] >= least_gap:
            if len(run) > 2:
                bands.append((run[0], run[-1]))
            else:
                marks += run
            run = []
        run.append(place)
    return tuple(marks), tuple(bands)


def _joined(bands: list[tuple[float, float]], least_gap: float) -> Iterable[tuple[float, float]]:
    """Bands that touch as one."""
    held: tuple[float, float] | None = None
    for start, end in sorted(bands):
        if held and start - held[1] < least_gap:
            held = (held[0], max(held[1], end))
        else:
            if held:
                yield held
            held = (start, end)
    if held:
        yield held


@functools.lru_cache(maxsize=64)
def _small(format_: NumberFormat) -> tuple[Fraction, ...]:
    return tuple(format_.value_at(ordinal) for ordinal in range(format_.value_count))


def _many(count: int) -> str:
    return count_in_words(count) if count < 10**12 else short_power(f"{count:.1e}")
