"""The first rows of a file as it holds them, cell by cell, with why a row is left out in the cell to blame."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from workbench.core.data.rows import OpenRows, RowProblem
from workbench.core.data.source import Place
from workbench.core.data.wrong import CellError, Wrong
from workbench.core.tokens.first_look import MOST_CHARACTERS, MOST_ROWS, FirstLook, LookedRow
from workbench.core.tokens.prepared.kinds import DUPLICATE, KINDS
from workbench.core.units import grouped

LONGEST_CELL = 2000
# Of a file with very many columns fewer rows are shown.
MOST_CELLS = 400_000
# In place of a name of KINDS: whatever it is that a row is left out for.
LEFT_OUT = "left out"
Values = list[tuple[Place, dict[str, Any] | Wrong]]


@dataclass(frozen=True, eq=False)
class SheetRow:
    """A row: `why` it is left out stands in the cell of column `blamed`; empty where it is not.

    Attributes:
        number: Its place among the rows that were looked at; -1 where they were not.
        kinds: A bit for each of KINDS.
    """

    place: Place
    cells: tuple[str, ...]
    number: int = -1
    why: str = ""
    blamed: str = ""
    kinds: int = 0


@dataclass(frozen=True, eq=False)
class Sheet:
    """Rows under the names of their columns.

    Attributes:
        header_line: The line of the names in the file; 0 where there is none.
        kinds: Different values of each column among these rows.
        is_complete: There are no more rows.
    """

    names: tuple[str, ...] = ()
    rows: tuple[SheetRow, ...] = ()
    header_line: int = 0
    kinds: tuple[int, ...] = ()
    is_complete: bool = True


def read_values(opened: OpenRows) -> Values:
    """The first rows with all their columns, as many as are looked at. Raises UserError."""
    found: Values = []
    cells = characters = 0
    for place, value in islice(opened.source.values(), MOST_ROWS):
        found.append((place, value))
        if isinstance(value, dict):
            cells += len(value)
            characters += sum(len(cell) for cell in value.values() if isinstance(cell, str))
        if cells >= MOST_CELLS or characters >= MOST_CHARACTERS:
            break
    return found


def sheet_of(look: FirstLook, values: Values) -> Sheet:
    """The sheet with what is told of its rows."""
    names = tuple(look.opened.found.sample.names)
    looked = {row.place: (number, row) for number, row in enumerate(look.rows)}
    first_of: dict[int, int] = {}
    nothing = ("",) * len(names)
    rows = []
    for place, value in values:
        number, row = looked.get(place, (-1, None))
        cells = tuple(cell_text(value.get(name)) for name in names) if isinstance(value, dict) else nothing
        why = _why(row, value, first_of)
        blamed = row.row.cell if row is not None and isinstance(row.row, RowProblem) else ""
        rows.append(SheetRow(place, cells, number, why, blamed, row.kinds if row is not None else 0))
    is_table = look.opened.source.unit == "row" or bool(look.opened.source.columns())
    first = rows[0].place.line if rows else 0
    kinds = tuple(len({row.cells[column] for row in rows}) for column in range(len(names)))
    is_complete = len(values) < MOST_ROWS and len(values) >= len(look.rows) and look.is_complete
    return Sheet(names, tuple(rows), first - 1 if is_table else 0, kinds, is_complete)


def cell_text(value: Any) -> str:
    """What stands in a cell, on one line."""
    if value is None:
        return ""
    if isinstance(value, CellError):
        return value.text
    text = value if isinstance(value, str) else _spelled(value)
    return " ".join(text[:LONGEST_CELL].split())


def _spelled(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)[:LONGEST_CELL]
    return str(value)


def _why(row: LookedRow | None, value: dict[str, Any] | Wrong, first_of: dict[int, int]) -> str:
    if row is None:
        return f"{value.kind}: this row is left out" if isinstance(value, Wrong) else ""
    if not row.is_left_out:
        if row.hash:
            first_of.setdefault(row.hash, row.place.line)
        return ""
    kind = next(name for name, _, _ in row.told if KINDS[name].done == "left out")
    if kind == DUPLICATE and row.hash in first_of:
        return f"the same as row {grouped(first_of[row.hash])}: left out"
    if kind == "formula error" and isinstance(row.row, RowProblem) and isinstance(value, dict):
        cell = value.get(row.row.cell)
        if isinstance(cell, CellError):
            return f"holds {cell.text}: this row is left out"
    return f"{kind}: this row is left out"


def rows_of_kind(rows: Sequence[SheetRow], kind: str) -> list[SheetRow]:
    """The rows of which a kind is told; all that are left out for LEFT_OUT, all for none."""
    if not kind:
        return list(rows)
    if kind == LEFT_OUT:
        return [row for row in rows if row.why]
    bit = 1 << KINDS[kind].bit
    return [row for row in rows if row.kinds & bit]
