"""Tensors read from a model's files as numbers, one at a time, into memory of this process's own."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.functional import dequantize_4bit, int8_vectorwise_dequant
from bitsandbytes.nn import Params4bit

from workbench.core.model.already_quantized import layers_of, sizes_as_loaded
from workbench.core.model.folder import stored_tensors
from workbench.core.model.safetensors_header import Tensor
from workbench.core.problems import UserError, shown

PIECE_BYTES = 8_000_000
TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip
NAMES = {dtype: name for name, dtype in TYPES.items()}


class StoredModel:
    """The weights of a model folder by the names in its files.

    Attributes:
        sizes: Of each weight as a layer holds it, in the order in which they lie in the files.
        quantized: Those that bitsandbytes has quantized.
    """

    def __init__(self, folder: Path) -> None:
        """Raises UserError where its weights are not there, and OSError."""
        self.folder = folder
        self.tensors: Mapping[str, Tensor] = stored_tensors(folder)
        sizes, self.quantized = sizes_as_loaded(self.tensors, folder.name)
        order = sorted(sizes, key=lambda name: (self.tensors[name].path.name, self.tensors[name].start))
        self.sizes = {name: sizes[name] for name in order}
        self._made = layers_of(self.tensors, folder.name) if self.quantized else {}

    def dtype(self, name: str) -> str:
        """As safetensors calls it."""
        return self.tensors[name].dtype

    def pieces(self, name: str) -> Iterator[bytes]:
        """Its bytes as they lie in the file. Raises OSError and UserError."""
        entry = self.tensors[name]
        with entry.path.open("rb") as file:
            file.seek(entry.start)
            left = entry.size_bytes
            while left > 0:
                data = file.read(min(left, PIECE_BYTES))
                if not data:
                    raise self._cut(entry)
                left -= len(data)
                yield data

    def numbers(self, name: str) -> torch.Tensor:
        """Its numbers; of one that is quantized what they stand for. Raises OSError and UserError."""
        if name not in self.quantized:
            return self._read(name)
        made, _ = self._made[name]
        data = self._read(name)
        if made.precision == "int8":
            return int8_vectorwise_dequant(data, self._read(f"{name.removesuffix('.weight')}.SCB"))
        beside: dict[str, Any] = {
            other.removeprefix(f"{name}."): self._read(other) for other in self.tensors if other.startswith(f"{name}.")
        }
        weight = Params4bit.from_prequantized(data, beside, device="cpu")
        return dequantize_4bit(weight.data, weight.quant_state)

    def _read(self, name: str) -> torch.Tensor:
        entry = self.tensors[name]
        if entry.dtype not in TYPES:
            raise UserError(
                f"{shown(name)} in {entry.path} is stored as {entry.dtype}, which cannot be added to.",
                remedy="Take a model whose weights are stored in 16 or 32 bits.",
            )
        buffer = bytearray(entry.size_bytes)
        with entry.path.open("rb") as file:
            file.seek(entry.start)
            if file.readinto(buffer) != entry.size_bytes:
                raise self._cut(entry)
        if not buffer:
            return torch.empty(entry.shape, dtype=TYPES[entry.dtype])
        return torch.frombuffer(buffer, dtype=TYPES[entry.dtype]).reshape(entry.shape)

    @staticmethod
    def _cut(entry: Tensor) -> UserError:
        return UserError(f"{entry.path} has changed since it was opened.", remedy="Export it again.")
