"""The model families: each is an entry in FAMILIES of a file in this folder, which is found by itself."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any

from workbench.core.model import families as folder
from workbench.core.model.families.family import Config, Family, unknown_family


@cache
def families() -> tuple[Family, ...]:
    """Every family that is declared, by the names of the files."""
    names = [entry.name for entry in pkgutil.iter_modules(folder.__path__)]
    modules = [importlib.import_module(f"{folder.__name__}.{name}") for name in names]
    return tuple(family for module in modules for family in getattr(module, "FAMILIES", ()))


def family_of(kind: str) -> Family:
    """The family of a model_type; `unknown` where none has it."""
    return _by_kind().get(kind) or unknown()


@cache
def unknown() -> Family:
    """What stands for a family that is not known: every name that any has."""
    return unknown_family(families())


def title_of(kind: str) -> str:
    """A family in words, such as "Llama"; of one that is not known its model_type."""
    return family_of(kind).title or kind


def read(config: Mapping[str, Any]) -> Config:
    """A config.json as its family spells it."""
    nested = config.get("text_config")
    said = {**config, **nested} if isinstance(nested, dict) else config
    kind = str(said.get("model_type") or config.get("model_type") or "")
    return Config(said, kind, family_of(kind))


def place_in_block(layer: str) -> int:
    """Where a linear layer stands among those of its block, by the last part of its name."""
    places = _places()
    return places.get(layer, len(places))


def first_weights() -> tuple[str, ...]:
    """How the names of tensors end that have something to see, the best first: the layers that a block begins with."""
    return (*(f"{layer}.weight" for layer in unknown().layers["queries"]), "weight")


@cache
def _by_kind() -> dict[str, Family]:
    return {kind: family for family in families() for kind in (*family.kinds, *family.with_pictures)}


@cache
def _places() -> dict[str, int]:
    # A name that is both an output layer's and a down layer's stands where the latter does.
    return {name: place for place, name in enumerate(n for names in unknown().layers.values() for n in names)}
