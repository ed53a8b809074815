"""The shapes that rows of data have: each is the SHAPE of a file in this folder, which is found by itself."""

import importlib
import pkgutil
from functools import cache

from workbench.core.data import shapes as folder
from workbench.core.data.shapes.shape import DataShape


@cache
def shapes() -> tuple[DataShape, ...]:
    """Every shape that is declared; where rows have the columns of several, the first one comes first."""
    names = [entry.name for entry in pkgutil.iter_modules(folder.__path__)]
    modules = [importlib.import_module(f"{folder.__name__}.{name}") for name in names]
    found = [module.SHAPE for module in modules if hasattr(module, "SHAPE")]
    return tuple(sorted(found, key=lambda shape: shape.preference))
