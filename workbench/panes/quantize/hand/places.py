"""Where things stand on the two number lines, and which of their labels have room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from workbench.panes.look.theme import Theme
from workbench.panes.quantize.hand.model import HandModel

# What is left free at either end of the lines, as a share of what is between.
EDGE = 0.027
# Integers nearer to one another than this many pixels are one band.
LEAST_TICK = 2.2
CLIP_GAP = 10  # from the outermost number to the mark of the clipping


class Handle(StrEnum):
    """What can be dragged."""

    SCALE = "scale"
    CLIP = "clip"
    CLIP_BELOW = "clip below"
    ZERO = "zero point"


@dataclass(frozen=True)
class Places:
    """A picture of a size, with the numbers from `low` to `high` on its lines."""

    left: float
    right: float
    bracket_y: float
    real_y: float
    stored_y: float
    low: float
    high: float

    def x_of(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def value_at(self, x: float) -> float:
        return self.low + (x - self.left) / (self.right - self.left) * (self.high - self.low)

    def xs_of(self, values: np.ndarray) -> np.ndarray:
        return self.left + (values - self.low) / (self.high - self.low) * (self.right - self.left)


def extent_of(model: HandModel) -> tuple[float, float]:
    """What both lines have to hold: the numbers, the ends of the scale, and zero."""
    steps, group = model.steps, model.group
    low = min(0.0, float(model.values.min()), float(model.steps.restored.min()), float(steps.lowest[group]))
    high = max(0.0, float(model.values.max()), float(model.steps.restored.max()), float(steps.highest[group]))
    if not model.method.has_zero_point:
        high = max(high, -low)
        low = -high
    if high <= low:
        low, high = -1.0, 1.0
    free = (high - low) * EDGE
    return low - free, high + free


def places_of(theme: Theme, model: HandModel, width: int, height: int, extent: tuple[float, float]) -> Places:
    px = theme.px
    below = px(46 if model.method.has_zero_point else 34)
    return Places(px(113), max(px(200), width - px(38)), px(13), px(54), max(px(84), height - below), *extent)


def handles_of(theme: Theme, model: HandModel, places: Places) -> dict[Handle, tuple[float, float]]:
    """The middle of each thing that can be dragged now."""
    found: dict[Handle, tuple[float, float]] = {}
    edge = (0.0, places.right + theme.px(34))
    if model.can_stretch:
        found[Handle.SCALE] = (places.x_of(float(model.steps.highest[model.group])), places.bracket_y)
    if model.largest > 0:
        gap = theme.px(CLIP_GAP)
        above, below = places.x_of(model.clip) + gap, places.x_of(-model.clip) - gap
        if above <= edge[1] and float(model.values.max()) > 0:
            found[Handle.CLIP] = (above, places.real_y)
        if below >= places.left - gap * 1.5 and float(model.values.min()) < 0:
            found[Handle.CLIP_BELOW] = (below, places.real_y)
    if model.method.has_zero_point:
        found[Handle.ZERO] = (places.x_of(0.0), places.stored_y)
    return {
        handle: (min(edge[1], max(edge[0], x)), y) for handle, (x, y) in found.items() if edge[0] <= x <= edge[1] * 1.01
    }


def with_room(order: Iterable[int], centers: Sequence[float], widths: Sequence[float], gap: float) -> list[int]:
    """Of labels in this order of importance those that overlap none before them."""
    taken: list[tuple[float, float]] = []
    shown = []
    for index in order:
        left, right = centers[index] - widths[index] / 2 - gap / 2, centers[index] + widths[index] / 2 + gap / 2
        if all(right <= other_left or left >= other_right for other_left, other_right in taken):
            taken.append((left, right))
            shown.append(index)
    return shown


def importance(model: HandModel, most: int) -> list[int]:
    """The chosen number, the ends, its group, then the rest as they come; `most` of them."""
    values = model.values
    ends = [model.chosen, int(values.argmax()), int(values.argmin())]
    first, after = model.steps.members(model.group)
    own = values[first:after]
    ends += [first + int(own.argmax()), first + int(own.argmin())]
    return list(dict.fromkeys([*ends, *range(first, after), *range(len(values))]))[:most]
