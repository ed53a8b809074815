"""What a format of data files declares: its endings, its name in words, and how a file of it is read."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from workbench.core.data.stored import StoredFile
from workbench.core.recipe.recipe import DataSettings


class RowFile(ABC):
    """One file as its format reads it. Its methods raise OSError, and UserError for the file as a whole.

    Attributes:
        notes: Facts to tell of it, such as the encoding that was found; more may come while it is read.
    """

    def __init__(self, stored: StoredFile, settings: DataSettings) -> None:
        self.stored = stored
        self.settings = settings
        self.notes: list[str] = []

    def columns(self) -> tuple[str, ...]:
        """Names known before the rows; empty where only the rows say them."""
        return ()

    def sheets(self) -> tuple[str, ...]:
        """Names of a spreadsheet's sheets."""
        return ()

    @abstractmethod
    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        """Each row's line or number, its byte offset, and what stands there or is wrong with it.

        Without an offset it is -1, or -2 and so on of the second and later rows on one line.
        Of a format that stores columns apart, only the named ones are read; no names are all.
        """

    def at(self, line: int, offset: int) -> Any:
        """The row there once more. Raises LookupError where there is none any more."""
        for number, found, value in self.values():
            if (number, found) == (line, offset):
                return value
        raise LookupError(line)


@dataclass(frozen=True)
class Format:
    """A kind of data file.

    Attributes:
        title: In words, such as "CSV".
        suffixes: Endings of names, lower case, with the dot.
        unit: What a place in it counts: "line" or "row".
        place: Among the formats, as a person is told of them.
    """

    title: str
    suffixes: tuple[str, ...]
    unit: str
    reader: type[RowFile]
    place: int
