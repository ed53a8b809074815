"""A model from the Hugging Face Hub, into the cache that other programs share."""

import os
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from tqdm.auto import tqdm

from workbench.core.problems import UserError
from workbench.engine.job import Job

# Everything a model folder is made of, and no pickle.
PATTERNS = ["*.json", "*.safetensors", "*.model", "*.jinja", "*.txt"]
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

    try:
        return Path(
            snapshot_download(
                model_id, revision=revision or None, allow_patterns=PATTERNS, etag_timeout=ETAG_SECONDS, tqdm_class=Bar
            )
        )
    except GatedRepoError:
        raise UserError(
            f"{model_id} is gated: its owner wants its terms accepted first.",
            remedy=f"Accept them on the page of {model_id} on the Hub, then log in with `hf auth login`.",
        ) from None
    except RevisionNotFoundError:
        raise UserError(f'{model_id} has no revision "{revision}".', remedy="Leave model.revision empty.") from None
    except (RepositoryNotFoundError, HFValidationError):
        raise UserError(
            f'There is no model "{model_id}" on the Hub that can be seen from here, and no such folder.',
            remedy="Check the spelling; a private model needs `hf auth login`.",
        ) from None
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, OSError) as error:
        offline = os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
        raise UserError(
            f"{model_id} is not kept on this machine, and the Hub cannot be reached.",
            why="HF_HUB_OFFLINE is set." if offline else _reason(error),
            remedy="Connect to the network, or give the path of a model folder.",
        ) from None


def _reason(error: BaseException) -> str:
    """The first line of the innermost cause, which names what failed."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
