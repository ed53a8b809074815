"""The loss by step: raw, smoothed and of the held-out rows, up to the planned end."""

import numpy as np
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.core import ticks
from workbench.core.figures import measured_text
from workbench.core.job.history import History
from workbench.core.job.phases import how_far
from workbench.core.job.running import Running
from workbench.core.job.smoothing import Smoothed
from workbench.core.units import grouped
from workbench.panes.charts.plot_base import Numbers
from workbench.panes.charts.plots import Value
from workbench.panes.look.theme import Theme
from workbench.panes.train.live.step_plots import EMPTY, StepPlot

# A single loss further above the smoothed curve than this would leave no room for the rest.
HIGHEST_RAW = 2.5
# Where the axis ends before there is a loss.
EMPTY_TOP = 2.5
# More round marks than this run into each other.
MOST_MARKS = 100
ENTRIES = (
    ("curves.loss_smoothed", "smoothed"),
    ("curves.loss_raw", "raw"),
    ("curves.eval_loss", "evaluation"),
)


class LossPlot(StepPlot):
    """Raw and smoothed loss with the evaluations.

    Attributes:
        aside: What goes on while no step is logged, written in the axes; nothing while steps come.
    """

    def __init__(self, theme: Theme) -> None:
        self.loss = self.smoothed = self.evaluated_steps = self.evaluated = EMPTY
        self._resumed_at: list[int] = []
        self._highest = EMPTY_TOP
        self._lowest = 0.0
        self.aside = ""
        self._smoother = Smoothed()
        self._running = (Running(), Running(), Running())  # of loss, smoothed, evaluated
        self._waiting: QWidget | None = None
        super().__init__(theme, "Loss", has_log=True)
        self._raw_curve = self.add_curve("curves.loss_raw", has_peaks=True)
        self._smoothed_curve = self.add_curve("curves.loss_smoothed", is_main=True)
        self._evaluated_curve = self.add_curve("curves.eval_loss", is_main=True)
        self.fit()

    def set_waiting(self, widget: QWidget) -> None:
        """What stands in the empty axes until the first step."""
        self._waiting = widget
        widget.setParent(self.viewport())
        self._place_waiting()

    def _place_waiting(self) -> None:
        if self._waiting is not None:
            area = self.area()
            high = min(self._waiting.sizeHint().height(), int(area.height()))
            self._waiting.setGeometry(
                round(area.left()), round(area.center().y() - high / 2), round(area.width()), high
            )

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_waiting"):  # pyqtgraph resizes while it is being made
            QTimer.singleShot(0, self, self._place_waiting)  # once pyqtgraph has laid out its items

    @property
    def missing(self) -> int:
        """How many losses are no number."""
        return self._running[0].missing

    @property
    def last_smoothed(self) -> float | None:
        """The smoothed loss of the last step that had a number; NaN where none had, None where there is no step."""
        if not len(self.loss):
            return None
        recent = self.smoothed[-1000:]
        known = recent[np.isfinite(recent)]
        return float(known[-1]) if len(known) else float("nan")

    def refresh(self, history: History, *, is_busy: bool, expected_steps: int = 0) -> None:
        """Draws what the history holds now."""
        self.take_steps(history, expected_steps)
        self.loss = history.column("loss")
        logged_each = self.steps[-1] / len(self.steps) if len(self.steps) else 1.0
        self.smoothed = self._smoother.of(
            self.loss, self.total_steps / max(1.0, logged_each), is_rewritten=self.is_rewritten
        )
        self.evaluated_steps = np.array([entry.step for entry in history.evaluations], dtype=np.float64)
        self.evaluated = np.array([entry.loss for entry in history.evaluations], dtype=np.float64)
        self._resumed_at = [entry.step for entry in history.resumes if entry.step]
        self.aside = self._quiet_words(history, is_busy)
        for running, values in zip(self._running, (self.loss, self.smoothed, self.evaluated), strict=True):
            running.take_column(
                values, is_rewritten=self.is_rewritten or self._smoother.is_new or values is self.evaluated
            )
        self._measure()
        self.set_curve(self._raw_curve, self.steps, self.loss)
        self.set_curve(self._smoothed_curve, self.steps, self.smoothed)
        self.set_curve(self._evaluated_curve, self.evaluated_steps, self.evaluated)
        self.fit()

    def _quiet_words(self, history: History, is_busy: bool) -> str:
        if not is_busy or not len(self.steps):
            return ""
        if history.is_paused:
            return "paused"
        if history.phase is not None and history.phase.name != "train":
            words = how_far(history.phase)
            return words[:1].lower() + words[1:]
        return "steps still to run" if self.steps[-1] < self.total_steps else ""

    def _measure(self) -> None:
        numbers = [each.largest for each in self._running[1:] if each.largest is not None]
        raw = self._running[0].largest
        top = max(numbers, default=raw or EMPTY_TOP)
        self._highest = max(top, min(raw or 0.0, HIGHEST_RAW * top)) or 1.0
        self._lowest = 0.0
        if self.is_log:
            positive = [part[part > 0] for part in (self.smoothed, self.evaluated)]
            self._lowest = float(min((part.min() for part in positive if len(part)), default=0.0))

    def set_log(self, is_log: bool) -> None:
        self.is_log = is_log
        self._measure()
        super().set_log(is_log)

    def extent(self) -> tuple[float, float, float, float]:
        if self.is_log and self._lowest > 0:
            return 0.0, self.last_x(), self._lowest * 0.7, self._highest * 1.2
        return 0.0, self.last_x(), 0.0, ticks.round_end(self._highest, 6)

    def values_at(self, x: float) -> tuple[float, str, list[Value]] | None:
        place = self.nearest(x)
        if place is None:
            return None
        step = float(self.steps[place])
        values = [
            Value("curves.loss_smoothed", "smoothed", measured_text(float(self.smoothed[place]))),
            Value("curves.loss_raw", "raw", measured_text(float(self.loss[place]))),
        ]
        before = int(np.searchsorted(self.evaluated_steps, step, side="right")) - 1
        if before >= 0:
            at = int(self.evaluated_steps[before])
            name = "evaluation" if at == step else f"evaluation at {grouped(at)}"
            values.append(Value("curves.eval_loss", name, measured_text(float(self.evaluated[before]))))
        return step, f"Step {grouped(int(step))}", values

    def table(self) -> tuple[list[str], list[Numbers]]:
        evaluated = np.full(len(self.steps), np.nan)
        if len(self.steps) and len(self.evaluated_steps):
            places = np.clip(np.searchsorted(self.steps, self.evaluated_steps), 0, len(self.steps) - 1)
            evaluated[places] = self.evaluated
        return ["step", "loss", "smoothed", "evaluation"], [self.steps, self.loss, self.smoothed, evaluated]

    # -- words over the curves ----------------------------------------------------------------------------------------

    def paint_over(self, painter: QPainter) -> None:
        self._paint_evaluations(painter)
        if not len(self.steps):
            return
        theme, area = self.theme, self.area()
        for step in self._resumed_at:
            self._dotted(painter, self.x_pixels(step), "resumed", Qt.PenStyle.DashLine)
        now = self.x_pixels(float(self.steps[-1]))
        is_in_sight = area.left() <= now <= area.right()
        has_room = self.steps[-1] < self.total_steps
        if is_in_sight and has_room:
            self._dotted(painter, now, "", Qt.PenStyle.DotLine)
        if self.aside:
            painter.setFont(theme.font("small"))
            self._word(painter, self.aside, area.right(), area.top() + theme.px(6), "text.tertiary", at_right=True)
        if is_in_sight:
            self._last_value(painter, now)

    def _paint_evaluations(self, painter: QPainter) -> None:
        """A round mark an evaluation, where they can be seen apart; by hand, as a curve's would be cut at the edge."""
        theme, area, side = self.theme, self.area(), self.theme.px(8)
        if len(self.evaluated) > MOST_MARKS:
            return
        painter.setPen(QPen(theme.color("surface.card"), 1))
        painter.setBrush(theme.color("curves.eval_loss"))
        for step, loss in zip(self.evaluated_steps, self.evaluated, strict=True):
            x = self.x_pixels(float(step))
            if np.isfinite(loss) and area.left() - 1 <= x <= area.right() + 1 and loss <= self.extent()[3]:
                y = self.y_pixels(float(loss))
                painter.drawEllipse(QRectF(x - side / 2, y - side / 2, side, side))

    def _dotted(self, painter: QPainter, x: float, words: str, style: Qt.PenStyle) -> None:
        area = self.area()
        if not area.left() <= x <= area.right():
            return
        pen = QPen(self.theme.color("text.tertiary"), 1, style)
        if style == Qt.PenStyle.DotLine:
            pen.setDashPattern([2, 3])
        painter.setPen(pen)
        painter.drawLine(round(x), round(area.top()), round(x), round(area.bottom()))
        if words:
            painter.setFont(self.theme.font("axis"))
            self._word(painter, words, x + 4, area.top(), "text.tertiary")

    def _last_value(self, painter: QPainter, now: float) -> None:
        """The last smoothed value beside its curve, where there is room: above it once all is run."""
        value = self.last_smoothed
        if value is None or not np.isfinite(value):
            return
        theme, area = self.theme, self.area()
        figure, small = theme.font("body", weight=600), theme.font("small")
        words = measured_text(value)
        wide = max(QFontMetricsF(figure).horizontalAdvance(words), QFontMetricsF(small).horizontalAdvance("smoothed"))
        high = QFontMetricsF(figure).height() + QFontMetricsF(small).height() - 2
        at_right = now + theme.px(8) + wide > area.right()
        x = min(now, area.right()) - theme.px(2) if at_right else now + theme.px(8)
        curve = self.y_pixels(value)
        top = curve - high - theme.px(12) if at_right else min(curve - high / 2 - theme.px(8), area.bottom() - high - 4)
        top = max(area.top() + theme.px(20), top)
        painter.setFont(figure)
        self._word(painter, words, x, top, "text.primary", at_right=at_right)
        painter.setFont(small)
        below = top + QFontMetricsF(figure).height() - 2
        self._word(painter, "smoothed", x, below, "text.secondary", at_right=at_right)

    def _word(self, painter: QPainter, words: str, x: float, top: float, color: str, *, at_right: bool = False) -> None:
        """Words on the card's ground, from x on or up to it."""
        metrics = QFontMetricsF(painter.font())
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.area().width())
        wide = metrics.horizontalAdvance(words) + 4
        box = QRectF(x - wide if at_right else x, top, wide, metrics.height())
        painter.fillRect(box, self.theme.color("surface.card"))
        painter.setPen(self.theme.color(color))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
