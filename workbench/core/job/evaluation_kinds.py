"""An evaluation: a run's weights, and those of its base, measured on the same rows by lm-eval."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workbench.core.job.study_base import Asked, Finding
from workbench.core.problems import in_a_row, shown
from workbench.core.units import counted

# What a file of one's own is measured by.
OwnTask = Literal["exact", "choice", "perplexity"]
# What two sides are compared by: what the second is above the first, or by how much more.
Comparison = Literal["difference", "ratio"]


class EvaluateRequest(Asked):
    """What is measured of a run or a model.

    Attributes:
        model: A run, a checkpoint or an adapter by its folder, a model's folder, a Hub id or "starter".
        exact: Files whose answers are to be given word by word.
        choice: Files of questions with several answers, one of which is right.
        perplexity: Files of answers or texts, whose tokens are to be no surprise.
        tasks: Tasks that lm-eval itself knows, by name.
        limit: Rows of each at most; 0 for all.
        max_tokens: The longest answer; 0 for what the longest expected one needs, and a little more.
    """

    is_passing = True
    room: ClassVar[str] = "evaluation"

    kind: Literal["evaluate"] = "evaluate"
    model: str
    exact: tuple[str, ...] = ()
    choice: tuple[str, ...] = ()
    perplexity: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    limit: int = Field(default=0, ge=0)
    max_tokens: int = Field(default=0, ge=0)

    @property
    def about(self) -> str:
        return self.model

    @property
    def own(self) -> list[tuple[OwnTask, str]]:
        """The files, each with what it is measured by."""
        kinds: tuple[OwnTask, ...] = ("exact", "choice", "perplexity")
        return [(kind, name) for kind in kinds for name in getattr(self, kind)]


class Measured(BaseModel):
    """A figure, and between what it lies with 95 % confidence; None where nothing says so."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    value: float
    low: float | None = None
    high: float | None = None

    def in_words(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.4g}"
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g})"


class SideMeasured(BaseModel):
    """What one side's figure is, and which weights gave it.

    Attributes:
        adapter_sha256: Of the adapter that was found at work in the model's layers; empty where none was.
        strength: What those layers' scale was multiplied by, 0 where none was at work.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    side: str
    title: str
    base_hash: str
    adapter_sha256: str
    strength: float
    figure: Measured


class TaskMeasured(Finding):
    """One figure of one task, of each side on the same rows.

    Attributes:
        task: What lm-eval calls it, or a file's name with what it was measured by.
        metric: "exact match", "accuracy", "perplexity", or lm-eval's own name.
        settings: How it was asked, in words.
        rows: How many were measured; `left_out` were not, `why_left_out` says why.
        apart: What the second side is above the first, or their ratio as `comparison` says; None with one side.
    """

    kind: Literal["task measured"] = "task measured"
    task: str
    metric: str
    higher_is_better: bool
    settings: str = ""
    rows: int
    left_out: int = 0
    why_left_out: str = ""
    sides: list[SideMeasured]
    comparison: Comparison = "difference"
    apart: Measured | None = None

    @property
    def verdict(self) -> str:
        """What the interval of what is between them says, in words; empty with one side or without an interval."""
        if self.apart is None or self.apart.low is None or self.apart.high is None:
            return ""
        same = 1.0 if self.comparison == "ratio" else 0.0
        if self.apart.low <= same <= self.apart.high:
            return f"these {counted(self.rows, 'row')} do not tell them apart"
        is_above = self.apart.low > same
        better, worse = self.sides[1].side, self.sides[0].side
        if is_above != self.higher_is_better:
            better, worse = worse, better
        return f"{better} is better than {worse}"

    def in_words(self) -> str:
        figures = ", ".join(f"{shown(side.side)} {side.figure.in_words()}" for side in self.sides)
        between = f"{self.comparison} {self.apart.in_words()}" if self.apart else ""
        return f"{shown(self.task)}, {self.metric}: " + ", ".join(filter(None, [figures, between, self.verdict]))


class TaskRefused(Finding):
    """A task that could not be measured, in words a person can act on; the others go on."""

    kind: Literal["task refused"] = "task refused"
    task: str
    what: str
    why: str = ""
    remedy: str = ""

    def in_words(self) -> str:
        return f"{shown(self.task)}: " + in_a_row(self.what, self.why, self.remedy)


class EvaluationKept(Finding):
    """All that was asked for is measured; the figures and each row's answers lie in `folder`."""

    kind: Literal["evaluation kept"] = "evaluation kept"
    folder: str

    def in_words(self) -> str:
        return f"kept in {shown(self.folder, 300)}"
