"""The models that lie on this machine: the program's own, then those in the cache that programs share."""

from dataclasses import dataclass
from pathlib import Path

from workbench.core import places, sources
from workbench.core.hub import cache
from workbench.core.model import hub_models
from workbench.core.model.adapter_folder import find_model

STARTER = "starter"  # as a recipe calls it
STARTER_ID = f"HuggingFaceTB/{places.STARTER}"


@dataclass(frozen=True)
class KeptModel:
    name: str
    path: Path


def kept_models() -> list[KeptModel]:
    """Those that have their weights."""
    found = []
    try:
        for folder in sorted(places.models().iterdir()):
            if next(folder.glob("*.safetensors"), None) is not None:
                found.append(KeptModel(folder.name, folder))
    except OSError:
        pass  # there is no such folder yet, or it is closed to this person
    return found + [KeptModel(model.id, model.path) for model in hub_models.cached() if model.has_weights]


def folder_of(source: str, revision: str = "") -> Path | None:
    """The folder of the model that a recipe names, as it lies on this machine; None where it is not here."""
    folder = sources.model_path(source)
    if folder is not None:
        return folder if sources.is_there(folder) else None
    if source != STARTER:
        return cache.snapshot(source, revision)
    kept = places.models() / places.STARTER
    return kept if kept.is_dir() else cache.snapshot(STARTER_ID)


def tokenizer_folder_of(source: str, revision: str = "") -> Path | None:
    """Where the tokenizer of the model that a recipe names lies, of an adapter its own or its base's; None elsewhere.

    Raises UserError where the folder is not what it seems to be.
    """
    folder = folder_of(source, revision)
    if folder is None:
        return None
    found = find_model(folder)
    return found.tokenizer_folder or found.folder
