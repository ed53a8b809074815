"""The microscaled 4-bit formats: blocks of E2M1 numbers with a scale of 8 bits, MXFP4 and NVFP4."""

import functools
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.arrays import decode_array, encode_array
from workbench.numerics.block_quantizer import BlockQuantizer, Scales
from workbench.numerics.blockwise import Table, largest_by_block, table_from
from workbench.numerics.named_formats import E8M0, FP4_E2M1, FP8_E4M3
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.quantizer import Bytes
from workbench.numerics.rounding import Rounding

Fp32 = NDArray[np.float32]

# OCP Microscaling Formats (MX) 1.0, section 5.2: 32 numbers share a power of two.
MXFP4_BLOCK = 32
# NVIDIA's NVFP4: 16 numbers share a scale in E4M3, and all of a tensor one more in FP32.
NVFP4_BLOCK = 16
LARGEST_E2M1 = 6.0
LARGEST_E2M1_EXPONENT = 2
LARGEST_E4M3 = 448.0
# From here on a number would be rounded to 8, could E2M1 count on: the tie at 7 goes to the even fraction.
FIRST_CLIPPED = 7.0


class E2m1Quantizer(BlockQuantizer):
    """E2M1 numbers; PyTorch's float4_e2m1fn_x2 has the first of two in the lower half of their byte."""

    divisor: ClassVar[str] = "scale"
    has_free_scale: ClassVar[bool] = False
    is_first_low: ClassVar[bool] = True

    @property
    def code(self) -> NumberFormat:
        return FP4_E2M1

    @property
    def roundings(self) -> tuple[Rounding, ...]:
        return (Rounding.NEAREST_EVEN,)

    def table(self) -> Table:
        return _e2m1_table()

    def absmax(self, flat: Fp32, block_size: int, room: Fp32 | None = None) -> Fp32:
        return largest_by_block(flat, block_size, room)

    def scaled(self, flat: Fp32, scales: Fp32, block_size: int, out: Fp32 | None = None) -> Fp32:
        """A scale so small that it was rounded to zero leaves zeros."""
        divisors = np.where(scales > 0, scales, np.float32(np.inf))
        scaled: Fp32 = np.divide(flat, np.repeat(divisors, block_size)[: len(flat)], out=out)
        return scaled

    def codes_of(self, scaled: Fp32) -> Bytes:
        return encode_array(FP4_E2M1, scaled).astype(np.uint8)

    def is_beyond(self, scaled: Fp32) -> NDArray[np.bool_]:
        beyond: NDArray[np.bool_] = np.abs(scaled) >= FIRST_CLIPPED
        return beyond

    def clipped(self, scaled: Fp32) -> int:
        largest = max(float(scaled.max(initial=0)), -float(scaled.min(initial=0)))
        return int(np.count_nonzero(self.is_beyond(scaled))) if largest >= FIRST_CLIPPED else 0


class Mxfp4Quantizer(E2m1Quantizer):
    """The scale is 2**(floor(log2(absmax)) - 2), so that the largest number of a block comes to lie from 4 to 8.

    That is the conversion of section 6.3 of the specification: what is beyond 6 is held at 6. A block of zeros has the
    smallest scale.
    """

    scale_format: ClassVar[NumberFormat] = E8M0

    @property
    def ends(self) -> tuple[float, float]:
        return -8.0, 8.0

    def scales(self, absmax: Fp32, largest: float | None = None) -> Scales:
        _mantissa, exponent = np.frexp(absmax)
        powers = np.clip(exponent - 1 - LARGEST_E2M1_EXPONENT, -E8M0.bias, E8M0.bias)
        powers[absmax == 0] = -E8M0.bias
        return Scales(np.ldexp(np.float32(1), powers).astype(np.float32), (powers + E8M0.bias).astype(np.uint8))


class Nvfp4Quantizer(E2m1Quantizer):
    """The largest number of the tensor is 448 * 6 times the tensor's scale, that of a block 6 times the block's.

    The scale of a block, divided by the tensor's, is rounded to E4M3.
    """

    scale_format: ClassVar[NumberFormat] = FP8_E4M3
    has_tensor_scale: ClassVar[bool] = True

    @property
    def ends(self) -> tuple[float, float]:
        """The scale is rounded: the largest number of a block is near 6, and not always below."""
        return -6.5, 6.5

    def scales(self, absmax: Fp32, largest: float | None = None) -> Scales:
        of_all = float(absmax.max(initial=0)) if largest is None else largest
        tensor_scale = np.float32(of_all / (LARGEST_E4M3 * LARGEST_E2M1))
        wanted = absmax / np.float32(LARGEST_E2M1)
        relative = np.divide(wanted, tensor_scale, out=np.zeros_like(wanted), where=tensor_scale > 0)
        codes = encode_array(FP8_E4M3, relative, saturate=True).astype(np.uint8)
        return Scales(decode_array(FP8_E4M3, codes).astype(np.float32) * tensor_scale, codes, float(tensor_scale))


@functools.lru_cache(maxsize=1)
def _e2m1_table() -> Table:
    """The levels of E2M1; where a tie goes upward, to the even fraction, the bound lies just below it."""
    levels = np.unique(decode_array(FP4_E2M1, np.arange(16, dtype=np.uint8)).astype(np.float32))
    ties = (levels[:-1] + levels[1:]) / np.float32(2)
    taken = decode_array(FP4_E2M1, encode_array(FP4_E2M1, ties).astype(np.uint8))
    bounds = np.where(taken > ties, np.nextafter(ties, np.float32(-np.inf)), ties)
    return table_from(levels, encode_array(FP4_E2M1, levels).astype(np.uint8), bounds, reach=8.0)
