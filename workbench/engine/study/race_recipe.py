"""A precision of a race as a recipe's settings."""

from pathlib import Path

from workbench.core.job.study_kinds import MeasureRequest
from workbench.core.recipe.recipe import QUANTIZED, Recipe
from workbench.core.recipe.text import with_overrides

# A curve to compare by is short: what matters is that every precision sees the same rows in the same order.
TRAINED_LENGTH = 256  # tokens


def recipe_of(precision: str, side: str) -> Recipe:
    """`side` is the type of what is not quantized in a quantized precision, and of its products."""
    stored, _, doubled = precision.partition("-")
    return with_overrides(
        Recipe(),
        [
            f"model.precision={stored}",
            f"model.compute_dtype={side if stored in QUANTIZED else stored}",
            f"model.double_quant={str(doubled == 'dq').lower()}",
        ],
    )


def training_of(precision: str, side: str, model: Path, request: MeasureRequest) -> Recipe:
    """A short training of the same adapter on the same rows, whatever the precision."""
    return with_overrides(
        recipe_of(precision, side),
        [
            f"model.source={model}",
            f"data.path={request.data}",
            f"training.max_steps={request.train_steps}",
            f"training.max_length={TRAINED_LENGTH}",
            f"training.seed={request.seed}",
            "training.gradient_checkpointing=false",
            "training.save_steps=0",
            "samples.count=0",
        ],
    )
