"""A run read whole: what it was asked, and what came of it."""

from dataclasses import dataclass
from functools import cached_property

from workbench.core.job.events import Scored
from workbench.core.job.history import History
from workbench.core.job.label import Label, read_label
from workbench.core.job.marks import Judged, read_marks
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.memory import reconcile
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe


@dataclass(frozen=True)
class RunResult:
    """A training with its whole journal; what was not measured of it is None."""

    run: RunFolder
    label: Label
    recipe: Recipe
    history: History
    state: RunState

    @classmethod
    def read(cls, run: RunFolder) -> "RunResult":
        """Raises UserError where its recipe or its journal cannot be read; a broken label counts as none."""
        recipe, history = run.recipe(), run.history()
        try:
            label = read_label(run.path)
        except UserError:
            label = Label()
        return cls(run, label, recipe, history, run.state(history))

    @property
    def called(self) -> str:
        return self.label.name or self.run.name

    @property
    def losses(self) -> list[tuple[int, float]]:
        """Step and loss of each logged step."""
        return [(step.step, step.loss) for step in self.history.steps]

    @property
    def loss_first(self) -> float | None:
        return self.history.steps[0].loss if self.history.steps else None

    @property
    def loss_last(self) -> float | None:
        return self.history.steps[-1].loss if self.history.steps else None

    @property
    def evaluation_loss(self) -> float | None:
        """Of the last evaluation."""
        return self.history.evaluations[-1].loss if self.history.evaluations else None

    def scored(self, when: str) -> Scored | None:
        """The exact match "before" or "after" training."""
        return next((entry for entry in reversed(self.history.scores) if entry.when == when), None)

    @cached_property
    def judged(self) -> Judged | None:
        """What came of its answers in the table of Try; marks that cannot be read count as none."""
        try:
            return read_marks(self.run.path).judged
        except UserError:
            return None

    @cached_property
    def peak(self) -> reconcile.Row | None:
        """The memory of its peak in training, predicted and measured."""
        return next((row for row in reconcile.milestones(self.history) if row.name == "peak"), None)

    @property
    def peak_bytes(self) -> int | None:
        measured = self.peak.measured_bytes if self.peak else None
        ended = self.history.ended
        return measured or (ended.peak_memory_bytes if ended else None) or None

    @property
    def predicted_peak_bytes(self) -> int | None:
        """What the ledger said of the figure that was measured."""
        return self.peak.predicted_bytes if self.peak else None

    @property
    def seconds(self) -> float | None:
        """Spent in steps, those before a resume too."""
        ended = self.history.ended
        return (ended.train_seconds if ended else 0.0) or self._trained[0] or None

    @property
    def tokens(self) -> int | None:
        """That went through the model in training, those before a resume too."""
        ended = self.history.ended
        total = self._trained[1] or (ended.train_seconds * ended.tokens_per_second if ended else 0.0)
        return round(total) or None

    @property
    def tokens_per_second(self) -> float | None:
        return self.tokens / self.seconds if self.tokens and self.seconds else None

    @cached_property
    def _trained(self) -> tuple[float, float]:
        return self.history.trained() if self.history.steps else (0.0, 0.0)

    @property
    def prepared(self) -> DataPrepared | None:
        """What was told of its rows; None of a run of an earlier version, or one that did not come so far."""
        found = (entry for entry in reversed(self.history.findings) if isinstance(entry, DataPrepared))
        return next(found, None)
