"""The number line's arithmetic: which values are in sight, where each lies, and which round ones are written below."""

import functools
import math
from dataclasses import dataclass, replace
from fractions import Fraction

from workbench.core.figures import MINUS, with_minus
from workbench.numerics.decimal_text import exact_decimal
from workbench.numerics.number import Number

# The window's left end is kept to this share of its width, so that its fractions stay short however it is dragged.
GRAIN = 1 << 24
# Around zero the whole range is linear; as wide as this share of the octaves on either side.
ZERO_SHARE = 0.05
# With fewer octaves than this in sight a logarithmic line shows no more than a linear one.
LEAST_OCTAVES = 4.0
MOST_DIGITS = 7
# The share of what is further away than FP64 can say.
FAR = float(1 << 60)


@dataclass(frozen=True)
class Tick:
    """A round value: where it lies, as a share of the width, and how it is written."""

    share: float
    text: str


@dataclass(frozen=True)
class LinearView:
    """A window 2**power wide that begins at `low`; all in exact fractions, down to the neighbours in FP64."""

    low: Fraction
    power: int

    @staticmethod
    def around(value: Fraction, power: int) -> "LinearView":
        return LinearView(value - Fraction(2) ** power / 2, power).trimmed()

    @property
    def width(self) -> Fraction:
        return Fraction(2) ** self.power

    @property
    def high(self) -> Fraction:
        return self.low + self.width

    def trimmed(self) -> "LinearView":
        grain = self.width / GRAIN
        return replace(self, low=math.floor(self.low / grain) * grain)

    def share_of(self, value: Fraction) -> float:
        """Where a value lies: 0 at the left end, 1 at the right one, outside of both where it is not in sight."""
        low, power = self.low, self.power
        above = value.numerator * low.denominator - low.numerator * value.denominator
        below = value.denominator * low.denominator
        try:  # in whole numbers: fractions would be shortened at every step
            return above / (below << power) if power >= 0 else (above << -power) / below
        except OverflowError:
            return FAR if above > 0 else -FAR

    def value_at(self, share: float) -> Fraction:
        return self.low + self.width * Fraction(share)

    def zoomed(self, share: float, powers: int) -> "LinearView":
        """With a width `powers` powers of two larger; what lies at `share` stays there."""
        width = Fraction(2) ** (self.power + powers)
        return LinearView(self.value_at(share) - width * Fraction(share), self.power + powers).trimmed()

    def panned(self, share: float) -> "LinearView":
        return replace(self, low=self.low + self.width * Fraction(share)).trimmed()

    def ticks(self, most: int) -> tuple[str, list[Tick]]:
        """What the ticks are counted from, where that is too long to write below each; and the ticks."""
        spacing = round_spacing(self.width, most)
        first, last = math.ceil(self.low / spacing), math.floor(self.high / spacing)
        values = [number * spacing for number in range(first, last + 1)]
        largest = max(abs(self.low), abs(self.high))
        digits = floor_log10(largest) - floor_log10(spacing) + 1
        base = Fraction(0)
        if digits > MOST_DIGITS and values:
            coarse = Fraction(10) ** (floor_log10(self.width) + 1)
            base = math.floor(self.low / coarse) * coarse
        ticks = [Tick(self.share_of(value), tick_text(value - base, spacing, largest - abs(base))) for value in values]
        if not base:
            return "", ticks
        text = with_minus(exact_decimal(Number.of(base)))
        return text, [replace(tick, text=tick.text if tick.text == "0" else f"+{tick.text}") for tick in ticks]


@dataclass(frozen=True)
class WholeView:
    """All magnitudes from 2**bottom to 2**top on both sides of zero, an octave as wide as every other.

    A value's height is its distance from 2**bottom in octaves plus `zero`, the half width of the linear stretch around
    zero, with the value's sign. The window shows the heights from `low` to `high`.
    """

    bottom: int
    top: int
    low: float
    high: float

    @staticmethod
    def of(bottom: int, top: int, *, has_negative: bool = True) -> "WholeView":
        end = (top - bottom) * (1 + ZERO_SHARE) * 1.02
        least = (top - bottom) * ZERO_SHARE
        return WholeView(bottom, top, -end if has_negative else -least, end)

    @property
    def zero(self) -> float:
        return (self.top - self.bottom) * ZERO_SHARE

    def height_of(self, value: Fraction) -> float:
        if value == 0:
            return 0.0
        octaves = log2(abs(value)) - self.bottom
        height = self.zero + octaves if octaves >= 0 else self.zero * _as_float(abs(value) / Fraction(2) ** self.bottom)
        return height if value > 0 else -height

    def share_of(self, value: Fraction) -> float:
        return (self.height_of(value) - self.low) / (self.high - self.low)

    def value_at(self, share: float) -> Fraction:
        height = self.low + share * (self.high - self.low)
        size = abs(height)
        if size < self.zero:
            value = Fraction(size / self.zero) * Fraction(2) ** self.bottom
        else:
            whole, part = divmod(size - self.zero, 1.0)
            value = Fraction(2) ** (self.bottom + int(whole)) * Fraction(2.0**part)
        return value if height >= 0 else -value

    def zoomed(self, share: float, powers: int) -> "WholeView":
        width = (self.high - self.low) * 2.0**powers
        at = self.low + share * (self.high - self.low)
        return self._within(at - share * width, at + (1 - share) * width)

    def panned(self, share: float) -> "WholeView":
        by = share * (self.high - self.low)
        return self._within(self.low + by, self.high + by)

    def _within(self, low: float, high: float) -> "WholeView":
        """As near to the window asked for as the ends allow."""
        end = WholeView.of(self.bottom, self.top).high
        width = min(high - low, 2 * end)
        low = min(max(low, -end), end - width)
        return replace(self, low=low, high=low + width)

    @property
    def octaves(self) -> float:
        return self.high - self.low

    def ticks(self, most: int) -> tuple[str, list[Tick]]:
        """Zero and powers of ten, at distances such that there are `most` at most."""
        decade = math.log2(10)
        every = max(1, math.ceil(self.octaves / decade / max(1, most - 1)))
        found = []
        first, last = math.floor(self.bottom / decade), math.ceil(self.top / decade)
        for exponent in range(first - first % every, last + 1, every):
            size = Fraction(10) ** exponent
            if log2(size) < self.bottom:
                continue
            text = _power_of_ten(exponent)
            found += [(size, text), (-size, MINUS + text)]
        found.append((Fraction(0), "0"))
        ticks = [Tick(self.share_of(value), text) for value, text in sorted(found)]
        return "", [tick for tick in ticks if 0 <= tick.share <= 1]


View = LinearView | WholeView


@functools.lru_cache(maxsize=4)
def ticks_of(view: View, most: int) -> tuple[str, list[Tick]]:
    """Those of the view, kept: typing mostly leaves it as it is."""
    return view.ticks(most)


def log2(value: Fraction) -> float:
    """Of any positive fraction, those beyond FP64 too."""
    return math.log2(value.numerator) - math.log2(value.denominator)


def floor_log10(value: Fraction) -> int:
    """The power of ten at or below a positive fraction, exactly."""
    power = len(str(value.numerator)) - len(str(value.denominator))
    return power if value >= Fraction(10) ** power else power - 1


def round_spacing(extent: Fraction, most: int) -> Fraction:
    """The smallest of 1, 2 and 5 times a power of ten that puts `most` ticks on an extent, one more at most."""
    least = extent / max(1, most)
    power = Fraction(10) ** floor_log10(least)
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least)


def tick_text(value: Fraction, spacing: Fraction, largest: Fraction) -> str:
    """A multiple of `spacing` with the digits that tell it from its neighbours: "0.08", "12", "1.5e-8"."""
    if value == 0:
        return "0"
    sign = MINUS if value < 0 else ""
    size = abs(value)
    step = floor_log10(spacing)
    if 0 <= step < 6 and largest < 10**6:
        return f"{sign}{int(size)}"
    if step < 0 and step >= -6 and largest < 10**6:
        return f"{sign}{exact_decimal_to(size, -step)}"
    exponent = floor_log10(size)
    mantissa = exact_decimal_to(size / Fraction(10) ** exponent, max(0, exponent - step))
    return with_minus(f"{sign}{mantissa}e{exponent}")


def exact_decimal_to(value: Fraction, decimals: int) -> str:
    """A value that is not negative, rounded to a number of decimals, with all of them."""
    whole, part = divmod(round(value * 10**decimals), 10**decimals)
    return f"{whole}.{part:0{decimals}d}" if decimals else str(whole)


def _power_of_ten(exponent: int) -> str:
    if -3 <= exponent <= 4:
        return exact_decimal(Number.of(Fraction(10) ** exponent))
    return with_minus(f"1e{exponent}")


def _as_float(value: Fraction) -> float:
    """The nearest float; a huge one for what has none."""
    if abs(value) > 1 << 60:
        return FAR if value > 0 else -FAR
    return float(value)
