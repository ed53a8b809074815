"""A model from the Hugging Face Hub for a training: as the fetch job brings it, or as it lies here."""

from pathlib import Path

from workbench.core.job.study_kinds import FetchRequest
from workbench.engine.fetch.fetch import fetch_or_find, give_up
from workbench.engine.fetch.here import whole_here
from workbench.engine.job.job import Job


def fetch_from_hub(job: Job, model_id: str, revision: str) -> Path:
    """The folder of a Hub model in the shared cache, downloaded where it is not there yet. Raises UserError.

    Where the Hub cannot be asked, what lies here is taken if it is whole, which is said.
    """
    kept = whole_here(model_id, revision)
    if kept is not None and kept.name == revision:
        return kept  # a commit never changes
    request = FetchRequest(name=model_id, revision=revision)
    return fetch_or_find(job, request, when_broken=give_up, elsewhere=", and no such folder")
