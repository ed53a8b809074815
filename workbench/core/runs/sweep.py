"""A recipe repeated with changes: one run for each way to choose among the values of one to three settings."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

MOST_SETTINGS = 3
MOST_RUNS = 100


def parsed_values(assignments: Iterable[str]) -> dict[str, list[str]]:
    """The values of each setting as `--vary lora.rank=8,16` gives them; those of a list or text are parted by ";".

    Raises UserError.
    """
    found: dict[str, list[str]] = {}
    for assignment in assignments:
        entry, text = recipe_text.assigned(assignment, "--vary takes path=values, such as lora.rank=8,16")
        path = entry.path
        if path in found:
            raise UserError(f"{path} is varied twice.", remedy="Name all of its values at once.")
        mark = ";" if entry.kind in ("list", "text") else ","
        values = list(dict.fromkeys(value.strip() for value in text.split(mark) if value.strip()))
        if not values:
            raise UserError(f"No values are named for {path}.", remedy=f"It takes {entry.range_in_words}.")
        found[path] = values
    if len(found) > MOST_SETTINGS:
        raise UserError(f"{len(found)} settings are varied at once.", remedy=f"{MOST_SETTINGS} are the most.")
    return found


def variations(recipe: Recipe, values: Mapping[str, Sequence[str]]) -> list[Recipe]:
    """The recipe with each choice of values, the last setting's changing first. Raises UserError."""
    choices = list(itertools.product(*([f"{path}={value}" for value in given] for path, given in values.items())))
    if len(choices) > MOST_RUNS:
        raise UserError(f"That would be {len(choices)} runs.", remedy=f"{MOST_RUNS} are the most: leave values out.")
    return [recipe_text.with_overrides(recipe, choice) for choice in choices]
