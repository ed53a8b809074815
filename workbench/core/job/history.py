"""A run's events gathered into what a page or a table shows."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.core.columns import Columns
from workbench.core.job.events import (
    Attributed,
    CheckpointSaved,
    Continued,
    Ended,
    Evaluated,
    Event,
    Healed,
    Memory,
    Milestone,
    Notice,
    Paused,
    Phase,
    Planned,
    Predicted,
    Resumed,
    Sample,
    Scored,
    Started,
    Step,
    Unrecognized,
)
from workbench.core.job.step_table import StepTable
from workbench.core.job.study_base import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMNS = ("step", "loss", "learning_rate", "grad_norm", "tokens_per_second", "seconds", "peak_bytes")


class History:
    """Everything that happened so far; a resumed run's steps replace those that were lost."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.started: Started | None = None
        self.phase: Phase | None = None
        self.planned: Planned | None = None
        self.predicted: Predicted | None = None
        self.attributed: Attributed | None = None  # of the attempt that is running or ran last
        self.ended: Ended | None = None
        self.is_paused = False
        self.milestones: list[Milestone] = []
        self.evaluations: list[Evaluated] = []
        self.samples: list[Sample] = []
        self.scores: list[Scored] = []
        self.checkpoints: list[CheckpointSaved] = []
        self.notices: list[Notice] = []
        self.resumes: list[Resumed] = []
        self.heals: list[Healed] = []
        self.findings: list[Finding] = []  # of a study
        self.milestone_seconds: list[float] = []  # since the run began, of each in `milestones`
        self.attempt_seconds: list[float] = []
        self.others: list[Event] = []  # what no other list keeps, in order
        self.memory = Columns(("seconds", "held_bytes", "peak_bytes"))
        self.rewrites = 0  # how often steps were lost: what was worked out from them before is void
        self._steps = StepTable()
        self._clock = AttemptClock()
        self.add(events)

    def add(self, events: Iterable[Event]) -> None:
        """Takes events in the order of the journal."""
        for event in events:
            self._add(event)

    def _add(self, event: Event) -> None:
        seconds = self._clock.at(event)
        match event:
            case Started():
                self.started, self.ended, self.is_paused = event, None, False
                self.attributed = None
                self.attempt_seconds.append(seconds)
                self._note_start(seconds)
                self.others.append(event)
            case Resumed():
                self._forget_after(event.step)
                self.resumes.append(event)
                self.others.append(event)
            case Phase():
                if self.phase is None or event.name != self.phase.name:
                    self.others.append(event)
                self.phase = event
            case Planned():
                self._forget_after(event.from_step)
                self.planned = event
                self.others.append(event)
            case Predicted():
                self.predicted = event
                self.others.append(event)
            case Attributed():
                self.attributed = event
                self.others.append(event)
            case Healed():
                self.heals.append(event)
                self.others.append(event)
            case Step():
                self._steps.append(event)
                self._note_memory(seconds, event.memory)
            case Milestone():
                self.milestones.append(event)
                self.milestone_seconds.append(seconds)
                self._note_memory(seconds, event.memory)
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
                self.others.append(event)
            case Continued():
                self.is_paused = False
                self.others.append(event)
            case Ended():
                self.ended = event
                self.others.append(event)
            case Finding():
                self.findings.append(event)
            case _:
                self.others.append(event)

    def _note_start(self, seconds: float) -> None:
        """A process begins with nothing; a gap parts it from the one before."""
        if len(self.memory):
            self.memory.append((seconds, math.nan, math.nan))
        self.memory.append((seconds, 0.0, 0.0))

    def _note_memory(self, seconds: float, memory: Memory) -> None:
        held = memory.allocated_bytes if memory.card_total_bytes else memory.resident_bytes
        if memory.peak_bytes:
            self.memory.append((seconds, held, memory.peak_bytes))

    def _forget_after(self, step: int) -> None:
        """What a killed process did after the step that a later one goes on from is lost."""
        self.rewrites += self._steps.forget_after(step)
        self.evaluations = [entry for entry in self.evaluations if entry.step <= step]
        self.checkpoints = [entry for entry in self.checkpoints if entry.step <= step]
        self.samples = [entry for entry in self.samples if entry.step <= step]
        self.scores = [entry for entry in self.scores if entry.step <= step]

    @property
    def steps(self) -> StepTable:
        """The logged steps, each once, in order."""
        return self._steps

    def trained(self) -> tuple[float, float]:
        """Seconds and tokens of all logged steps, those before a resume too."""
        import numpy as np  # see workbench.core.columns

        spent = self.column("seconds") * np.diff(self.column("step"), prepend=0.0)
        return float(spent.sum()), float((spent * self.column("tokens_per_second")).sum())

    @property
    def seconds(self) -> float:
        """The run's second of the last event, those of earlier processes counted."""
        return self._clock.last_seconds

    @property
    def step(self) -> int:
        """The last step that is known."""
        reached = self._steps[-1].step if self._steps else 0
        return max(reached, self.ended.step if self.ended else 0)

    @property
    def total_steps(self) -> int:
        """The steps that are planned, 0 until that is known."""
        return self.planned.steps if self.planned else 0

    def column(self, name: str) -> "NDArray[np.float64]":
        """One of COLUMNS over the logged steps, shape (steps,), read-only; holds until more is added.

        Raises KeyError for another name.
        """
        if name not in COLUMNS:
            raise KeyError(name)
        return self._steps.column(name)

    def in_order(self, most_steps: int) -> list[Event]:
        """All that is kept, as it happened: of a phase its beginning alone, of the steps the last `most_steps`."""
        kept: list[Event] = [*self.others, *self.steps[-most_steps:], *self.milestones, *self.evaluations]
        kept += [*self.samples, *self.scores, *self.checkpoints, *self.notices]
        return sorted(kept, key=lambda event: event.at)


class AttemptClock:
    """Seconds since a run began: each process counts its own anew."""

    def __init__(self) -> None:
        self._before_seconds = 0.0
        self.last_seconds = 0.0

    def at(self, event: Event) -> float:
        """The run's second in which an event happened, asked of each in turn."""
        if isinstance(event, Started):
            self._before_seconds = self.last_seconds
        elif isinstance(event, Unrecognized):
            return self.last_seconds
        self.last_seconds = max(self.last_seconds, self._before_seconds + event.elapsed_seconds)
        return self.last_seconds
