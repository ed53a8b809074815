"""Safetensors files made by hand, for tests of what reads them."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workbench.core.model.folder import INDEX


class Made(NamedTuple):
    """A tensor to write: its bytes stand as they are in the file."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


def fp32(values: object) -> Made:
    array = np.asarray(values, "<f4")
    return Made("F32", array.shape, array.tobytes())


def bf16(values: object) -> Made:
    """The upper halves of FP32: for values that BF16 has."""
    array = np.asarray(values, "<f4")
    return Made("BF16", array.shape, (array.view("<u4") >> 16).astype("<u2").tobytes())


def header_of(tensors: Mapping[str, tuple[str, tuple[int, ...], int]]) -> bytes:
    """The length and the header of a file of tensors of such types, shapes and sizes in bytes."""
    entries, end = {}, 0
    for name, (dtype, shape, size) in tensors.items():
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text


def write_tensors(path: Path, tensors: Mapping[str, Made]) -> Path:
    header = header_of({name: (made.dtype, made.shape, len(made.data)) for name, made in tensors.items()})
    path.write_bytes(header + b"".join(made.data for made in tensors.values()))
    return path


def write_sparse(path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...], int]]) -> Path:
    """A file whose header is real and whose numbers are holes: it takes no room."""
    with path.open("wb") as file:
        file.write(header_of(tensors))
        file.truncate(file.tell() + sum(size for _dtype, _shape, size in tensors.values()))
    return path


def large_file(path: Path) -> Path:
    """10 GB of BF16 in 400 tensors, as a model of that size has them."""
    size = 25_000_000
    return write_sparse(
        path,
        {f"model.layers.{layer}.mlp.up_proj.weight": ("BF16", (3125, 4000), size) for layer in range(400)},
    )


def write_model(folder: Path, shards: Mapping[str, Mapping[str, Made]]) -> Path:
    """A model folder of these weight files, with an index."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}), encoding="utf-8")
    for file, tensors in shards.items():
        write_tensors(folder / file, tensors)
    names = {name: file for file, tensors in shards.items() for name in tensors}
    (folder / INDEX).write_text(json.dumps({"weight_map": names}), encoding="utf-8")
    return folder
