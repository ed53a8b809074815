"""The memory of a run over its time: what was predicted as bands, what was measured as a line."""

from itertools import accumulate
from typing import NamedTuple

import numpy as np
import psutil
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from workbench.core import ticks
from workbench.core.job.history import History
from workbench.core.memory.ledger import PARTS, Ledger
from workbench.panes.charts.memory_bar import FARTHEST_LIMIT
from workbench.panes.charts.memory_labels import labels_of, paint_labels, room_for
from workbench.panes.charts.plot_base import MOST_MAIN_POINTS, Numbers
from workbench.panes.charts.plots import Plot, Value
from workbench.panes.look.theme import Theme
from workbench.panes.train.live.milestones import Moment, is_on_card, paint_disc

# What is there once the weights are; the rest comes with the first step.
WEIGHTS = ("weights", "unquantized")
PREDICTED_OPACITY = 0.35
NARROW = 420
_EMPTY = np.empty(0, dtype=np.float64)


class Knot(NamedTuple):
    """What is predicted of one moment, in bytes by PARTS."""

    minutes: float
    sizes: tuple[float, ...]


class MemoryPlot(Plot):
    """Bands, line, limit and numbered moments over the minutes of a run."""

    def __init__(self, theme: Theme) -> None:
        self._seconds = self._peak = self._held = _EMPTY
        self._end_minutes = 1.0
        self._now_minutes = 0.0
        self._ledger: Ledger | None = None
        self._free_bytes: int | None = None
        self._knots: list[Knot] = []
        self._moments: list[Moment] = []
        self._is_on_card = False
        self._is_busy = False
        self._highest = 1.0
        self.limit_bytes = 0
        self.limit_words = ""
        self._history: History | None = None
        super().__init__(theme, "Memory", most_x=6, most_y=5)
        self._line = self.add_curve("text.primary")
        self.fit()

    def set_prediction(self, ledger: Ledger | None, free_bytes: int | None) -> None:
        self._ledger, self._free_bytes = ledger, free_bytes

    def refresh(self, history: History, rows: list[Moment], *, is_busy: bool, remaining_seconds: float | None) -> None:
        """Draws what the history holds now, as far as the run is expected to go."""
        if history is not self._history:
            self._history, self._end_minutes = history, 1.0
        self._seconds = history.memory.column("seconds")
        self._peak, self._held = history.memory.column("peak_bytes"), history.memory.column("held_bytes")
        self._is_on_card, self._is_busy = is_on_card(history), is_busy
        self._now_minutes = history.seconds / 60
        self._reach(is_busy, remaining_seconds)
        self._moments = rows
        self._find_limit(history)
        self._knots = self._predicted(history)
        highest = float(np.fmax.reduce(self._peak)) if len(self._peak) else 0.0
        highest = max(highest, self._ledger.peak_bytes if self._ledger else 0, 1.0)
        is_in_sight = 0 < self.limit_bytes <= FARTHEST_LIMIT * highest
        self._highest = max(highest * 1.15, self.limit_bytes * 1.12 if is_in_sight else 0.0)
        every = max(1, len(self._peak) // MOST_MAIN_POINTS)  # it never falls: nothing is lost between two points
        self.set_curve(self._line, self._seconds[::every] / 60, self._peak[::every] / 1e9)
        self.fit()

    def _reach(self, is_busy: bool, remaining_seconds: float | None) -> None:
        """How far the axis goes: it follows the estimate where that has moved much, and else keeps still."""
        now = self._now_minutes
        if not is_busy:
            self._end_minutes = max(now, 0.1)
            return
        if remaining_seconds is None:
            if now > 0.9 * self._end_minutes:
                self._end_minutes = 2 * now
            return
        wanted = now + remaining_seconds / 60
        if not 0.85 * self._end_minutes <= wanted <= self._end_minutes:
            spacing = ticks.time_spacing(wanted, 12)
            self._end_minutes = max(0.1, np.ceil(wanted / spacing) * spacing)

    def _find_limit(self, history: History) -> None:
        self.limit_bytes, self.limit_words = 0, ""
        if not history.milestones and not len(history.steps):
            self.limit_bytes = self._free_bytes or 0
            self.limit_words = f"limit {self.limit_bytes / 1e9:.1f} GB: what is free"
        elif not self._is_on_card:
            self.limit_bytes = psutil.virtual_memory().total
            self.limit_words = f"limit {self.limit_bytes / 1e9:.1f} GB: the memory of this machine"
        else:
            self._find_card_limit(history)

    def _find_card_limit(self, history: History) -> None:
        memory = history.steps[-1].memory if len(history.steps) else history.milestones[-1].memory
        others = max(0, memory.card_used_bytes - memory.reserved_bytes)
        others = memory.card_total_bytes - self._free_bytes if self._free_bytes else others
        self.limit_bytes = memory.card_total_bytes - max(0, others)
        less = f" less {others / 1e9:.1f} for other programs" if others >= 5e7 else ""
        self.limit_words = f"limit {self.limit_bytes / 1e9:.1f} GB: the card{less}"

    def _predicted(self, history: History) -> list[Knot]:
        """The corners of the bands: nothing, the weights, all of it; anew for each process."""
        if self._ledger is None:
            return []
        full = tuple(float(self._ledger.parts[name]) for name in PARTS)
        nothing = (0.0,) * len(PARTS)
        there = {name: full[PARTS.index(name)] for name in WEIGHTS}
        there["overhead"] = max(0.0, self._ledger.after_load_bytes - sum(there.values()))
        loaded = tuple(there.get(name, 0.0) for name in PARTS)
        starts = history.attempt_seconds or [0.0]
        knots: list[Knot] = []
        for began, end in zip(starts, [*starts[1:], float("inf")], strict=True):
            reached = {
                entry.name: seconds
                for entry, seconds in zip(history.milestones, history.milestone_seconds, strict=True)
                if began <= seconds < end
            }
            if knots:
                knots.append(Knot(began / 60, knots[-1].sizes))
            knots.append(Knot(began / 60, nothing))
            is_last = end == float("inf")
            # What has not happened yet is drawn from now on.
            later = max(history.seconds, began) + 0.02 * self._end_minutes * 60 if is_last else None
            load, first = reached.get("after load", later), reached.get("first optimizer step", later)
            if load is not None:
                knots.append(Knot(load / 60, loaded))
            if first is not None and load is not None:
                before = reached.get("first forward", first)
                knots.append(Knot(min(before, first) / 60, loaded))
                knots.append(Knot(max(first, load + 0.01 * self._end_minutes * 60) / 60, full))
        knots.append(Knot(max(self._end_minutes, knots[-1].minutes), knots[-1].sizes))
        return knots

    # -- what the plot asks -------------------------------------------------------------------------------------------

    def extent(self) -> tuple[float, float, float, float]:
        return 0.0, self._end_minutes, 0.0, self._highest / 1e9

    def right_margin(self) -> int:
        if self._ledger is None or self.width() < self.theme.px(NARROW):
            return self.theme.px(16)
        return room_for(self.theme, labels_of(self._ledger))

    def x_ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        spacing = ticks.time_spacing(high - low, most)
        return [(value, ticks.minutes_in_words(round(value, 6))) for value in ticks.ticks(low, high, spacing)]

    def values_at(self, x: float) -> tuple[float, str, list[Value]] | None:
        if not len(self._seconds):
            return None
        place = min(int(np.searchsorted(self._seconds, x * 60)), len(self._seconds) - 1)
        if place and abs(self._seconds[place - 1] / 60 - x) < abs(self._seconds[place] / 60 - x):
            place -= 1
        at = float(self._seconds[place]) / 60
        if not np.isfinite(self._peak[place]):
            return None
        values = [
            Value("text.on_tooltip", "most so far", f"{self._peak[place] / 1e9:.2f} GB"),
            Value("", "held then", f"{self._held[place] / 1e9:.2f} GB"),
        ]
        if self._ledger is not None:
            values.append(Value("", "predicted", f"{sum(self._sizes_at(at)) / 1e9:.2f} GB"))
        return at, f"At {ticks.clock(at * 60)}", values

    def _sizes_at(self, minutes: float) -> list[float]:
        xs = [knot.minutes for knot in self._knots]
        return [float(np.interp(minutes, xs, [knot.sizes[part] for knot in self._knots])) for part in range(len(PARTS))]

    def table(self) -> tuple[list[str], list[Numbers]]:
        return ["seconds", "peak_bytes", "held_bytes"], [self._seconds, self._peak, self._held]

    # -- bands, below the line ----------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        if not self._knots:
            return
        area = self.area()
        now = self.x_pixels(self._now_minutes if self._is_busy else self._end_minutes)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for left, right, opacity in ((area.left(), now, 1.0), (now, area.right(), PREDICTED_OPACITY)):
            if right > left:
                painter.setClipRect(QRectF(left, area.top(), right - left, area.height()))
                painter.setOpacity(opacity)
                self._paint_bands(painter)
        painter.restore()
        painter.fillRect(QRectF(area.left(), round(area.bottom()), area.width(), 1), self.theme.color("border.control"))

    def _paint_bands(self, painter: QPainter) -> None:
        theme = self.theme
        xs = [self.x_pixels(knot.minutes) for knot in self._knots]
        heights = [list(accumulate(knot.sizes)) for knot in self._knots]
        bottom = [QPointF(x, self.y_pixels(0.0)) for x in xs]
        for part, name in enumerate(PARTS):
            top = [QPointF(x, self.y_pixels(height[part] / 1e9)) for x, height in zip(xs, heights, strict=True)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(f"memory.{name}"))
            painter.drawPolygon(QPolygonF([*top, *reversed(bottom)]))
            thickest = max(below.y() - above.y() for above, below in zip(top, bottom, strict=True))
            if name == "gradients" and thickest >= 2:
                painter.setPen(QPen(theme.color("memory.edge_gradients"), 1))
                painter.drawPolyline(QPolygonF(top))
            elif thickest > 6:
                painter.setPen(QPen(theme.color("surface.card"), 1))
                painter.drawPolyline(QPolygonF(top))
            bottom = top

    # -- words and marks, above it ------------------------------------------------------------------------------------

    def paint_over(self, painter: QPainter) -> None:
        if self._ledger is not None and self.right_margin() > self.theme.px(16):
            paint_labels(painter, self, labels_of(self._ledger))
        self._paint_limit(painter)
        self._paint_moments(painter)

    def _paint_limit(self, painter: QPainter) -> None:
        if not 0 < self.limit_bytes <= self._highest:
            return
        theme, area = self.theme, self.area()
        y, right = round(self.y_pixels(self.limit_bytes / 1e9)), self.width() - theme.px(4)
        painter.fillRect(QRectF(area.left(), y - 1, right - area.left(), 2), theme.color("memory.limit"))
        painter.setFont(theme.font("axis", weight=500))
        metrics = QFontMetricsF(painter.font())
        words = metrics.elidedText(self.limit_words, Qt.TextElideMode.ElideRight, right - area.left())
        painter.setPen(theme.color("text.primary"))
        box = QRectF(area.left(), y - 2 - metrics.height(), right - area.left(), metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_moments(self, painter: QPainter) -> None:
        theme, area = self.theme, self.area()
        side, taken = float(theme.px(16)), -1e9
        for moment in sorted(self._moments, key=lambda each: each.seconds):
            if not moment.number or not moment.measured_bytes:
                continue
            x, y = self.x_pixels(moment.seconds / 60), self.y_pixels(moment.measured_bytes / 1e9)
            middle = max(x, taken + side + 2, area.left() + side / 2)
            taken = middle
            box = QRectF(middle - side / 2, max(0.0, y - side - theme.px(5)), side, side)
            painter.setPen(QPen(theme.color("text.primary"), 1))
            painter.drawLine(QPointF(x, y), box.center())
            paint_disc(painter, theme, moment.number, box)
