"""What came of a sweep as a plot: the loss against one setting, a line for each choice of the others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from workbench.core.figures import measured_text
from workbench.core.recipe.recipe import settings
from workbench.core.runs.result_words import value_in_words
from workbench.core.runs.sweep import Point, Sweep
from workbench.panes.charts.plot_base import Numbers
from workbench.panes.charts.plots import Plot, Value
from workbench.panes.look.theme import Theme
from workbench.panes.runs.letters import LETTERS, letter_color

SIDE = 9
MOST_LABEL = 150  # pixels of the drawing
# More lines than letters have colours are all of one.
PLAIN = "text.tertiary"


class SweepPlot(Plot):
    """The values of the setting with most of them stand side by side, in their order."""

    def __init__(self, theme: Theme) -> None:
        self._sweep = Sweep((), ())
        self._along = 0
        self._values: list[Any] = []
        self._lines: list[tuple[str, str, list[tuple[int, Point]]]] = []  # colour, label, points
        super().__init__(theme, "Loss of the sweep")
        self.restyle()
        self.fit()

    def show_sweep(self, sweep: Sweep) -> None:
        self._sweep = sweep
        counts = [len({point.values[place] for point in sweep.points}) for place in range(len(sweep.paths))]
        self._along = max(range(len(counts)), key=lambda place: counts[place], default=0)
        self._values = []
        groups: dict[tuple[Any, ...], list[tuple[int, Point]]] = {}
        if sweep.paths:
            self._values = list(dict.fromkeys(point.values[self._along] for point in sweep.points))
            if all(isinstance(value, int | float) for value in self._values):
                self._values.sort()
            for point in sweep.points:
                rest = point.values[: self._along] + point.values[self._along + 1 :]
                groups.setdefault(rest, []).append((self._values.index(point.values[self._along]), point))
        has_colors = len(groups) <= len(LETTERS)
        self._lines = [
            (letter_color(LETTERS[place]) if has_colors else PLAIN, self._label(rest), sorted(points, key=_place))
            for place, (rest, points) in enumerate(groups.items())
        ]
        self.fit()

    def _label(self, rest: Sequence[Any]) -> str:
        others = [path for place, path in enumerate(self._sweep.paths) if place != self._along]
        parts = [f"{settings()[path].title} {value_in_words(value)}" for path, value in zip(others, rest, strict=True)]
        return ", ".join(parts)

    @property
    def along(self) -> str:
        """What the bottom axis is of."""
        return settings()[self._sweep.paths[self._along]].title if self._sweep.paths else ""

    def _losses(self) -> list[float]:
        return [point.loss for _, _, points in self._lines for _, point in points if point.loss is not None]

    def extent(self) -> tuple[float, float, float, float]:
        losses = self._losses()
        low, high = min(losses, default=0.0), max(losses, default=1.0)
        room = (high - low) * 0.15 or max(abs(high) * 0.1, 0.01)
        return -0.4, max(1, len(self._values)) - 0.6, max(0.0, low - room) if low >= 0 else low - room, high + room

    def x_ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        every = max(1, -(-len(self._values) // max(1, most)))
        return [(float(at), value_in_words(value)) for at, value in list(enumerate(self._values))[::every]]

    def y_ticks(self) -> list[tuple[float, str]]:
        return super().y_ticks() if self._losses() else []

    def right_margin(self) -> int:
        metrics = QFontMetricsF(self.theme.font("small"))
        widest = max((metrics.horizontalAdvance(label) for _, label, _ in self._lines), default=0.0)
        return self.theme.px(16) + min(round(widest), self.theme.px(MOST_LABEL))

    def values_at(self, x: float) -> tuple[float, str, list[Value]] | None:
        at = round(x)
        if not 0 <= at < len(self._values):
            return None
        values = [
            Value(color, label or point.row.called, measured_text(point.loss))
            for color, label, points in self._lines
            for place, point in points
            if place == at and point.loss is not None
        ]
        return float(at), f"{self.along} {value_in_words(self._values[at])}", values

    def table(self) -> tuple[list[str], list[Numbers]]:
        points = [(at, point.loss) for _, _, line in self._lines for at, point in line if point.loss is not None]
        places = np.array([at + 1 for at, _ in points], dtype=np.float64)
        return ["place", "loss"], [places, np.array([loss for _, loss in points], dtype=np.float64)]

    def paint_over(self, painter: QPainter) -> None:
        best = self._sweep.best
        theme, side = self.theme, self.theme.px(SIDE)
        metrics = QFontMetricsF(theme.font("small"))
        taken: list[float] = []
        for color, label, points in self._lines:
            places = [
                (QPointF(self.x_pixels(at), self.y_pixels(point.loss)), point)
                for at, point in points
                if point.loss is not None
            ]
            if not places:
                continue
            painter.setPen(QPen(theme.color(color), theme.pen_width))
            painter.drawPolyline([place for place, _ in places])
            for place, point in places:
                is_best = best is not None and point.row.path == best.row.path
                painter.setPen(QPen(theme.color(color), 2))
                painter.setBrush(theme.color(color if is_best else "surface.card"))
                painter.drawEllipse(place, side / 2, side / 2)
                if is_best:
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(QPen(theme.color("text.primary"), 1.5))
                    painter.drawEllipse(place, side / 2 + 4, side / 2 + 4)
            y = places[-1][0].y()
            while any(abs(y - other) < metrics.height() for other in taken):
                y += metrics.height()
            taken.append(y)
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("text.secondary"))
            left = self.area().right() + theme.px(8)
            room = self.width() - left - theme.px(4)
            words = metrics.elidedText(label, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left, y - 20, room, 40), Qt.AlignmentFlag.AlignVCenter, words)


def _place(entry: tuple[int, Point]) -> int:
    return entry[0]
