"""The rows of a dataset file, each one checked before anything is learned from it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.core.data.files import unreadable
from workbench.core.data.shapes.known import shape_of, shapes
from workbench.core.data.shapes.shape import DataShape
from workbench.core.data.source import DataSource, open_source
from workbench.core.data.wrong import ONE_A_LINE, Wrong, value_in_words
from workbench.core.problems import SHOWN_CHARACTERS, UserError, shown
from workbench.core.recipe.recipe import DataSettings


@dataclass(frozen=True)
class RowProblem:
    """One thing wrong; `line` counts from 1 (rows in Parquet, lines elsewhere) and is 0 for the file as a whole."""

    line: int
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Rows:
    """Checked rows of one shape, whose file says what stands in them."""

    path: Path
    shape: DataShape
    rows: list[dict[str, Any]]

    def sha256(self) -> str:
        """Of the whole file as it is now, which is read for it. Raises UserError."""
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise unreadable(self.path, error) from None

    def part(self, indices: Sequence[int]) -> "Rows":
        """Only the rows at these indices."""
        return Rows(self.path, self.shape, [self.rows[index] for index in indices])


def read(path: Path, columns: DataSettings, *, limit: int | None = None) -> Rows:
    """The file's rows, or its first `limit`. Raises UserError naming the first line or row that is wrong."""
    checker = _Checker(columns)
    rows = []
    for _, row in islice(_checked(path, checker), limit):
        if isinstance(row, RowProblem):
            unit = "row" if path.suffix.lower() == ".parquet" else "line"
            raise UserError(f"{path.name}, {unit} {row.line}: {row.text}", remedy=row.remedy)
        rows.append(row)
    assert checker.shape is not None, "a row was checked, or _checked raised"
    return Rows(path, checker.shape, rows)


def each(path: Path, columns: DataSettings) -> Iterator[tuple[DataShape | None, int, dict[str, Any] | RowProblem]]:
    """The shape as far as it is known, a line, and its row or what is wrong with it.

    Raises UserError for the file as a whole.
    """
    checker = _Checker(columns)
    for line, row in _checked(path, checker):
        yield checker.shape, line, row


def problems(path: Path, columns: DataSettings, most: int = 20) -> list[RowProblem]:
    """What `read` would refuse, collected in the order of the file; empty where it would read."""
    found: list[RowProblem] = []
    try:
        for _, row in _checked(path, _Checker(columns)):
            if isinstance(row, RowProblem):
                found.append(row)
            if len(found) >= most:
                break
    except UserError as error:
        found.append(RowProblem(0, f"{error.what} {error.why}".strip(), error.remedy))
    return found


def _checked(path: Path, checker: "_Checker") -> Iterator[tuple[int, dict[str, Any] | RowProblem]]:
    """Each line with its row as it comes out, or what is wrong with it. Raises UserError for the file as a whole."""
    source = open_source(checker.settings.model_copy(update={"path": str(path)}))
    is_empty = True
    for place, value in source.values(checker.wanted(source)):
        is_empty = False
        try:
            if isinstance(value, Wrong):
                raise value
            row = checker.row(value)
        except Wrong as wrong:
            yield place.line, RowProblem(place.line, wrong.text, wrong.remedy)
            if wrong.is_last:
                return
        else:
            yield place.line, row
    if is_empty:
        raise UserError(f"{source.name} is empty: it has no rows.", remedy="Give a file with at least one row.")


# -- one row -----------------------------------------------------------------------------------------------------------


class _Checker:
    """Takes rows as the file holds them and gives them as Rows has them; the first one decides the shape."""

    def __init__(self, settings: DataSettings) -> None:
        self.shape: DataShape | None = None
        self.settings = settings

    def wanted(self, source: DataSource) -> tuple[str, ...]:
        """Of columns that are known before the rows, those that make a row; none are all of them."""
        shape = shape_of(source.columns(), self.settings)
        return () if shape is None or shape.keeps_others else shape.columns(self.settings)

    def row(self, value: Any) -> dict[str, Any]:
        """The row as it comes out. Raises Wrong."""
        if not isinstance(value, dict):
            raise Wrong(f"a row has to be an object, and this is {value_in_words(value)}.", ONE_A_LINE)
        self.shape = self.shape or shape_of(value, self.settings)
        if self.shape is None:
            raise self._no_shape(list(value))
        columns = self.shape.columns(self.settings)
        for name in columns:
            if name not in value:
                there = shown(", ".join(value)) or "nothing"
                raise Wrong(f'it has no "{name}", as the rows before it have; it has: {there}.', "Complete the row.")
        return self.shape.checked(value, columns)

    def _no_shape(self, names: list[str]) -> Wrong:
        there = f"It has: {shown(', '.join(names))}." if names else "It has no columns."
        known = [name for name in names[:200] if len(name) <= SHOWN_CHARACTERS]
        all_wanted = [shape.columns(self.settings) for shape in shapes()]
        lacking = ([name for name in wanted if name not in names] for wanted in all_wanted if len(wanted) > 1)
        half = next((missing for missing in lacking if len(missing) == 1), None)
        missing = half or [name for wanted in all_wanted for name in wanted]
        pairs = ((name, near) for name in missing for near in get_close_matches(name, known, n=1, cutoff=0.7))
        hint = next((f' Is "{near}" meant for "{name}"?' for name, near in pairs), "")
        choices = (" and ".join(f'"{name}"' for name in wanted) for wanted in all_wanted)
        text = f'it has no "{half[0]}".' if half else f"it has neither {' nor '.join(choices)}."
        remedy = "Rename the column, or say in the recipe's [data] what it is called, such as data.prompt_column."
        return Wrong(f"{text} {there}{hint}", remedy, is_last=True)
