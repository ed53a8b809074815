"""Rows as the table lists them, wherever they come from, and which of them are wanted."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.source import Place
from workbench.core.tokens.prepared.kinds import KINDS, names_of

Part = Literal["all", "learned", "held out"]


@dataclass(frozen=True)
class RowEntry:
    """A row in one line.

    Attributes:
        number: Its place among all rows of the listing, from 0.
        place: Where it stands in the files.
        text: What is asked, or what is wrong with it.
        tokens: Before any are cut; -1 where none can be told.
        is_estimate: They were worked out of characters.
        kinds: A bit for each of KINDS that is told of it.
        is_of_held_out_file: The place is one in the recipe's held-out file.
    """

    number: int
    place: Place
    text: str
    tokens: int = -1
    is_estimate: bool = False
    kinds: int = 0
    is_held_out: bool = False
    is_left_out: bool = False
    is_of_held_out_file: bool = False

    @property
    def tag(self) -> tuple[str, str, str] | None:
        """Word, state and icon of what matters most about it; None where there is nothing to tell."""
        return tag_of(names_of(self.kinds)) or (("held out", "info", "eye") if self.is_held_out else None)


# The most important first: what is done with a row, its state, and its icon.
TAGS = (
    ("left out", "danger", "warning-circle"),
    ("cut", "warn", "scissors"),
    ("told", "info", "info"),
    ("changed", "none", "pencil-simple"),
)
# Kinds whose names are longer than a tag has to be.
SHORT = {"cut at the end": "cut", "cut at the start": "cut"}


def tag_of(names: Sequence[str]) -> tuple[str, str, str] | None:
    """Word, state and icon of the most important of these kinds; None of none."""
    for done, state, icon in TAGS:
        found = next((name for name in names if KINDS[name].done == done), None)
        if found is not None:
            return SHORT.get(found, found), state, icon
    return None


@dataclass(frozen=True)
class Wanted:
    """Which rows are to be listed: those with these words, of this kind, of this part."""

    words: str = ""
    kind: str = ""  # a name of KINDS; "" for all
    part: Part = "all"

    @property
    def is_all(self) -> bool:
        return self == Wanted()


class Listing(ABC):
    """Rows by their numbers.

    Attributes:
        is_slow: Looking for words takes longer than a window may wait.
        files: How many files they stand in.
        unit: What a place counts: "line" or "row".
    """

    is_slow: bool = False
    files: int = 1
    unit: str = "line"

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def entry(self, number: int) -> RowEntry:
        """The row of a number."""

    @abstractmethod
    def numbers(self, wanted: Wanted) -> NDArray[np.int64]:
        """Of the rows that are wanted, ascending: shape (rows found,)."""

    @abstractmethod
    def number_at(self, line: int, file: int = 0) -> int:
        """Of the row that stands in a line, else of the next one in its file; -1 behind the last."""

    @abstractmethod
    def has_held_out(self) -> bool:
        """Whether some rows are held out."""


class FirstRows(Listing):
    """The first rows of the data, each kept as it is."""

    def __init__(self, entries: Sequence[RowEntry], files: int = 1, unit: str = "line") -> None:
        self.entries = tuple(entries)
        self.files, self.unit = files, unit
        self._has_held_out = any(entry.is_held_out for entry in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def entry(self, number: int) -> RowEntry:
        return self.entries[number]

    def numbers(self, wanted: Wanted) -> NDArray[np.int64]:
        bit = 1 << KINDS[wanted.kind].bit if wanted.kind else 0
        words = wanted.words.casefold()
        found = [
            entry.number
            for entry in self.entries
            if (not bit or entry.kinds & bit)
            and (wanted.part == "all" or entry.is_held_out == (wanted.part == "held out"))
            and words in entry.text.casefold()
        ]
        return np.asarray(found, np.int64)

    def number_at(self, line: int, file: int = 0) -> int:
        wanted = (file, line)
        return next((entry.number for entry in self.entries if (entry.place.file, entry.place.line) >= wanted), -1)

    def has_held_out(self) -> bool:
        return self._has_held_out


class Shown(Sequence[RowEntry]):
    """The rows that are wanted, as a table's model takes them; an entry is made when it is looked at."""

    def __init__(self, listing: Listing, numbers: NDArray[np.int64]) -> None:
        self.listing = listing
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> RowEntry: ...
    @overload
    def __getitem__(self, place: slice) -> "Shown": ...
    def __getitem__(self, place: int | slice) -> "RowEntry | Shown":
        if isinstance(place, slice):
            return Shown(self.listing, self.numbers[place])
        return self.listing.entry(int(self.numbers[place]))

    def place_of(self, number: int) -> int:
        """Where a row of the listing stands among those shown; -1 where it is not shown."""
        place = int(np.searchsorted(self.numbers, number))
        return place if place < len(self) and int(self.numbers[place]) == number else -1
