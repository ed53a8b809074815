"""Names of columns as a header gives them: each one once, and none of them empty."""

from collections.abc import Sequence

from workbench.core.problems import shown


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
