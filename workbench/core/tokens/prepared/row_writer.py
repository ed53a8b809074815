"""Rows streamed to disk as they become tokens: their tokens, a record of each, and what finds rows that are alike."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.row import DataRow
from workbench.core.data.rows import RowProblem
from workbench.core.data.source import Place
from workbench.core.data.system import with_system
from workbench.core.job.study_kinds import RowSeen
from workbench.core.recipe.recipe import DataSettings
from workbench.core.tokens.prepared import near, tables
from workbench.core.tokens.prepared.kinds import SECRET, bits
from workbench.core.tokens.prepared.secrets import secrets_in
from workbench.core.tokens.prepared.sequences import TokenFiles
from workbench.core.tokens.token_kinds import Fault
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizing import RowTokenizer

MOST_EXAMPLES = 20
MOST_DETAILS = 5  # of one kind in one row
SKETCHES, BANDS = "sketches.bin", "bands.bin"

Read = tuple[Place, DataRow | RowProblem]


class MadeRow(NamedTuple):
    """A row of a file once it is tokens, or what it is not learned for; what is told of it stands in `told`."""

    place: Place
    pieces: Sequence[TokenRow]
    told: tuple[tuple[str, str, int], ...]  # kind, what is said, column
    asked: str = ""
    hash: int = 0
    group: int = 0


class MadeBatch(NamedTuple):
    """Rows made into tokens together; `sketches` has the shape (rows, near.PERMUTATIONS)."""

    rows: list[MadeRow]
    sketches: NDArray[np.uint32]


def make(tokenizer: RowTokenizer, data: DataSettings, batch: Sequence[Read]) -> MadeBatch:
    """Makes rows into tokens, with what finds those that are nearly equal, in any thread."""
    spoken = [_spoken(row) if isinstance(row, DataRow) else "" for _, row in batch]
    return MadeBatch(make_rows(tokenizer, data, batch), near.sketches(spoken))


def make_rows(tokenizer: RowTokenizer, data: DataSettings, batch: Sequence[Read]) -> list[MadeRow]:
    """Makes rows into tokens, in any thread."""
    good = [row for _, row in batch if isinstance(row, DataRow)]
    secrets = secrets_in(["\n".join(text for _, text in row.parts) for row in good])
    tokens = iter(zip(tokenizer.rows(good), secrets, strict=True))
    return [
        _made(place, with_system(row, data), *next(tokens))
        if isinstance(row, DataRow)
        else MadeRow(place, (), ((row.kind, row.text, row.column),))
        for place, row in batch
    ]


def _made(place: Place, row: DataRow, tokens: list[TokenRow] | Fault, secrets: list[str]) -> MadeRow:
    told = [(change, "", 0) for change in row.changes]
    told += [(SECRET, "; ".join(secrets), 0)] if secrets else []
    if isinstance(tokens, Fault):
        told.append((tokens.kind, tokens.detail, 0))
        pieces: list[TokenRow] = []
    else:
        pieces = tokens
        told += _findings(pieces)
    asked = row.asked[: tables.LONGEST_ASKED]
    whole = repr((row.turns, row.text, row.tools))
    return MadeRow(place, pieces, tuple(told), asked, _hash(whole), _hash(row.group))


def _findings(pieces: Sequence[TokenRow]) -> list[tuple[str, str, int]]:
    """What is told of a row's pieces, each kind once with all that it is about."""
    about: defaultdict[str, list[str]] = defaultdict(list)
    for piece in pieces:
        for finding in piece.findings:
            about[finding.kind].append(finding.detail)
    return [(kind, _listed(details), 0) for kind, details in about.items()]


def _listed(details: Sequence[str]) -> str:
    different = list(dict.fromkeys(filter(None, details)))
    more = len(different) - MOST_DETAILS
    return "; ".join(different[:MOST_DETAILS]) + (f"; and {more} more" if more > 0 else "")


def _spoken(row: DataRow) -> str:
    """What makes the row another one than those beside it: not the system text, which many of them share."""
    if not row.turns:
        return row.text
    return "\n".join(str(turn["content"]) for turn in row.turns if turn["role"] != "system")


def _hash(text: str) -> int:
    """64 bits: of a million different texts, two are alike once in 37 million times."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class RowWriter:
    """Takes batches in the order of the files, within a `with`; call `finish` before anything is read.

    Attributes:
        tokens: The tokens of all rows.
        rows: Rows taken so far.
        ways: How many rows were made into tokens in which way.
    """

    def __init__(self, folder: Path) -> None:
        self.tokens = TokenFiles(folder)
        self.rows = 0
        self.ways: defaultdict[str, int] = defaultdict(int)
        self._pieces = self._asked_bytes = 0
        self._examples: defaultdict[str, dict[int, RowSeen]] = defaultdict(dict)
        names = (tables.ROWS, tables.PIECES, tables.ASKED, SKETCHES, BANDS)
        self._files = [(folder / name).open("wb", buffering=1 << 20) for name in names]

    def add(self, source: int, batch: MadeBatch) -> None:
        """Writes rows of file list `source`."""
        records: list[tuple[int, ...]] = []
        pieces: list[tuple[int, ...]] = []
        texts = bytearray()
        for made in batch.rows:
            asked = made.asked.encode("utf-8", "replace")
            first = self._pieces + len(pieces)
            tokens = whole = learned = 0
            for piece in made.pieces:
                ids = piece.input_ids
                start = self.tokens.append(ids, piece.trained[piece.first : piece.last])
                count = piece.learned
                pieces.append((self.rows, start, len(ids), count, -1, -1))
                tokens += len(ids)
                whole += len(piece.ids)
                learned += count
            if made.pieces:
                self.ways[made.pieces[0].way] += 1
            for kind, text, column in made.told:
                self._keep_example(kind, made.place, text, column)
            kinds = bits({kind for kind, _, _ in made.told})
            place = made.place
            records.append(
                (
                    *(source, tables.LEFT_OUT, len(made.pieces), *place, tokens, whole, learned, kinds),
                    *(made.hash, made.group, first, self._asked_bytes + len(texts), len(asked)),
                )
            )
            texts += asked
            self.rows += 1
        self._pieces += len(pieces)
        self._asked_bytes += len(texts)
        contents: tuple[Any, ...] = (
            np.array(records, tables.ROW),
            np.array(pieces, tables.PIECE),
            texts,
            batch.sketches,
            near.bands(batch.sketches),
        )
        for file, content in zip(self._files, contents, strict=True):
            file.write(memoryview(content).cast("B") if len(content) else b"")

    def _keep_example(self, kind: str, place: Place, text: str, column: int) -> None:
        kept = self._examples[kind]
        if len(kept) < MOST_EXAMPLES:
            kept.setdefault(self.rows, RowSeen(file="", line=place.line, column=column, text=text))

    def said_of(self, kind: str, row: int) -> RowSeen | None:
        """What was said of one of the first rows of a kind; None of the others."""
        return self._examples[kind].get(row)

    def finish(self) -> None:
        """Ends writing."""
        self.tokens.finish()
        for file in self._files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tokens.close()
        for file in self._files:
            with suppress(OSError):  # a full disk has been told already
                file.close()
