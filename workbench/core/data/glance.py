"""A data file at a glance: its shape, its first rows, how long its rows are, and what is wrong with which."""

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.core import sources
from workbench.core.data import rows as data_rows
from workbench.core.data.rows import RowProblem
from workbench.core.data.shapes.shape import DataShape
from workbench.core.recipe.recipe import DataSettings

ROWS_SHOWN = 200
PROBLEMS_SHOWN = 50
ROWS_READ = 200_000
# Of English text in the vocabularies of today's models: an estimate, said as one.
CHARACTERS_PER_TOKEN = 4.0


@dataclass(frozen=True)
class SeenRow:
    """A whole row with its line in the file, counted from 1; of a Parquet file it is the row's number."""

    line: int
    row: dict[str, Any]


@dataclass(frozen=True)
class DataGlance:
    """What was seen; `rows` counts the whole ones, `lengths` are their characters, in the order of the file.

    `lengths` lie as numpy reads them without a copy, and `characters` are their sum: of hundreds of thousands of rows a
    list takes a window 20 ms.
    """

    path: Path
    name: str
    shape: DataShape | None  # None where no row was whole enough to show it
    rows: int
    first_rows: list[SeenRow]
    problems: list[RowProblem]
    problem_count: int
    lengths: "array[int]" = field(repr=False)
    characters: int = 0
    size_bytes: int = 0
    is_complete: bool = True


def glance(name: str, columns: DataSettings, *, limit_rows: int = ROWS_READ) -> DataGlance:
    """Reads a built-in dataset or a file once. Raises UserError where the file as a whole cannot be read."""
    path = sources.data_path(name)
    first: list[SeenRow] = []
    problems: list[RowProblem] = []
    lengths = array("q")
    count = 0
    is_complete = True
    shape: DataShape | None = None
    for seen, (found, line, row) in enumerate(data_rows.each(path, columns)):
        if seen >= limit_rows:
            is_complete = False
            break
        shape = found or shape
        if isinstance(row, RowProblem):
            count += 1
            if len(problems) < PROBLEMS_SHOWN:
                problems.append(row)
            continue
        assert shape is not None, "a row is whole in a shape"
        lengths.append(shape.characters(row))
        if len(first) < ROWS_SHOWN:
            first.append(SeenRow(line, row))
    return DataGlance(
        path=path,
        name=name,
        shape=shape,
        rows=len(lengths),
        first_rows=first,
        problems=problems,
        problem_count=count,
        lengths=lengths,
        characters=sum(lengths),
        size_bytes=path.stat().st_size,
        is_complete=is_complete,
    )


def estimated_tokens(count: float) -> float:
    """Tokens that `characters` characters make, about."""
    return count / CHARACTERS_PER_TOKEN
