"""The bytes of weights as they are stored: codes, and the constants that turn them into numbers again."""

from math import prod

from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import QUANTIZED
from workbench.numerics.formats import DOUBLE_QUANT_BLOCK, FORMATS

SIZES = {"fp32": 4, "fp16": 2, "bf16": 2}
# Of each 4-bit tensor, the table of its 16 values; under double quantization also the mean of its absmax values and
# the table of 256 values that those are coded by (bitsandbytes, functional.py: quantize_4bit).
CODEBOOK_BYTES, OFFSET_BYTES, ABSMAX_TABLE_BYTES = 4 * 16, 4, 4 * 256


def quantized_bytes(shape: ModelShape, precision: str, double_quant: bool) -> int:
    """Bytes of the layers that quantization replaces.

    4-bit layers keep an absmax per block of 64, or of as many as they are stored with, INT8 layers a 32-bit scale per
    row (bitsandbytes, int8_vectorwise_quant).
    """
    if precision == "int8":
        return shape.linear_parameters + 4 * shape.linear_rows
    if precision not in QUANTIZED:
        return shape.linear_parameters * SIZES[precision]
    block = block_size_of(shape, precision)
    return sum(count * _four_bit_bytes(prod(size), block, double_quant) for size, count in shape.linear_sizes)


def block_size_of(shape: ModelShape, precision: str) -> int:
    """Numbers that share an absmax: as the weights are stored, else as the format has it."""
    return (shape.quantized.block_size if shape.quantized else 0) or FORMATS[precision].block_size


def _four_bit_bytes(numbers: int, block_size: int, double_quant: bool) -> int:
    blocks = -(-numbers // block_size)
    packed = -(-numbers // 2) + CODEBOOK_BYTES
    if not double_quant:
        return packed + 4 * blocks
    return packed + blocks + 4 * -(-blocks // DOUBLE_QUANT_BLOCK) + OFFSET_BYTES + ABSMAX_TABLE_BYTES


def weights_bytes(
    shape: ModelShape, precision: str, double_quant: bool, compute_dtype: str = "bf16"
) -> tuple[int, int]:
    """Bytes of the layers that quantization replaces, and of embeddings, head and norms, which it leaves.

    The rest is kept in the compute type beside quantized layers, else in the stored one (engine/model/load.py).
    """
    kept_as = compute_dtype if precision in QUANTIZED else precision
    return quantized_bytes(shape, precision, double_quant), shape.other_parameters * SIZES[kept_as]
