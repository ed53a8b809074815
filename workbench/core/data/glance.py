"""A data file at a glance: its shape, its first rows, how long its rows are, and what is wrong with which."""

from array import array
from dataclasses import dataclass, field
from pathlib import Path

from workbench.core.data.mapping import Mapping
from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem, are_too_many, settings_at
from workbench.core.recipe.recipe import DataSettings

ROWS_SHOWN = 200
PROBLEMS_SHOWN = 50
ROWS_READ = 200_000
# Of English text in the vocabularies of today's models: an estimate, said as one.
CHARACTERS_PER_TOKEN = 4.0


@dataclass(frozen=True)
class SeenRow:
    """A whole row with its line in the file, counted from 1; of a table it is the row's number."""

    line: int
    row: DataRow


@dataclass(frozen=True)
class DataGlance:
    """What was seen; `rows` counts the whole ones, `lengths` are their characters, in the order of the file.

    `lengths` lie as numpy reads them without a copy, and `characters` are their sum: of hundreds of thousands of rows a
    list takes a window 20 ms.
    """

    path: Path
    name: str
    mapping: Mapping | None  # what the columns are taken for; None where no row was whole enough to show it
    rows: int
    first_rows: list[SeenRow]
    problems: list[RowProblem]
    problem_count: int
    lengths: "array[int]" = field(repr=False)
    characters: int = 0
    size_bytes: int = 0
    is_complete: bool = True


def is_enough(seen: DataGlance, settings: DataSettings) -> bool:
    """Whether a run may begin with what was seen: there are rows, and few enough bad ones among them."""
    return seen.rows > 0 and not are_too_many(seen.problem_count, seen.rows + seen.problem_count, settings)


def glance(name: str, settings: DataSettings, *, limit_rows: int = ROWS_READ) -> DataGlance:
    """Reads a built-in dataset or a file once. Raises UserError where it cannot be read as a whole.

    Raises UnclearRows where it has to be said first what the columns are for.
    """
    opened = OpenRows(settings_at(settings, name) if name != settings.path else settings)
    first: list[SeenRow] = []
    problems: list[RowProblem] = []
    lengths = array("q")
    count = 0
    is_complete = True
    for seen, (place, row) in enumerate(opened.each()):
        if seen >= limit_rows:
            is_complete = False
            break
        if isinstance(row, RowProblem):
            count += 1
            if len(problems) < PROBLEMS_SHOWN:
                problems.append(row)
            continue
        lengths.append(row.characters)
        if len(first) < ROWS_SHOWN:
            first.append(SeenRow(place.line, row))
    return DataGlance(
        path=opened.source.files[0],
        name=name,
        mapping=opened.mapping if opened.found.sample.rows else None,
        rows=len(lengths),
        first_rows=first,
        problems=problems,
        problem_count=count,
        lengths=lengths,
        characters=sum(lengths),
        size_bytes=opened.source.size_bytes,
        is_complete=is_complete,
    )


def estimated_tokens(count: float) -> float:
    """Tokens that `characters` characters make, about."""
    return count / CHARACTERS_PER_TOKEN
