"""The formats of data files: each is the FORMAT of a file in this folder, which is found by itself."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from workbench.core.data import formats as folder
from workbench.core.data.formats.format import Format
from workbench.core.data.stored import inner_suffix


@cache
def formats() -> tuple[Format, ...]:
    """Every format that is declared."""
    names = [entry.name for entry in pkgutil.iter_modules(folder.__path__)]
    modules = [importlib.import_module(f"{folder.__name__}.{name}") for name in names]
    found = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return tuple(sorted(found, key=lambda entry: entry.place))


@cache
def _by_suffix() -> dict[str, Format]:
    return {suffix: entry for entry in formats() for suffix in entry.suffixes}


def format_of(path: Path) -> Format | None:
    """By the ending of its name, below .gz or .zst; None where it is of none."""
    return _by_suffix().get(inner_suffix(path.name))


def suffixes() -> tuple[str, ...]:
    """The endings of all formats, each of which may be followed by .gz or .zst."""
    return tuple(_by_suffix())
