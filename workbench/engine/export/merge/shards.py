"""Safetensors written tensor by tensor, into files of a size at most: no more than one tensor is ever held.

The format is eight bytes that say how long the header is, the header in JSON, and the numbers
(github.com/huggingface/safetensors); the library itself writes only what is held in memory whole.
"""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from workbench.core.model.folder import INDEX, WEIGHTS
from workbench.core.model.safetensors_header import BITS

# A header ends at a multiple of it, so that numbers lie where any processor can read them.
ALIGNMENT = 8


@dataclass(frozen=True)
class Entry:
    """A tensor that is to be written; `dtype` as safetensors calls it."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        return prod(self.shape) * BITS[self.dtype] // 8


@dataclass(frozen=True)
class Shard:
    """A file, its tensors in their order."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def header(self) -> bytes:
        """What stands before the numbers."""
        said: dict[str, object] = {"__metadata__": {"format": "pt"}}
        start = 0
        for entry in self.entries:
            end = start + entry.size_bytes
            said[entry.name] = {"dtype": entry.dtype, "shape": list(entry.shape), "data_offsets": [start, end]}
            start = end
        text = json.dumps(said, separators=(",", ":")).encode()
        text += b" " * (-len(text) % ALIGNMENT)
        return struct.pack("<Q", len(text)) + text


def shards_of(entries: Sequence[Entry], largest_bytes: int) -> list[Shard]:
    """The files that these tensors go into, in their order; a tensor that is larger has a file of its own."""
    groups: list[list[Entry]] = [[]]
    held = 0
    for entry in entries:
        if groups[-1] and held + entry.size_bytes > largest_bytes:
            groups.append([])
            held = 0
        groups[-1].append(entry)
        held += entry.size_bytes
    if len(groups) == 1:
        return [Shard(WEIGHTS, tuple(groups[0]))]
    stem = WEIGHTS.removesuffix(".safetensors")
    return [
        Shard(f"{stem}-{number:05d}-of-{len(groups):05d}.safetensors", tuple(group))
        for number, group in enumerate(groups, start=1)
    ]


def index_of(shards: Sequence[Shard]) -> str:
    """What model.safetensors.index.json says of several files."""
    entries = [entry for shard in shards for entry in shard.entries]
    said = {
        "metadata": {
            "total_parameters": sum(prod(entry.shape) for entry in entries),
            "total_size": sum(entry.size_bytes for entry in entries),
        },
        "weight_map": {entry.name: shard.name for shard in shards for entry in shard.entries},
    }
    return json.dumps(said, indent=2) + "\n"


def write(folder: Path, shards: Sequence[Shard], pieces: Iterator[tuple[Entry, bytes | memoryview]]) -> Iterator[int]:
    """Writes the files with their index; yields how many bytes were written after each piece.

    `pieces` are the tensors' numbers in the order of the shards, each tensor in one piece or several. Raises OSError,
    and ValueError where a tensor has another size than its entry says.
    """
    for shard in shards:
        with (folder / shard.name).open("wb") as file:
            file.write(shard.header)
            for entry in shard.entries:
                left = entry.size_bytes
                while left > 0:
                    given, data = next(pieces)
                    if given != entry or len(data) > left:
                        raise ValueError(f"{given.name} was written where {entry.name} belongs")
                    file.write(data)
                    left -= len(data)
                    yield len(data)
    if len(shards) > 1:
        (folder / INDEX).write_text(index_of(shards), encoding="utf-8")
