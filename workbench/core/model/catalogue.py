"""Models that many people fine-tune, with their shapes, for a page and a command line without a network."""

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from workbench.core import places
from workbench.core.model import shape as model_shape
from workbench.core.model.families import known as families
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError, nearest, shown


@dataclass(frozen=True)
class CatalogueModel:
    """One entry of resources/models.json."""

    id: str  # on the Hugging Face Hub
    title: str
    family: str  # in words, such as "Llama"
    parameters: int
    licence: str

    def shape(self) -> ModelShape:
        return _shape(self.id)

    @property
    def config(self) -> dict[str, Any]:
        """The shape fields of its config.json."""
        config: dict[str, Any] = _entries()[self.id]["config"]
        return config


@cache
def catalogue() -> tuple[CatalogueModel, ...]:
    """The models, in the order of the file: a family's together, the smallest first."""
    return tuple(
        CatalogueModel(
            id=entry["id"],
            title=entry["title"],
            family=families.title_of(entry["config"]["model_type"]),
            parameters=entry["parameters"],
            licence=entry["licence"],
        )
        for entry in _entries().values()
    )


def shape_of(model_id: str) -> ModelShape | None:
    """The shape of the model with this id of the Hub; None where it is not known."""
    return _shape(model_id) if model_id in _entries() else None


def find(name: str) -> CatalogueModel:
    """The model of an id, of the part behind its stroke, or of a title, in any case. Raises UserError."""
    wanted = name.strip().lower()
    for model in catalogue():
        if wanted in (model.id.lower(), model.id.rpartition("/")[2].lower(), model.title.lower()):
            return model
    titles = [model.title for model in catalogue()]
    raise UserError(
        f'There is no model "{shown(name)}" in the catalogue.{nearest(name, titles)}',
        remedy="Name one of its models, a model folder, or an id of the Hugging Face Hub such as org/name.",
    )


@cache
def _entries() -> dict[str, dict[str, Any]]:
    entries = json.loads((places.resources() / "models.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in entries}


@cache
def _shape(model_id: str) -> ModelShape:
    entry = _entries()[model_id]
    return replace(model_shape.from_config(entry["config"], entry["title"]), licence=entry["licence"])
