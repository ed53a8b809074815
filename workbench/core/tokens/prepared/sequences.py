"""Sequences of tokens as an Arrow file, written by gathering rows' tokens from the files that they were streamed to."""

from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.core.tokens.prepared.packing import Packing
from workbench.core.tokens.token_row import IGNORED

# Tokens that are gathered before they are written: 9 MB.
TOKENS_AT_ONCE = 1 << 20


class TokenFiles:
    """The tokens of all rows one after the other, and whether each is trained on: two files, written, then read.

    Tokens are int32, `trained` one byte a token.
    """

    def __init__(self, folder: Path) -> None:
        self._paths = folder / "ids.bin", folder / "trained.bin"
        self._written = [path.open("wb", buffering=1 << 20) for path in self._paths]
        self._read: list[FileIO] = []
        self.tokens = 0

    def append(self, ids: NDArray[np.int32], trained: NDArray[np.bool_]) -> int:
        """Adds the tokens of a row, both of shape (tokens,), and returns where they begin."""
        start = self.tokens
        self._written[0].write(np.ascontiguousarray(ids, "<i4").data)
        self._written[1].write(np.ascontiguousarray(trained, np.uint8).data)
        self.tokens += len(ids)
        return start

    def finish(self) -> None:
        """Ends writing: from now on they are read."""
        for file in self._written:
            file.close()
        # Without a buffer, which would be filled anew for every row.
        self._read = [FileIO(path) for path in self._paths]

    def read(self, start: int, ids: NDArray[np.int32], trained: NDArray[np.uint8]) -> None:
        """Fills both arrays, of shape (tokens,), with what begins at `start`."""
        targets: tuple[NDArray[Any], ...] = (ids, trained)
        for file, target in zip(self._read, targets, strict=True):
            file.seek(start * target.itemsize)
            left = memoryview(target.view(np.uint8).data)
            while left:
                left = left[file.readinto(left) :]

    def close(self) -> None:
        """Closes the files and deletes them."""
        for file in (*self._written, *self._read):
            with suppress(OSError):  # a full disk has been told already
                file.close()
        for path in self._paths:
            path.unlink(missing_ok=True)


def write_sequences(
    path: Path, tokens: TokenFiles, starts: NDArray[np.int64], lengths: NDArray[np.int64], packing: Packing
) -> Iterator[int]:
    """Writes columns input_ids, labels and seq_lengths (of the rows in a sequence), and says how many are written.

    `starts` and `lengths` are those of the rows in `tokens`, both of shape (rows,). A row's first token has no label:
    nothing that is before it says what it would be.
    """
    numbers = pa.list_(pa.int32())
    schema = pa.schema([("input_ids", numbers), ("labels", numbers), ("seq_lengths", numbers)])
    ends = np.concatenate([[0], np.cumsum(lengths[packing.rows])])
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        first = 0
        while first < packing.sequences:
            limit = ends[packing.firsts[first]] + TOKENS_AT_ONCE
            after = int(np.searchsorted(ends[packing.firsts], limit, side="right")) - 1
            last = min(max(after, first + 1), packing.sequences)
            stream.write_batch(_batch(schema, tokens, starts, lengths, packing, first, last))
            first = last
            yield last


def _batch(
    schema: pa.Schema,
    tokens: TokenFiles,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    packing: Packing,
    first: int,
    last: int,
) -> pa.RecordBatch:
    """The sequences from `first` to before `last`; `starts` and `lengths` have the shape (rows,)."""
    bounds = packing.firsts[first : last + 1]
    rows = packing.rows[bounds[0] : bounds[-1]]
    sizes = lengths[rows]
    ends = np.cumsum(sizes)
    ids = np.empty(int(ends[-1]), np.int32)
    trained = np.empty(len(ids), np.uint8)
    _gather(tokens, starts[rows], sizes, ids, trained)
    labels = np.where(trained, ids, np.int32(IGNORED))
    labels[ends - sizes] = IGNORED
    offsets = np.concatenate([[0], ends])[bounds - bounds[0]]
    columns = [_lists(offsets, ids), _lists(offsets, labels), _lists(bounds - bounds[0], sizes)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _lists(offsets: NDArray[np.int64], values: NDArray[Any]) -> pa.Array:
    """Lists of `values`, shape (values,), of which each begins at one of `offsets`, shape (lists + 1,)."""
    # Arrow's own way from numpy imports pandas, where that is installed: half a second.
    numbers, places = (np.ascontiguousarray(array, np.int32) for array in (values, offsets))
    inner = pa.Array.from_buffers(pa.int32(), len(numbers), [None, pa.py_buffer(numbers)])
    return pa.Array.from_buffers(pa.list_(pa.int32()), len(places) - 1, [None, pa.py_buffer(places)], children=[inner])


def _gather(
    tokens: TokenFiles,
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    ids: NDArray[np.int32],
    trained: NDArray[np.uint8],
) -> None:
    """Fills `ids` and `trained`, of shape (tokens,), from rows of shape (rows,); neighbours are read as one."""
    breaks = np.flatnonzero(starts[1:] != starts[:-1] + sizes[:-1]) + 1
    firsts = np.concatenate([[0], breaks])
    lengths = np.add.reduceat(sizes, firsts)
    place = 0
    for start, length in zip(starts[firsts].tolist(), lengths.tolist(), strict=True):
        tokens.read(start, ids[place : place + length], trained[place : place + length])
        place += length
