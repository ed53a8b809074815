"""Names of columns as a header gives them, each one once and none of them empty, and how many there may be."""

from collections.abc import Sequence

from workbench.core.data.wrong import Wrong
from workbench.core.problems import shown

# Of a row, its columns; a row of more is a mistake of what wrote it, and each costs a cell of a table.
MOST_COLUMNS = 10_000


def column_names(cells: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The names, with what was changed so that every column has one of its own, as sentences."""
    names: list[str] = []
    taken = {cell.strip() for cell in cells}
    seen: set[str] = set()
    twice, unnamed = [], []
    for number, cell in enumerate(cells, start=1):
        name = cell.strip()
        if not name:
            name = _free(f"column {number}", taken)
            unnamed.append(name)
        elif name in seen:
            twice.append(name)
            name = _free(f"{name} ({number})", taken)
        seen.add(name)
        names.append(name)
    notes = []
    if twice:
        listed = ", ".join(f'"{shown(name)}"' for name in twice[:3])
        notes.append(f"The header names {listed} more than once; later ones have their column's number behind.")
    # Empty cells at the header's end are what a spreadsheet leaves; they are named, and say nothing.
    if unnamed and any(cell.strip() for cell in cells[int(unnamed[0].split()[1]) :]):
        notes.append(f"Columns without a name: {', '.join(unnamed[:3])}.")
    return tuple(names), notes


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def too_many_columns(count: int, *, is_last: bool) -> Wrong:
    return Wrong(
        f"it has {count:,} columns, and at most {MOST_COLUMNS:,} are read.",
        "Save the file with the columns that hold the texts.",
        is_last=is_last,
        kind="too large",
    )
