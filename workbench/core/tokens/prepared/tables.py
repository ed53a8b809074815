"""The tables of prepared rows on disk: one record a source row, one a piece of it that stands in a sequence.

They are read by mapping, so that a page lists a million rows without reading them.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS, PIECES, ASKED = "rows.table", "pieces.table", "asked.txt"
TRAINED, HELD_OUT, LEFT_OUT = 0, 1, 2  # what `part` says
LONGEST_ASKED = 100  # characters
LONGEST_CHARACTER_BYTES = 4  # of UTF-8
PIECE_BYTES = 1_000_000  # are searched at once: a search holds Python's lock

# `line` and `offset` are the row's place in file number `file` of its source; `source` is 0 for the data and 1 for a
# held-out file. `tokens` are those that stay after the longest row, `whole` those there were. `kinds` has a bit for
# each name of kinds.KINDS. `hash` and `group` are of the row's text and group.
# What is asked stands in ASKED, in UTF-8, `asked_bytes` from `asked_at` on.
ROW = np.dtype(
    [
        ("source", "u1"),
        ("part", "u1"),
        ("pieces", "<u2"),
        ("file", "<u4"),
        ("line", "<i8"),
        ("offset", "<i8"),
        ("tokens", "<i4"),
        ("whole", "<i4"),
        ("trained", "<i4"),
        ("kinds", "<u8"),
        ("hash", "<u8"),
        ("group", "<u8"),
        ("first_piece", "<i8"),
        ("asked_at", "<i8"),
        ("asked_bytes", "<u2"),
    ]
)
# `start` is where its tokens begin among those of all pieces, in the order of the rows; `sequence` and `place` say
# where it stands in the sequences of its part, -1 where it is left out.
PIECE = np.dtype(
    [
        ("row", "<i8"),
        ("start", "<i8"),
        ("tokens", "<i4"),
        ("trained", "<i4"),
        ("sequence", "<i4"),
        ("place", "<i4"),
    ]
)


class Tables:
    """The tables in a folder, mapped.

    Attributes:
        rows: Of ROW, shape (rows,), in the order of the files, those of a held-out file last.
        pieces: Of PIECE, shape (pieces,).
    """

    def __init__(self, folder: Path) -> None:
        self.rows = mapped(folder / ROWS, ROW)
        self.pieces = mapped(folder / PIECES, PIECE)
        self._asked = mapped(folder / ASKED, np.dtype("u1"))

    def asked(self, row: int) -> str:
        """What row number `row` asks, cut to LONGEST_ASKED characters."""
        record = self.rows[row]
        start = int(record["asked_at"])
        return bytes(self._asked[start : start + int(record["asked_bytes"])]).decode("utf-8", "replace")

    def asking(self, words: str) -> NDArray[np.int64]:
        """The numbers of the rows that have these words, in capitals or not, in what they ask: shape (rows found,)."""
        pattern = re.compile(b"".join(map(_either_case, words)))
        # Copies that lie close together: looked up in the records themselves, each search would copy a column.
        starts = np.ascontiguousarray(self.rows["asked_at"])
        ends = starts + self.rows["asked_bytes"]
        overlap = LONGEST_ASKED * LONGEST_CHARACTER_BYTES
        found: list[NDArray[np.int64]] = []
        for begin in range(0, len(self._asked), PIECE_BYTES):
            piece = bytes(self._asked[begin : begin + PIECE_BYTES + overlap])
            spans = np.array([match.span() for match in pattern.finditer(piece)], np.int64).reshape(-1, 2) + begin
            rows = np.searchsorted(starts, spans[:, 0], side="right") - 1
            found.append(rows[spans[:, 1] <= ends[rows]])
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def pieces_of(self, row: int) -> NDArray[np.void]:
        """The pieces of row number `row`, of PIECE, shape (pieces of the row,)."""
        record = self.rows[row]
        first = int(record["first_piece"])
        return self.pieces[first : first + int(record["pieces"])]

    def in_sequences(self, part: int) -> NDArray[np.int64]:
        """The numbers of a part's rows in the order of its sequences, one a piece, shape (pieces of the part,)."""
        chosen = self.pieces[self.rows["part"][self.pieces["row"]] == part]
        order = np.lexsort((chosen["place"], chosen["sequence"]))
        return np.asarray(chosen["row"][order], np.int64)

    def with_kind(self, bit: int) -> NDArray[np.int64]:
        """The numbers of the rows that have a kind's bit, shape (rows found,)."""
        return np.flatnonzero(self.rows["kinds"] & np.uint64(1 << bit))


def _either_case(letter: str) -> bytes:
    """A pattern for a letter of UTF-8, large or small."""
    cases = {each.encode("utf-8", "replace") for each in (letter, letter.lower(), letter.upper())}
    return b"(?:" + b"|".join(map(re.escape, sorted(cases))) + b")"


def mapped(path: Path, kind: np.dtype[Any]) -> NDArray[Any]:
    """The records of a file, read-only, shape (records,)."""
    if path.stat().st_size == 0:  # which cannot be mapped
        return np.zeros(0, kind)
    return np.memmap(path, kind, mode="r")


def mapped_numbers(path: Path, kind: type[np.generic], columns: int) -> NDArray[Any]:
    """The numbers of a file, read-only, shape (rows, columns)."""
    return mapped(path, np.dtype(kind)).reshape(-1, columns)
