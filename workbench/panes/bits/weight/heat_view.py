"""Which of a tensor's numbers are in sight: what a pixel of the heat map stands for."""

import math
from dataclasses import dataclass, replace

from workbench.core.units import grouped
from workbench.panes.charts.arrow_keys import Step

# Zooms are powers of two: from 64 pixels a number down to one number in many.
CLOSEST, FARTHEST = 6, -62
FIRST = 3
# So few lines or columns are drawn as broad as fits, whatever the others need.
FEW, FEW_ZOOM = 64, 4


@dataclass(frozen=True)
class Axis:
    """Lines or columns: how many there are, `extent` pixels to show them in, `cell` pixels for every `step`th."""

    count: int
    extent: int
    cell: float
    step: int
    first: int = 0

    @property
    def shown(self) -> range:
        """Those that are drawn, at least in part."""
        cells = math.ceil(self.extent / self.cell)
        return range(self.first, min(self.count, self.first + cells * self.step), self.step)

    @property
    def page(self) -> int:
        """How many fit as a whole."""
        return max(1, int(self.extent / self.cell + 1e-9)) * self.step

    @property
    def last(self) -> int:
        """The last that is in sight as a whole."""
        return min(self.count, self.first + self.page) - 1

    @property
    def last_first(self) -> int:
        """The greatest `first` that leaves no room empty."""
        return max(0, -(-(self.count - self.page) // self.step) * self.step)

    def at(self, pixel: float) -> int | None:
        """What is drawn at a pixel."""
        found = self.first + int(pixel // self.cell) * self.step
        return found if 0 <= pixel < self.extent and found < self.count else None

    def pixel_of(self, number: int) -> float:
        """Where the cell that shows it begins."""
        return (number - self.first) // self.step * self.cell


def axis(count: int, extent: int, zoom: float, first: int) -> Axis:
    """An axis at a zoom that begins near `first`."""
    extent = max(1, extent)
    if count <= FEW:
        zoom = max(zoom, min(FEW_ZOOM, math.floor(math.log2(extent / max(1, count)))))
    scale = 2.0**zoom
    step = 1 if scale >= 1 else int(1 / scale + 1e-9)
    made = Axis(count, extent, scale * step, step)
    first = max(0, min(first, made.last_first))
    return replace(made, first=first - first % step)


def whole_zoom(lines: int, columns: int, width: int, height: int) -> float:
    """The zoom at which all of it is in sight: between the powers of two, but no closer than at first."""
    # One pixel is left for a last step that is not full.
    fits = [
        math.log2(max(1, extent - 1) / count) for count, extent in ((lines, height), (columns, width)) if count > FEW
    ]
    return max(FARTHEST, min([FIRST, *fits]))


def zoomed(zoom: float, steps: int, farthest: float) -> float:
    """A number of powers of two closer or farther."""
    whole = math.floor(zoom) if steps > 0 else math.ceil(zoom)
    return min(CLOSEST, max(farthest, whole + steps))


def sight_in_words(lines: Axis, columns: Axis) -> str:
    """What is in sight: all, or from where to where, and how much of that is left out."""
    spans = [
        f"{name} {grouped(along.first)} to {grouped(along.last)} of {grouped(along.count)}"
        for name, along in (("lines", lines), ("columns", columns))
        if along.page < along.count
    ]
    words = ", ".join(spans) or f"all {grouped(lines.count)} lines of {grouped(columns.count)}"
    together = lines.step * columns.step
    words = f"{words}, 1 in {grouped(together)} shown" if together > 1 else words
    return words[0].upper() + words[1:]


def place_after(step: Step, place: int, numbers: int, lines: Axis, columns: Axis) -> int:
    """Where a key leads from a number; Home and End stay in its line."""
    length = columns.count
    start = place - place % length
    end = min(start + length, numbers) - 1
    if step.across or step.ends:
        return min(max(place + step.across * columns.step + step.ends * length, start), end)
    below = place + (step.down * lines.step + step.pages * lines.page) * length
    if step.pages > 0:
        return min(below, place + (numbers - 1 - place) // length * length)
    return max(place % length, below if below < numbers else place)
