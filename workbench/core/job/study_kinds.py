"""The kinds of studies: what is asked of each, and what it finds.

The engine does a study of a kind in `workbench/engine/<room>/<kind>.py`; what it finds is an event of its journal,
which histories, followers and logs take as a `Finding`.
"""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from workbench.core.job.chat_kinds import (
    Answered,
    AnswerPiece,
    ChatLoaded,
    ChatRequest,
    QuestionDone,
    QuestionRefused,
    QuestionSent,
    SideLoaded,
    SideRefused,
    StrengthMeasured,
    TextScored,
)
from workbench.core.job.evaluation_kinds import EvaluateRequest, EvaluationKept, TaskMeasured, TaskRefused
from workbench.core.job.export_kinds import ExportFinding, ExportRequest
from workbench.core.job.study_base import Asked, Finding
from workbench.core.problems import shown
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.units import bytes_in_words, counted, grouped

StudyKind = Literal["chat", "convert", "evaluate", "export", "fetch", "prepare", "layers", "outliers", "measure"]

# The standard precisions of a race, the widest first: the first that runs is what the others are compared with.
PRECISIONS = ("fp32", "fp16", "bf16", "int8", "nf4", "nf4-dq", "fp4")


class _Request(Asked):
    """What is asked of a study of the model at a path."""

    model: str  # a model folder or a safetensors file

    @property
    def about(self) -> str:
        return self.model


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


class PrepareRequest(Asked):
    """The rows of a recipe made into the tokens that its training would learn from."""

    needs_torch = False
    is_passing = True
    room = "prepare"

    kind: Literal["prepare"] = "prepare"
    recipe: Recipe

    @property
    def about(self) -> str:
        return self.recipe.data.path

    def as_toml(self) -> str:
        return recipe_text.to_toml(self.recipe)

    @classmethod
    def from_tables(cls, tables: dict[str, Any]) -> Self:
        sections = {name: values for name, values in tables.items() if name != "job"}
        return cls(recipe=recipe_text.from_tables(sections, name="job.toml"))


class RowSeen(BaseModel):
    """A row that a finding is about: where it stands, and what is wrong with it or in it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    file: str  # its name
    line: int  # from 1; 0 for the file as a whole
    column: int = 0  # from 1; 0 where none is meant
    text: str = ""


class RowsFound(BaseModel):
    """Rows of one kind, such as those that are broken: how many, the first of them, and what is done with them."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    why: str  # a name of core/tokens/prepared/kinds.py
    title: str
    done: Literal["left out", "cut", "changed", "told"]
    count: int
    part: Literal["trained", "held out"] = "trained"
    remedy: str = ""
    examples: list[RowSeen] = Field(default_factory=list)


# What DataPrepared.parts of a training calls the model, whose hash core/model/fingerprint.py makes.
MODEL_PART = "the model"


class DataPrepared(Finding):
    """Rows have been made into tokens, which lie in `folder` under places.prepared().

    Attributes:
        longest_tokens: Of the longest row before it is cut.
        parts: A hash of each thing that decides the tokens, by its name in words, such as "the data".
        bad: Rows of the trained part that are left out for what is wrong with them.
        fill: Share of the sequences' room that holds tokens.
        duplicates: Rows of the trained part that equal an earlier one of it.
        leaked: Rows of the held-out part that equal or nearly equal a trained one, and are left out of it.
    """

    kind: Literal["prepared"] = "prepared"
    key: str
    folder: str
    model: str = ""  # the folder whose tokenizer it is
    files: list[str]
    unit: str = "line"  # what a row's place in its file counts
    size_bytes: int
    data_sha256: str
    parts: dict[str, str]
    shape: str
    mapping: str  # as a sentence
    template: str  # in words
    way: str  # how what is trained on was found, in words
    rows: int  # of the files of the trained part, whatever became of them
    used: int
    bad: int
    tokens: int
    trained_tokens: int
    longest_tokens: int
    cut_rows: int
    sequences: int
    longest_sequence_tokens: int
    fill: float
    held_out: int
    held_out_rows: int  # of a file of its own, whatever became of them
    held_out_sequences: int
    duplicates: int
    near_duplicates: int
    leaked: int
    near_leaked: int  # of those that leaked: not equal, but nearly
    found: list[RowsFound]
    notes: list[str]
    seconds: float
    is_from_cache: bool = False

    def in_words(self) -> str:
        left = self.rows - self.used - (0 if self.held_out_rows else self.held_out)
        beside = f", {grouped(self.held_out)} held out" if self.held_out else ""
        return (
            f"{counted(self.used, 'row')} of {grouped(self.rows)} prepared{beside}, {grouped(left)} left out: "
            f"{grouped(self.trained_tokens)} of {grouped(self.tokens)} tokens are trained on"
        )


class FetchRequest(Asked):
    """A model or the Parquet files of a dataset, from the Hub into the cache that programs share.

    What an earlier fetch has left of it is gone on from.
    """

    needs_torch = False
    is_passing = True
    room = "fetch"

    kind: Literal["fetch"] = "fetch"
    name: str  # "org/name" of a model, "datasets/org/name" of a dataset
    revision: str = ""  # a branch, tag or commit; main where none is named
    config: str = ""  # of a dataset: its configuration, the only one or "default" where none is named
    split: str = ""  # of a dataset; every one where none is named

    @property
    def about(self) -> str:
        return self.name


class FetchPlanned(Finding):
    """What is to be fetched, before it begins; `here_bytes` of `total_bytes` lie here already."""

    kind: Literal["fetch planned"] = "fetch planned"
    name: str
    commit: str
    files: list[tuple[str, int]]  # each one's name and bytes
    total_bytes: int
    here_bytes: int
    free_bytes: int  # on the cache's disk

    def in_words(self) -> str:
        return (
            f"{shown(self.name)}: {counted(len(self.files), 'file')}, {bytes_in_words(self.total_bytes)}, "
            f"{bytes_in_words(self.here_bytes)} here already"
        )


class Fetched(Finding):
    """All of it is here, whole and checked: `folder` is its snapshot in the cache."""

    kind: Literal["fetched"] = "fetched"
    name: str
    folder: str
    commit: str
    files: int
    total_bytes: int
    came_bytes: int  # over the network, this time
    seconds: float

    def in_words(self) -> str:
        return f"{shown(self.name)} is here: {counted(self.files, 'file')}, {bytes_in_words(self.total_bytes)}, checked"


class ConvertRequest(Asked):
    """A GGUF file as a model folder that can be trained."""

    is_passing = True
    room = "model"

    kind: Literal["convert"] = "convert"
    model: str  # the file
    out: str  # the folder that it becomes

    @property
    def about(self) -> str:
        return Path(self.model).stem


class Converted(Finding):
    """The model is written, whole: `folder` is its own."""

    kind: Literal["converted"] = "converted"
    folder: str
    parameters: int
    size_bytes: int

    def in_words(self) -> str:
        return f"{shown(self.folder)} is written: {bytes_in_words(self.size_bytes)}"


ChatFinding = (
    ChatLoaded
    | (SideLoaded | SideRefused)
    | (QuestionSent | AnswerPiece | Answered | TextScored | StrengthMeasured | QuestionRefused | QuestionDone)
)
EvaluationFinding = TaskMeasured | TaskRefused | EvaluationKept
Request = (
    LayersRequest
    | OutliersRequest
    | MeasureRequest
    | FetchRequest
    | PrepareRequest
    | ConvertRequest
    | ChatRequest
    | EvaluateRequest
    | ExportRequest
)
AnyFinding = MatrixMeasured | (
    ActivationsSeen
    | PrecisionMeasured
    | DataPrepared
    | FetchPlanned
    | Fetched
    | Converted
    | ChatFinding
    | EvaluationFinding
    | ExportFinding
)
REQUESTS: dict[str, type[Request]] = {
    "chat": ChatRequest,
    "convert": ConvertRequest,
    "evaluate": EvaluateRequest,
    "export": ExportRequest,
    "fetch": FetchRequest,
    "layers": LayersRequest,
    "outliers": OutliersRequest,
    "measure": MeasureRequest,
    "prepare": PrepareRequest,
}


def model_path(request: Request) -> Path:
    return Path(request.about).expanduser()
