"""A model from the Hugging Face Hub, into the cache that other programs share."""

from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from tqdm.auto import tqdm

from workbench.core.model.folder import PICKLES, TRAINER_STATE, only_pickles
from workbench.core.model.hub_errors import refusal, unreachable
from workbench.engine.job.job import Job

# Everything a model folder is made of, and no pickle.
PATTERNS = ["*.json", "*.safetensors", "*.model", "*.jinja", "*.txt"]
# Second copies of the weights in other layouts, which some repositories keep.
LEFT_OUT = ["*/*", "consolidated*"]
ETAG_SECONDS = 10.0


def fetch_from_hub(job: Job, model_id: str, revision: str) -> Path:
    """The folder of a Hub model in the shared cache, downloaded where it is not there yet. Raises UserError."""
    job.phase("download", unit="files")

    class Bar(tqdm):
        """Passes the count of files on to the journal."""

        def __init__(self, *given: Any, **named: Any) -> None:
            named.pop("name", None)
            super().__init__(*given, **{**named, "disable": True})
            self._total_files = named.get("total") or 0
            self._done_files = 0

        def update(self, n: float | None = 1) -> bool | None:
            self._done_files += int(n or 0)
            if self._total_files and self._done_files <= self._total_files:
                job.progress(self._done_files, self._total_files)
            return None

    cut_off: Exception | None = None
    try:
        cut_off = _cut_off(model_id, revision)
        return Path(
            snapshot_download(
                model_id,
                revision=revision or None,
                allow_patterns=PATTERNS,
                ignore_patterns=LEFT_OUT,
                etag_timeout=ETAG_SECONDS,
                tqdm_class=Bar,
                local_files_only=cut_off is not None,
            )
        )
    except (GatedRepoError, RevisionNotFoundError, RepositoryNotFoundError, HFValidationError) as error:
        raise refusal(error, model_id, revision, elsewhere=", and no such folder") from None
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise unreachable(cut_off or error, model_id) from None


def _cut_off(model_id: str, revision: str) -> Exception | None:
    """Why the Hub cannot be asked, found in one try with a limit; None where it answers.

    snapshot_download waits for an answer without a limit, and asks for a pinned commit six times in 23 s
    (huggingface_hub 2.4). Raises UserError for a model that has nothing but pickles: none of them is downloaded.
    """
    try:
        info = HfApi().model_info(model_id, revision=revision or None, timeout=ETAG_SECONDS)
    except HFValidationError:
        return None  # said where the files are asked for, as all that the Hub refuses
    except HfHubHTTPError as error:
        return error if error.response.status_code >= 500 else None
    except (httpx2.HTTPError, OSError) as error:
        return error
    except ValueError:
        return OSError("What answers there is not the Hub: a log-in page, perhaps.")
    names = [entry.rfilename for entry in info.siblings or []]
    pickles = [name for name in names if name.endswith(PICKLES) and name not in TRAINER_STATE]
    if pickles and not any(name.endswith(".safetensors") for name in names):
        raise only_pickles(model_id, pickles)
    return None
