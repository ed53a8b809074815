"""Models of the Hugging Face Hub: those kept on this machine, and what the Hub says of one that is not."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.core.model import hub_cache
from workbench.core.model import shape as model_shape
from workbench.core.model.config_checks import refuse_without_sizes
from workbench.core.model.folder import INDEX, LARGEST_JSON_BYTES, PICKLES, TRAINER_STATE, WEIGHTS, only_pickles
from workbench.core.model.hub_errors import reason, refusal, unreachable
from workbench.core.model.shape import ModelShape
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
    for model_id, folder in hub_cache.models():
        try:
            if not (folder / "config.json").is_file():
                continue
            weights = [path for path in folder.glob("*.safetensors") if path.is_file()]
            size = sum(path.stat().st_size for path in weights)
        except OSError:
            continue  # deleted meanwhile, or not to be read by this person
        found.append(CachedModel(model_id, folder, size, bool(weights)))
    return sorted(found, key=lambda model: model.id.lower())


def look_up(model_id: str, revision: str = "") -> ModelShape:
    """A model's shape from the cache where its weights are there, else from the Hub. Raises UserError.

    The Hub gives config.json and how many numbers there are; where the family's layers do not come to as many, the
    headers of the weights too. Each question waits 10 s for its answer, and nothing is kept.
    """
    kept = hub_cache.snapshot(model_id, revision)
    if kept is not None:
        try:
            return replace(model_shape.from_folder(kept), name=model_id)
        except UserError:
            pass  # half a download, or config.json alone: the Hub knows more
    from huggingface_hub import HfApi  # here and below: 0.3 s that a start need not wait

    with _said_of(model_id, revision):
        info = HfApi().model_info(model_id, revision=revision or None, timeout=ANSWER_SECONDS)
        names = [entry.rfilename for entry in info.siblings or []]
        _refuse_pickles(model_id, names)
        config = _config(model_id, info.sha or revision)
        refuse_without_sizes(config, f"{model_id}/config.json")
        shape = model_shape.from_config(config, model_id)
        counted: Mapping[str, int] = info.safetensors.parameters if info.safetensors else {}
        files = sum(name.endswith(".safetensors") and "/" not in name for name in names)
        # A tied head may be stored twice, and is then counted twice.
        head = shape.vocab_size * shape.hidden_size if shape.is_tied else 0
        if not shape.parameters or sum(counted.values()) not in (shape.parameters, shape.parameters + head):
            tensors, counted = _tensors(model_id, info.sha or revision, names)
            shape = model_shape.from_tensors(config, model_id, tensors) if tensors else shape
    card: Any = info.card_data
    licence = str(card.get("license") or "") if card else ""
    if not counted:
        return replace(shape, licence=licence)
    return replace(
        shape,
        stored_as=model_shape.stored_in_words(counted, files),
        stored_bytes=model_shape.stored_bytes(counted),
        licence=licence,
    )


def _refuse_pickles(model_id: str, names: list[str]) -> None:
    pickles = [name for name in names if name.endswith(PICKLES) and name not in TRAINER_STATE]
    if pickles and not any(name.endswith(".safetensors") for name in names):
        raise only_pickles(model_id, pickles)


def _config(model_id: str, revision: str) -> dict[str, Any]:
    from huggingface_hub import get_session, hf_hub_url, hf_raise_for_status
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    # Without the cache, which would hold config.json alone; and in one try, where hf_hub_download takes six.
    url = hf_hub_url(model_id, "config.json", revision=revision or None)
    answer = get_session().get(url, headers=build_hf_headers(), timeout=ANSWER_SECONDS, follow_redirects=True)
    hf_raise_for_status(answer)
    if len(answer.content) > LARGEST_JSON_BYTES:
        raise ValueError(f"config.json is longer than {LARGEST_JSON_BYTES // 1_000_000} MB")
    config = json.loads(answer.content)
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise UserError(f"{model_id} has a config.json without a model_type: it is not a model of transformers.")
    return config


def _tensors(model_id: str, revision: str, names: list[str]) -> tuple[Mapping[str, tuple[int, ...]], Mapping[str, int]]:
    """The sizes of the tensors by name, and how many numbers there are of each type; nothing without safetensors."""
    from huggingface_hub import HfApi

    if WEIGHTS not in names and INDEX not in names:
        return {}, {}
    headers = HfApi().get_safetensors_metadata(model_id, revision=revision or None, timeout=ANSWER_SECONDS)
    tensors = {name: entry for file in headers.files_metadata.values() for name, entry in file.tensors.items()}
    counted: dict[str, int] = {}
    for entry in tensors.values():
        counted[entry.dtype] = counted.get(entry.dtype, 0) + entry.parameter_count
    return {name: tuple(entry.shape) for name, entry in tensors.items()}, counted


@contextmanager
def _said_of(model_id: str, revision: str) -> Iterator[None]:
    """Says what the Hub refuses, or why it cannot be asked."""
    import httpx2
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HFValidationError,
        NotASafetensorsRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
        SafetensorsParsingError,
    )

    try:
        yield
    except EntryNotFoundError:
        raise UserError(
            f"{model_id} has no config.json: it is not a model of transformers.", remedy="Take another model."
        ) from None
    except (GatedRepoError, RevisionNotFoundError, RepositoryNotFoundError, HFValidationError) as error:
        raise refusal(error, model_id, revision) from None
    except (NotASafetensorsRepoError, SafetensorsParsingError) as error:
        raise UserError(
            f"{model_id} has no safetensors weights that can be read.", why=reason(error), remedy="Take another model."
        ) from None
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise unreachable(error, model_id) from None
