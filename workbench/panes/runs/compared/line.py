"""One run's loss as a line of a plot: where its points stand by step, by tokens or by time."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.core.job.smoothing import Smoothed
from workbench.core.runs.result import RunResult
from workbench.panes.charts.plot_base import Numbers

Axis = Literal["step", "tokens", "time"]


@dataclass(frozen=True)
class Line:
    """What is drawn of a run.

    Attributes:
        letter: Nothing where it is shown alone.
        x: In steps, tokens or seconds, shape (logged steps,), as `loss` and `smoothed`.
        rings_x: Of its evaluations, as `rings`.
        is_alive: Whether more is to come.
    """

    letter: str
    called: str
    x: Numbers
    loss: Numbers
    smoothed: Numbers
    rings_x: Numbers
    rings: Numbers
    is_alive: bool

    @property
    def last(self) -> float | None:
        """The last smoothed loss that is a number."""
        known = self.smoothed[np.isfinite(self.smoothed)]
        return float(known[-1]) if len(known) else None


def line_of(result: RunResult, letter: str, called: str, axis: Axis) -> Line:
    history = result.history
    steps = history.column("step")
    x = _along(result, axis)
    evaluated = np.array([entry.step for entry in history.evaluations], dtype=np.float64)
    loss = history.column("loss")
    return Line(
        letter=letter,
        called=called,
        x=x,
        loss=loss,
        smoothed=Smoothed().of(loss).copy() if len(loss) else loss,
        rings_x=np.interp(evaluated, np.append(0.0, steps), np.append(0.0, x)) if len(steps) else evaluated,
        rings=np.array([entry.loss for entry in history.evaluations], dtype=np.float64),
        is_alive=result.state.is_alive,
    )


def _along(result: RunResult, axis: Axis) -> Numbers:
    """Where each logged step stands on the axis, shape (logged steps,)."""
    history = result.history
    steps = history.column("step")
    if axis == "step" or not len(steps):
        return steps
    seconds = history.column("seconds") * np.diff(steps, prepend=0.0)
    spent = seconds * history.column("tokens_per_second") if axis == "tokens" else seconds
    return np.cumsum(np.where(np.isfinite(spent), spent, 0.0))
