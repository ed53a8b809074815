"""Models of the Hugging Face Hub: those kept on this machine, and what the Hub says of one that is not."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from workbench.core import hub_cache
from workbench.core.model_shape import ModelShape, from_config
from workbench.core.problems import UserError

ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class CachedModel:
    """A model in the cache that programs share."""

    id: str
    path: Path
    size_bytes: int
    has_weights: bool


def cached() -> list[CachedModel]:
    """The models in the shared cache, by name; those without a config.json are none."""
    found = []
    for model_id, _ in hub_cache.models():
        folder = hub_cache.snapshot(model_id)
        if folder is None or not (folder / "config.json").is_file():
            continue
        weights = [path for path in folder.glob("*.safetensors") if path.is_file()]
        size = sum(path.stat().st_size for path in weights)
        found.append(CachedModel(model_id, folder, size, bool(weights)))
    return sorted(found, key=lambda model: model.id.lower())


def look_up(model_id: str, revision: str = "") -> ModelShape:
    """What the Hub's config.json says of a model, within seconds. Raises UserError."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        path = hf_hub_download(model_id, "config.json", revision=revision or None, etag_timeout=ANSWER_SECONDS)
        config = json.loads(Path(path).read_bytes())
    except GatedRepoError:
        raise UserError(
            f"{model_id} is gated: its owner wants its terms accepted first.",
            remedy=f"Accept them on the page of {model_id} on the Hub, then log in with `hf auth login`.",
        ) from None
    except RevisionNotFoundError:
        raise UserError(f'{model_id} has no revision "{revision}".', remedy="Leave the revision empty.") from None
    except (RepositoryNotFoundError, HFValidationError):
        raise UserError(
            f'There is no model "{model_id}" on the Hub that can be seen from here.',
            remedy="Check the spelling; a private model needs `hf auth login`.",
        ) from None
    except EntryNotFoundError as error:
        offline = os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
        if "LocalEntry" not in type(error).__name__:
            raise UserError(f"{model_id} has no config.json: it is no model of transformers.") from None
        raise UserError(
            f"{model_id} is not kept on this machine, and the Hub cannot be reached.",
            why="HF_HUB_OFFLINE is set." if offline else "",
            remedy="Connect to the network, or choose a model folder.",
        ) from None
    except (OSError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise UserError(
            f"The Hub could not be asked about {model_id}.", why=reason, remedy="Connect to the network and try again."
        ) from None
    if not isinstance(config, dict) or not config.get("model_type"):
        raise UserError(f"{model_id} has a config.json without a model_type.")
    return from_config(config, model_id)
