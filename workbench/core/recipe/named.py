"""A recipe by the name of a built-in one or by its file."""

from workbench.core import places, sources
from workbench.core.problems import UserError, nearest
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe


def named_recipe(name: str) -> Recipe:
    """The recipe in a file, or a built-in one by its name. Raises UserError."""
    path = sources.expanded(name)
    built_in = places.built_in_recipes()
    if path.is_file() or name not in built_in:
        if not path.exists():
            raise UserError(
                f"There is no recipe at {path}.{nearest(name, list(built_in))}",
                remedy=f"Built in are: {', '.join(built_in)}. `workbench recipe > mine.toml` writes one to change.",
            )
        return recipe_text.read(path)
    return recipe_text.read(built_in[name])
