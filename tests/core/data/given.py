"""Rows as a source gives them, for tests of what can be given."""

from pathlib import Path
from typing import Any

from workbench.core.data.source import DataSource, open_source
from workbench.core.data.wrong import Wrong
from workbench.core.recipe.recipe import DataSettings


def source_of(path: Path, **settings: Any) -> DataSource:
    return open_source(DataSettings(path=str(path), **settings))


def values_of(path: Path, **settings: Any) -> list[Any]:
    """Each row, or the words of what is wrong with it; every row read once more by its place is the same."""
    source = source_of(path, **settings)
    found = []
    for place, value in list(source.values()):
        if isinstance(value, Wrong):
            found.append(value.text)
        else:
            assert source.at(place) == value, place
            found.append(value)
    return found


def wrongs_of(path: Path, **settings: Any) -> list[tuple[int, Wrong]]:
    return [(place.line, value) for place, value in source_of(path, **settings).values() if isinstance(value, Wrong)]
