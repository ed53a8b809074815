"""What can be found wrong before a process is started: in a second, with nothing made."""

import re
from pathlib import Path
from typing import Any

from workbench.core import model_folder, places, recipe_text, rules
from workbench.core.problems import UserError
from workbench.core.recipe import Recipe

# Enough to meet most mistakes in a data file; the engine reads all of it.
ROWS_READ = 2000
LONGEST_HUB_ID = 96  # characters, huggingface_hub 2.4, utils/_validators.py
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


def model_path(source: str) -> Path | None:
    """The folder a recipe's model.source means; None where it is "starter" or a Hub id."""
    path = expanded(source)
    if source == "starter":
        return None
    if _is_there(path) or path.is_absolute() or source.startswith((".", "~")) or not _is_hub_id(source):
        return path
    return None


def data_path(text: str) -> Path:
    """The file a recipe's path means: a built-in dataset's by its name, or the path itself."""
    return places.built_in_datasets().get(text) or expanded(text)


def expanded(text: str) -> Path:
    """The path a person wrote, with the home that ~ means; as it is written where nobody of that name has one."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _is_hub_id(text: str) -> bool:
    return len(text) <= LONGEST_HUB_ID and _HUB_ID.fullmatch(text) is not None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name longer than a file's can be
        return False


def check(recipe: Recipe) -> None:
    """Raises UserError for the first thing that would stop this recipe's run at its start."""
    from workbench.core import data_rows  # what reads files is no part of the window's first paint

    rules.refuse(rules.check(recipe))
    for text in filter(None, (recipe.data.path, recipe.evaluation.path, recipe.evaluation.score_path)):
        data_rows.read(data_path(text), recipe.data, limit=ROWS_READ)
    folder = model_path(recipe.model.source)
    if folder is not None and not model_folder.inspect(folder).has_tokenizer:
        raise UserError(f"{folder} has no tokenizer.", remedy="Put the model's tokenizer.json beside its weights.")


def with_absolute_paths(chosen: Recipe) -> Recipe:
    """The recipe with its files found from anywhere: a run outlives the folder it was started in."""
    known = places.built_in_datasets()
    tables: dict[str, dict[str, Any]] = chosen.model_dump()
    for section, name in (("data", "path"), ("evaluation", "path"), ("evaluation", "score_path")):
        value = tables[section][name]
        if value and value not in known:
            tables[section][name] = str(expanded(value).resolve())
    source = expanded(chosen.model.source)
    if _is_there(source) and source.is_dir():
        tables["model"]["source"] = str(source.resolve())
    return recipe_text.from_tables(tables, name="recipe")
