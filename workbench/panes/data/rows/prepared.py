"""Rows that were made into tokens, listed from the tables on disk: a million of them cost no more than a screenful."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.source import Place
from workbench.core.tokens.prepared.kinds import KINDS, names_of
from workbench.core.tokens.prepared.tables import HELD_OUT, LEFT_OUT, Tables
from workbench.panes.data.rows.listing import Listing, RowEntry, Wanted
from workbench.panes.parts.tables import one_line

KEPT_ENTRIES = 2000


class PreparedRows(Listing):
    """The rows of the tables in a folder.

    A row that could not be read has no words in the tables: its kind's stand for it.
    """

    is_slow = True

    def __init__(self, tables: Tables, files: int = 1, unit: str = "line") -> None:
        self.tables = tables
        self.files, self.unit = files, unit
        self.entry = lru_cache(KEPT_ENTRIES)(self._entry)  # type: ignore[method-assign]

    def __len__(self) -> int:
        return len(self.tables.rows)

    def entry(self, number: int) -> RowEntry:
        return self._entry(number)

    def _entry(self, number: int) -> RowEntry:
        record = self.tables.rows[number]
        kinds, part = int(record["kinds"]), int(record["part"])
        text = one_line(self.tables.asked(number))
        if not text:
            text = next((KINDS[name].title for name in names_of(kinds)), "")
        tokens = int(record["whole"])
        return RowEntry(
            number,
            Place(int(record["file"]), int(record["line"]), int(record["offset"])),
            text,
            tokens if tokens or part != LEFT_OUT else -1,
            kinds=kinds,
            is_held_out=part == HELD_OUT,
            is_left_out=part == LEFT_OUT,
            is_of_held_out_file=bool(record["source"]),
        )

    def numbers(self, wanted: Wanted) -> NDArray[np.int64]:
        rows = self.tables.rows
        found = np.arange(len(rows)) if not wanted.kind else self.tables.with_kind(KINDS[wanted.kind].bit)
        if wanted.part != "all":
            found = found[(rows["part"][found] == HELD_OUT) == (wanted.part == "held out")]
        if wanted.words:
            found = found[np.isin(found, self.tables.asking(wanted.words))]
        return np.asarray(found, np.int64)

    def number_at(self, line: int, file: int = 0) -> int:
        rows = self.tables.rows
        behind = (rows["source"] == 0) & ((rows["file"] > file) | ((rows["file"] == file) & (rows["line"] >= line)))
        number = int(np.argmax(behind)) if len(rows) else 0
        return number if len(rows) and behind[number] else -1

    def has_held_out(self) -> bool:
        return bool((self.tables.rows["part"] == HELD_OUT).any())
