"""The ways to quantize a tensor, by name: what numbers share a scale, and what that takes."""

import difflib
from dataclasses import dataclass, replace
from enum import StrEnum

from workbench.numerics.blockwise import BLOCK_SIZES
from workbench.numerics.formats import DOUBLE_QUANT_BLOCK, FORMATS
from workbench.numerics.mx_blocks import MXFP4_BLOCK, NVFP4_BLOCK
from workbench.numerics.number_format import slug_of

DEFAULT_BLOCK = FORMATS["nf4"].block_size
SCALE_BYTES = 4  # FP32


class Family(StrEnum):
    ABSMAX = "absmax"
    ZERO_POINT = "zero point"
    CODEBOOK = "codebook"
    MXFP4 = "MXFP4"
    NVFP4 = "NVFP4"


class Grouping(StrEnum):
    """The numbers that share a scale."""

    TENSOR = "tensor"
    ROW = "row"
    BLOCK = "block"


class SchemeError(ValueError):
    """What cannot be, in a sentence."""


@dataclass(frozen=True)
class Scheme:
    """One way to quantize; raises SchemeError for what cannot be.

    Of the codebook and of INT4 the block size may be chosen, and `double_quant` set; `block_size` is 0 where rows or
    the tensor share a scale.
    """

    name: str
    title: str
    family: Family
    grouping: Grouping
    bits: int
    block_size: int = 0
    double_quant: bool = False

    @property
    def has_choice_of_blocks(self) -> bool:
        return self.family is Family.CODEBOOK

    def with_blocks(self, block_size: int | None = None, *, double_quant: bool = False) -> "Scheme":
        """The same in other blocks. Raises SchemeError."""
        if (block_size is not None or double_quant) and not self.has_choice_of_blocks:
            what = "block size" if block_size is not None else "double quantization"
            raise SchemeError(f"{self.title} has no choice of {what}: nf4, fp4 and int4 have.")
        if block_size is not None and block_size not in BLOCK_SIZES:
            raise SchemeError(
                f"A block has {', '.join(map(str, BLOCK_SIZES[:-1]))} or {BLOCK_SIZES[-1]} numbers, not {block_size}."
            )
        return replace(self, block_size=block_size or self.block_size, double_quant=double_quant)

    def size_bytes(self, numbers: int, row_length: int) -> int:
        """Codes and scales of a tensor; the codebook itself, the same for all tensors, is left out.

        A block has an FP32 absmax. Double quantization makes it one byte, and keeps an FP32 scale for every 256 of them
        and one mean a tensor. A zero point takes a byte.
        """
        codes = -(-numbers * self.bits // 8)
        if self.grouping is Grouping.BLOCK:
            blocks = -(-numbers // self.block_size)
            match self.family:
                case Family.MXFP4:
                    return codes + blocks
                case Family.NVFP4:
                    return codes + blocks + SCALE_BYTES
            if self.double_quant:
                return codes + blocks + SCALE_BYTES * (-(-blocks // DOUBLE_QUANT_BLOCK) + 1)
            return codes + SCALE_BYTES * blocks
        groups = 1 if self.grouping is Grouping.TENSOR else numbers // max(row_length, 1)
        return codes + groups * (SCALE_BYTES + (self.family is Family.ZERO_POINT))


_BLOCK = Grouping.BLOCK
SCHEMES: dict[str, Scheme] = {
    entry.name: entry
    for entry in (
        # As bitsandbytes stores a weight of Linear8bitLt: a row is what one output feature is made by.
        Scheme("int8", "INT8, absmax of a row", Family.ABSMAX, Grouping.ROW, 8),
        Scheme("int8-absmax", "INT8, absmax of the tensor", Family.ABSMAX, Grouping.TENSOR, 8),
        Scheme("int8-zeropoint", "INT8 with a zero point, of the tensor", Family.ZERO_POINT, Grouping.TENSOR, 8),
        Scheme("int8-zeropoint-row", "INT8 with a zero point, of a row", Family.ZERO_POINT, Grouping.ROW, 8),
        Scheme("nf4", "NF4", Family.CODEBOOK, _BLOCK, 4, DEFAULT_BLOCK),
        Scheme("fp4", "FP4", Family.CODEBOOK, _BLOCK, 4, DEFAULT_BLOCK),
        Scheme("int4", "INT4, absmax of a block", Family.CODEBOOK, _BLOCK, 4, DEFAULT_BLOCK),
        Scheme("mxfp4", "MXFP4", Family.MXFP4, _BLOCK, 4, MXFP4_BLOCK),
        Scheme("nvfp4", "NVFP4", Family.NVFP4, _BLOCK, 4, NVFP4_BLOCK),
    )
}


def find_scheme(text: str) -> Scheme:
    """Raises SchemeError for a name that is none."""
    found = SCHEMES.get(slug_of(text))
    if found is None:
        near = difflib.get_close_matches(slug_of(text), SCHEMES, n=1, cutoff=0.5)
        nearest = f' The nearest one is "{near[0]}".' if near else ""
        printable = "".join(letter if letter.isprintable() else "?" for letter in text[:40])
        raise SchemeError(f'There is no quantized format "{printable}".{nearest} There are {", ".join(SCHEMES)}.')
    return found
