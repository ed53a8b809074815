"""An export: what is made of a run to use elsewhere; its plan can be changed by orders, what it makes is findings.

An item is one thing that an export makes, by its target and, where that has several, its type: "merged", "gguf:q8_0".
"""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workbench.core.job.study_base import Asked, Finding
from workbench.core.problems import in_a_row, shown
from workbench.core.units import bytes_in_words, counted, duration_in_words, grouped

# Into what an adapter is merged: the original 16-bit weights, or what those became that it was trained on.
Way = Literal["original", "nf4"]
# Below the 4 GiB that a stick's FAT32 holds of one file.
LARGEST_FILE_BYTES = 2_000_000_000


class ExportRequest(Asked):
    """Things to make of a run, in a folder.

    An order "add" or "remove" with an item's name changes what has not begun; "stop" ends it after the step at work.

    Attributes:
        run: A run, a checkpoint or an adapter by its folder.
        items: What is wanted, in any order.
        out: The folder; nothing where `items` are measured alone.
        name: What files and models are called; the run's own where none is given.
        into: Into what the adapter is merged for those items that need a merged model and do not say it themselves;
            the closer one where it was measured, else what it was trained on.
        largest_file_bytes: Of one file of merged weights.
        hub_name: Of the repository, org/name or a name; `name` where none is given.
        hub_sends: The items that are uploaded.
    """

    is_passing = True
    room: ClassVar[str] = "export"

    kind: Literal["export"] = "export"
    run: str
    items: tuple[str, ...] = Field(min_length=1)
    out: str = ""
    name: str = ""
    into: Way | Literal[""] = ""
    largest_file_bytes: int = Field(default=LARGEST_FILE_BYTES, ge=1000)
    hub_name: str = ""
    hub_private: bool = True
    hub_sends: tuple[str, ...] = ("adapter",)

    @property
    def about(self) -> str:
        return self.name or self.run


class PlannedStep(BaseModel):
    """One thing that is to be made, before it is.

    Attributes:
        path: Of the file or folder that it becomes, relative to the export's folder; nothing where none stays.
        size_bytes: Of what stays of it.
        passing_bytes: What it takes beside that while it is at work.
        seconds: How long it is likely to take, its checks included.
        needs: The items that it reads, which come before it.
        refers_to: Those of them that it is of no use without: they stay beside it, asked for or not.
        is_passing: Made for others alone, and removed with the last of them.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    item: str
    title: str
    path: str
    size_bytes: int
    passing_bytes: int = 0
    seconds: float = 0.0
    needs: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    is_passing: bool = False


class ExportPlanned(Finding):
    """What is to be made, in the order of work; told anew whenever that changes.

    Attributes:
        folder: Where it will lie; nothing where nothing stays.
        size_bytes: Of all that stays.
        peak_bytes: What the disk has to hold at most, with what is removed again.
        free_bytes: On that disk, before it begins.
        seconds: Until all is made.
    """

    kind: Literal["export planned"] = "export planned"
    folder: str
    title: str
    steps: list[PlannedStep]
    size_bytes: int
    peak_bytes: int
    free_bytes: int
    seconds: float

    def in_words(self) -> str:
        size, spent = bytes_in_words(self.size_bytes), duration_in_words(self.seconds)
        return f"{counted(len(self.steps), 'step')} planned of {shown(self.title)}: {size}, {spent}"


class _OfStep(Finding):
    item: str
    title: str = ""


class StepBegun(_OfStep):
    """It is being made: it can no longer be taken out. Phases whose `file` is its item say how far it is."""

    kind: Literal["step begun"] = "step begun"

    def in_words(self) -> str:
        return f"{shown(self.title)} is being made"


class StepChecked(_OfStep):
    """It was looked at once made: `found` is a sentence, with what it was compared and how close it is."""

    kind: Literal["step checked"] = "step checked"
    name: str
    ok: bool
    found: str

    def in_words(self) -> str:
        return f"{shown(self.title)}, {shown(self.name)}: {self.found}"


class ExportedFile(BaseModel):
    """A file that lies in the export; `name` is relative to its folder."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    size_bytes: int


class StepDone(_OfStep):
    """It is made, checked and in its place: `path` is a file or a folder, nothing where none stays."""

    kind: Literal["step done"] = "step done"
    path: str
    size_bytes: int
    files: list[ExportedFile] = Field(default_factory=list)
    seconds: float
    peak_bytes: int = 0

    def in_words(self) -> str:
        size = f", {bytes_in_words(self.size_bytes)}" if self.size_bytes else ""
        return f"{shown(self.title)} is made and checked{size}"


class StepRejected(_OfStep):
    """A check has failed: what was made stays as `path`, whose name ends in .rejected, and is not used further."""

    kind: Literal["step rejected"] = "step rejected"
    path: str
    what: str
    why: str = ""
    remedy: str = ""

    def in_words(self) -> str:
        return in_a_row(f"{shown(self.title)} is rejected: {self.what}", self.why, self.remedy)


class StepRefused(_OfStep):
    """It cannot be made, in words a person can act on; what needs it is left out too."""

    kind: Literal["step refused"] = "step refused"
    what: str
    why: str = ""
    remedy: str = ""

    def in_words(self) -> str:
        return in_a_row(f"{shown(self.title)} is not made: {self.what}", self.why, self.remedy)


class WeightsMeasured(_OfStep):
    """How some weights predict the same rows, and how far they lie from what they are compared with.

    Attributes:
        item: What was measured; "reference" is the run as it was trained.
        against: The item that it is compared with; nothing for the reference itself.
        perplexity: Over `tokens` of `rows`.
        kl: Nats a token: of its next-token distributions from those it is compared with, the mean over `positions`.
        same_tokens: At how many of `positions` the likeliest next token is the same.
        largest_difference: Of a logit, over the positions; nothing is identical unless it is 0.
        is_held_out: Whether the run has not learned from those rows.
    """

    kind: Literal["weights measured"] = "weights measured"
    against: str = ""
    perplexity: float
    kl: float | None = None
    same_tokens: int = 0
    positions: int = 0
    largest_difference: float | None = None
    tokens: int
    rows: int
    is_held_out: bool = True
    seconds: float = 0.0

    @property
    def same_share(self) -> float | None:
        return self.same_tokens / self.positions if self.positions else None

    def in_words(self) -> str:
        beside = ""
        if self.kl is not None:
            beside = f", KL {self.kl:.4f} nats a token, {grouped(self.same_tokens)} of {grouped(self.positions)} same"
        return f"{shown(self.title)}: perplexity {self.perplexity:.3f}{beside}"


class UploadedToHub(_OfStep):
    """A repository of the Hub holds it: `files` in one commit, of which `sent_bytes` were not there before."""

    kind: Literal["uploaded to hub"] = "uploaded to hub"
    repository: str
    address: str
    commit: str
    is_private: bool
    files: int
    total_bytes: int
    sent_bytes: int

    def in_words(self) -> str:
        who = "private" if self.is_private else "open to all"
        return f"{shown(self.address)}, {who}: {counted(self.files, 'file')}, {bytes_in_words(self.total_bytes)}"


class WaySuggested(Finding):
    """Which of two ways to merge lies closer to the run as it was trained, and a sentence that says it."""

    kind: Literal["way suggested"] = "way suggested"
    way: Way
    sentence: str

    def in_words(self) -> str:
        return self.sentence


ExportFinding = (
    ExportPlanned
    | StepBegun
    | StepChecked
    | (StepDone | StepRejected | StepRefused | WeightsMeasured | WaySuggested | UploadedToHub)
)
