"""How far an export is: each step of its plan with what it has done so far, put together from what its journal says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from workbench.core.job.events import Phase, PhaseName
from workbench.core.job.export_kinds import (
    ExportedFile,
    ExportPlanned,
    PlannedStep,
    StepBegun,
    StepChecked,
    StepDone,
    StepRefused,
    StepRejected,
    WaySuggested,
    WeightsMeasured,
)
from workbench.core.job.study_base import Finding
from workbench.core.problems import in_a_row

# Of these phases a step's bar tells how far they are.
WRITING: tuple[PhaseName, ...] = ("export", "upload")
StepState = Literal["waits", "works", "done", "rejected", "refused"]


@dataclass(frozen=True)
class StepSeen:
    """One step of an export, as it stands.

    Attributes:
        size_bytes: Of what it made, else of what it is going to be.
        phase: The last phase of the step at work.
        written: How much of it is written, or sent, from 0 to 1: it never goes back while that is read and compared.
        checks: What was compared so far.
        problem: Why it was refused or rejected, with what to do.
        path: Of what was made, or of what was rejected.
    """

    step: PlannedStep
    state: StepState = "waits"
    size_bytes: int = 0
    phase: Phase | None = None
    written: float = 0.0
    checks: tuple[StepChecked, ...] = ()
    problem: str = ""
    path: str = ""
    files: tuple[ExportedFile, ...] = ()

    @property
    def item(self) -> str:
        return self.step.item

    @property
    def has_begun(self) -> bool:
        return self.state != "waits"

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "rejected", "refused")

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self.written if self.state == "works" else float(self.is_over)


@dataclass(frozen=True)
class ExportSeen:
    """All of an export that its journal says so far."""

    plan: ExportPlanned | None = None
    steps: tuple[StepSeen, ...] = ()
    measured: Mapping[str, WeightsMeasured] = field(default_factory=dict)
    suggested: WaySuggested | None = None

    @property
    def at_work(self) -> StepSeen | None:
        return next((step for step in self.steps if step.state == "works"), None)

    @property
    def done_count(self) -> int:
        """Of the steps of which something stays."""
        return sum(step.is_over for step in self.kept)

    @property
    def kept(self) -> tuple[StepSeen, ...]:
        """The steps of which something stays: a person asked for them."""
        return tuple(step for step in self.steps if not step.step.is_passing)

    @property
    def share(self) -> float:
        """How much is done, by the time that each step is likely to take."""
        total = sum(step.step.seconds for step in self.steps)
        if not total:
            return sum(step.share for step in self.steps) / len(self.steps) if self.steps else 0.0
        return sum(step.step.seconds * step.share for step in self.steps) / total

    @property
    def seconds_left(self) -> float:
        """As planned, less what is done of the step at work."""
        return sum(step.step.seconds * (1 - step.share) for step in self.steps if not step.is_over)

    def step(self, item: str) -> StepSeen | None:
        return next((step for step in self.steps if step.item == item), None)


def seen(
    findings: Iterable[Finding], phase: Phase | None = None, written: Mapping[str, float] | None = None
) -> ExportSeen:
    """What the findings of an export say, its last phase where it is at work, and how much of each item is written."""
    plan: ExportPlanned | None = None
    steps: dict[str, StepSeen] = {}
    measured: dict[str, WeightsMeasured] = {}
    suggested: WaySuggested | None = None
    for finding in findings:
        match finding:
            case ExportPlanned():
                plan = finding
                steps = _planned(steps, finding.steps)
            case WeightsMeasured():
                measured[finding.item] = finding
            case WaySuggested():
                suggested = finding
            case StepBegun() | StepChecked() | StepDone() | StepRejected() | StepRefused() if finding.item in steps:
                steps[finding.item] = _after(steps[finding.item], finding)
            case _:
                pass
    now = next((item for item, step in steps.items() if step.state == "works"), None)
    if now is not None and phase is not None and (phase.file == now or phase.file not in steps):
        steps[now] = replace(steps[now], phase=phase, written=(written or {}).get(now, 0.0))
    return ExportSeen(plan, tuple(steps.values()), measured, suggested)


def _planned(before: Mapping[str, StepSeen], planned: Sequence[PlannedStep]) -> dict[str, StepSeen]:
    """What has begun stays, whatever is planned now; the rest is what is planned now, in its order."""
    begun = {item: step for item, step in before.items() if step.has_begun}
    fresh = {step.item: StepSeen(step, size_bytes=step.size_bytes) for step in planned}
    now = {item: begun.pop(item) if item in begun else step for item, step in fresh.items()}
    return {**begun, **now}


def _after(step: StepSeen, finding: StepBegun | StepChecked | StepDone | StepRejected | StepRefused) -> StepSeen:
    match finding:
        case StepBegun():
            return replace(step, state="works")
        case StepChecked():
            return replace(step, checks=(*step.checks, finding))
        case StepDone():
            size = finding.size_bytes or step.size_bytes
            return replace(step, state="done", path=finding.path, files=tuple(finding.files), size_bytes=size)
        case StepRejected():
            why = in_a_row(finding.what, finding.why, finding.remedy)
            return replace(step, state="rejected", path=finding.path, problem=why)
        case StepRefused():
            return replace(step, state="refused", problem=in_a_row(finding.what, finding.why, finding.remedy))
