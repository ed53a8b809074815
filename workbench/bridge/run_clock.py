"""How long a run has trained, by a clock that goes on between events."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.core.job.events import Event
    from workbench.core.job.history import History

RECENT_STEPS = 20


class RunClock:
    """The time of training alone: loading, evaluating, answering and pauses are in no step's seconds."""

    def __init__(self) -> None:
        self._trained_seconds = 0.0
        self._step = 0
        self._training_since: float | None = None  # seconds since 1970

    def add(self, events: "Iterable[Event]", history: "History") -> None:
        """Takes the events that `history` was just given."""
        from workbench.core.job.events import Continued, Ended, Paused, Phase, Planned, Resumed, Started, Step

        is_rewritten = False
        for event in events:
            match event:
                case Step():
                    self._trained_seconds += event.seconds * (event.step - self._step)
                    self._step, self._training_since = event.step, event.at
                case Phase(name="train") | Continued():
                    self._training_since = event.at
                case Phase() | Paused() | Started() | Ended():
                    self._training_since = None
                case Resumed() | Planned():
                    is_rewritten = True  # steps that were lost are no longer counted
                case _:
                    pass
        if is_rewritten:
            self._trained_seconds, _ = history.trained()
            self._step = history.steps[-1].step if history.steps else 0

    @property
    def elapsed_seconds(self) -> float:
        """Seconds of training so far, those before a resume too."""
        since = self._training_since
        return self._trained_seconds + (max(0.0, time.time() - since) if since is not None else 0.0)

    def stop(self) -> None:
        """The run is over, whether it said so or died."""
        self._training_since = None


def remaining_seconds(history: "History") -> float | None:
    """Seconds of training until the last step, as the recent ones went; None before the second step."""
    steps = history.steps[-RECENT_STEPS:]
    if len(steps) < 2:
        return None
    per_step = sum(step.seconds for step in steps) / len(steps)
    return per_step * max(0, steps[-1].steps - steps[-1].step)
