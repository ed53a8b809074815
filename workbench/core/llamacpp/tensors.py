"""A model's weights by llama.cpp's names, in the order and form in which it wants them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import gguf
import numpy as np
from gguf import MODEL_ARCH, MODEL_ARCH_NAMES, MODEL_TENSOR, TensorNameMap
from numpy.typing import NDArray

from workbench.core.llamacpp import gguf_types
from workbench.core.llamacpp.gguf_types import GgufType, Numbers
from workbench.core.model.families.family import Config, GgufTraits
from workbench.core.model.safetensors_header import Tensor
from workbench.core.problems import UserError, shown
from workbench.core.units import counted

# Of one piece of a tensor while it is read, packed and written.
PIECE_NUMBERS = 1 << 22
WORDS = "token_embd.weight"
_SUFFIXES = (".weight", ".bias")
# What a file may hold that is worked out and not learned.
_WORKED_OUT = (".rotary_emb.inv_freq", ".attention.bias", ".attention.masked_bias")
_OF_PICTURES = ("vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector.")
_BLOCK = re.compile(r"\.(\d+)\.")
TURNED = re.compile(r"\.attn_([qk])\.(weight|bias)$")
_EDGES = (MODEL_TENSOR.TOKEN_EMBD, MODEL_TENSOR.OUTPUT)
_DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "F64": np.dtype("<f8"),
}
_REMEDY = "Export the merged model instead."


@dataclass(frozen=True)
class Stored:
    """A tensor of a safetensors file, read in pieces of whole rows."""

    name: str
    entry: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        return self.entry.shape

    @property
    def row(self) -> int:
        return self.shape[-1]

    def pieces(self, rows: Iterable[int]) -> Iterator[Numbers]:
        """Its numbers from the start, that many rows at a time, shape (rows, numbers of a row).

        Raises UserError where the file ends too soon or cannot be read.
        """
        dtype = _DTYPES[self.entry.dtype]
        try:
            with self.entry.path.open("rb") as file:
                file.seek(self.entry.start)
                for each in rows:
                    count = each * self.row
                    data = file.read(count * dtype.itemsize)
                    if len(data) < count * dtype.itemsize:
                        raise UserError(f"{self.entry.path} has changed since it was opened.", remedy="Begin again.")
                    yield _widened(np.frombuffer(data, dtype)).reshape(-1, self.row)
        except OSError as error:
            raise UserError(
                f"{shown(str(self.entry.path), 300)} cannot be read: {error.strerror or error}.",
                remedy="Check that it is there, and its permissions.",
            ) from None


@dataclass(frozen=True)
class Wanted:
    """A tensor of the file that is to be written: its numbers, shape and type.

    Attributes:
        source: Where its numbers come from; None for those that are `given`.
        heads: Of queries or keys whose rows are put in pairs; 0 where they stay as they lie.
        offset: Added to each number, once it is multiplied by `scale`.
    """

    name: str
    shape: tuple[int, ...]
    type: GgufType
    source: Stored | None = None
    given: NDArray[np.float32] | None = None
    heads: int = 0
    offset: float = 0.0
    scale: float = 1.0

    @property
    def numbers(self) -> int:
        return int(np.prod(self.shape))

    @property
    def size_bytes(self) -> int:
        return self.type.size_of(self.numbers)

    def piece_sizes(self) -> Iterator[tuple[int, int]]:
        """In which pieces it is read, packed and written: the rows and the numbers of each. Heads stay whole."""
        row = self.shape[-1]
        rows, together = self.numbers // row, self._head_rows if self.heads and len(self.shape) > 1 else 1
        most = max(1, PIECE_NUMBERS // (row * together)) * together
        for start in range(0, rows, most):
            count = min(most, rows - start)
            yield count, count * row

    def pieces(self) -> Iterator[Numbers]:
        """Its numbers as they are to be packed, shape (rows, numbers of a row), piece by piece. Raises UserError."""
        if self.source is None:
            assert self.given is not None
            yield np.asarray(self.given, np.float32).reshape(-1, self.shape[-1])
            return
        for piece in self.source.pieces(rows for rows, _ in self.piece_sizes()):
            if self.heads:
                piece = turned(piece.reshape(-1, self._behind), self._head_rows).reshape(piece.shape)
            if self.scale != 1:
                piece = piece * np.float32(self.scale)
            yield piece + np.float32(self.offset) if self.offset else piece

    def as_stored(self, numbers: Numbers) -> Numbers:
        """All numbers of the tensor in a file, as the model's own file has them, of its shape."""
        if self.heads:
            numbers = turned_back(numbers.reshape(-1, self._behind), self._head_rows)
        return (numbers - np.float32(self.offset) if self.offset else numbers).reshape(self.shape)

    @property
    def _head_rows(self) -> int:
        return self.shape[0] // self.heads

    @property
    def _behind(self) -> int:
        """Numbers that one of a head's rows has: a bias has one."""
        return self.shape[1] if len(self.shape) > 1 else 1


def turned(rows: Numbers, head_rows: int) -> Numbers:
    """Rows of queries or keys whose halves were turned together, so that neighbours are: (a b c d) to (a c b d).

    Of shape (heads * head_rows, numbers of a row), and so is what comes of it.
    """
    return rows.reshape(-1, 2, head_rows // 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def turned_back(rows: Numbers, head_rows: int) -> Numbers:
    """What `turned` has made as it was, of the same shape."""
    return rows.reshape(-1, head_rows // 2, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


class Names:
    """llama.cpp's names of a model's tensors."""

    def __init__(self, config: Config, traits: GgufTraits) -> None:
        architecture = next(arch for arch, name in MODEL_ARCH_NAMES.items() if name == traits.architecture)
        self.architecture: MODEL_ARCH = architecture
        self.layers = config.size("layers")
        self._map = _name_map(architecture, self.layers)

    def of(self, name: str) -> str:
        """Empty for a tensor that llama.cpp has no name for."""
        found = self._map.get_name(plain(name), try_suffixes=_SUFFIXES)
        return found or ""

    def is_edge(self, name: str) -> bool:
        """Whether a tensor of a file holds its words: embeddings or head."""
        return self._map.get_type(plain(name), try_suffixes=_SUFFIXES) in _EDGES


@cache
def _name_map(architecture: MODEL_ARCH, layers: int) -> TensorNameMap:
    """Some tens of thousands of names, of which each type of each plan asks."""
    return gguf.get_tensor_name_map(architecture, layers)


def plan(
    config: Config,
    traits: GgufTraits,
    stored: Mapping[str, Tensor],
    wanted: GgufType,
    factors: Mapping[str, NDArray[np.float32]],
) -> tuple[list[Wanted], list[str]]:
    """The tensors of the file in their order, and what is said of those left out or widened.

    `factors` are those of positions, each of shape (pairs of a head's turned numbers,).

    Raises UserError where a tensor has no place, and where the layers are not alike.
    """
    names, found, notes = Names(config, traits), list[Wanted](), list[str]()
    single = gguf_types.named("f32")
    pictures = [name for name in stored if name.startswith(_OF_PICTURES)]
    if pictures:
        notes.append(f"What reads pictures is left out: {counted(len(pictures), 'tensor')}.")
    widened = set[str]()
    for name in sorted(set(stored) - set(pictures), key=_place):
        entry = stored[name]
        if name.endswith(_WORKED_OUT) or (config.is_tied and plain(name).endswith(config.family.heads)):
            continue
        target = names.of(name)
        if not target or not entry.numbers:
            raise UserError(
                f"llama.cpp has no place for the tensor {shown(name)} in a model of its {traits.architecture} kind.",
                remedy=_REMEDY,
            )
        if entry.dtype not in _DTYPES:
            raise UserError(
                f"The tensor {shown(name)} is of the type {shown(entry.dtype)}, which is not read here.",
                remedy="Export from the 16-bit weights.",
            )
        kind, is_edge = single, names.is_edge(name)
        if len(entry.shape) > 1:
            kind = gguf_types.of_tensor(wanted, entry.shape[-1], is_edge=is_edge)
            if kind is not gguf_types.of_tensor(wanted, gguf_types.LARGEST_BLOCK, is_edge=is_edge):
                widened.add(f"{kind.title}, as {entry.shape[-1]} numbers a row are no whole blocks of {wanted.title}")
        heads = 0
        if traits.is_turned and (match := TURNED.search(target)):
            heads = config.size("attention heads") if match[1] == "q" else config.key_value_heads
        offset = traits.norm_offset if target.endswith("norm.weight") else 0.0
        found.append(Wanted(target, entry.shape, kind, Stored(name, entry), heads=heads, offset=offset))
    notes += [f"Some weights are written as {words}." for words in sorted(widened)]
    outer = {WORDS, "output_norm.weight"} | (set() if config.is_tied else {"output.weight"})
    _refuse_unlike(found, names.layers, outer)
    return [*found, *(Wanted(name, given.shape, single, given=given) for name, given in factors.items())], notes


def _refuse_unlike(found: list[Wanted], layers: int, outer: set[str]) -> None:
    """Raises UserError where a layer lacks what others have, or one of those is missing that are in none."""
    of_layer: dict[int, set[str]] = defaultdict(set)
    for each in found:
        if match := _BLOCK.search(each.name):
            of_layer[int(match[1])].add(_BLOCK.sub(".", each.name))
    every = set[str]().union(*of_layer.values())
    missing = [f"blk.{layer}{name[3:]}" for layer in range(layers) for name in sorted(every - of_layer[layer])]
    missing += sorted(outer - {each.name for each in found})
    if missing or not every:
        raise UserError(
            f"The weights are not whole: {counted(len(missing), 'tensor')} missing, "
            f"such as {shown(missing[0] if missing else 'those of every layer')}.",
            remedy="Get the model's weights again.",
        )


def plain(name: str) -> str:
    """A tensor's name in a model that reads text alone."""
    return name.replace("language_model.model.", "model.").replace("language_model.", "")


def _place(name: str) -> tuple[int, str]:
    """A sort key: embeddings first, then the layers by their numbers, then the rest."""
    first = 0 if name.endswith("embed_tokens.weight") else 1 if _BLOCK.search(name) else 2
    return first, _BLOCK.sub(lambda match: f".{int(match[1]):06d}.", name)


def _widened(codes: NDArray[np.generic]) -> Numbers:
    if codes.dtype == np.uint16:  # BF16: the upper half of FP32
        wide = codes.astype(np.uint32)
        wide <<= np.uint32(16)
        return wide.view(np.float32)
    return codes.astype(np.float32)
