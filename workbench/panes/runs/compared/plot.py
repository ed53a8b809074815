"""The losses of up to four runs over each other, each with its letter at the end of its curve."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QMenu

from workbench.core import ticks
from workbench.core.figures import measured_text
from workbench.core.ticks import clock
from workbench.core.units import grouped, short_count
from workbench.panes.charts.plot_base import Numbers
from workbench.panes.charts.plots import Plot, Value
from workbench.panes.look.theme import Theme
from workbench.panes.runs.compared.line import Axis, Line
from workbench.panes.runs.letters import LETTERS, disc_side, letter_color, paint_disc

# A single loss further above the smoothed curves than this would leave no room for the rest.
HIGHEST_RAW = 2.5
EMPTY_TOP = 2.5
RING, MOST_RINGS = 8, 100
EMPTY = np.empty(0, dtype=np.float64)
WORDS: dict[Axis, str] = {"step": "step", "tokens": "tokens", "time": "training time"}


class ComparedPlot(Plot):
    """Smoothed losses, or raw ones, with evaluations as rings; of a run alone both, as the Train page has them."""

    def __init__(self, theme: Theme) -> None:
        self.lines: list[Line] = []
        self.axis: Axis = "step"
        self.is_smoothed = True
        self.quiet_words = ""  # said in the axes where there is no curve
        self._lowest, self._highest = 0.0, EMPTY_TOP
        super().__init__(theme, "Loss", has_log=True)
        self._alone = (
            self.add_curve("curves.loss_raw", has_peaks=True),
            self.add_curve("curves.loss_smoothed", is_main=True),
            self.add_curve("curves.eval_loss"),
        )
        self._thin = {letter: self.add_curve(letter_color(letter)) for letter in LETTERS}
        self._main = {letter: self.add_curve(letter_color(letter), is_main=True) for letter in LETTERS}
        self.fit()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_lines(self, lines: Sequence[Line], axis: Axis) -> None:
        """Draws these, along an axis."""
        if axis != self.axis:
            self.zoom = None
        self.lines, self.axis = list(lines), axis
        self._draw()

    def set_smoothed(self, is_smoothed: bool) -> None:
        """Smoothed curves, or the losses as they are."""
        self.is_smoothed = is_smoothed
        self._draw()

    def _draw(self) -> None:
        by_letter = {line.letter: line for line in self.lines}
        alone = by_letter.get("")
        raw, smoothed, evaluated = self._alone
        self.set_curve(raw, *((alone.x, alone.loss) if alone else (EMPTY, EMPTY)))
        self.set_curve(smoothed, *((alone.x, alone.smoothed) if alone and self.is_smoothed else (EMPTY, EMPTY)))
        self.set_curve(evaluated, *((alone.rings_x, alone.rings) if alone else (EMPTY, EMPTY)))
        for letter in LETTERS:
            line = by_letter.get(letter)
            self.set_curve(self._main[letter], *((line.x, self._shown(line)) if line else (EMPTY, EMPTY)))
            self.set_curve(self._thin[letter], *((line.rings_x, line.rings) if line else (EMPTY, EMPTY)))
        self._measure()
        self.fit()

    def _shown(self, line: Line) -> Numbers:
        return line.smoothed if self.is_smoothed else line.loss

    def _measure(self) -> None:
        smooth = [part[np.isfinite(part)] for line in self.lines for part in (line.smoothed, line.rings)]
        raw = [line.loss[np.isfinite(line.loss)] for line in self.lines if not (self.is_smoothed and line.letter)]
        top = max((float(part.max()) for part in smooth if len(part)), default=0.0)
        top_raw = max((float(part.max()) for part in raw if len(part)), default=0.0)
        self._highest = max(top, min(top_raw, HIGHEST_RAW * top)) or EMPTY_TOP
        positive = [part[part > 0] for part in smooth]
        self._lowest = min((float(part.min()) for part in positive if len(part)), default=0.0) if self.is_log else 0.0

    def set_log(self, is_log: bool) -> None:
        self.is_log = is_log
        self._measure()
        super().set_log(is_log)

    def extent(self) -> tuple[float, float, float, float]:
        last = max((float(line.x[-1]) for line in self.lines if len(line.x)), default=1.0)
        if self.is_log and self._lowest > 0:
            return 0.0, last, self._lowest * 0.7, self._highest * 1.2
        return 0.0, last, 0.0, ticks.round_end(self._highest, 6)

    def x_ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        if not any(len(line.x) for line in self.lines):
            return [(0.0, "0")]
        if self.axis == "time":
            spacing = ticks.time_spacing((high - low) / 60, most)
            return [(60 * at, ticks.minutes_in_words(at)) for at in ticks.ticks(low / 60, high / 60, spacing)]
        if self.axis == "tokens":
            spacing = ticks.spacing_of(high - low, most, whole=True)
            return [(at, short_count(round(at)) if at else "0") for at in ticks.ticks(low, high, spacing)]
        return super().x_ticks(low, high, most)

    def right_margin(self) -> int:
        if not any(line.letter for line in self.lines):
            return super().right_margin()
        figure = QFontMetricsF(self.theme.font("small", weight=600)).horizontalAdvance("0.000")
        return self.theme.px(20) + disc_side(self.theme) + self.theme.px(5) + round(figure)

    def menu(self) -> QMenu:
        made = super().menu()
        smooth = made.addAction("Smoothed")
        smooth.setCheckable(True)
        smooth.setChecked(self.is_smoothed)
        smooth.toggled.connect(self.set_smoothed)
        return made

    # -- what is read off ---------------------------------------------------------------------------------------------

    def values_at(self, x: float) -> tuple[float, str, list[Value]] | None:
        """What each curve is at the logged point next to x."""
        values: list[Value] = []
        for line in self.lines:
            if len(line.x):
                place = min(int(np.searchsorted(line.x, x)), len(line.x) - 1)
                color = letter_color(line.letter) if line.letter else "curves.loss_smoothed"
                name = f"{line.letter} {line.called}".strip()[:40] if line.letter else "smoothed"
                values.append(Value(color, name, measured_text(float(self._shown(line)[place]))))
        return (x, self._place_in_words(x), values) if values else None

    def _place_in_words(self, x: float) -> str:
        match self.axis:
            case "step":
                return f"Step {grouped(round(x))}"
            case "tokens":
                return f"{short_count(round(x))} tokens"
        return clock(x)

    def table(self) -> tuple[list[str], list[Numbers]]:
        """All points one below the other, by run."""
        lines = [line for line in self.lines if len(line.x)]
        if not lines:
            return [], []
        numbers = [np.full(len(line.x), place, dtype=np.float64) for place, line in enumerate(lines, start=1)]
        columns = [numbers, [line.x for line in lines], [line.loss for line in lines], [li.smoothed for li in lines]]
        return ["run", self.axis, "loss", "smoothed"], [np.concatenate(parts) for parts in columns]

    # -- over the curves ----------------------------------------------------------------------------------------------

    def paint_over(self, painter: QPainter) -> None:
        for line in self.lines:
            self._paint_rings(painter, line)
            if line.is_alive and len(line.x):
                self._paint_now(painter, float(line.x[-1]))
        self._paint_ends(painter)
        if self.quiet_words and not any(len(line.x) for line in self.lines):
            painter.setFont(self.theme.font("body"))
            painter.setPen(self.theme.color("text.secondary"))
            inside = self.area().adjusted(self.theme.px(20), 0, -self.theme.px(20), 0)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.quiet_words)

    def _paint_rings(self, painter: QPainter, line: Line) -> None:
        if len(line.rings) > MOST_RINGS:
            return
        theme, area, side = self.theme, self.area(), self.theme.px(RING)
        color = theme.color(letter_color(line.letter) if line.letter else "curves.eval_loss")
        painter.setPen(QPen(color, 2))
        painter.setBrush(theme.color("surface.card"))
        for at, loss in zip(line.rings_x, line.rings, strict=True):
            x = self.x_pixels(float(at))
            if np.isfinite(loss) and area.left() - 1 <= x <= area.right() + 1:
                y = self.y_pixels(float(loss))
                painter.drawEllipse(QRectF(x - side / 2, y - side / 2, side, side))

    def _paint_now(self, painter: QPainter, at: float) -> None:
        area, x = self.area(), self.x_pixels(at)
        if area.left() <= x <= area.right():
            pen = QPen(self.theme.color("text.tertiary"), 1, Qt.PenStyle.DotLine)
            pen.setDashPattern([2, 3])
            painter.setPen(pen)
            painter.drawLine(round(x), round(area.top()), round(x), round(area.bottom()))

    def _paint_ends(self, painter: QPainter) -> None:
        """The letter and the last value of each, apart from each other, with a line to the curve's end."""
        theme, area, side = self.theme, self.area(), disc_side(self.theme)
        ends = []
        for line in self.lines:
            last = line.last if self.is_smoothed or not len(line.loss) else float(line.loss[-1])
            if line.letter and last is not None and np.isfinite(last):
                x = min(self.x_pixels(float(line.x[-1])), area.right())
                ends.append((self.y_pixels(last), x, line.letter, measured_text(last)))
        ends.sort()
        heights = spread([y for y, *_ in ends], side + 3, area.top() + side / 2, area.bottom() - side / 2)
        left = area.right() + theme.px(14)
        for (y, x, letter, words), at in zip(ends, heights, strict=True):
            painter.setPen(QPen(theme.color(letter_color(letter)), 1))
            painter.drawPolyline([QPointF(x, y), QPointF(area.right() + 2, y), QPointF(left, at)])
            paint_disc(painter, theme, QRectF(left, at - side / 2, side, side), letter)
            painter.setFont(theme.font("small", weight=600))
            painter.setPen(theme.color("text.primary"))
            box = QRectF(left + side + theme.px(5), at - side, self.width(), 2 * side)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones, which ascend, as can be: `apart` from each other, between two bounds."""
    places = list(wanted)
    for place in range(1, len(places)):
        places[place] = max(places[place], places[place - 1] + apart)
    if places and places[-1] > high:
        places[-1] = high
        for place in range(len(places) - 2, -1, -1):
            places[place] = min(places[place], places[place + 1] - apart)
    return [max(low, at) for at in places]
