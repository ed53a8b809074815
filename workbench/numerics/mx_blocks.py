"""The microscaled 4-bit formats: blocks of E2M1 numbers with a scale of 8 bits, MXFP4 and NVFP4."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.arrays import decode_array, encode_array
from workbench.numerics.blockwise import Table, largest_by_block, table_from
from workbench.numerics.named_formats import E8M0, FP4_E2M1, FP8_E4M3

Fp32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]

# OCP Microscaling Formats (MX) 1.0, section 5.2: 32 numbers share a power of two.
MXFP4_BLOCK = 32
# NVIDIA's NVFP4: 16 numbers share a scale in E4M3, and all of a tensor one more in FP32.
NVFP4_BLOCK = 16
LARGEST_E2M1 = 6.0
LARGEST_E2M1_EXPONENT = 2
LARGEST_E4M3 = 448.0
# From here on a number would be rounded to 8, could E2M1 count on: the tie at 7 goes to the even fraction.
FIRST_CLIPPED = 7.0


@dataclass(frozen=True)
class ScaledBlocks:
    """E2M1 codes, the scale of each block as its code and as the number that it multiplies by."""

    codes: Bytes
    scale_codes: Bytes
    scales: Fp32  # one a block, that of the tensor included
    block_size: int
    clipped: int
    tensor_scale: float = 1.0

    def restored(self) -> Fp32:
        numbers = decode_array(FP4_E2M1, np.arange(16, dtype=np.uint8)).astype(np.float32)
        values = np.take(numbers, self.codes, mode="clip")
        return values * _for_each(self.scales, self.block_size, len(values))


@dataclass(frozen=True)
class Scales:
    """One for each block: their codes, and the numbers that they multiply by, that of the tensor included."""

    codes: Bytes
    numbers: Fp32
    tensor_scale: float = 1.0


def quantize_mxfp4(values: Fp32) -> ScaledBlocks:
    """The scale is 2**(floor(log2(absmax)) - 2), so that the largest number of a block comes to lie from 4 to 8.

    That is the conversion of section 6.3 of the specification: what is beyond 6 is held at 6. A block of zeros has the
    smallest scale.
    """
    flat = np.ascontiguousarray(values, np.float32).reshape(-1)
    return _quantized(flat, mxfp4_scales(largest_by_block(flat, MXFP4_BLOCK)), MXFP4_BLOCK)


def mxfp4_scales(absmax: Fp32) -> Scales:
    _mantissa, exponent = np.frexp(absmax)
    powers = np.clip(exponent - 1 - LARGEST_E2M1_EXPONENT, -E8M0.bias, E8M0.bias)
    powers[absmax == 0] = -E8M0.bias
    return Scales((powers + E8M0.bias).astype(np.uint8), np.ldexp(np.float32(1), powers).astype(np.float32))


def quantize_nvfp4(values: Fp32, absmax: float | None = None) -> ScaledBlocks:
    """The largest number of the tensor is 448 * 6 times the tensor's scale, that of a block 6 times the block's.

    `absmax` is that of the whole tensor where `values` are a part of it. The scale of a block, divided by the tensor's,
    is rounded to E4M3.
    """
    flat = np.ascontiguousarray(values, np.float32).reshape(-1)
    return _quantized(flat, nvfp4_scales(largest_by_block(flat, NVFP4_BLOCK), absmax), NVFP4_BLOCK)


def nvfp4_scales(of_blocks: Fp32, absmax: float | None = None) -> Scales:
    largest = float(of_blocks.max(initial=0)) if absmax is None else absmax
    tensor_scale = np.float32(largest / (LARGEST_E4M3 * LARGEST_E2M1))
    wanted = of_blocks / np.float32(LARGEST_E2M1)
    relative = np.divide(wanted, tensor_scale, out=np.zeros_like(wanted), where=tensor_scale > 0)
    codes = encode_array(FP8_E4M3, relative, saturate=True).astype(np.uint8)
    return Scales(codes, decode_array(FP8_E4M3, codes).astype(np.float32) * tensor_scale, float(tensor_scale))


def scaled_by(flat: Fp32, scales: Fp32, block_size: int, out: Fp32 | None = None) -> Fp32:
    """Numbers divided by the scales of their blocks; one so small that it was rounded to zero leaves zeros."""
    divisors = np.where(scales > 0, scales, np.float32(np.inf))
    return np.divide(flat, _for_each(divisors, block_size, len(flat)), out=out)


@functools.lru_cache(maxsize=1)
def e2m1_table() -> Table:
    """The levels of E2M1; where a tie goes upward, to the even fraction, the bound lies just below it."""
    levels = np.unique(decode_array(FP4_E2M1, np.arange(16, dtype=np.uint8)).astype(np.float32))
    ties = (levels[:-1] + levels[1:]) / np.float32(2)
    taken = decode_array(FP4_E2M1, encode_array(FP4_E2M1, ties).astype(np.uint8))
    bounds = np.where(taken > ties, np.nextafter(ties, np.float32(-np.inf)), ties)
    return table_from(levels, encode_array(FP4_E2M1, levels).astype(np.uint8), bounds, reach=8.0)


def _quantized(flat: Fp32, scales: Scales, block_size: int) -> ScaledBlocks:
    scaled = scaled_by(flat, scales.numbers, block_size)
    codes = encode_array(FP4_E2M1, scaled).astype(np.uint8)
    return ScaledBlocks(codes, scales.codes, scales.numbers, block_size, clipped_of(scaled), scales.tensor_scale)


def clipped_of(scaled: Fp32) -> int:
    largest = max(float(scaled.max(initial=0)), -float(scaled.min(initial=0)))
    return int(np.count_nonzero(np.abs(scaled) >= FIRST_CLIPPED)) if largest >= FIRST_CLIPPED else 0


def _for_each(scales: Fp32, block_size: int, count: int) -> Fp32:
    return np.repeat(scales, block_size)[:count]
