"""Where words stand in a picture of points: beside what they name, clear of each other and of what is drawn."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

# What it costs that words lie on something, for each square pixel; a place far off costs its pixels.
_ON_WORDS, _ON_MARK, _OUTSIDE = 4.0, 3.0, 40.0
_DISTANCES = (1.0, 1.9, 3.0, 4.4)
_ANGLES = (0, 180, -40, 40, -140, 140, -90, 90)


@dataclass(frozen=True)
class Placed:
    """A box for words, and how far it is from what it names."""

    box: QRectF
    is_far: bool


class Labels:
    """Places one box of words after the other."""

    def __init__(self, area: QRectF, marks: Sequence[QRectF]) -> None:
        self._area = area
        self._marks = list(marks)
        self._taken: list[QRectF] = []

    def beside(self, point: QPointF, radius: float, width: float, height: float) -> Placed:
        """The best place around a point."""
        found: list[tuple[float, QRectF, bool]] = []
        for rank, distance in enumerate(_DISTANCES):
            for turn, angle in enumerate(_ANGLES):
                reach = radius * distance + 4
                x = point.x() + reach * math.cos(math.radians(angle))
                y = point.y() + reach * math.sin(math.radians(angle))
                left = x if math.cos(math.radians(angle)) > 0.1 else x - width
                if abs(math.cos(math.radians(angle))) <= 0.1:
                    left = x - width / 2
                up = math.sin(math.radians(angle))
                top = y - height / 2 + up * height / 2
                found.append(
                    (
                        self._cost(QRectF(left, top, width, height)) + 30 * rank + 2 * turn,
                        QRectF(left, top, width, height),
                        rank > 0,
                    )
                )
        return self._take_cheapest(found)

    def along(self, start: QPointF, end: QPointF, width: float, height: float, gap: float) -> Placed:
        """The best place beside a line."""
        found: list[tuple[float, QRectF, bool]] = []
        across, up = end.x() - start.x(), end.y() - start.y()
        for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
            x, y = start.x() + across * share, start.y() + up * share
            for side in (1, -1):
                left = x + gap if side > 0 else x - gap - width
                for shift in (-0.5, -1.0, 0.0):
                    box = QRectF(left, y + shift * height, width, height)
                    found.append((self._cost(box) + 40 * abs(share - 0.5) + 4 * (side < 0), box, False))
        return self._take_cheapest(found)

    def below(self, box: QRectF, step: float) -> QRectF:
        """The box, moved down until it is clear of all."""
        while box.bottom() + step < self._area.bottom() and any(
            box.intersects(other) for other in (*self._taken, *self._marks)
        ):
            box = box.translated(0, step)
        self._taken.append(box)
        return box

    def _take_cheapest(self, found: Iterable[tuple[float, QRectF, bool]]) -> Placed:
        _cost, box, is_far = min(found, key=lambda one: one[0])
        self._taken.append(box)
        return Placed(box, is_far)

    def _cost(self, box: QRectF) -> float:
        cost = _OUTSIDE * (box.width() * box.height() - _shared(box, self._area))
        cost += _ON_WORDS * sum(_shared(box, other) for other in self._taken)
        return cost + _ON_MARK * sum(_shared(box, other) for other in self._marks)


def _shared(one: QRectF, other: QRectF) -> float:
    both = one.intersected(other)
    return max(0.0, both.width()) * max(0.0, both.height())


def beads(start: QPointF, end: QPointF, side: float) -> list[QRectF]:
    """A line as small boxes that words keep clear of."""
    length = math.hypot(end.x() - start.x(), end.y() - start.y())
    count = max(1, int(length / side))
    return [
        QRectF(
            start.x() + (end.x() - start.x()) * step / count - side / 2,
            start.y() + (end.y() - start.y()) * step / count - side / 2,
            side,
            side,
        )
        for step in range(count + 1)
    ]
