"""A run's events gathered into what a page or a table shows."""

from collections.abc import Iterable
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from workbench.core.events import (
    CheckpointSaved,
    Continued,
    Ended,
    Evaluated,
    Event,
    Milestone,
    Notice,
    Paused,
    Phase,
    Planned,
    Resumed,
    Sample,
    Scored,
    Started,
    Step,
    Unrecognized,
)

COLUMNS = ("step", "loss", "learning_rate", "grad_norm", "tokens_per_second", "seconds", "peak_bytes")


class History:
    """Everything that happened so far; a resumed run's steps replace those that were lost."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.started: Started | None = None
        self.phase: Phase | None = None
        self.planned: Planned | None = None
        self.ended: Ended | None = None
        self.is_paused = False
        self.milestones: list[Milestone] = []
        self.evaluations: list[Evaluated] = []
        self.samples: list[Sample] = []
        self.scores: list[Scored] = []
        self.checkpoints: list[CheckpointSaved] = []
        self.notices: list[Notice] = []
        self._steps: list[Step] = []
        self.add(events)

    def add(self, events: Iterable[Event]) -> None:
        """Takes events in the order of the journal."""
        for event in events:
            self._add(event)

    def _add(self, event: Event) -> None:
        match event:
            case Started():
                self.started, self.ended, self.is_paused = event, None, False
            case Resumed():
                self._forget_after(event.step)
            case Phase():
                self.phase = event
            case Planned():
                self._forget_after(event.from_step)
                self.planned = event
            case Step():
                self._steps.append(event)
            case Milestone():
                self.milestones.append(event)
            case Evaluated():
                self.evaluations.append(event)
            case Sample():
                self.samples.append(event)
            case Scored():
                self.scores.append(event)
            case CheckpointSaved():
                self.checkpoints.append(event)
            case Notice():
                self.notices.append(event)
            case Paused():
                self.is_paused = True
            case Continued():
                self.is_paused = False
            case Ended():
                self.ended = event
            case Unrecognized():
                pass  # a newer version's, or torn
            case _:
                assert_never(event)

    def _forget_after(self, step: int) -> None:
        """What a killed process did after the step that a later one goes on from is lost."""
        self._steps = [entry for entry in self._steps if entry.step <= step]
        self.evaluations = [entry for entry in self.evaluations if entry.step <= step]
        self.checkpoints = [entry for entry in self.checkpoints if entry.step <= step]
        self.samples = [entry for entry in self.samples if entry.step <= step]
        self.scores = [entry for entry in self.scores if entry.step <= step]

    @property
    def steps(self) -> list[Step]:
        """The logged steps, each once, in order."""
        return self._steps

    def trained(self) -> tuple[float, float]:
        """Seconds and tokens of all logged steps, those before a resume too."""
        seconds = tokens = 0.0
        before = 0
        for step in self._steps:
            spent = step.seconds * (step.step - before)
            seconds, tokens, before = seconds + spent, tokens + spent * step.tokens_per_second, step.step
        return seconds, tokens

    @property
    def step(self) -> int:
        """The last step that is known."""
        reached = self._steps[-1].step if self._steps else 0
        return max(reached, self.ended.step if self.ended else 0)

    @property
    def total_steps(self) -> int:
        """The steps that are planned, 0 until that is known."""
        return self.planned.steps if self.planned else 0

    def column(self, name: str) -> NDArray[np.float64]:
        """One of COLUMNS over the logged steps, shape (steps,). Raises KeyError for another name."""
        if name not in COLUMNS:
            raise KeyError(name)
        if name == "peak_bytes":
            return np.array([step.memory.peak_bytes for step in self._steps], dtype=np.float64)
        return np.array([getattr(step, name) for step in self._steps], dtype=np.float64)
