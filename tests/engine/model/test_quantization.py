"""Our quantization beside that of bitsandbytes, on the CPU."""

import numpy as np
import pytest
import torch
from bitsandbytes import functional
from bitsandbytes.nn import Linear8bitLt

from workbench.numerics.affine import Affine
from workbench.numerics.blockwise import BLOCK_SIZES
from workbench.numerics.double_quant import double_quantize, dynamic_map
from workbench.numerics.llm_int8 import int8_product, outlier_columns, relative_error
from workbench.numerics.quantization_scheme import SCHEMES

SHAPES = [(96, 512), (77, 131), (4097,), (3,)]


def weights(shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return (torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))) / 30).to(dtype)


@pytest.mark.parametrize("name", ["nf4", "fp4"])
@pytest.mark.parametrize("block_size", BLOCK_SIZES)
def test_that_codes_and_absmax_are_theirs(name: str, block_size: int) -> None:
    for shape in SHAPES:
        for dtype in (torch.float32, torch.bfloat16, torch.float16):
            given = weights(shape, dtype)
            packed, state = functional.quantize_4bit(given, blocksize=block_size, quant_type=name)
            ours = SCHEMES[name].quantizer.quantize(given.float().numpy(), block_size)
            assert ours.packed().tolist() == packed.reshape(-1).tolist()
            assert ours.scales.numbers.tolist() == state.absmax.tolist()


@pytest.mark.parametrize("name", ["nf4", "fp4"])
@pytest.mark.parametrize("block_size", [32, 64, 256, 4096])
def test_that_double_quantized_constants_and_restored_weights_are_theirs(name: str, block_size: int) -> None:
    for shape in SHAPES:
        given = weights(shape)
        options = {"blocksize": block_size, "quant_type": name, "compress_statistics": True}
        packed, state = functional.quantize_4bit(given, **options)
        blocks = SCHEMES[name].quantizer.quantize(given.numpy(), block_size)
        ours = double_quantize(blocks.scales.numbers, state.offset.item())
        assert ours.codes.tolist() == state.absmax.tolist()
        assert ours.scales.tolist() == state.state2.absmax.tolist()
        restored = functional.dequantize_4bit(packed, state).numpy()
        assert blocks.restored(ours.restored()).reshape(shape).tolist() == restored.tolist()
        # The mean itself is summed up in another order.
        own = double_quantize(blocks.scales.numbers)
        assert float(own.offset) == pytest.approx(state.offset.item(), rel=1e-6)
        assert np.mean(own.codes == ours.codes) > 0.99


@pytest.mark.parametrize("name", ["nf4", "fp4"])
def test_that_ties_zeros_and_numbers_next_to_a_bound_go_their_way(name: str) -> None:
    levels = functional.get_4bit_type(name, device="cpu").sort().values
    bounds = (levels[:-1] + levels[1:]) / 2
    near = torch.cat([bounds, torch.nextafter(bounds, torch.ones(15)), torch.nextafter(bounds, -torch.ones(15))])
    for scale in (1.0, 0.3, 7.7e-5, 1e-38, 0.0):
        given = torch.zeros(64)
        given[:45], given[45], given[46] = near * scale, scale, -0.0
        packed, state = functional.quantize_4bit(given, quant_type=name)
        ours = SCHEMES[name].quantizer.quantize(given.numpy(), 64)
        assert ours.packed().tolist() == packed.reshape(-1).tolist()
        assert ours.scales.numbers.tolist() == state.absmax.tolist()


def test_that_the_dynamic_map_is_theirs() -> None:
    assert dynamic_map().tolist() == functional.create_dynamic_map().tolist()


def test_that_int8_rows_are_theirs() -> None:
    given = weights((64, 300), torch.float16)
    codes, absmax, _ = functional.int8_vectorwise_quant(given)
    affine = Affine.symmetric(absmax.numpy()[:, None])
    assert affine.integers(given.float().numpy()).tolist() == codes.tolist()
    theirs = functional.int8_vectorwise_dequant(codes, absmax).numpy()
    assert np.allclose(affine.restored(codes.numpy()), theirs, rtol=1e-6, atol=0)


@pytest.mark.parametrize("threshold", [0.0, 3.0, 6.0])
def test_that_llm_int8_gives_what_linear8bitlt_gives(threshold: float) -> None:
    given = torch.randn((40, 96), generator=torch.Generator().manual_seed(1))
    given[:, [5, 60]] *= 20
    weight = weights((72, 96))
    layer = Linear8bitLt(96, 72, bias=False, has_fp16_weights=False, threshold=threshold)
    layer.load_state_dict({"weight": weight})
    # In training it multiplies restored weights on a CPU, and not integers.
    theirs = layer.to("cpu").eval()(given.half()).float().detach().numpy()
    ours = int8_product(given.half().float().numpy(), weight.numpy(), threshold=threshold)
    # Theirs is rounded to FP16 at its end, and adds the outliers' product in FP16.
    assert relative_error(theirs, ours.output) < 6e-4
    assert np.abs(ours.output - theirs).max() < 4e-3 * np.abs(theirs).max()
    if threshold:
        assert ours.outliers.tolist() == outlier_columns(given.half().float().numpy(), threshold).tolist()
        exact = given.numpy() @ weight.numpy().T
        without = int8_product(given.numpy(), weight.numpy(), threshold=0).output
        assert relative_error(exact, ours.output) < relative_error(exact, without)
