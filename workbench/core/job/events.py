"""What happens in a run, as a closed set of values."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from workbench.core.job.event_base import EventBase
from workbench.core.job.study_kinds import AnyFinding

RunEnd = Literal["finished", "stopped", "cancelled", "crashed"]
PhaseName = Literal[
    "start",
    "look up",
    "download",
    "load",
    "quantize",
    "tokenize",
    "sample",
    "score",
    "train",
    "evaluate",
    "save",
    "measure",
    "observe",
    "dry run",
    "export",
    "check",
    "upload",
]
MilestoneName = Literal[
    "after load", "after adapter", "dry run", "first forward", "first backward", "first optimizer step", "peak"
]

_MEMORY_WORDS = ("out of memory", "memory was not enough", "memoryerror", "std::bad_alloc", "can't allocate memory")


class Memory(BaseModel):
    """Memory at one moment, in bytes; the card's figures are 0 where there is no card."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    resident_bytes: int = 0
    resident_peak_bytes: int = 0
    allocated_bytes: int = 0
    allocated_peak_bytes: int = 0
    reserved_bytes: int = 0
    card_used_bytes: int = 0
    card_total_bytes: int = 0

    @property
    def peak_bytes(self) -> int:
        """The figure to compare runs by: the allocator's peak on a card, the resident peak on a CPU."""
        return self.allocated_peak_bytes or self.resident_peak_bytes


class Started(EventBase):
    """A process took the run; a second one in the same journal is a resume."""

    kind: Literal["started"] = "started"
    attempt: int
    pid: int
    versions: dict[str, str]


class Phase(EventBase):
    """A stretch of work began, or came this far; `total` is 0 where it is not known.

    Of a download, in bytes: how many come a second (0 where that is not known yet), and which file is under way, the
    `file_number`th of `files`; those before it are whole and checked. Of rows that are prepared, also in bytes of
    their files: how many `rows` are done. Of a step of an export `file` is its item.
    """

    kind: Literal["phase"] = "phase"
    name: PhaseName
    done: int = 0
    total: int = 0
    unit: str = ""
    rate: float = 0.0
    file: str = ""
    file_number: int = 0
    files: int = 0
    rows: int = 0

    @property
    def seconds_left(self) -> float | None:
        """At this rate; None where it is not known."""
        return max(0, self.total - self.done) / self.rate if self.rate > 0 and self.total else None


class Planned(EventBase):
    """What training is about to do, known once data and model are there."""

    kind: Literal["planned"] = "planned"
    device: str
    steps: int
    from_step: int
    rows: int
    sequences: int
    tokens: int
    trained_tokens: int
    trainable_parameters: int
    parameters: int
    data_sha256: str
    stored_as: str = ""  # how the frozen weights are stored, in words, with the share that is quantized


class Predicted(EventBase):
    """What the ledger says of this run, of the rows as they are prepared; `lines` by core/memory/ledger.py's names."""

    kind: Literal["predicted"] = "predicted"
    formula: int  # which ledger: core/memory/corrections.py
    device: Literal["cuda", "cpu"]
    card: str  # its name, "cpu" on a CPU
    family: str
    lines: dict[str, int]
    after_load_bytes: int
    peak_bytes: int
    moment: str
    sequence_tokens: int
    micro_batch: int
    free_bytes: int = 0  # before anything was loaded

    @property
    def allocated_bytes(self) -> int:
        """The peak without the overhead: what torch's allocator counts on a card."""
        return self.peak_bytes - self.lines["overhead"]


class Attributed(EventBase):
    """What tensors of a step were found to hold, by the ledger's lines.

    On a card at the moment of the step's peak, by the allocator's snapshot; on a CPU after the step, of those tensors
    that can be asked. `rest_bytes` is what is held beside `lines`.
    """

    kind: Literal["attributed"] = "attributed"
    step: int
    method: Literal["snapshot", "tensors"]
    lines: dict[str, int]
    rest_bytes: int
    peak_bytes: int  # of the allocator on a card, of the process on a CPU


class Healed(EventBase):
    """Memory ran out in a step, and training goes on from `step` in smaller batches, as many rows a step."""

    kind: Literal["healed"] = "healed"
    step: int
    micro_batch: int
    accumulation: int
    why: str


class Milestone(EventBase):
    kind: Literal["milestone"] = "milestone"
    name: MilestoneName
    memory: Memory


class Step(EventBase):
    """One logged step; `loss` is the mean since the last one, `seconds` those of one step."""

    kind: Literal["step"] = "step"
    step: int
    steps: int
    epoch: float
    loss: float
    learning_rate: float
    grad_norm: float
    tokens_per_second: float
    seconds: float
    memory: Memory


class Evaluated(EventBase):
    kind: Literal["evaluated"] = "evaluated"
    step: int
    loss: float
    is_best: bool = False


class Sample(EventBase):
    """One prompt answered; `expected` and `is_right` where the answer is known."""

    kind: Literal["sample"] = "sample"
    step: int
    when: Literal["before", "during", "after"]
    prompt: str
    answer: str
    expected: str | None = None
    group: str = ""
    is_scored: bool = False

    @property
    def is_right(self) -> bool | None:
        return None if self.expected is None else self.answer.strip() == self.expected.strip()


class Scored(EventBase):
    """How many answers equalled the completion; `groups` maps a group to its [right, rows]."""

    kind: Literal["scored"] = "scored"
    step: int
    when: Literal["before", "after"]
    rows: int
    right: int
    groups: dict[str, tuple[int, int]] = Field(default_factory=dict)


class CheckpointSaved(EventBase):
    kind: Literal["checkpoint"] = "checkpoint"
    step: int
    folder: str
    size_bytes: int


class Resumed(EventBase):
    """Training goes on from a checkpoint; `skipped` says which newer ones did not verify, and why."""

    kind: Literal["resumed"] = "resumed"
    step: int
    folder: str
    skipped: list[str] = Field(default_factory=list)


class Paused(EventBase):
    """Held, by a person or, as `why` says, by itself: a continue or a cancel is waited for."""

    kind: Literal["paused"] = "paused"
    step: int
    why: str = ""


class Continued(EventBase):
    kind: Literal["continued"] = "continued"
    step: int


class Notice(EventBase):
    """Something a person should know that ends nothing; `about` says beside which curve it belongs."""

    kind: Literal["notice"] = "notice"
    text: str
    about: Literal["", "memory"] = ""


class Ended(EventBase):
    kind: Literal["ended"] = "ended"
    state: RunEnd
    step: int = 0
    what: str = ""
    why: str = ""
    remedy: str = ""
    is_mendable: bool = False  # by a person: exit code 2
    can_resume: bool = False  # once that is mended: the run is kept, though it did not come to its first step
    train_seconds: float = 0.0
    tokens_per_second: float = 0.0
    peak_memory_bytes: int = 0
    adapter: str = ""

    @property
    def is_out_of_memory(self) -> bool:
        """Whether it crashed as memory ran out, by the words of those who allocate it."""
        return self.state == "crashed" and is_about_memory(f"{self.what} {self.why}")

    @property
    def is_refusal(self) -> bool:
        """Whether a person has something to mend before anything can be trained.

        Memory that ran out is none: that the recipe was tried on this machine is worth keeping.
        """
        return self.is_mendable and self.step == 0 and not (self.can_resume or self.is_out_of_memory)


class Unrecognized(EventBase):
    """A line that this version cannot read: torn, or written by a newer one."""

    kind: Literal["unrecognized"] = "unrecognized"
    text: str


Event = Annotated[
    Started
    | Phase
    | Planned
    | Predicted
    | Attributed
    | Healed
    | Milestone
    | Step
    | Evaluated
    | Sample
    | Scored
    | CheckpointSaved
    | Resumed
    | Paused
    | Continued
    | Notice
    | AnyFinding
    | Ended
    | Unrecognized,
    Field(discriminator="kind"),
]

ADAPTER: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(defer_build=True))


def is_about_memory(text: str) -> bool:
    """Whether a text says that memory ran out: the engine's words, PyTorch's, Python's or C++'s."""
    return any(words in text.lower() for words in _MEMORY_WORDS)
