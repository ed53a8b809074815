"""What fits into so much memory: the longest, largest, highest that does; and what each change would save or cost."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.core.memory import ledger
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.changes import Candidate, heavier, lighter
from workbench.core.recipe.recipe import QUANTIZED, Recipe, settings
from workbench.core.recipe.rules import check

# Less than this share of the limit to spare is tight: engine/train/dry_run.py then tries two steps first.
TIGHT_MARGIN = 0.2
PRECISIONS = ("fp32", "bf16", "int8", "nf4")  # from the highest


@dataclass(frozen=True)
class Verdict:
    """ "fits", "tight" or "does not fit", and what is to spare: less than nothing where it does not."""

    word: str
    spare_bytes: int


@dataclass(frozen=True)
class Change:
    """Changes to a recipe, what they are in words, and what memory it needs then."""

    title: str
    cost: str
    changes: Mapping[str, Any] = field(hash=False)
    saved_bytes: int = 0  # less than nothing where it costs memory
    peak_bytes: int = 0
    fits: bool = False


def verdict(peak_bytes: int, limit_bytes: int) -> Verdict:
    spare = limit_bytes - peak_bytes
    return Verdict("does not fit" if spare < 0 else "tight" if spare < TIGHT_MARGIN * limit_bytes else "fits", spare)


# -- inverse questions -------------------------------------------------------------------------------------------------


def longest_sequence(shape: ModelShape, recipe: Recipe, device: str, limit_bytes: int, **how: Any) -> int | None:
    """The longest sequence that fits, no longer than the model has positions; None where not even the shortest does.

    `how` is what ledger.predict takes beside.
    """
    return _most(shape, recipe, device, limit_bytes, "training.max_length", shape.max_positions, how)


def largest_batch(shape: ModelShape, recipe: Recipe, device: str, limit_bytes: int, **how: Any) -> int | None:
    return _most(shape, recipe, device, limit_bytes, "training.batch_size", 0, how)


def largest_rank(shape: ModelShape, recipe: Recipe, device: str, limit_bytes: int, **how: Any) -> int | None:
    """None also where all weights are trained."""
    if not recipe.lora.enabled:
        return None
    return _most(shape, recipe, device, limit_bytes, "lora.rank", 0, how)


def highest_precision(shape: ModelShape, recipe: Recipe, device: str, limit_bytes: int, **how: Any) -> str | None:
    """The first of FP32, BF16, INT8 and NF4 that fits; all weights can be trained in the first two alone."""
    for precision in PRECISIONS:
        if precision in QUANTIZED and not recipe.lora.enabled:
            continue
        changed = _replaced(recipe, "model.precision", precision)
        if precision == "bf16" and recipe.model.compute_dtype != "bf16":
            changed = _replaced(changed, "model.compute_dtype", "bf16")
        if ledger.predict(shape, changed, device=device, **how).peak_bytes <= limit_bytes:
            return precision
    return None


def _most(
    shape: ModelShape, recipe: Recipe, device: str, limit_bytes: int, path: str, most: int, how: Mapping[str, Any]
) -> int | None:
    """The largest value of a setting whose peak is within the limit, by halving: memory only grows with it."""
    declared = settings()[path]
    assert declared.minimum is not None, "a setting that memory grows with has a range"
    assert declared.maximum is not None, "a setting that memory grows with has a range"
    least, highest = int(declared.minimum), int(min(declared.maximum, most or declared.maximum))

    def fits(value: int) -> bool:
        return ledger.predict(shape, _replaced(recipe, path, value), device=device, **how).peak_bytes <= limit_bytes

    if highest < least or not fits(least):
        return None
    if fits(highest):
        return highest
    while highest - least > 1:
        middle = (least + highest) // 2
        least, highest = (middle, highest) if fits(middle) else (least, middle)
    return least


def _replaced(recipe: Recipe, path: str, value: Any) -> Recipe:
    """The recipe with one setting replaced by a value that is known to be in its range."""
    section, _, name = path.partition(".")
    part = getattr(recipe, section).model_copy(update={name: value})
    return recipe.model_copy(update={section: part})


def with_changes(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe with some settings replaced. Raises UserError."""
    tables: dict[str, dict[str, Any]] = recipe.model_dump()
    for path, value in changes.items():
        section, _, name = path.partition(".")
        tables[section][name] = value
    return recipe_text.from_tables(tables, name="recipe")


# -- what would change it ----------------------------------------------------------------------------------------------


def savings(shape: ModelShape, recipe: Recipe, device: str, limit_bytes: int, **how: Any) -> list[Change]:
    """The changes that save something by the ledger: those that are enough first, then by what they save.

    Each is taken as far as it has to be, the mildest first.
    """
    found = _tried(shape, recipe, device, limit_bytes, lighter(recipe, device), how)
    return sorted(
        (change for change in found if change.saved_bytes > 0),
        key=lambda change: (not change.fits, -change.saved_bytes),
    )


def changes(shape: ModelShape, recipe: Recipe, device: str, limit_bytes: int | None = None, **how: Any) -> list[Change]:
    """What each option would save or cost: the largest saving first, the largest cost last.

    A limit only says which of them fit; each is one step of its kind.
    """
    options = [steps[:1] for steps in [*lighter(recipe, device), *heavier(recipe)]]
    found = _tried(shape, recipe, device, limit_bytes, options, how)
    return sorted((change for change in found if change.saved_bytes), key=lambda change: -change.saved_bytes)


def _tried(
    shape: ModelShape,
    recipe: Recipe,
    device: str,
    limit_bytes: int | None,
    options: Iterable[list[Candidate]],
    how: Mapping[str, Any],
) -> list[Change]:
    before = ledger.predict(shape, recipe, device=device, **how).peak_bytes
    found = []
    for steps in options:
        best = None
        for title, cost, changed_settings in steps:
            try:
                changed = with_changes(recipe, changed_settings)
            except UserError:
                break  # a value that its setting does not take
            if any(not problem.is_warning for problem in check(changed)):
                break
            peak = ledger.predict(shape, changed, device=device, **how).peak_bytes
            best = Change(
                title, cost, changed_settings, before - peak, peak, limit_bytes is None or peak <= limit_bytes
            )
            if limit_bytes is not None and best.fits:
                break
        if best is not None:
            found.append(best)
    return found


Fitting = Callable[..., int | str | None]
# The inverse questions by the words of the command line.
QUESTIONS: dict[str, Fitting] = {
    "sequence": longest_sequence,
    "batch": largest_batch,
    "rank": largest_rank,
    "precision": highest_precision,
}
