"""A chat: a model that stays loaded and answers what it is asked; its questions are orders, its answers findings."""

import math
from typing import ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from workbench.core.job.study_base import Asked, Finding
from workbench.core.problems import in_a_row, shown
from workbench.core.units import bytes_in_words, counted, duration_in_words

Finish = Literal["end", "length", "stop word", "interrupted"]
_LARGEST_LOSS = 700.0  # whose exponential is a number


class ChatRequest(Asked):
    """A run or a model to talk to, with others of the same base beside it.

    Attributes:
        model: A run, a checkpoint or an adapter by its folder, a model's folder, a Hub id or "starter".
        beside: Further sides: "base", or runs, checkpoints and adapters by their folders.
        owner_pid: The process that it is loaded for, with the time it began, in seconds since 1970: without it nobody
            would be there to ask, and the memory is given back.
    """

    is_passing = True
    room: ClassVar[str] = "chat"

    kind: Literal["chat"] = "chat"
    model: str
    beside: tuple[str, ...] = ()
    owner_pid: int = 0
    owner_began: float = 0.0

    @property
    def about(self) -> str:
        return self.model


class SideFacts(BaseModel):
    """One side of a chat: what it is called, and the adapter that it speaks through.

    Attributes:
        side: "base", "tuned", or the name of what stands beside it.
        adapter: Its folder; empty for the base.
        adapter_sha256: Of its weights' file, whose numbers were compared with those that are loaded.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    side: str
    title: str
    adapter: str = ""
    adapter_sha256: str = ""


class ChatLoaded(Finding):
    """The model is loaded, and can be asked.

    Attributes:
        base_hash: Of the base's configuration, its weights' headers and samples of them.
        stored_as: How the base's weights are stored, in words.
        positions: Tokens that the model reads at most; 0 where there is no end.
    """

    kind: Literal["chat loaded"] = "chat loaded"
    folder: str
    base_hash: str
    stored_as: str
    device: str
    sides: list[SideFacts]
    positions: int
    seconds: float
    size_bytes: int
    peak_bytes: int

    def in_words(self) -> str:
        names = ", ".join(entry.side for entry in self.sides)
        return f"{shown(self.folder)} is loaded in {duration_in_words(self.seconds)}, to answer as {shown(names)}"


class SideLoaded(Finding):
    """One more side stands beside the others; `name` is what it was called by."""

    kind: Literal["side loaded"] = "side loaded"
    name: str
    facts: SideFacts

    def in_words(self) -> str:
        return f"{shown(self.facts.title)} answers too, as {shown(self.facts.side)}"


class SideRefused(Finding):
    """What has this name cannot stand beside the others, in words a person can act on."""

    kind: Literal["side refused"] = "side refused"
    name: str
    what: str
    why: str = ""
    remedy: str = ""

    def in_words(self) -> str:
        return in_a_row(self.what, self.why, self.remedy)


class _OfAnswer(Finding):
    """What belongs to the answer of one side to one prompt of a question."""

    number: int
    place: int = 0  # of the prompt among those of the question
    side: str


class QuestionSent(_OfAnswer):
    """What the model is given: as text, and as the ids of its tokens."""

    kind: Literal["question sent"] = "question sent"
    text: str
    ids: list[int]

    def in_words(self) -> str:
        return f"question {self.number} to {shown(self.side)}: {counted(len(self.ids), 'token')}"


class AnswerPiece(_OfAnswer):
    """What an answer has grown by; `seconds` since it was asked."""

    kind: Literal["answer piece"] = "answer piece"
    text: str
    ids: list[int]
    seconds: float

    def in_words(self) -> str:
        return f"{shown(self.side)}: {shown(self.text)}"


class Answered(_OfAnswer):
    """A whole answer, and which weights have given it.

    Attributes:
        ids: Its tokens, the one that ends it among them.
        seconds: Since the model was given what it answers; in a batch, until this answer had ended.
        adapter_sha256: Of the adapter that was found to be at work in the model's layers; empty where none was.
        strength: What those layers' scale was multiplied by, 0 where none was at work.
    """

    kind: Literal["answered"] = "answered"
    prompt: str
    text: str
    ids: list[int]
    finish: Finish
    seconds: float
    first_token_seconds: float
    peak_bytes: int
    base_hash: str
    adapter_sha256: str
    strength: float
    expected: str | None = None

    @property
    def is_exact(self) -> bool | None:
        """Whether it is what was expected; None where that is not known."""
        return None if self.expected is None else self.text.strip() == self.expected.strip()

    @property
    def tokens_per_second(self) -> float:
        """After its first token; 0 where there was none."""
        spent = self.seconds - self.first_token_seconds
        return (len(self.ids) - 1) / spent if len(self.ids) > 1 and spent > 0 else 0.0

    def in_words(self) -> str:
        exact = {True: ", as expected", False: ", not as expected", None: ""}[self.is_exact]
        return f"{shown(self.side)} answered with {counted(len(self.ids), 'token')}{exact}: {shown(self.text)}"


class Likely(NamedTuple):
    """A token that could have come next; `log_probability` is in nats."""

    id: int
    text: str
    log_probability: float


class TokenScore(NamedTuple):
    """A token of a text, how likely the model held it after all before it, and the likeliest in its place.

    The `text` of a letter that several tokens make is its last one's.
    """

    id: int
    text: str
    log_probability: float
    likeliest: list[Likely]


class TextScored(_OfAnswer):
    """How likely a side, at a strength, holds an answer, token by token, and which weights have said it.

    Attributes:
        sent: What the answer answers, as the model is given it.
        adapter_sha256: As that of an answer, and so is `strength`.
    """

    kind: Literal["text scored"] = "text scored"
    sent: str
    tokens: list[TokenScore]
    seconds: float
    peak_bytes: int
    base_hash: str
    adapter_sha256: str
    strength: float

    @property
    def log_probability(self) -> float:
        """Of the whole answer, in nats: the sum of its tokens'."""
        return math.fsum(token.log_probability for token in self.tokens)

    @property
    def perplexity(self) -> float:
        """Of the answer: among how many tokens the model would have wavered at each, on the mean."""
        return math.exp(-self.log_probability / len(self.tokens))

    def in_words(self) -> str:
        found = f"{counted(len(self.tokens), 'token')}, log-probability {self.log_probability:.3f}"
        return f"{shown(self.side)} at strength {self.strength:g}: {found}"


class StrengthMeasured(Finding):
    """How well a side does, at a strength, on the held-out rows of its run, and which weights were measured.

    Attributes:
        loss: The mean over the answers' tokens, in nats, as the run's evaluation counts it; None where answers were
            compared instead.
        right: Answers that equal those expected; None where the loss was measured instead.
        rows: Of those that are held out.
    """

    kind: Literal["strength measured"] = "strength measured"
    number: int
    side: str
    loss: float | None = None
    right: int | None = None
    rows: int
    seconds: float
    peak_bytes: int
    base_hash: str
    adapter_sha256: str
    strength: float

    @property
    def perplexity(self) -> float | None:
        """The exponential of the loss."""
        return None if self.loss is None else math.exp(min(self.loss, _LARGEST_LOSS))

    def in_words(self) -> str:
        rows = counted(self.rows, "held-out row")
        found = f"perplexity {self.perplexity:.3f} on {rows}" if self.loss is not None else f"{self.right} of {rows}"
        return f"{shown(self.side)} at strength {self.strength:g}: {found}"


class QuestionRefused(_OfAnswer):
    """What this side cannot be asked, in words a person can act on; a measurement has no prompt."""

    kind: Literal["question refused"] = "question refused"
    prompt: str
    what: str
    why: str = ""
    remedy: str = ""

    def in_words(self) -> str:
        return in_a_row(self.what, self.why, self.remedy)


class QuestionDone(Finding):
    """All that was to be answered of a question is, or of what else has its number: the chat waits for another.

    `tokens` were generated or looked at in `seconds`, those of all its sides.
    """

    kind: Literal["question done"] = "question done"
    number: int
    tokens: int
    seconds: float
    peak_bytes: int

    def in_words(self) -> str:
        spent = f"{counted(self.tokens, 'token')} in {duration_in_words(self.seconds)}"
        return f"question {self.number} is answered: {spent}, {bytes_in_words(self.peak_bytes)} at most"
