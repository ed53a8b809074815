"""Plots over the steps of a run, as far as is planned."""

import numpy as np

from workbench.core.figures import measured_text
from workbench.core.job.history import History
from workbench.core.job.running import Running
from workbench.core.units import grouped
from workbench.panes.charts.plot_base import Numbers
from workbench.panes.charts.plots import Plot, Value
from workbench.panes.look.theme import Theme

EMPTY = np.empty(0, dtype=np.float64)
# A small plot of less height has no words at its bottom axis.
LEAST_HEIGHT = 44


class StepPlot(Plot):
    """A plot over the steps of a run, as far as is planned."""

    def __init__(self, theme: Theme, name: str, *, has_log: bool = False, most_x: int = 7, most_y: int = 6) -> None:
        self.steps = EMPTY
        self._history: History | None = None
        self._rewrites = 0
        self.is_rewritten = True  # since the refresh before
        self.total_steps = 0
        super().__init__(theme, name, has_log=has_log, most_x=most_x, most_y=most_y)

    def take_steps(self, history: History, expected_steps: int = 0) -> None:
        """Takes the steps that there are, and how many there will be: as planned, or else as expected."""
        self.is_rewritten = history is not self._history or history.rewrites != self._rewrites
        self._history, self._rewrites = history, history.rewrites
        self.steps = history.column("step")
        last = history.steps[-1] if len(history.steps) else None
        self.total_steps = max(history.total_steps, last.steps if last else 0) or expected_steps

    def last_x(self) -> float:
        reached = float(self.steps[-1]) if len(self.steps) else 0.0
        return max(1.0, reached, float(self.total_steps))

    def x_ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        """Whole steps; where none is planned yet, only that it begins at 0."""
        return super().x_ticks(low, high, most) if self.total_steps or len(self.steps) else [(0.0, "0")]

    def nearest(self, x: float) -> int | None:
        """The place of the logged step nearest to x."""
        if not len(self.steps):
            return None
        place = int(np.searchsorted(self.steps, x))
        before = max(0, place - 1)
        place = min(place, len(self.steps) - 1)
        return before if x - self.steps[before] < self.steps[place] - x else place


class SmallPlot(StepPlot):
    """One curve by step, small: the learning rate, the gradient norm."""

    def __init__(self, theme: Theme, name: str, column: str, color: str) -> None:
        self._values = EMPTY
        self._running = Running()
        self._column = column
        self._color = color
        super().__init__(theme, name, has_log=column == "grad_norm", most_x=3, most_y=4)
        self._curve = self.add_curve(color, has_peaks=column == "grad_norm")
        self.setMinimumSize(60, 24)
        self.fit()

    def has_x_words(self) -> bool:
        """Where there is little room the curve comes first: the steps are those of the loss beside it."""
        height: int = self.height()
        return height >= self.theme.px(LEAST_HEIGHT)

    @property
    def last_words(self) -> str:
        """The last value, for the head of its card."""
        if not len(self._values):
            return ""
        return measured_text(float(self._values[-1])) if self._values[-1] > 1e-12 else "0"

    def refresh(self, history: History, expected_steps: int = 0) -> None:
        """Draws what the history holds now."""
        self.take_steps(history, expected_steps)
        self._values = history.column(self._column)
        self._running.take_column(self._values, is_rewritten=self.is_rewritten)
        self.set_curve(self._curve, self.steps, self._values)
        self.fit()

    def x_ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        """Both ends and the middle, where the middle is a whole step."""
        if self.zoom is not None or high % 2 or not self.total_steps:
            return super().x_ticks(low, high, most)
        return [(value, grouped(int(value))) for value in (low, (low + high) / 2, high)]

    def y_ticks(self) -> list[tuple[float, str]]:
        """Where there is no value yet, only where the axis begins."""
        return super().y_ticks() if len(self._values) else [(0.0, "0")]

    def extent(self) -> tuple[float, float, float, float]:
        highest = self._running.largest or 1.0
        positive = self._values[self._values > 0] if self.is_log else EMPTY
        if len(positive):
            return 0.0, self.last_x(), float(np.min(positive)) * 0.7, highest * 1.2
        return 0.0, self.last_x(), 0.0, highest * 1.05

    def values_at(self, x: float) -> tuple[float, str, list[Value]] | None:
        place = self.nearest(x)
        if place is None:
            return None
        words = measured_text(float(self._values[place]))
        step = int(self.steps[place])
        return float(step), f"Step {grouped(step)}", [Value(self._color, self.name.lower(), words)]

    def table(self) -> tuple[list[str], list[Numbers]]:
        return ["step", self._column], [self.steps, self._values]
