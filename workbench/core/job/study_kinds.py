"""The kinds of studies: what is asked of each, and what it finds.

The engine does a study of a kind in `workbench/engine/study/<kind>.py`; what it finds is an event of its journal, which
histories, followers and logs take as a `Finding`.
"""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from workbench.core.job.event_base import EventBase
from workbench.core.problems import shown
from workbench.core.units import grouped

StudyKind = Literal["layers", "outliers", "measure"]

# The standard precisions of a race, the widest first: the first that runs is what the others are compared with.
PRECISIONS = ("fp32", "fp16", "bf16", "int8", "nf4", "nf4-dq", "fp4")


class _Request(BaseModel):
    """What is asked of a study of the model at a path.

    Attributes:
        needs_torch: Whether its engine imports PyTorch, which takes seconds that a phase shows.
        is_passing: Whether only the newest of its kind is shown again: older ones go when another is made.
    """

    # Built with the first study: a window that shows none does without.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    needs_torch: ClassVar[bool] = True
    is_passing: ClassVar[bool] = False

    model: str  # a model folder or a safetensors file


class Finding(EventBase):
    """What a study found."""

    def in_words(self) -> str:
        """What was found, for a line of a log."""
        raise NotImplementedError


class LayersRequest(_Request):
    """What quantization loses of every matrix of a model."""

    needs_torch = False
    is_passing = True

    kind: Literal["layers"] = "layers"
    formats: tuple[str, ...] = Field(min_length=1)  # names of SCHEMES
    block_size: int = 64
    double_quant: bool = False


class MatrixMeasured(Finding):
    """What each format of a study loses of one matrix; a row of `facts` is what `quantize --json` prints."""

    kind: Literal["matrix"] = "matrix"
    facts: list[dict[str, JsonValue]]

    def in_words(self) -> str:
        return f"{shown(str(self.facts[0]['name']))} in {len(self.facts)} formats" if self.facts else "no facts"


class OutliersRequest(_Request):
    """How large each hidden feature grows while a model reads a text; takes 26 MB."""

    is_passing = True

    kind: Literal["outliers"] = "outliers"
    text: str = ""  # a file; nothing for the text that comes with the program
    threshold: float = Field(default=6.0, gt=0)


class ActivationsSeen(Finding):
    """A model has read a text; the magnitudes of its hidden features are in `file`, in the study's folder."""

    kind: Literal["activations"] = "activations"
    file: str
    tokens: int
    layers: int
    features: int

    def in_words(self) -> str:
        return f"{grouped(self.tokens)} tokens read through {self.layers} layers"


class MeasureRequest(_Request):
    """One model in several precisions: memory, speed, perplexity and answers."""

    kind: Literal["measure"] = "measure"
    precisions: tuple[str, ...] = PRECISIONS
    text: str = ""  # a file; nothing for the text that comes with the program
    prompts: tuple[str, ...] = ()  # nothing for those that come with the program
    seed: int = 1
    train_steps: int = Field(default=0, ge=0)
    data: str = "shopping"


class PrecisionMeasured(Finding):
    """One precision of a race has run, or could not, as `problem` says; figures that were not taken are None."""

    kind: Literal["precision"] = "precision"
    precision: str
    problem: str = ""
    device: str = ""
    compute_dtype: str = ""  # what products are done in, and what is not quantized is stored in
    reference: str = ""  # the precision that it is compared with; nothing for that one itself
    parameters: int = 0
    load_seconds: float | None = None
    size_bytes: int | None = None  # of the weights with their quantization constants
    peak_bytes: int | None = None
    prompt_tokens_per_second: float | None = None
    answer_tokens_per_second: float | None = None
    perplexity: float | None = None
    kl_divergence: float | None = None  # nats a token: of its next-token distributions from those of the reference
    same_top_token: float | None = None  # share of positions where the likeliest next token is the reference's
    text_tokens: int = 0
    context_tokens: int = 0  # what the model reads at once of the text
    kl_positions: int = 0
    answers: list[str] = Field(default_factory=list)
    losses: list[tuple[int, float]] = Field(default_factory=list)
    training_problem: str = ""
    notes: list[str] = Field(default_factory=list)  # sentences that have to stand by the figures

    def in_words(self) -> str:
        perplexity = "" if self.perplexity is None else f"perplexity {self.perplexity:.3f}"
        return f"{shown(self.precision)}: {self.problem.strip() or perplexity or 'measured'}"


Request = LayersRequest | OutliersRequest | MeasureRequest
AnyFinding = MatrixMeasured | ActivationsSeen | PrecisionMeasured
REQUESTS: dict[str, type[Request]] = {
    "layers": LayersRequest,
    "outliers": OutliersRequest,
    "measure": MeasureRequest,
}


def model_path(request: Request) -> Path:
    return Path(request.model).expanduser()
