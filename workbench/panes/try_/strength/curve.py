"""What was measured on the held-out rows, against the adapter's strength."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen

from workbench.core import ticks
from workbench.core.chat.strengths import AS_TRAINED, NEAREST, best_of
from workbench.core.job.chat_kinds import StrengthMeasured
from workbench.core.units import three_digits
from workbench.panes.charts.arrow_keys import place_after
from workbench.panes.charts.canvas import write_notice
from workbench.panes.charts.plot_base import Numbers
from workbench.panes.charts.plots import Plot, Value
from workbench.panes.look.theme import Theme

COLOR = "curves.eval_loss"
MARKER, CHOSEN, BEST = 3.5, 5.0, 6.0  # radii, in pixels of the drawing
X_SPACING = 0.25
# Beyond this many times the least, small perplexities would lie on the axis: a logarithmic one shows both.
MOST_TIMES = 50.0
REACH = 12  # pixels within which a click means a point


class StrengthCurve(Plot):
    """Points with a line through them: the best is ringed, and the strength that was trained is dotted.

    Signals:
        chose: The strength of the point that a hand has chosen.
    """

    chose = Signal(float)

    def __init__(self, theme: Theme) -> None:
        self.found: tuple[StrengthMeasured, ...] = ()
        self.most = AS_TRAINED
        self.chosen: float | None = None
        self.notice = ""
        super().__init__(theme, "Held-out rows by strength", has_log=True, most_x=7, most_y=6)
        self.line = self.add_curve(COLOR, is_main=True)
        self.fit()

    def show_found(self, found: Sequence[StrengthMeasured], most: float, notice: str) -> None:
        """Shows what was measured from 0 to the strength `most`; where nothing was, `notice` says why."""
        ordered = tuple(sorted(found, key=lambda event: event.strength))
        if (ordered, most, notice) == (self.found, self.most, self.notice):
            return
        self.found, self.most, self.notice = ordered, most, notice
        xs = np.asarray([event.strength for event in ordered], np.float64)
        ys = np.asarray([value_of(event) for event in ordered], np.float64)
        self.set_curve(self.line, xs, ys)
        positive = ys[ys > 0]
        is_log = bool(len(positive) and positive.max() > MOST_TIMES * positive.min()) and ordered[0].loss is not None
        if is_log != self.is_log:
            self.set_log(is_log)
        else:
            self.fit()

    def choose_strength(self, strength: float | None) -> None:
        """Shows the point of a strength as the chosen one, without telling it."""
        self.chosen = strength
        self.viewport().update()

    # -- what a plot says ----------------------------------------------------------------------------------------------

    def extent(self) -> tuple[float, float, float, float]:
        values = [value for event in self.found if np.isfinite(value := value_of(event))]
        high = max(values, default=10.0)
        low = 0.8 * min(values) if self.is_log and values else 0.0
        if self.found and self.found[0].right is not None:
            high = max(high, self.found[0].rows)
        return 0.0, max(self.most, NEAREST), low, high * (1.6 if self.is_log else 1.12) or 1.0

    def x_ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        spacing = X_SPACING if high - low > X_SPACING else ticks.spacing_of(high - low, most)
        return [(value, f"{value:.2f}") for value in ticks.ticks(low, high, spacing)]

    def right_margin(self) -> int:
        return self.theme.px(22)

    def values_at(self, x: float) -> tuple[float, str, list[Value]] | None:
        if not self.found:
            return None
        nearest = min(self.found, key=lambda event: abs(event.strength - x))
        return (
            nearest.strength,
            f"Strength {nearest.strength:.2f}",
            [Value(COLOR, name_of(nearest), figure_of(nearest))],
        )

    def table(self) -> tuple[list[str], list[Numbers]]:
        columns = [[event.strength for event in self.found], [value_of(event) for event in self.found]]
        name = "right" if self.found and self.found[0].right is not None else "perplexity"
        return ["strength", name], [np.asarray(column, np.float64) for column in columns]

    # -- painting ------------------------------------------------------------------------------------------------------

    def paint_over(self, painter: QPainter) -> None:
        theme, area = self.theme, self.area()
        if not self.found:
            write_notice(painter, theme, area, self.notice, "text.secondary")
        self._paint_trained(painter, area)
        best = best_of(self.found)
        painter.setPen(QPen(theme.color("surface.card"), 1.5))
        painter.setBrush(theme.color(COLOR))
        for event in self.found:
            radius = theme.px(10) * (CHOSEN if self._is_chosen(event) else MARKER) / 10
            painter.drawEllipse(self._at(event), radius, radius)
        if best is not None and len(self.found) > 1:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text.primary"), 1.6))
            radius = theme.px(10) * BEST / 10
            painter.drawEllipse(self._at(best), radius, radius)
            self._write_best(painter, best)
        first = self.found[0] if self.found else None
        if first is not None and first.strength == 0 and first is not best:
            self._write_base(painter, first)

    def _at(self, event: StrengthMeasured) -> QPointF:
        return QPointF(self.x_pixels(event.strength), self.y_pixels(value_of(event)))

    def _is_chosen(self, event: StrengthMeasured) -> bool:
        return self.chosen is not None and abs(event.strength - self.chosen) < NEAREST

    def _paint_trained(self, painter: QPainter, area: QRectF) -> None:
        theme = self.theme
        if self.most < AS_TRAINED:
            return
        x = round(self.x_pixels(AS_TRAINED)) + 0.5
        painter.setPen(QPen(theme.color("text.tertiary"), 1.2, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setFont(theme.font("axis"))
        metrics = QFontMetricsF(painter.font())
        words = "as trained"
        wide = metrics.horizontalAdvance(words)
        painter.drawText(QPointF(x - wide - theme.px(7), area.top() + metrics.ascent()), words)

    def _write_best(self, painter: QPainter, best: StrengthMeasured) -> None:
        theme, at = self.theme, self._at(best)
        painter.setFont(theme.font("body", weight=600))
        metrics = QFontMetricsF(painter.font())
        words, area = figure_of(best), self.area()
        wide = metrics.horizontalAdvance(words)
        left = min(max(area.left(), at.x() - wide / 2), area.right() - wide)
        above = at.y() - theme.px(12)
        baseline = above if above - metrics.ascent() > area.top() else at.y() + theme.px(10) + metrics.ascent()
        self._write_over(painter, QPointF(left, baseline), words, "text.primary")

    def _write_base(self, painter: QPainter, first: StrengthMeasured) -> None:
        theme, at = self.theme, self._at(first)
        strong, plain = theme.font("body", weight=600), theme.font("small")
        figure = figure_of(first)
        left = at.x() + theme.px(11)
        baseline = max(at.y(), self.area().top() + QFontMetricsF(strong).ascent())
        painter.setFont(strong)
        self._write_over(painter, QPointF(left, baseline), figure, "text.primary")
        left += QFontMetricsF(strong).horizontalAdvance(f"{figure} ")
        painter.setFont(plain)
        self._write_over(painter, QPointF(left, baseline), "the base model", "text.secondary")

    def _write_over(self, painter: QPainter, at: QPointF, words: str, color: str) -> None:
        """Words on a ground of the card's colour, so that no line runs through them."""
        metrics = QFontMetricsF(painter.font())
        ground = QRectF(at.x() - 2, at.y() - metrics.ascent(), metrics.horizontalAdvance(words) + 4, metrics.height())
        painter.fillRect(ground, self.theme.color("surface.card"))
        painter.setPen(self.theme.color(color))
        painter.drawText(at, words)

    # -- choosing ------------------------------------------------------------------------------------------------------

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position()
        near = [point for point in self.found if abs(self._at(point).x() - at.x()) <= self.theme.px(REACH)]
        if near and event.button() == Qt.MouseButton.LeftButton:
            self._choose(min(near, key=lambda point: abs(self._at(point).x() - at.x())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen = next((place for place, point in enumerate(self.found) if self._is_chosen(point)), -1)
        place = place_after(event, chosen, len(self.found))
        if place is None:
            super().keyPressEvent(event)
        else:
            self._choose(self.found[place])
            self.point_at(self.found[place].strength)

    def _choose(self, point: StrengthMeasured) -> None:
        self.choose_strength(point.strength)
        self.chose.emit(point.strength)


def value_of(event: StrengthMeasured) -> float:
    """The height of a point."""
    return event.perplexity if event.perplexity is not None else float(event.right or 0)


def figure_of(event: StrengthMeasured) -> str:
    return three_digits(event.perplexity) if event.perplexity is not None else f"{event.right} of {event.rows}"


def name_of(event: StrengthMeasured) -> str:
    return "perplexity" if event.perplexity is not None else "answers right"
