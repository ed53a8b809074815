"""The codebooks are those that bitsandbytes stores and looks up in."""

import numpy as np
import pytest
import torch
from bitsandbytes import functional

from workbench.numerics.arrays import decode_array, encode_array
from workbench.numerics.named_formats import FP4_BITSANDBYTES, NF4
from workbench.numerics.number_format import NumberFormat

BOOKS = [(NF4, "nf4"), (FP4_BITSANDBYTES, "fp4")]


@pytest.mark.parametrize(("entry", "name"), BOOKS, ids=["nf4", "fp4"])
def test_that_the_levels_are_bitsandbytes_own(entry: NumberFormat, name: str) -> None:
    theirs = functional.get_4bit_type(name, device="cpu").numpy()
    ours = decode_array(entry, np.arange(16, dtype=np.uint8)).astype(np.float32)
    assert theirs.dtype == np.float32
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize(("entry", "name"), BOOKS, ids=["nf4", "fp4"])
def test_that_a_block_is_quantized_to_the_same_values(entry: NumberFormat, name: str) -> None:
    weights = torch.randn(64, 64, generator=torch.Generator().manual_seed(5))
    packed, state = functional.quantize_4bit(weights, blocksize=64, quant_type=name)
    theirs = functional.dequantize_4bit(packed, state).numpy()
    absmax = weights.abs().amax(dim=1, keepdim=True).numpy()
    values = decode_array(entry, encode_array(entry, weights.numpy() / absmax)).astype(np.float32) * absmax
    # Its bounds between two levels are rounded; a weight as near as that to one of them may go either way.
    assert np.mean(values != theirs) < 0.002
    assert np.abs(values - theirs).max() < 0.4 * absmax.max()
