"""The messages of an Arrow file, walked without their bodies: how much each unfolds to, before it is read."""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

FILE_MARK = b"ARROW1"
RECORD_BATCH, DICTIONARY_BATCH = 3, 2
LONGEST_HEAD_BYTES = 64_000_000
_CONTINUES = 0xFFFFFFFF


class Batch(NamedTuple):
    """One piece of rows, or of a dictionary: bytes of its body as stored, and once they are unfolded."""

    stored_bytes: int
    unfolded_bytes: int


def batches(file: BinaryIO) -> Iterator[Batch]:
    """Each piece in order, until the file ends or says otherwise than Arrow does. Raises ValueError and OSError."""
    size = file.seek(0, os.SEEK_END)
    position = 8 if _bytes(file, 0, 6) == FILE_MARK else 0
    while position + 8 <= size:
        mark, length = struct.unpack("<II", _bytes(file, position, 8))
        if mark != _CONTINUES:  # as Arrow wrote before 0.15
            mark, length, position = _CONTINUES, mark, position - 4
        if not 0 < length <= LONGEST_HEAD_BYTES or position + 8 + length > size:
            return
        head = _Table.root(_bytes(file, position + 8, length))
        body = position + 8 + length
        body_bytes = head.int64(3)
        if body_bytes < 0:
            return
        kind, inner = head.uint8(1), head.table(2)
        if kind == DICTIONARY_BATCH and inner is not None:
            inner = inner.table(1)
        if kind in (RECORD_BATCH, DICTIONARY_BATCH) and inner is not None:
            yield Batch(body_bytes, _unfolded(file, body, size, inner))
        position = body + body_bytes


def _unfolded(file: BinaryIO, body: int, size: int, batch: "_Table") -> int:
    """The sum of what each buffer says that it unfolds to; its own length where it is not folded."""
    is_folded = batch.table(3) is not None
    total = 0
    for offset, length in batch.pairs(2):
        said = length
        if is_folded and length >= 8 and body + offset + 8 <= size:
            said = struct.unpack("<q", _bytes(file, body + offset, 8))[0]
        total += length if said < 0 else said
    return total


def _bytes(file: BinaryIO, position: int, count: int) -> bytes:
    file.seek(position)
    found = file.read(count)
    if len(found) < count:
        raise ValueError("it ends too early")
    return found


class _Table:
    """A table of a flatbuffer (https://flatbuffers.dev/internals), read field by field. Raises ValueError."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position
        self._fields = position - self._number("<i", position)
        self._size = self._number("<H", self._fields)

    @classmethod
    def root(cls, data: bytes) -> "_Table":
        return cls(data, _unpacked("<I", data, 0))

    def uint8(self, field: int) -> int:
        place = self._place(field)
        return self._number("<B", place) if place else 0

    def int64(self, field: int) -> int:
        place = self._place(field)
        return self._number("<q", place) if place else 0

    def table(self, field: int) -> "_Table | None":
        place = self._place(field)
        return _Table(self._data, place + self._number("<I", place)) if place else None

    def pairs(self, field: int) -> list[tuple[int, int]]:
        """A vector of structs of two 64-bit numbers."""
        place = self._place(field)
        if not place:
            return []
        start = place + self._number("<I", place)
        count = self._number("<I", start)
        if start + 4 + 16 * count > len(self._data):
            raise ValueError("it is not Arrow")
        return list(struct.iter_unpack("<qq", self._data[start + 4 : start + 4 + 16 * count]))

    def _place(self, field: int) -> int:
        """Where a field lies; 0 where it is left out."""
        entry = 4 + 2 * field
        offset = self._number("<H", self._fields + entry) if entry < self._size else 0
        return self._position + offset if offset else 0

    def _number(self, kind: str, position: int) -> int:
        return _unpacked(kind, self._data, position)


def _unpacked(kind: str, data: bytes, position: int) -> int:
    try:
        return int(struct.unpack_from(kind, data, position)[0])
    except struct.error:
        raise ValueError("it is not Arrow") from None
