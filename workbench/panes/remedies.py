"""What would make a recipe need less memory, ranked by how much it saves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.core import ledger, recipe_text
from workbench.core.model_shape import ModelShape
from workbench.core.problems import UserError
from workbench.core.recipe import FOUR_BIT, Recipe, settings
from workbench.core.rules import check
from workbench.core.units import grouped

# Below these a run teaches little, and the saving is none.
LEAST_LENGTH = 64
LEAST_RANK = 4


@dataclass(frozen=True)
class Remedy:
    """Changes to a recipe, what they are in words, and what memory it needs then."""

    title: str
    cost: str
    changes: Mapping[str, Any] = field(hash=False)
    saved_bytes: int = 0
    peak_bytes: int = 0
    fits: bool = False


def ranked(shape: ModelShape, recipe: Recipe, device: str, free_bytes: int) -> list[Remedy]:
    """The remedies that save something by the ledger: those that are enough first, then by what they save."""
    before = ledger.predict(shape, recipe, device=device).peak_bytes
    found = []
    for steps in _candidates(recipe, device):
        best = None
        for title, cost, changes in steps:
            try:
                changed = with_changes(recipe, changes)
            except UserError:
                break  # a value that its setting does not take
            if any(not problem.is_warning for problem in check(changed)):
                break
            peak = ledger.predict(shape, changed, device=device).peak_bytes
            best = Remedy(title, cost, changes, int(before - peak), int(peak), peak <= free_bytes)
            if best.fits:
                break
        if best is not None and best.saved_bytes > 0:
            found.append(best)
    return sorted(found, key=lambda remedy: (not remedy.fits, -remedy.saved_bytes))


def with_changes(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe with some settings replaced. Raises UserError."""
    tables: dict[str, dict[str, Any]] = recipe.model_dump()
    for path, value in changes.items():
        section, _, name = path.partition(".")
        tables[section][name] = value
    return recipe_text.from_tables(tables, name="recipe")


# A title, what it costs, and the changes.
_Candidate = tuple[str, str, dict[str, Any]]


def _candidates(recipe: Recipe, device: str) -> list[list[_Candidate]]:
    """Each remedy, as far as it has to be taken: the mildest first."""
    training, lora, model = recipe.training, recipe.lora, recipe.model
    found = [_smaller_batches(recipe), _shorter_rows(recipe)]
    if not training.gradient_checkpointing:
        declared = settings()["training.gradient_checkpointing"]
        found.append([(f"{declared.title} on", declared.help, {declared.path: True})])
    if device == "cuda" and training.optimizer in ("adamw_torch_fused", "adamw_torch"):
        found.append(
            [("8-bit optimizer", "Keeps Adam's two states in 8 bits each.", {"training.optimizer": "adamw_8bit"})]
        )
    if lora.enabled and lora.rank >= 2 * LEAST_RANK:
        rank = lora.rank // 2
        found.append(
            [
                (
                    f"{settings()['lora.rank'].title} {grouped(lora.rank)} to {grouped(rank)}",
                    "A narrower adapter, scaled as before: it can learn less.",
                    {"lora.rank": rank, "lora.alpha": max(1, lora.alpha // 2)},
                )
            ]
        )
    if model.precision not in FOUR_BIT:
        adapter = "" if lora.enabled else " An adapter is trained in place of all weights."
        found.append(
            [
                (
                    "NF4 weights with double quantization",
                    f"Stores the frozen weights in about 4.1 bits each, which changes them a little.{adapter}",
                    {"model.precision": "nf4", "model.double_quant": True, "lora.enabled": True},
                )
            ]
        )
    elif not model.double_quant:
        declared = settings()["model.double_quant"]
        found.append([(f"{declared.title} on", declared.help, {declared.path: True})])
    return found


def _smaller_batches(recipe: Recipe) -> list[_Candidate]:
    """Half the rows at once and twice the batches, again and again."""
    training = recipe.training
    effective = training.batch_size * training.accumulation
    rows, batches = training.batch_size, training.accumulation
    found: list[_Candidate] = []
    while rows > 1:
        rows, batches = rows // 2, batches * 2
        same = f"The same effective batch of {grouped(effective)}. Slightly slower."
        other = f"An effective batch of {grouped(rows * batches)} in place of {grouped(effective)}."
        found.append(
            (
                f"{'1 row' if rows == 1 else f'{grouped(rows)} rows'} at a time, {grouped(batches)} accumulated",
                same if rows * batches == effective else other,
                {"training.batch_size": rows, "training.accumulation": batches},
            )
        )
    return found


def _shorter_rows(recipe: Recipe) -> list[_Candidate]:
    """Half the length, again and again."""
    declared = settings()["training.max_length"]
    before = length = recipe.training.max_length
    found: list[_Candidate] = []
    while length >= 2 * LEAST_LENGTH:
        length //= 2
        title = f"{declared.title} {grouped(before)} to {grouped(length)} {declared.unit}"
        found.append((title, "Longer rows are cut there, so it changes what is learned.", {declared.path: length}))
    return found
