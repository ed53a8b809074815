"""The folder of a recipe's model, fetched where it has to be."""

from pathlib import Path

from workbench.core import sources
from workbench.core.recipe.recipe import ModelSettings
from workbench.engine.job.job import Job


def model_source(job: Job, model: ModelSettings) -> tuple[Path, str]:
    """The model's folder, and the name others know it by. Raises UserError."""
    path = sources.model_path(model.source)
    if path is not None:
        return path, str(path.resolve())
    # What fetches takes a second to import, and a model that is here already needs none of it.
    from workbench.engine.model import starter
    from workbench.engine.model.fetch import fetch_from_hub

    if model.source == "starter":
        return starter.fetch_starter(job), starter.HUB_ID
    return fetch_from_hub(job, model.source, model.revision), model.source
