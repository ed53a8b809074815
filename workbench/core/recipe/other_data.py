"""What else changes in a recipe that is given other data: what was said of the rows it had is said of no others."""

from collections.abc import Sequence
from typing import Any

from workbench.core import places
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe, settings

PATH, ALSO, SHEET = "data.path", "data.also", "data.sheet"
# What is said of the columns of one file, and of no other.
COLUMNS = (
    "data.prompt_column", "data.completion_column", "data.messages_column", "data.text_column", "data.system_column",
    "data.group_column", "data.shape", "evaluation.groups",
)  # fmt: skip
# Files beside the rows; a built-in one belongs to the built-in rows.
HELD_OUT, SCORED, SCORE_GROUP = "evaluation.path", "evaluation.score_path", "evaluation.score_group"


def unsaid_columns() -> dict[str, Any]:
    """The settings with which columns are found in the rows, whatever was said of others."""
    return {path: settings()[path].default for path in COLUMNS}


def values_for_data(recipe: Recipe, paths: Sequence[str]) -> dict[str, Any]:
    """All settings that change where these files become the recipe's rows, by their paths.

    Built-in files to evaluate and score with go with the built-in rows, and come back with them; a person's own stay.
    """
    values = {PATH: paths[0], ALSO: tuple(paths[1:]), SHEET: "", **unsaid_columns()}
    built_in = places.built_in_datasets()
    own = _built_in_recipe(paths[0]) if paths[0] in built_in else None
    if own is not None:
        return values | {path: own.value(path) for path in (HELD_OUT, SCORED, SCORE_GROUP)}
    if recipe.evaluation.path in built_in:
        values[HELD_OUT] = ""
    if recipe.evaluation.score_path in built_in:
        values |= {SCORED: "", SCORE_GROUP: ""}
    return values


def _built_in_recipe(data: str) -> Recipe | None:
    """The recipe that comes with a built-in dataset."""
    for path in places.built_in_recipes().values():
        try:
            found = recipe_text.read(path)
        except UserError:
            continue
        if found.data.path == data:
            return found
    return None
