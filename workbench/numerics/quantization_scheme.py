"""The ways to quantize a tensor, by name: how numbers become codes, and which of them share a scale."""

import difflib
from dataclasses import dataclass, replace
from enum import StrEnum

from workbench.numerics.affine_quantizer import AbsmaxQuantizer, AffineQuantizer, ZeroPointQuantizer
from workbench.numerics.block_quantizer import BlockQuantizer, CodebookQuantizer, integer_codebook
from workbench.numerics.blockwise import BLOCK_SIZES
from workbench.numerics.formats import DOUBLE_QUANT_BLOCK, FORMATS
from workbench.numerics.mx_blocks import MXFP4_BLOCK, NVFP4_BLOCK, Mxfp4Quantizer, Nvfp4Quantizer
from workbench.numerics.named_formats import FP4_BITSANDBYTES, NF4
from workbench.numerics.number_format import slug_of

DEFAULT_BLOCK = FORMATS["nf4"].block_size
SCALE_BYTES = 4  # FP32


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

    `title` says all, `label` is for a list, `short_title` for where there is little room. Where the scale is free the
    block size may be chosen, and `double_quant` set; `block_size` is 0 where rows or the tensor share a scale.
    """

    name: str
    title: str
    label: str
    short_title: str
    quantizer: AffineQuantizer | BlockQuantizer
    grouping: Grouping
    block_size: int = 0
    double_quant: bool = False

    def __post_init__(self) -> None:
        is_in_blocks = isinstance(self.quantizer, BlockQuantizer)
        if not (is_in_blocks == (self.grouping is Grouping.BLOCK) == (self.block_size > 0)):
            raise SchemeError(f"{self.title}: blocks, and these alone, have a size and a BlockQuantizer.")
        if self.bits not in (1, 2, 4, 8):
            raise SchemeError(f"{self.title}: a byte holds 1, 2, 4 or 8 codes, and none of {self.bits} bits.")

    @property
    def bits(self) -> int:
        """Of a code."""
        return self.quantizer.bits

    @property
    def has_choice_of_blocks(self) -> bool:
        return self.grouping is Grouping.BLOCK and self.quantizer.has_free_scale

    def with_blocks(self, block_size: int | None = None, *, double_quant: bool = False) -> "Scheme":
        """The same in other blocks. Raises SchemeError."""
        if (block_size is not None or double_quant) and not self.has_choice_of_blocks:
            what = "block size" if block_size is not None else "double quantization"
            raise SchemeError(f"{self.title} has no choice of {what}: {listed(WITH_BLOCKS)} have.")
        if block_size is not None and block_size not in BLOCK_SIZES:
            raise SchemeError(
                f"A block has {', '.join(map(str, BLOCK_SIZES[:-1]))} or {BLOCK_SIZES[-1]} numbers, not {block_size}."
            )
        return replace(self, block_size=block_size or self.block_size, double_quant=double_quant)

    def size_bytes(self, numbers: int, row_length: int) -> int:
        """Codes and scales of a tensor; the codebook itself, the same for all tensors, is left out.

        Double quantization makes the FP32 absmax of a block one byte, and keeps an FP32 scale for every 256 of them and
        one mean a tensor.
        """
        codes = -(-numbers * self.bits // 8)
        match self.grouping:
            case Grouping.TENSOR:
                groups = 1
            case Grouping.ROW:
                groups = numbers // max(row_length, 1)
            case Grouping.BLOCK:
                groups = -(-numbers // self.block_size)
        if self.double_quant:
            return codes + groups + SCALE_BYTES * (-(-groups // DOUBLE_QUANT_BLOCK) + 1)
        return codes + groups * self.quantizer.group_bytes + self.quantizer.tensor_bytes


_ABSMAX = AbsmaxQuantizer("INT8 absmax", "formats.INT8")
_ZERO_POINT = ZeroPointQuantizer("INT8 zero point", "formats.INT8")
_NF4 = CodebookQuantizer("NF4", "formats.NF4", NF4)
_FP4 = CodebookQuantizer("FP4", "formats.FP4", FP4_BITSANDBYTES)
_INT4 = CodebookQuantizer("INT4 absmax", "formats.INT8", integer_codebook(4), is_whole=True)
_MXFP4, _NVFP4 = Mxfp4Quantizer("MXFP4", "formats.FP4"), Nvfp4Quantizer("NVFP4", "formats.FP4")
_ROW, _TENSOR, _BLOCK = Grouping.ROW, Grouping.TENSOR, Grouping.BLOCK

# In the order in which they are listed.
SCHEMES: dict[str, Scheme] = {
    entry.name: entry
    for entry in (
        # As bitsandbytes stores a weight of Linear8bitLt: a row is what one output feature is made by.
        Scheme("int8", "INT8, absmax of a row", "INT8, per row", "INT8 row", _ABSMAX, _ROW),
        Scheme("int8-absmax", "INT8, absmax of the tensor", "INT8, per tensor", "INT8 tensor", _ABSMAX, _TENSOR),
        Scheme(
            "int8-zeropoint", "INT8 with a zero point, of the tensor", "INT8 zero point", "INT8 zero pt.", _ZERO_POINT,
            _TENSOR,
        ),
        Scheme(
            "int8-zeropoint-row", "INT8 with a zero point, of a row", "INT8 zero point, row", "INT8 zero pt. row",
            _ZERO_POINT, _ROW,
        ),
        Scheme("nf4", "NF4", "NF4", "NF4", _NF4, _BLOCK, DEFAULT_BLOCK),
        Scheme("fp4", "FP4", "FP4", "FP4", _FP4, _BLOCK, DEFAULT_BLOCK),
        Scheme("int4", "INT4, absmax of a block", "INT4 absmax", "INT4", _INT4, _BLOCK, DEFAULT_BLOCK),
        Scheme("mxfp4", "MXFP4", "MXFP4", "MXFP4", _MXFP4, _BLOCK, MXFP4_BLOCK),
        Scheme("nvfp4", "NVFP4", "NVFP4", "NVFP4", _NVFP4, _BLOCK, NVFP4_BLOCK),
    )
}  # fmt: skip
# Those of which the block size may be chosen.
WITH_BLOCKS = tuple(entry for entry in SCHEMES.values() if entry.has_choice_of_blocks)


def listed(schemes: tuple[Scheme, ...]) -> str:
    """ "nf4, fp4 and int4" """
    names = [entry.name for entry in schemes]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def find_scheme(text: str) -> Scheme:
    """Raises SchemeError for a name that is none."""
    found = SCHEMES.get(slug_of(text))
    if found is None:
        near = difflib.get_close_matches(slug_of(text), SCHEMES, n=1, cutoff=0.5)
        nearest = f' The nearest one is "{near[0]}".' if near else ""
        printable = "".join(letter if letter.isprintable() else "?" for letter in text[:40])
        raise SchemeError(f'There is no quantized format "{printable}".{nearest} There are {", ".join(SCHEMES)}.')
    return found
