"""The Recipe: every setting of a run, declared once."""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from workbench.core.figures import percent
from workbench.core.recipe.setting import Setting, declared, setting
from workbench.numerics.formats import FORMATS, bits_per_weight

QUANTIZED = ("int8", "nf4", "fp4")
FOUR_BIT = ("nf4", "fp4")

# transformers.training_args.OptimizerNames of 5.23; a test holds the two beside each other.
OPTIMIZERS = (
    "adamw_torch_fused", "adamw_torch", "adamw_8bit", "paged_adamw_8bit", "paged_adamw_32bit", "adamw_bnb_8bit",
    "adafactor", "adagrad", "ademamix", "ademamix_8bit", "paged_ademamix_32bit", "paged_ademamix_8bit", "lion_8bit",
    "lion_32bit", "paged_lion_32bit", "paged_lion_8bit", "rmsprop", "rmsprop_bnb", "rmsprop_bnb_8bit",
    "rmsprop_bnb_32bit", "sgd", "adamw_anyprecision", "adamw_torch_4bit", "adamw_torch_8bit", "adamw_torch_xla",
    "adamw_torch_npu_fused", "galore_adamw", "galore_adamw_8bit", "galore_adafactor", "galore_adamw_layerwise",
    "galore_adamw_8bit_layerwise", "galore_adafactor_layerwise", "lomo", "adalomo", "grokadamw",
    "schedule_free_radam", "schedule_free_adamw", "schedule_free_sgd", "apollo_adamw", "apollo_adamw_layerwise",
    "stable_adamw",
)  # fmt: skip


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class ModelSettings(Section):
    """What is fine-tuned, and how its frozen weights are stored and multiplied."""

    source: str = setting(
        "starter",
        title="Model",
        help='"starter" (SmolLM2-135M-Instruct), a Hugging Face Hub id such as "org/name", a model folder, or the '
        "folder of an adapter or of a run, which is trained further.",
    )
    revision: str = setting("", title="Revision", help="Branch, tag or commit on the Hub; empty takes the newest.")
    precision: Literal["fp32", "fp16", "bf16", "int8", "nf4", "fp4"] = setting(
        "nf4",
        title="Precision",
        help="How the frozen weights are stored. 8- and 4-bit weights can be trained only through an adapter.",
    )
    double_quant: bool = setting(
        True,
        title="Double quantization",
        help="Quantizes the absmax constants too: 4.127 bits per weight instead of 4.5.",
        applies={"model.precision": FOUR_BIT},
    )
    compute_dtype: Literal["fp32", "fp16", "bf16"] = setting(
        "bf16",
        title="Compute type",
        help="The type matrix products are done in; stored weights are converted to it as they are needed.",
    )
    int8_threshold: float = setting(
        6.0,
        title="Outlier threshold",
        help="LLM.int8() multiplies hidden features larger than this in 16 bits; 0 multiplies all in INT8.",
        minimum=0,
        maximum=1000,
        applies={"model.precision": ("int8",)},
    )
    attention: Literal["sdpa", "eager"] = setting(
        "sdpa",
        title="Attention",
        help="sdpa is PyTorch's fused attention; eager spells it out and keeps the whole score matrix.",
    )
    device: Literal["auto", "cuda", "cpu"] = setting(
        "auto", title="Device", help="auto takes the NVIDIA card where there is one, else the CPU."
    )


class LoraSettings(Section):
    """The adapter: two thin matrices beside each chosen layer."""

    enabled: bool = setting(
        True, title="Adapter", help="Off trains all weights, which needs about 16 bytes of memory per parameter."
    )
    rank: int = setting(
        16,
        title="Rank",
        help="Width of the adapter's two matrices; memory and capacity grow with it.",
        minimum=1,
        maximum=1024,
        applies={"lora.enabled": (True,)},
    )
    alpha: int = setting(
        32,
        title="Alpha",
        help="The adapter's output is scaled by alpha / rank (by alpha / sqrt(rank) with rsLoRA).",
        minimum=1,
        maximum=4096,
        applies={"lora.enabled": (True,)},
    )
    dropout: float = setting(
        0.0,
        title="Dropout",
        help="Share of the adapter's inputs set to zero at each step, against memorizing.",
        minimum=0,
        maximum=0.9,
        applies={"lora.enabled": (True,)},
    )
    targets: tuple[str, ...] = setting(
        ("all-linear",),
        title="Target layers",
        help='"all-linear" (every linear layer but the head), or layer names such as q_proj, v_proj.',
        applies={"lora.enabled": (True,)},
    )
    rslora: bool = setting(
        False,
        title="rsLoRA",
        help="Scales by alpha / sqrt(rank), which keeps high ranks learning (arXiv 2312.03732).",
        applies={"lora.enabled": (True,)},
    )
    dora: bool = setting(
        False,
        title="DoRA",
        help="Learns direction and magnitude apart: slower, closer to full training (arXiv 2402.09353).",
        applies={"lora.enabled": (True,)},
    )
    adapter_dtype: Literal["fp32", "bf16"] = setting(
        "fp32",
        title="Adapter type",
        help="How the adapter and its gradients are stored; BF16 halves them and loses small updates.",
        applies={"lora.enabled": (True,)},
    )
    upcast: bool = setting(
        False,
        title="Up-cast the rest",
        help="Holds norms, embeddings and head in FP32: can cost more memory than quantization saved.",
        applies={"lora.enabled": (True,), "model.precision": QUANTIZED},
    )


class DataSettings(Section):
    """The rows to learn from."""

    path: str = setting(
        "shopping",
        title="Dataset",
        help='"shopping" (the starter dataset), a file, a folder of files, or "datasets/org/name" of the Hub.',
    )
    also: tuple[str, ...] = setting((), title="More files", help="Read after the first, as one dataset.")
    sheet: str = setting("", title="Sheet", help="Of a spreadsheet; empty takes the first that has rows.")
    config: str = setting("", title="Configuration", help="Of a dataset of the Hub; empty takes its default.")
    split: str = setting("train", title="Part", help="Of a dataset of the Hub, such as train or test.")
    text_rows: Literal["paragraphs", "files"] = setting(
        "paragraphs",
        title="Rows of a text",
        help="Of plain text and Markdown: paragraphs splits at blank lines, files makes one row of each file.",
    )
    shape: Literal["auto", "prompt", "alpaca", "messages", "sharegpt", "preference", "text"] = setting(
        "auto", title="Shape", help="How a row holds what is learned; auto finds it in the rows."
    )
    prompt_column: str = setting(
        "", title="Prompt column", help="Holds what is asked; empty finds it. {title}: {body} joins columns."
    )
    completion_column: str = setting(
        "", title="Completion column", help="Holds the answer; empty finds it. Braces join columns here too."
    )
    messages_column: str = setting(
        "", title="Messages column", help="Holds a conversation: a list of role and content; empty finds it."
    )
    text_column: str = setting("", title="Text column", help="Holds plain text to continue; empty finds it.")
    system_column: str = setting(
        "", title="System column", help="What the model is told before the question; empty finds it, none takes none."
    )
    group_column: str = setting("", title="Group column", help="Holds what rows are grouped by when some are held out.")
    chat_template: bool = setting(
        True,
        title="Chat template",
        help="Wraps prompt and completion as the model's chat turns, where its tokenizer has a template.",
    )
    template: str = setting(
        "",
        title="Template",
        help="Empty takes the tokenizer's own chat template; else one by name, such as chatml, or a .jinja file.",
        applies={"data.chat_template": (True,)},
    )
    system_prompt: str = setting("", title="System prompt", help="What the model is told before the first question.")
    system_turns: Literal["add", "replace", "keep"] = setting(
        "add",
        title="System turns",
        help="add: rows without one get the system prompt; replace: all rows; keep: rows stay as they are.",
    )
    system_in_user: bool = setting(
        False,
        title="System text in the question",
        help="Puts the system text before the first question, for templates that take no system turn.",
    )
    train_on: Literal["answers", "last", "all"] = setting(
        "answers",
        title="Train on",
        help="answers: every answer of a row counts in the loss; last: only its last one; all: the prompts too.",
    )
    too_long: Literal["cut_end", "cut_start", "leave_out"] = setting(
        "cut_end", title="Too long", help="What happens to a row of more tokens than the sequence length."
    )
    bad_rows: Literal["leave_out", "refuse"] = setting(
        "leave_out",
        title="Bad rows",
        help="leave_out counts them and trains on the others; refuse starts no run with one.",
    )
    most_bad_share: float = setting(
        0.2,
        title="Most bad rows",
        help="A run with a larger share of rows that are bad, or that are cut, does not begin.",
        minimum=0,
        maximum=1,
    )
    duplicates: Literal["leave_out", "keep"] = setting(
        "leave_out", title="Duplicates", help="Rows that equal an earlier one: the first is kept, or all are."
    )


class TrainingSettings(Section):
    """How the weights move."""

    max_steps: int = setting(
        0, title="Steps", help="Optimizer steps; 0 goes by epochs.", unit="steps", minimum=0, maximum=10_000_000
    )
    epochs: float = setting(
        1.0,
        title="Epochs",
        help="Passes over the data.",
        minimum=0.001,
        maximum=10_000,
        applies={"training.max_steps": (0,)},
    )
    learning_rate: float = setting(
        2e-4, title="Learning rate", help="Size of a step at its largest.", minimum=0, maximum=10
    )
    batch_size: int = setting(
        1, title="Batch size", help="Sequences that go through the model at once.", minimum=1, maximum=4096
    )
    accumulation: int = setting(
        1,
        title="Gradient accumulation",
        help="Batches whose gradients are summed before a step: a larger batch for the memory of a small one.",
        minimum=1,
        maximum=4096,
    )
    max_length: int = setting(
        512, title="Sequence length", help="Longer rows are cut here.", unit="tokens", minimum=8, maximum=1_048_576
    )
    packing: bool = setting(
        True,
        title="Packing",
        help="Fills each sequence with whole rows; no row sees another, and no padding is computed.",
    )
    optimizer: str = setting(
        "adamw_torch_fused",
        title="Optimizer",
        help="8-bit keeps Adam's two states in a quarter of the memory; paged moves them out when it gets tight.",
        choices=OPTIMIZERS,
    )
    schedule: Literal[
        "linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup", "inverse_sqrt"
    ] = setting("cosine", title="Schedule", help="How the learning rate falls after the warm-up.")
    warmup: float = setting(
        0.05,
        title="Warm-up",
        help="Share of the steps over which the learning rate rises from zero.",
        minimum=0,
        maximum=0.9,
    )
    weight_decay: float = setting(
        0.0,
        title="Weight decay",
        help="Pulls trained weights towards zero at each step.",
        minimum=0,
        maximum=1,
    )
    max_grad_norm: float = setting(
        1.0,
        title="Gradient clipping",
        help="Gradients longer than this are shortened to it; 0 leaves them.",
        minimum=0,
        maximum=1000,
    )
    gradient_checkpointing: bool = setting(
        True,
        title="Gradient checkpointing",
        help="Recomputes activations in the backward pass: far less memory, about a third more time.",
    )
    save_steps: int = setting(
        50, title="Checkpoint every", help="0 saves only at the end.", unit="steps", minimum=0, maximum=1_000_000
    )
    keep_checkpoints: int = setting(
        2,
        title="Checkpoints kept",
        help="Older ones are deleted, the best one stays.",
        minimum=1,
        maximum=1000,
    )
    logging_steps: int = setting(
        1,
        title="Log every",
        help="How often loss and memory are measured.",
        unit="steps",
        minimum=1,
        maximum=10_000,
    )
    dry_run: Literal["auto", "on", "off"] = setting(
        "auto",
        title="Dry run",
        help="Two steps at the longest sequence before the first, with no trace left; auto: on a card that is tight.",
    )
    heal: bool = setting(
        True,
        title="Recover from out of memory",
        help="If memory runs out, halves the batch, doubles the accumulation and continues from the last step.",
    )
    seed: int = setting(42, title="Seed", help="The same seed gives the same run.", minimum=0, maximum=2_147_483_647)


class EvaluationSettings(Section):
    """What is held out, and what is done with it."""

    fraction: float = setting(
        0.0,
        title="Held-out share",
        help="Share of the rows kept for the evaluation loss.",
        minimum=0,
        maximum=0.9,
    )
    rows: int = setting(
        0,
        title="Held-out rows",
        help="Number of rows kept for the evaluation loss.",
        unit="rows",
        minimum=0,
        maximum=10_000_000,
    )
    groups: Literal["ignored", "of_each", "whole"] = setting(
        "ignored",
        title="By group",
        help="of_each: the same share of every group is held out; whole: whole groups are, none of them is learned.",
    )
    seed: int = setting(
        42, title="Chosen by", help="The seed that chooses the held-out rows.", minimum=0, maximum=2_147_483_647
    )
    path: str = setting(
        "",
        title="Held-out file",
        help='A file of its own for the evaluation loss; of a dataset of the Hub a part, "datasets/org/name:test".',
    )
    every_steps: int = setting(
        0,
        title="Evaluate every",
        help="0 evaluates only at the end.",
        unit="steps",
        minimum=0,
        maximum=1_000_000,
    )
    early_stopping_patience: int = setting(
        0,
        title="Early stopping",
        help="Stops after this many evaluations without a lower loss; 0 never does.",
        unit="evaluations",
        minimum=0,
        maximum=1000,
    )
    keep_best: bool = setting(False, title="Keep the best", help="Ends with the weights of the lowest evaluation loss.")
    score_path: str = setting(
        "",
        title="Exact-match file",
        help="Rows answered before and after training; an answer is right when it equals the completion.",
    )
    score_group: str = setting("", title="Exact-match group", help="Column by which that result is reported apart.")


class SampleSettings(Section):
    """Prompts answered before, during and after."""

    prompts: tuple[str, ...] = setting(
        (), title="Prompts", help="All are answered, before and after; empty takes held-out rows, else the first rows."
    )
    count: int = setting(
        3,
        title="Samples",
        help="How many rows to answer where no prompts are given; 0 answers none.",
        minimum=0,
        maximum=100,
    )
    every_steps: int = setting(
        0, title="Sample every", help="0 answers only before and after.", unit="steps", minimum=0, maximum=1_000_000
    )
    max_new_tokens: int = setting(
        80, title="Answer length", help="An answer is cut here.", unit="tokens", minimum=1, maximum=8192
    )


class TrackingSettings(Section):
    """Records of the run for other programs, which stay on this machine; one that fails never harms the run."""

    tensorboard: bool = setting(
        False, title="TensorBoard", help="Writes event files into the folder tensorboard of the run."
    )
    mlflow: bool = setting(False, title="MLflow", help="Adds a run to mlflow/mlflow.db beside the runs.")
    mlflow_server: str = setting(
        "",
        title="MLflow's server",
        help="An address such as http://localhost:5000, which is told losses and settings; empty keeps them here.",
        applies={"tracking.mlflow": (True,)},
    )
    trackio: bool = setting(False, title="Trackio", help="Adds a run to the folder trackio beside the runs.")
    project: str = setting(
        "qlora-workbench", title="Project", help="MLflow's experiment and trackio's project that the run belongs to."
    )


class Recipe(Section):
    """Everything that decides what a run does; frozen, replaced and never changed."""

    model: ModelSettings = ModelSettings.model_construct()
    lora: LoraSettings = LoraSettings.model_construct()
    data: DataSettings = DataSettings.model_construct()
    training: TrainingSettings = TrainingSettings.model_construct()
    evaluation: EvaluationSettings = EvaluationSettings.model_construct()
    samples: SampleSettings = SampleSettings.model_construct()
    tracking: TrackingSettings = TrackingSettings.model_construct()

    def value(self, path: str) -> Any:
        """The value at a setting's path. Raises KeyError where there is none."""
        section, _, name = path.partition(".")
        if path not in settings():
            raise KeyError(path)
        return getattr(getattr(self, section), name)

    def applies(self, path: str) -> bool:
        """Whether the setting means something under the others' values."""
        return all(self.value(other) in values for other, values in settings()[path].applies.items())


def stored_as(recipe: Recipe, share: float = 1.0) -> str:
    """How the frozen weights are stored, in words: "NF4 with double quantization, 4.127 bits per weight".

    `share` is that of the weights which are quantized: the others, experts among them, stay in the compute type.
    """
    model = recipe.model
    doubled = model.double_quant and recipe.applies("model.double_quant")
    bits = bits_per_weight(model.precision, double_quant=doubled)
    quantization = " with double quantization" if doubled else ""
    words = f"{FORMATS[model.precision].title}{quantization}, {bits:.4g} bits per weight"
    if model.precision in QUANTIZED and share < 1:
        words += f", for {percent(share)} of them; the others as {FORMATS[model.compute_dtype].title}"
    return words


@cache
def settings() -> dict[str, Setting]:
    """Every declared setting by its path, in the order of the file."""
    found: dict[str, Setting] = {}
    for section, field in Recipe.model_fields.items():
        model = field.annotation
        assert isinstance(model, type)
        found.update((entry.path, entry) for entry in declared(section, model))
    return found
