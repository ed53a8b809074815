"""The shapes that rows of data have: each is the SHAPE of a file in this folder, which is found by itself."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

from workbench.core.data import shapes as folder
from workbench.core.data.shapes.shape import DataShape
from workbench.core.recipe.recipe import DataSettings


@cache
def shapes() -> tuple[DataShape, ...]:
    """Every shape that is declared; where a file has the columns of several, the first one counts."""
    names = [entry.name for entry in pkgutil.iter_modules(folder.__path__)]
    modules = [importlib.import_module(f"{folder.__name__}.{name}") for name in names]
    found = [module.SHAPE for module in modules if hasattr(module, "SHAPE")]
    return tuple(sorted(found, key=lambda shape: shape.preference))


def shape_of(columns: Iterable[str], settings: DataSettings) -> DataShape | None:
    """The shape that columns of these names make; None where they make none."""
    there = set(columns)
    return next((shape for shape in shapes() if there.issuperset(shape.columns(settings))), None)
