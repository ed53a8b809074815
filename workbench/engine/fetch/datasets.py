"""The datasets of the Hub that a recipe's rows come from, fetched before they are read."""

from workbench.core.data.hub_dataset import hub_datasets
from workbench.core.job.study_kinds import FetchRequest
from workbench.core.recipe.recipe import Recipe
from workbench.engine.fetch.fetch import fetch_or_find, give_up
from workbench.engine.job.job import Job


def fetch_datasets(job: Job, recipe: Recipe) -> None:
    """Brings those that are not here; where the Hub cannot be asked, what lies here is taken, which is said.

    Raises UserError and Ordered.
    """
    for name, split in hub_datasets(recipe):
        request = FetchRequest(name=name, config=recipe.data.config, split=split)
        fetch_or_find(job, request, when_broken=give_up)
