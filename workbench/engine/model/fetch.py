"""A model from the Hugging Face Hub for a training: as the fetch job brings it, or as it lies here."""

from pathlib import Path

from workbench.core.hub import cache as hub_cache
from workbench.core.hub.errors import Unreachable
from workbench.core.model import folder as model_folder
from workbench.core.problems import UserError
from workbench.engine.fetch.fetch import fetch, give_up
from workbench.engine.fetch.wanted import wanted
from workbench.engine.job.job import Job


def fetch_from_hub(job: Job, model_id: str, revision: str) -> Path:
    """The folder of a Hub model in the shared cache, downloaded where it is not there yet. Raises UserError.

    Where the Hub cannot be asked, what lies here is taken if it is whole, which is said.
    """
    kept = hub_cache.snapshot(model_id, revision)
    if kept is not None and kept.name == revision and _is_whole(kept):
        return kept  # a commit never changes
    job.phase("look up")
    try:
        found = wanted(model_id, revision, elsewhere=", and no such folder")
    except Unreachable as error:
        if kept is None:
            raise
        model_folder.inspect(kept)
        job.notice(f"{model_id} is taken as it lies on this machine. {error.why}")
        return kept
    return fetch(job, found, when_broken=give_up)


def _is_whole(folder: Path) -> bool:
    try:
        model_folder.inspect_for_text(folder)
    except UserError:
        return False
    return True
