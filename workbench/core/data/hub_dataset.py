"""Datasets of the Hugging Face Hub as a recipe names them, and their Parquet files in the cache.

"datasets/org/name" is the part that data.split names, "datasets/org/name:test" another one, such as the held-out rows.
"""

from collections.abc import Iterator
from pathlib import Path

from workbench.core import sources
from workbench.core.hub import cache as hub_cache
from workbench.core.hub.parquet_names import CONVERTED, chosen
from workbench.core.hub.repo import DATASETS, Repo
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe


class NotFetched(UserError):
    """A dataset is not on this machine yet; the engine fetches it before it reads its rows."""


def is_hub_dataset(text: str) -> bool:
    """Whether a recipe's path means a dataset of the Hub, and no folder of that name."""
    if not text.startswith(DATASETS) or text.count("/") != 2 or sources.is_there(sources.expanded(text)):
        return False
    name, colon, split = text.partition(":")
    try:
        Repo.of(name)
    except UserError:
        return False
    return bool(split) or not colon


def hub_datasets(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """The datasets of the Hub that a recipe's rows come from, each with its part, once."""
    texts = (recipe.data.path, *recipe.data.also, recipe.evaluation.path, recipe.evaluation.score_path)
    yield from dict.fromkeys(_name_and_split(text, recipe.data.split) for text in texts if is_hub_dataset(text))


def _name_and_split(text: str, split: str) -> tuple[str, str]:
    name, _, named = text.partition(":")
    return name, named or split


def hub_dataset_files(text: str, config: str = "", split: str = "") -> tuple[Path, ...]:
    """The Parquet files of a dataset's configuration and part, in the shared cache; of all its parts where none is.

    What the Hub has converted is taken where the dataset itself has no Parquet. Raises NotFetched where they are not
    here.
    """
    name, split = _name_and_split(text, split)
    refused: UserError | None = None
    for revision in ("main", CONVERTED):
        folder = hub_cache.snapshot(name, revision)
        names = [] if folder is None else [path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")]
        if folder is not None and names:
            try:
                _, found = chosen(Repo.of(name).id, names, config, split)
                return tuple(folder / each for each in found)
            except UserError as error:
                refused = refused or error
    asked = [name, *(["--config", config] if config else []), *(["--split", split] if split else [])]
    raise NotFetched(
        f"{Repo.of(name).id} is not on this machine yet.",
        why=refused.what if refused else "",
        remedy=f"`workbench fetch {' '.join(asked)}` brings it; a training does so by itself.",
    )
