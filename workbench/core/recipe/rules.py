"""Checks across settings: what no single range can say."""

from dataclasses import dataclass

from workbench.core.problems import Problem, UserError
from workbench.core.recipe.recipe import QUANTIZED, Recipe
from workbench.numerics.formats import FORMATS


@dataclass(frozen=True)
class Device:
    """What the rules ask of the device a run will use."""

    kind: str  # "cuda" or "cpu"
    name: str
    supports_bf16: bool


def check(recipe: Recipe, device: Device | None = None) -> list[Problem]:
    """What is wrong between the settings; with a device, also what that device cannot do."""
    problems = [*_adapter(recipe), *_types(recipe), *_evaluation(recipe)]
    if device is not None:
        problems += _device(recipe, device)
    return problems


def refuse(problems: list[Problem]) -> None:
    """Raises UserError with the first problem that is more than a warning."""
    for problem in problems:
        if not problem.is_warning:
            raise UserError(f"{problem.path}: {problem.text}", remedy=problem.remedy)


def _adapter(recipe: Recipe) -> list[Problem]:
    if recipe.lora.enabled or recipe.model.precision not in QUANTIZED:
        return []
    name = FORMATS[recipe.model.precision].title
    return [
        Problem(
            "lora.enabled",
            f"{name} weights cannot be trained without an adapter: they are codes, and a gradient step is smaller "
            "than the distance from one code to the next.",
            "Set lora.enabled = true, or store the weights as model.precision = bf16.",
        )
    ]


def _types(recipe: Recipe) -> list[Problem]:
    precision, compute = recipe.model.precision, recipe.model.compute_dtype
    stored = FORMATS[precision].title
    problems = []
    if precision in ("fp16", "bf16") and compute != precision:
        problems.append(
            Problem(
                "model.compute_dtype",
                f"{stored} weights are multiplied in {stored}, not in {FORMATS[compute].title}.",
                f"Set model.compute_dtype = {precision}, or model.precision = fp32.",
            )
        )
    if precision == "fp16" and not recipe.lora.enabled:
        problems.append(
            Problem(
                "model.precision",
                "Weights stored in FP16 cannot be trained: loss scaling needs FP32 weights to unscale into.",
                "Set model.precision = fp32 with model.compute_dtype = fp16, or model.precision = bf16.",
            )
        )
    if compute == "fp16" and recipe.lora.enabled and recipe.lora.adapter_dtype == "bf16":
        problems.append(
            Problem(
                "lora.adapter_dtype",
                "Computing in FP16 scales the loss, and a BF16 adapter's gradients cannot be unscaled.",
                "Set lora.adapter_dtype = fp32.",
            )
        )
    if recipe.lora.enabled and not recipe.lora.targets:
        problems.append(Problem("lora.targets", "No layer is named.", "Set lora.targets = all-linear."))
    return problems


def _evaluation(recipe: Recipe) -> list[Problem]:
    evaluation = recipe.evaluation
    is_split = evaluation.fraction > 0 or evaluation.rows > 0
    held_out = is_split or bool(evaluation.path)
    problems = []
    if evaluation.fraction > 0 and evaluation.path:
        problems.append(Problem("evaluation.fraction", "A held-out file is given too.", "Set evaluation.fraction = 0."))
    if evaluation.rows > 0 and evaluation.path:
        problems.append(Problem("evaluation.rows", "A held-out file is given too.", "Set evaluation.rows = 0."))
    if evaluation.rows > 0 and evaluation.fraction > 0:
        problems.append(Problem("evaluation.rows", "A held-out share is given too.", "Set evaluation.rows = 0."))
    if is_split and evaluation.groups != "ignored" and not recipe.data.group_column:
        problems.append(
            Problem(
                "evaluation.groups",
                "No column is named that says which group a row is of.",
                "Set data.group_column to one, or evaluation.groups = ignored.",
            )
        )
    for name, wanted in (
        ("keep_best", evaluation.keep_best),
        ("early_stopping_patience", evaluation.early_stopping_patience > 0),
    ):
        if wanted and not (held_out and evaluation.every_steps > 0):
            problems.append(
                Problem(
                    f"evaluation.{name}",
                    "Nothing is evaluated during training.",
                    "Set evaluation.fraction = 0.1 and evaluation.every_steps = 20.",
                )
            )
    if not problems and evaluation.every_steps > 0 and not held_out:
        problems.append(
            Problem("evaluation.every_steps", "Nothing is held out to evaluate.", "Set evaluation.fraction = 0.1.")
        )
    if recipe.evaluation.score_group and not recipe.evaluation.score_path:
        problems.append(
            Problem("evaluation.score_group", "There is no file to score.", "Set evaluation.score_path to one.")
        )
    return problems


def _device(recipe: Recipe, device: Device) -> list[Problem]:
    compute = recipe.model.compute_dtype
    problems = []
    if device.kind == "cpu" and compute == "fp16":
        problems.append(
            Problem(
                "model.compute_dtype",
                "A CPU does not train in FP16.",
                "Set model.compute_dtype = bf16, with model.precision = bf16 where it was fp16.",
            )
        )
    if device.kind == "cuda" and compute == "bf16" and not device.supports_bf16:
        problems.append(
            Problem(
                "model.compute_dtype",
                f"{device.name} has no BF16 arithmetic (it came with compute capability 8.0).",
                "Set model.compute_dtype = fp16.",
            )
        )
    if device.kind == "cpu" and recipe.training.optimizer.startswith("paged_"):
        problems.append(
            Problem(
                "training.optimizer",
                "Nothing pages on a CPU: the optimizer's state stays in memory.",
                is_warning=True,
            )
        )
    return problems
