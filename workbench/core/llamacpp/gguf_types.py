"""The types that weights may have in a GGUF file: what they take, what writes them, how far off they may be."""

from collections.abc import Callable
from dataclasses import dataclass

import gguf
import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType
from numpy.typing import NDArray

from workbench.core.llamacpp import ggml_library
from workbench.core.problems import UserError, nearest, shown

Numbers = NDArray[np.float32]
Bound = Callable[[Numbers], Numbers]

# What a 16-bit scale may be off, of itself and where it is too small to be normal.
_SCALE_OFF = 2.0**-11
_SMALL_OFF = 2.0**-25
# The same behind a scale's own code of 7 bits and a number's of 5.
_SCALED_OFF = 2.0**12 * _SMALL_OFF


@dataclass(frozen=True)
class GgufType:
    """One type by its name.

    Attributes:
        name: As llama.cpp and the command line spell it.
        code: What a tensor's entry says.
        file_type: What the file says of most of its tensors.
        bound: Of numbers in whole blocks, shape (blocks, numbers of a block): the most by which each may be off, of a
            shape that fits.
        narrow: What rows get that are no whole number of blocks.
        edges: What embeddings and head get: they are looked at with every token, and take little of a large model.
    """

    name: str
    code: GGMLQuantizationType
    file_type: LlamaFileType
    bound: Bound
    narrow: str = ""
    edges: str = ""

    @property
    def title(self) -> str:
        return self.code.name

    @property
    def block(self) -> int:
        """Numbers that are packed together."""
        return GGML_QUANT_SIZES[self.code][0]

    @property
    def bits(self) -> float:
        """A number, with its share of the scales."""
        numbers, size = GGML_QUANT_SIZES[self.code]
        return 8 * size / numbers

    @property
    def needs_library(self) -> bool:
        """Whether the `gguf` package reads it and does not write it: ggml's own library does."""
        return self.name in _OF_LIBRARY

    def fits(self, row: int) -> bool:
        return row % self.block == 0

    def size_of(self, numbers: int) -> int:
        return numbers // self.block * GGML_QUANT_SIZES[self.code][1]

    def pack(self, rows: Numbers) -> NDArray[np.uint8]:
        """Rows of numbers as bytes, shape (rows, bytes of a row). Raises UserError for what the type cannot hold."""
        with np.errstate(over="ignore"):
            packed = ggml_library.pack(rows, self.code) if self.needs_library else gguf.quantize(rows, self.code)
        return np.ascontiguousarray(packed).view(np.uint8).reshape(len(rows), -1)

    def unpack(self, packed: NDArray[np.uint8]) -> Numbers:
        """The numbers again, shape (rows, numbers of a row)."""
        return gguf.dequantize(packed, self.code)


def _exact(blocks: Numbers) -> Numbers:
    return np.zeros_like(blocks)


def _half(blocks: Numbers) -> Numbers:
    return np.abs(blocks) * np.float32(_SCALE_OFF) + np.float32(_SMALL_OFF)


def _brain(blocks: Numbers) -> Numbers:
    return np.abs(blocks) * np.float32(2.0**-8)


def _steps(of: float, worst: float) -> Bound:
    """One scale: the largest magnitude is `of` steps from 0, and a number at most `worst` steps off."""

    def bound(blocks: Numbers) -> Numbers:
        largest = np.abs(blocks).max(axis=1, keepdims=True)
        return np.asarray(largest / of * (worst + of * _SCALE_OFF) + of * _SMALL_OFF, np.float32)

    return bound


def _between(steps: int) -> Bound:
    """A scale and a least number: half a step of the range, and what the two 16-bit numbers are off."""

    def bound(blocks: Numbers) -> Numbers:
        least, most = blocks.min(axis=1, keepdims=True), blocks.max(axis=1, keepdims=True)
        width = most - least
        off = (width + np.abs(least)) * _SCALE_OFF + (steps + 1) * _SMALL_OFF
        return np.asarray(width / steps / 2 * 1.0001 + off, np.float32)

    return bound


def _share(of_largest: float) -> Bound:
    """Scales of scales, chosen for the smallest mean error: a share of the largest magnitude of the block of 256.

    Two steps of a symmetric type of 6 bits and the rounding of its scale; a step of the range, the rounding of scale
    and of least number in 6 bits each where there are both.
    """

    def bound(blocks: Numbers) -> Numbers:
        return np.asarray(np.abs(blocks).max(axis=1, keepdims=True) * of_largest + _SCALED_OFF, np.float32)

    return bound


_CODE, _FILE = GGMLQuantizationType, LlamaFileType
# From the widest to the narrowest. The shorter side of a symmetric type's codes is a whole step short.
TYPES = (
    GgufType("f32", _CODE.F32, _FILE.ALL_F32, _exact),
    GgufType("f16", _CODE.F16, _FILE.MOSTLY_F16, _half),
    GgufType("bf16", _CODE.BF16, _FILE.MOSTLY_BF16, _brain),
    GgufType("q8_0", _CODE.Q8_0, _FILE.MOSTLY_Q8_0, _steps(127, 0.5), "f16"),
    GgufType("q6_k", _CODE.Q6_K, _FILE.MOSTLY_Q6_K, _share(1 / 14), "q8_0", "q8_0"),
    GgufType("q5_k", _CODE.Q5_K, _FILE.MOSTLY_Q5_K_S, _share(1 / 8), "q5_1", "q8_0"),
    GgufType("q5_1", _CODE.Q5_1, _FILE.MOSTLY_Q5_1, _between(31), "f16", "q8_0"),
    GgufType("q5_0", _CODE.Q5_0, _FILE.MOSTLY_Q5_0, _steps(16, 1), "f16", "q8_0"),
    GgufType("q4_k", _CODE.Q4_K, _FILE.MOSTLY_Q4_K_S, _share(1 / 5), "q5_0", "q8_0"),
    GgufType("q4_1", _CODE.Q4_1, _FILE.MOSTLY_Q4_1, _between(15), "f16", "q8_0"),
    GgufType("q4_0", _CODE.Q4_0, _FILE.MOSTLY_Q4_0, _steps(8, 1), "f16", "q8_0"),
)  # fmt: skip
_OF_LIBRARY = ("q6_k", "q5_k", "q4_k")
LARGEST_BLOCK = 256  # numbers: a row of as many fits every type
_BY_NAME = {each.name: each for each in TYPES}
NAMES = tuple(_BY_NAME)


def named(name: str) -> GgufType:
    """Raises UserError for what is none, or what nothing on this machine can write."""
    found = _BY_NAME.get(name.lower())
    if found is None:
        raise UserError(
            f'There is no GGUF type "{shown(name)}".{nearest(name.lower(), list(NAMES))}',
            remedy=f"One of {', '.join(NAMES)}.",
        )
    if why := why_not(found):
        raise UserError(f"{found.title} cannot be written: {why}.", remedy=_instead(found))
    return found


def why_not(wanted: GgufType) -> str:
    """Why a type cannot be written on this machine, in words that may end a sentence; empty where it can."""
    if not wanted.needs_library or ggml_library.is_there():
        return ""
    return "the gguf package reads it and does not write it, and llama.cpp's library is not installed"


def _instead(wanted: GgufType) -> str:
    other = {"q6_k": "q8_0", "q5_k": "q5_1", "q4_k": "q4_1"}[wanted.name]
    return f"Take {other}, or name a folder with llama.cpp's libraries in {ggml_library.VARIABLE}."


def of_tensor(wanted: GgufType, row: int, *, is_edge: bool = False) -> GgufType:
    """The type of a tensor of that many numbers a row in a file of the wanted type."""
    found = _BY_NAME[wanted.edges] if is_edge and wanted.edges else wanted
    while not found.fits(row):
        found = _BY_NAME[found.narrow]
    return found
