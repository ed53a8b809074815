"""A recipe's model, fetched where it has to be."""

from dataclasses import replace
from pathlib import Path

from workbench.core import sources
from workbench.core.model.adapter_folder import FoundModel, find_model
from workbench.core.recipe.recipe import ModelSettings
from workbench.engine.job.job import Job


def model_source(job: Job, model: ModelSettings) -> tuple[FoundModel, str]:
    """What the settings name, with its folder here, and the name that others know it by; of an adapter its base's.

    Raises UserError.
    """
    folder, name = _fetched(job, model.source, model.revision)
    found = find_model(folder)
    if found.folder == folder:
        return found, name
    if found.folder is not None:
        is_of_hub = found.adapter is not None and found.adapter.is_of_hub
        return found, found.adapter.base if found.adapter and is_of_hub else str(found.folder.resolve())
    assert found.adapter is not None, "only an adapter's base may be elsewhere"
    folder, name = _fetched(job, found.adapter.base, "")
    return replace(found, folder=folder), name


def _fetched(job: Job, source: str, revision: str) -> tuple[Path, str]:
    path = sources.model_path(source)
    if path is not None:
        return path, str(path.resolve())
    # What fetches takes a second to import, and a model that is here already needs none of it.
    from workbench.engine.model import starter
    from workbench.engine.model.fetch import fetch_from_hub

    if source in ("starter", starter.HUB_ID):
        return starter.fetch_starter(job), starter.HUB_ID
    return fetch_from_hub(job, source, revision), source
