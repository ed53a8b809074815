"""The header of a safetensors file: what tensors it holds, read without loading a weight."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.problems import UserError, shown

# safetensors refuses longer headers too.
LARGEST_HEADER_BYTES = 100_000_000
# The types of safetensors 0.8, in bits.
BITS = {
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """One entry of a safetensors header, and where its bytes lie."""

    dtype: str
    shape: tuple[int, ...]
    size_bytes: int
    path: Path
    start: int  # of its first byte in the file

    @property
    def numbers(self) -> int:
        return math.prod(self.shape)


def read_header(path: Path) -> dict[str, Tensor]:
    """The tensors a safetensors file says it holds, by name. Raises UserError where the file cannot hold them."""
    remedy = "Download that file again."
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or (length <= LARGEST_HEADER_BYTES and size < 8 + length):
            raise UserError(f"{path} is cut short: it ends within its header, at {size} bytes.", remedy=remedy)
        if length > LARGEST_HEADER_BYTES:
            raise _nonsense(path, f"it claims a header of {length} bytes")
        data = file.read(length)
    try:
        header = json.loads(data)
    except (ValueError, RecursionError):  # lists within lists
        raise _nonsense(path, "its header is not JSON") from None
    if not isinstance(header, dict):
        raise _nonsense(path, "its header is not a JSON object")
    header.pop("__metadata__", None)
    ranges = []
    tensors: dict[str, Tensor] = {}
    for name, entry in header.items():
        tensors[name], start, end = _tensor(path, name, entry, 8 + length)
        ranges.append((start, end, name))
    reached = 0
    for start, end, name in sorted(ranges):
        if start != reached:
            overlaps = "overlaps the tensor before it" if start < reached else "leaves a gap before it"
            raise _nonsense(path, f'"{shown(name)}" {overlaps}')
        reached = end
    held = size - 8 - length
    if held < reached:
        raise UserError(
            f"{path} is cut short: it holds {held:,} of the {reached:,} bytes its header names.", remedy=remedy
        )
    if held > reached:
        raise _nonsense(path, f"{held - reached:,} bytes follow its last tensor")
    return tensors


def _tensor(path: Path, name: str, entry: Any, body: int) -> tuple[Tensor, int, int]:
    try:
        dtype, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        counts = [*shape, start, end]
    except (TypeError, KeyError, ValueError):
        raise _nonsense(path, f'"{shown(name)}" lacks a type, a shape or a range') from None
    if not all(type(count) is int and 0 <= count < 2**63 for count in counts) or len(shape) > 64 or start > end:
        raise _nonsense(path, f'"{shown(name)}" has an impossible shape or range')
    if not isinstance(dtype, str) or dtype not in BITS:
        raise _nonsense(path, f'"{shown(name)}" has the unknown type {shown(repr(dtype))}')
    tensor = Tensor(dtype, tuple(shape), end - start, path, body + start)
    if tensor.numbers * BITS[dtype] != tensor.size_bytes * 8:
        raise _nonsense(path, f'"{shown(name)}" has {tensor.size_bytes:,} bytes, which is not what its shape takes')
    return tensor, start, end


def _nonsense(path: Path, why: str) -> UserError:
    return UserError(
        f"{path} is not a safetensors file that can be loaded.",
        why=f"{why[0].upper()}{why[1:]}.",
        remedy="Download it again.",
    )
