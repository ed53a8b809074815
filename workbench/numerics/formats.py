"""Number formats as data: how many bits a weight takes, and what they mean."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """One way to store a number.

    A floating-point format has `exponent_bits` and `fraction_bits` (the hidden bit not counted). An integer format and
    a codebook have neither: a codebook's code is an index into a table and has no sign, exponent or fraction.
    """

    name: str
    title: str
    kind: str  # "float", "integer" or "codebook"
    bits: int
    exponent_bits: int = 0
    fraction_bits: int = 0
    bias: int = 0
    block_size: int = 0  # weights that share one absmax; 0 where none is kept


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format("fp32", "FP32", "float", 32, exponent_bits=8, fraction_bits=23, bias=127),
        Format("fp16", "FP16", "float", 16, exponent_bits=5, fraction_bits=10, bias=15),
        Format("bf16", "BF16", "float", 16, exponent_bits=8, fraction_bits=7, bias=127),
        Format("int8", "INT8", "integer", 8),
        Format("nf4", "NF4", "codebook", 4, block_size=64),
        Format("fp4", "FP4", "codebook", 4, block_size=64),
    )
}

# Absmax values that share one second-level scale under double quantization (QLoRA, arXiv 2305.14314, section 3).
DOUBLE_QUANT_BLOCK = 256


def bits_per_weight(name: str, *, double_quant: bool = False, block_size: int = 0) -> float:
    """Bits a weight costs in format `name`, the block constants included.

    NF4 keeps one 32-bit absmax per 64 weights: 4 + 32/64 = 4.5. Double quantization keeps that absmax in 8 bits and one
    32-bit scale per 256 of them: 4 + 8/64 + 32/(64*256) = 4.127 (arXiv 2305.14314). The 32-bit scale per row of INT8
    depends on the row's length and is left out. `block_size` is that of weights stored with another one than the
    format's own.

    Raises KeyError for a format that is not in FORMATS.
    """
    entry = FORMATS[name]
    if entry.block_size == 0:
        return float(entry.bits)
    block = block_size or entry.block_size
    if double_quant:
        return entry.bits + 8 / block + 32 / (block * DOUBLE_QUANT_BLOCK)
    return entry.bits + 32 / block
