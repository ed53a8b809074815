"""A model's shape by whatever names it: starter, a folder, a config.json, a model of the catalogue, a Hub id."""

from dataclasses import replace

from workbench.core import sources
from workbench.core.model import catalogue, hub_models
from workbench.core.model import shape as model_shape
from workbench.core.model.adapter_folder import find_model
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError


def named_shape(name: str) -> ModelShape:
    """The shape; the Hub is asked only for an id that neither the catalogue nor this machine has. Raises UserError."""
    if name == "starter":
        return model_shape.starter()
    folder = sources.model_path(name)
    if folder is not None and folder.is_file():
        return model_shape.read_config(folder)
    if folder is not None and folder.exists():
        has_weights = next(folder.glob("*.safetensors"), None) is not None
        alone = folder / "config.json"
        if alone.is_file() and not has_weights:
            return model_shape.read_config(alone)
        found = find_model(folder)
        if found.folder is not None:
            return replace(model_shape.from_folder(found.folder), adapter=found.adapter)
        assert found.adapter is not None, "only an adapter's base may be elsewhere"
        return replace(named_shape(found.adapter.base), adapter=found.adapter)
    try:
        return catalogue.find(name).shape()
    except UserError:
        if folder is not None or "/" not in name:
            raise
    return hub_models.look_up(name)
