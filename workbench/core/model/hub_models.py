"""Models of the Hugging Face Hub: those kept on this machine, and what the Hub says of one that is not."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.core.hub import cache as hub_cache
from workbench.core.hub import client
from workbench.core.hub.errors import reason
from workbench.core.hub.listing import Listing, listed
from workbench.core.model import adapter_folder
from workbench.core.model import shape as model_shape
from workbench.core.model.config_checks import refuse_without_sizes
from workbench.core.model.folder import INDEX, PICKLES, TRAINER_STATE, WEIGHTS, only_pickles
from workbench.core.model.json_file import LARGEST_JSON_BYTES
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError


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
            found = model_shape.from_path(kept)
            if found is not None:
                return replace(found, name=model_id)
        except UserError:
            pass  # half a download, or config.json alone: the Hub knows more
    return shape_of(model_id, listed(model_id, revision))


def shape_of(model_id: str, listing: Listing) -> ModelShape:
    """The shape of what the Hub lists, from its config.json. Raises UserError."""
    _refuse_pickles(model_id, listing.names)
    if adapter_folder.CONFIG in listing.names and "config.json" not in listing.names:
        raise UserError(
            f"{model_id} is an adapter, and what it would take is its base's.",
            why="Which model that is stands in its adapter_config.json.",
            remedy="Download it and use it: its base is downloaded when a run starts, and it is trained further.",
        )
    with _said_of(model_id, listing.commit):
        config = _config(model_id, listing.commit)
        refuse_without_sizes(config, f"{model_id}/config.json")
        shape = model_shape.from_config(config, model_id)
        said = listing.info.safetensors
        counted: Mapping[str, int] = said.parameters if said else {}
        names = listing.names
        files = sum(name.endswith(".safetensors") and "/" not in name for name in names)
        # A tied head may be stored twice, and is then counted twice.
        head = shape.vocab_size * shape.hidden_size if shape.is_tied else 0
        if not shape.parameters or sum(counted.values()) not in (shape.parameters, shape.parameters + head):
            tensors, counted = _tensors(model_id, listing.commit, names)
            shape = model_shape.from_tensors(config, model_id, tensors) if tensors else shape
    if not counted:
        return replace(shape, licence=listing.licence)
    return replace(
        shape,
        stored_as=model_shape.stored_in_words(counted, files),
        stored_bytes=model_shape.stored_bytes(counted),
        licence=listing.licence,
    )


def _refuse_pickles(model_id: str, names: list[str]) -> None:
    pickles = [name for name in names if name.endswith(PICKLES) and name not in TRAINER_STATE]
    if pickles and not any(name.endswith(".safetensors") for name in names):
        raise only_pickles(model_id, pickles)


def _config(model_id: str, commit: str) -> dict[str, Any]:
    # Without the cache, which would hold config.json alone.
    answer = client.answer(f"{model_id}/resolve/{commit}/config.json")
    if len(answer.content) > LARGEST_JSON_BYTES:
        raise ValueError(f"config.json is longer than {LARGEST_JSON_BYTES // 1_000_000} MB")
    config = json.loads(answer.content)
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise UserError(f"{model_id} has a config.json without a model_type: it is not a model of transformers.")
    return config


def _tensors(model_id: str, commit: str, names: list[str]) -> tuple[Mapping[str, tuple[int, ...]], Mapping[str, int]]:
    """The sizes of the tensors by name, and how many numbers there are of each type; nothing without safetensors."""
    if WEIGHTS not in names and INDEX not in names:
        return {}, {}
    headers = client.api().get_safetensors_metadata(model_id, revision=commit, timeout=client.ANSWER_SECONDS)
    tensors = {name: entry for file in headers.files_metadata.values() for name, entry in file.tensors.items()}
    counted: dict[str, int] = {}
    for entry in tensors.values():
        counted[entry.dtype] = counted.get(entry.dtype, 0) + entry.parameter_count
    return {name: tuple(entry.shape) for name, entry in tensors.items()}, counted


@contextmanager
def _said_of(model_id: str, revision: str) -> Iterator[None]:
    """As `client.said_of`, and of a repository that holds no model."""
    from huggingface_hub.errors import EntryNotFoundError, NotASafetensorsRepoError, SafetensorsParsingError

    with client.said_of(model_id, revision):
        try:
            yield
        except EntryNotFoundError:
            raise UserError(
                f"{model_id} has no config.json: it is not a model of transformers.", remedy="Take another model."
            ) from None
        except (NotASafetensorsRepoError, SafetensorsParsingError) as error:
            raise UserError(
                f"{model_id} has no safetensors weights that can be read.",
                why=reason(error),
                remedy="Take another model.",
            ) from None
