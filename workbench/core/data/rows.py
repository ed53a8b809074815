"""The rows of a dataset as they are learned: what its files hold, through what their columns are taken for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.core.data.mapping import Found, Mapping, find_mapping
from workbench.core.data.row import DataRow
from workbench.core.data.source import DataSource, Place, open_source
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings

# First rows by which a shape is known; the characters bound how much of them is held.
SAMPLE_ROWS = 200
SAMPLE_CHARACTERS = 8_000_000
# Of a file whose first rows are broken, those that are passed over in search of a whole one.
MOST_BROKEN = 10_000


@dataclass(frozen=True)
class RowProblem:
    """One thing wrong with a row.

    Attributes:
        line: Counts from 1 (rows of tables, lines elsewhere), and is 0 for the file as a whole.
        kind: A name of `row_kinds.PROBLEMS`.
        file: The file's name.
        column: Of the character at fault within the line, from 1; 0 where no character is.
        cell: The name of the column whose value is to blame; empty where none is.
    """

    line: int
    text: str
    remedy: str = ""
    kind: str = "broken"
    file: str = ""
    column: int = 0
    cell: str = ""


class OpenRows:
    """A dataset whose first rows were looked at.

    Attributes:
        source: The files.
        found: What their columns may be taken for.
        first: The first rows as the files hold them, with what could not be read among them.
    """

    def __init__(self, settings: DataSettings) -> None:
        self._settings = settings
        self.source: DataSource = open_source(settings)
        self.first: list[tuple[Place, dict[str, Any] | Wrong]] = []
        whole: list[dict[str, Any]] = []
        characters = 0
        for place, value in self.source.values():
            self.first.append((place, value))
            if isinstance(value, Wrong):
                if value.is_last or len(self.first) >= MOST_BROKEN:
                    break
                continue
            whole.append(value)
            characters += sum(len(cell) for cell in value.values() if isinstance(cell, str))
            if len(whole) >= SAMPLE_ROWS or characters >= SAMPLE_CHARACTERS:
                break
        if not self.first:
            raise UserError(
                f"{self.source.name} is empty: it has no rows.", remedy="Give a file with at least one row."
            )
        self.found: Found = find_mapping(whole, settings)

    @property
    def mapping(self) -> Mapping:
        """What the columns are taken for. Raises UnclearRows where that has to be said first."""
        return self.found.certain(self.source.name)

    def each(self, mapping: Mapping | None = None) -> Iterator[tuple[Place, DataRow | RowProblem]]:
        """Every row in order, or what is wrong with it; by another mapping where one is given. Raises UserError.

        Where no row could be read at the beginning, the first whole one decides what the columns are taken for.
        """
        if mapping is None and self.found.sample.rows:
            mapping = self.mapping
        for place, value in self.source.values(mapping.used if mapping is not None else ()):
            try:
                if isinstance(value, Wrong):
                    raise value
                if mapping is None:
                    mapping = find_mapping([value], self._settings).certain(self.source.name)
                row = mapping.read(value)
            except Wrong as wrong:
                yield place, self._problem(place, wrong)
                if wrong.is_last:
                    return
            else:
                yield place, row

    def at(self, place: Place, mapping: Mapping | None = None) -> DataRow | RowProblem:
        """One row once more, or what is wrong with it; by another mapping where one is given. Raises UserError."""
        mapping = mapping or self.mapping
        try:
            value = self.source.at(place)
            if isinstance(value, Wrong):
                raise value
            return mapping.read(value)
        except LookupError:
            return self._problem(place, Wrong("it is not there any more.", "Read the file anew."))
        except Wrong as wrong:
            return self._problem(place, wrong)

    def _problem(self, place: Place, wrong: Wrong) -> RowProblem:
        file = self.source.files[place.file].name
        return RowProblem(place.line, wrong.text, wrong.remedy, wrong.kind, file, wrong.column, wrong.cell)


def each(settings: DataSettings) -> Iterator[tuple[Place, DataRow | RowProblem]]:
    """Every row of the settings' dataset, or what is wrong with it, in order. Raises UserError."""
    return OpenRows(settings).each()


def are_too_many(bad: int, rows: int, settings: DataSettings) -> bool:
    """Whether a number of bad rows among all keeps a run from starting."""
    return bad > (0 if settings.bad_rows == "refuse" else settings.most_bad_share * rows)


# What is done with rows once they are read; files stand for what is in them.
_NOT_READ_BY = {
    "path", "also", "chat_template", "template", "system_prompt", "system_turns", "system_in_user", "train_on",
    "too_long", "bad_rows", "most_bad_share", "duplicates",
}  # fmt: skip


def read_by(settings: DataSettings) -> dict[str, Any]:
    """The settings that decide how the rows of given files are read, by their names."""
    return settings.model_dump(exclude=_NOT_READ_BY)


def settings_at(settings: DataSettings, path: str, *, group: str = "") -> DataSettings:
    """The settings for another file of the same columns, such as the one that is held out.

    What rows are grouped by decides how they are split, which no other file is: it is read for its own `group` alone.
    """
    return settings.model_copy(update={"path": path, "also": (), "group_column": group})


@dataclass(frozen=True)
class Rows:
    """The rows of a dataset, held in memory.

    Attributes:
        source: The files they are from.
        mapping: What their columns were taken for.
    """

    source: DataSource
    mapping: Mapping
    rows: list[DataRow]

    @property
    def name(self) -> str:
        return self.source.name

    def sha256(self) -> str:
        """Of the files as they are now, which are read for it. Raises UserError."""
        return self.source.sha256()

    def part(self, indices: Sequence[int]) -> "Rows":
        """Only the rows at these indices."""
        return Rows(self.source, self.mapping, [self.rows[index] for index in indices])


def read(settings: DataSettings, *, limit: int | None = None) -> Rows:
    """The dataset's rows, or its first `limit`. Raises UserError naming the first row that is wrong."""
    opened = OpenRows(settings)
    rows: list[DataRow] = []
    for place, row in opened.each():
        if isinstance(row, RowProblem):
            raise UserError(f"{opened.source.place_in_words(place)}: {row.text}", remedy=row.remedy)
        rows.append(row)
        if len(rows) == limit:
            break
    return Rows(opened.source, opened.mapping, rows)
