"""What a shape of rows declares: how it is recognised in the first rows, and how a row of it is read."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from workbench.core.data.column_text import columns_of, text_reader
from workbench.core.data.conversation import ended
from workbench.core.data.row import DataRow, Turn
from workbench.core.data.sample import Sample
from workbench.core.data.tool_calls import tools_of

Row = dict[str, Any]
# What a role of a shape is read from: a column's name, or a template that joins columns.
Columns = Mapping[str, str]
# Both raise Wrong; the second adds to the set what was changed on the way.
RowReader = Callable[[Row], DataRow]
TurnsReader = Callable[[Row, set[str]], Sequence[Turn]]

TWO_SYSTEM_TEXTS = "two system texts"


class Quality(IntEnum):
    """How sure it is that columns are what a shape takes them for."""

    GUESSED = 1  # by what stands in them alone
    PARTLY = 2  # one by its name, or by a word of it
    KNOWN = 3  # by their names, by their values, or because a person says so


@dataclass(frozen=True)
class Fit:
    """Columns that a shape can read; `reason` says why where they are a guess, a weak one where not `is_clear`."""

    columns: Columns
    quality: Quality
    reason: str = ""
    is_clear: bool = True


@dataclass(frozen=True)
class Example:
    """A small file of a shape, for a person who has none yet."""

    title: str
    fact: str
    text: str
    place: int  # among the examples


class DataShape(ABC):
    """A way in which a row holds what is learned.

    Attributes:
        name: In recipes and journals, such as "prompt".
        title: In words, such as "plain text".
        preference: The lower comes first where rows have the columns of several.
        named: The roles whose columns a recipe may name, of "prompt", "completion", "messages" and "text".
        has_turns: Its rows are conversations, which a chat template spells.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    example: ClassVar[Example]
    preference: ClassVar[int]
    named: ClassVar[tuple[str, ...]] = ()
    has_turns: ClassVar[bool] = True

    @abstractmethod
    def fits(self, sample: Sample, named: Columns) -> list[Fit]:
        """How the sampled rows can be read in this shape, the likeliest first; `named` is what a person says."""

    @abstractmethod
    def reader(self, columns: Columns, names: Sequence[str]) -> RowReader:
        """What reads a row by a fit's columns; `names` are all columns of the file."""

    @abstractmethod
    def sentence(self, columns: Columns) -> str:
        """What is taken for what, such as "`Question` is the prompt, `Answer` the completion"."""


# -- what several shapes have ------------------------------------------------------------------------------------------


def with_beside(sample: Sample, named: Columns, columns: dict[str, str]) -> dict[str, str]:
    """The columns, with those of the system text and of the tools where the rows have them.

    An empty name among `named` says that none is to be taken.
    """
    used = {name for spec in columns.values() for name in columns_of(spec, sample.names)}
    found = dict(columns)
    for role in ("system", "tools"):
        free = [name for name in sample.called(role) if name not in used]
        if role == "system":
            free = [name for name in free if sample.columns[name].is_cell and sample.columns[name].filled]
        taken = named.get(role, free[0] if free else "")
        if taken:
            found[role] = taken
    return found


def turns_reader(read_turns: TurnsReader, columns: Columns, names: Sequence[str], column: str = "") -> RowReader:
    """A reader of rows from one of turns, with the system text and the tools that stand in columns of their own.

    `column` holds the turns; it is empty where several do.
    """
    system = text_reader(columns["system"], names, is_needed=False) if "system" in columns else None
    tools_column = columns.get("tools")

    def read(row: Row) -> DataRow:
        changes: set[str] = set()
        turns = ended(read_turns(row, changes), column, changes)
        if system is not None:
            turns = _with_system(turns, system(row, changes), changes)
        tools = () if tools_column is None else tools_of(row.get(tools_column), tools_column)
        return DataRow(turns, "", tools, "", tuple(sorted(changes)) if changes else ())

    return read


def _with_system(turns: tuple[Turn, ...], text: str, changes: set[str]) -> tuple[Turn, ...]:
    if not text or text.isspace():
        return turns
    if turns[0]["role"] != "system":
        return ({"role": "system", "content": text}, *turns)
    if turns[0]["content"] != text:
        changes.add(TWO_SYSTEM_TEXTS)
    return turns


def beside_in_words(columns: Columns) -> str:
    """The end of a sentence that names the columns of the system text and the tools."""
    words = {"system": "the system text", "tools": "the tools"}
    return "".join(f", `{columns[role]}` {said}" for role, said in words.items() if role in columns)
