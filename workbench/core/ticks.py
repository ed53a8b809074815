"""Where an axis has its ticks, and what they say."""

import math

from workbench.core.figures import in_powers
from workbench.core.units import grouped

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def spacing_of(extent: float, most: int, *, whole: bool = False) -> float:
    """The smallest round distance that puts at most `most` ticks on an extent."""
    if not extent > 0 or not math.isfinite(extent):
        return 1.0
    least = extent / max(1, most - 1) * 0.999999
    power = 10.0 ** math.floor(math.log10(least))
    nice = (1.0, 2.0, 5.0, 10.0) if whole else _NICE
    spacing = next(step * power for step in nice if step * power >= least)
    return max(1.0, spacing) if whole else spacing


def ticks(low: float, high: float, spacing: float) -> list[float]:
    """The round values between two."""
    first, last = math.ceil(low / spacing - 1e-6), math.floor(high / spacing + 1e-6)
    return [number * spacing for number in range(first, min(last, first + 100) + 1)]


def decades(low: float, high: float, most: int) -> list[float]:
    """Ticks of a logarithmic axis: powers of ten, and what lies between them where there are few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        found = [value for value in found if low * 0.999 <= value <= high * 1.001]
        if len(found) <= most:
            return found
    every = math.ceil(len(found) / most)
    return found[::every]


def round_end(value: float, most: int) -> float:
    """The round value an axis may end at so that it holds `value`."""
    spacing = spacing_of(value, most)
    return math.ceil(value / spacing - 1e-6) * spacing


def in_words(value: float, spacing: float) -> str:
    """A tick's number with as many decimals as its neighbours need: "0.5", "12", "2e-4"."""
    if value == 0:
        return "0" if spacing >= 1 or spacing < 0.001 else f"{0:.{_decimals(spacing)}f}"
    if spacing < 0.001 or abs(value) >= 1e7:
        return in_powers(value, 2)
    if spacing >= 1 and spacing == int(spacing):
        return grouped(round(value))
    return f"{value:.{_decimals(spacing)}f}"


def _decimals(spacing: float) -> int:
    decimals: int = max(0, -math.floor(math.log10(spacing) + 1e-9))
    return decimals + int(abs(spacing * 10**decimals - round(spacing * 10**decimals)) > 1e-6)


def marks(low: float, high: float, spacing: float) -> list[tuple[float, str]]:
    """The round values between two, each with its words."""
    return [(value, in_words(value, spacing)) for value in ticks(low, high, spacing)]


def minutes_in_words(minutes: float) -> str:
    """A tick of a time axis: "5 min", "2 h", "30 s"."""
    if minutes == 0:
        return "0"
    if minutes >= 60 and minutes % 30 == 0:
        return f"{minutes / 60:g} h"
    if minutes < 1 or minutes % 1:
        return f"{minutes * 60:.0f} s"
    return f"{minutes:g} min"


# Seconds; what clocks and people count in.
_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


def time_spacing(minutes: float, most: int) -> float:
    """The distance of ticks on a time axis, in minutes."""
    least = minutes * 60 / max(1, most - 1) * 0.999999
    found = next((seconds for seconds in _TIMES if seconds >= least), None)
    return (found if found else math.ceil(least / 86400) * 86400) / 60


def clock(seconds: float) -> str:
    """A duration as a clock shows it: "7:44", "1:02:33"."""
    whole = max(0, round(seconds)) if math.isfinite(seconds) else 0
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
