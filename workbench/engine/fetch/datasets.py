"""The datasets of the Hub that a recipe's rows come from, fetched before they are read."""

from workbench.core.data.hub_dataset import hub_dataset_files, hub_datasets
from workbench.core.hub.errors import Unreachable
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.engine.fetch.fetch import fetch, give_up
from workbench.engine.fetch.wanted import wanted
from workbench.engine.job.job import Job


def fetch_datasets(job: Job, recipe: Recipe) -> None:
    """Brings those that are not here; where the Hub cannot be asked, what lies here is taken, which is said.

    Raises UserError and Ordered.
    """
    config, split = recipe.data.config, recipe.data.split
    for name in hub_datasets(recipe):
        job.phase("look up")
        try:
            found = wanted(name, "", config, split)
        except Unreachable as error:
            if not _is_here(name, config, split):
                raise
            job.notice(f"{name} is taken as it lies on this machine. {error.why}")
            continue
        fetch(job, found, when_broken=give_up)


def _is_here(name: str, config: str, split: str) -> bool:
    try:
        return bool(hub_dataset_files(name, config, split))
    except UserError:
        return False
