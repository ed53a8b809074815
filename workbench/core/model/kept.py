"""The models that lie on this machine: the program's own, then those in the cache that programs share."""

from dataclasses import dataclass
from pathlib import Path

from workbench.core import places
from workbench.core.model import hub_models


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
