"""Quantization of arrays: published vectors, published tables, and laws."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.numerics.affine import Affine
from workbench.numerics.blockwise import block_absmax, code_of, table_of
from workbench.numerics.double_quant import double_quantize, dynamic_map
from workbench.numerics.llm_int8 import Product, int8_product, outlier_columns, relative_error
from workbench.numerics.quantization_error import ErrorSums, errors_of
from workbench.numerics.quantization_scheme import SCHEMES, WITH_BLOCKS, SchemeError, find_scheme
from workbench.numerics.round_trip import Known, affine_of, round_trip

# The vector that texts on absmax quantization print, with the integers they print.
PUBLISHED = np.array([1.2, -0.5, -4.3, 1.2, -3.1, 0.8, 2.4, 5.4], np.float32)
PUBLISHED_INTEGERS = [28, -12, -101, 28, -73, 19, 56, 127]

# bitsandbytes, tests/test_functional.py: mean |error| of 1024 x 1024 numbers of N(0, 1), and its deviation in one draw.
MEAN_ERRORS = {
    "nf4": (0.067746, 0.072798, 0.076831, 0.080337, 0.083547, 0.086610, 0.089592, 0.092547),
    "fp4": (0.088925, 0.096543, 0.102969, 0.108684, 0.114115, 0.119333, 0.124556, 0.129536),
}
QUANTIZERS = {scheme.name: scheme.quantizer for scheme in WITH_BLOCKS}
BLOCK_SIZES = (32, 64, 128, 256, 512, 1024, 2048, 4096)
DRAWS = 4

finite = st.floats(-(2.0**100), 2.0**100, width=32).map(lambda x: 0.0 if abs(x) < 1e-30 else x)


@pytest.fixture(scope="module")
def normal() -> list[np.ndarray]:
    random = np.random.default_rng(11)
    return [random.standard_normal(1024 * 1024, dtype=np.float32) for _ in range(DRAWS)]


def weights(rows: int = 64, columns: int = 256, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((rows, columns), dtype=np.float32) / 50


# -- absmax and zero point ---------------------------------------------------------------------------------------------


def test_that_the_published_vector_becomes_the_published_integers() -> None:
    affine = Affine.symmetric(np.abs(PUBLISHED).max())
    assert affine.integers(PUBLISHED).tolist() == PUBLISHED_INTEGERS
    assert float(affine.factor) == pytest.approx(23.5, abs=0.02)  # printed as 23.5
    restored = affine.restored(affine.integers(PUBLISHED))
    assert np.abs(restored - PUBLISHED).max() <= float(affine.step) / 2


def test_that_a_zero_point_uses_all_integers_and_keeps_zero() -> None:
    values = np.array([-1.0, 0.0, 0.5, 4.0], np.float32)
    affine = Affine.asymmetric(values.min(), values.max())
    integers = affine.integers(values)
    assert (integers[0], integers[-1]) == (-128, 127)
    assert affine.restored(integers)[1] == 0
    above = np.array([3.0, 4.0], np.float32)  # the range is widened to hold zero
    affine = Affine.asymmetric(above.min(), above.max())
    assert affine.restored(affine.integers(np.zeros(1, np.float32)))[0] == 0


def test_that_torch_and_onnx_would_choose_the_same_scale_and_zero_point() -> None:
    # torch.ao.quantization.MinMaxObserver, qint8 and affine, of a tensor from -0.3 to 1.2
    affine = Affine.asymmetric(-0.3, 1.2)
    assert float(affine.step) == pytest.approx(1.5 / 255, rel=1e-6)
    assert int(affine.zero_point) == -77


def test_that_a_scale_and_a_clipping_of_ones_own_are_obeyed() -> None:
    affine = Affine.of(0.5, zero_point=-10)
    values = np.array([0.0, 0.76, -100.0, 100.0], np.float32)
    assert affine.integers(values).tolist() == [-10, -8, -128, 127]
    assert affine.is_clipped(values).tolist() == [False, False, True, True]


def test_that_zeros_and_the_ends_of_fp32_do_no_harm() -> None:
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        for absmax in (0.0, 1e-45, 3.4e38):
            values = np.array([absmax, -absmax, 0], np.float32)
            affine = Affine.symmetric(np.float32(absmax))
            assert np.isfinite(affine.restored(affine.integers(values))).all()


@settings(max_examples=200, deadline=None)
@given(st.lists(finite, min_size=1, max_size=40), st.sampled_from(["int8-absmax", "int8", "int8-zeropoint"]))
def test_that_no_number_is_off_by_more_than_half_a_step(values: list[float], name: str) -> None:
    given_values = np.array(values, np.float32)
    scheme = SCHEMES[name]
    made = round_trip(given_values, scheme, len(given_values))
    step = float(affine_of(given_values, scheme.quantizer, scheme.grouping, len(given_values)).step.reshape(-1)[0])
    allowed = step * (0.5 if name != "int8-zeropoint" else 1.0)  # a rounded zero point moves the ends by half a step
    assert np.abs(made.restored.astype(np.float64) - given_values).max() <= allowed * 1.0001 + 1e-6 * step * 127


# -- blocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nf4", "fp4"])
def test_that_bitsandbytes_table_of_mean_errors_is_reproduced(name: str, normal: list[np.ndarray]) -> None:
    for size, published in zip(BLOCK_SIZES, MEAN_ERRORS[name], strict=True):
        means = [errors_of(x, QUANTIZERS[name].quantize(x, size).restored()).mean_abs_error for x in normal]
        deviation = max(float(np.std(means, ddof=1)), 5e-5)  # theirs is 7e-5 in one draw at 64
        assert abs(np.mean(means) - published) < 3 * deviation / math.sqrt(DRAWS), size


def test_that_the_levels_of_int4_are_sevenths_and_bounds_lie_half_way() -> None:
    table = QUANTIZERS["int4"].table()
    assert [Fraction(float(level)).limit_denominator(7) * 7 for level in table.levels] == list(range(-8, 8))
    for quantizer in QUANTIZERS.values():
        table = quantizer.table()
        assert np.allclose(table.bounds, (table.levels[:-1] + table.levels[1:]) / 2)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(finite, min_size=1, max_size=150),
    st.sampled_from(sorted(QUANTIZERS)),
    st.sampled_from([32, 64]),
)
def test_that_every_number_of_a_block_takes_the_nearest_level(values: list[float], name: str, size: int) -> None:
    given_values = np.array(values, np.float32)
    blocks = QUANTIZERS[name].quantize(given_values, size)
    levels = table_of(QUANTIZERS[name].codebook).levels.astype(np.float64)
    assert len(blocks.scales.numbers) == -(-len(values) // size)
    for start in range(0, len(values), size):
        block = given_values[start : start + size].astype(np.float64)
        absmax = float(blocks.scales.numbers[start // size])
        off = np.abs(blocks.restored()[start : start + size] - block)
        nearest = np.abs(block[:, None] - levels * absmax).min(axis=1)
        assert (off <= nearest + 1e-6 * absmax).all()
        is_whole = len(block) == size
        codes = (
            [code_of(x, absmax, QUANTIZERS[name].codebook, is_whole_block=is_whole) for x in block] if absmax else []
        )
        assert codes == blocks.codes[start : start + size].tolist()[: len(codes)]


def test_that_what_is_quantized_already_stays_as_it_is() -> None:
    for quantizer in QUANTIZERS.values():
        once = quantizer.quantize(weights(), 64).restored()
        assert (quantizer.quantize(once, 64).restored() == once).all()


def test_that_two_codes_share_a_byte_the_first_above() -> None:
    blocks = QUANTIZERS["nf4"].quantize(np.array([1.0, -1.0, 0.0], np.float32), 64)
    assert blocks.codes.tolist() == [15, 0, 7]
    assert blocks.packed().tolist() == [0xF0, 0x77]


# -- double quantization -----------------------------------------------------------------------------------------------


def test_that_the_dynamic_map_has_256_levels_from_minus_one_to_one() -> None:
    levels = dynamic_map()
    assert len(set(levels.tolist())) == 256
    assert (np.diff(levels) > 0).all()
    assert levels[-1] == 1
    assert levels[0] == pytest.approx(-0.99297, abs=1e-5)


def test_that_double_quantization_loses_a_small_part_of_an_absmax() -> None:
    absmax = block_absmax(weights(1024, 1024).reshape(-1), 64)
    made = double_quantize(absmax)
    assert (len(made.codes), len(made.scales)) == (len(absmax), -(-len(absmax) // 256))
    assert np.abs(made.restored() / absmax - 1).max() < 0.02
    same = double_quantize(np.full(300, 0.25, np.float32))
    assert same.restored().tolist() == [0.25] * 300


# Hidden size, layers, width of the MLP, heads' keys and values, vocabulary: what is linear of each model, the head too.
MEASURED_SAVINGS = {
    "Llama 2 7B": (32 * (4 * 4096**2 + 3 * 4096 * 11008) + 32000 * 4096, 0.31),
    "Llama 2 13B": (40 * (4 * 5120**2 + 3 * 5120 * 13824) + 32000 * 5120, 0.60),
    "CodeLlama 34B": (48 * (2 * 8192**2 + 2 * 8192 * 1024 + 3 * 8192 * 22016) + 32000 * 8192, 1.57),
    "Falcon 40B": (60 * (8192 * (8192 + 2 * 8 * 64) + 8192**2 + 2 * 8192 * 32768) + 65024 * 8192, 1.92),
}


@pytest.mark.parametrize("model", MEASURED_SAVINGS)
def test_that_double_quantization_saves_what_litgpt_measured(model: str) -> None:
    """LitGPT, tutorials/resource-tables.md: memory of bnb.nf4 less that of bnb.nf4-dq, in GB."""
    numbers, measured = MEASURED_SAVINGS[model]
    plain, double = SCHEMES["nf4"], SCHEMES["nf4"].with_blocks(double_quant=True)
    saved = plain.size_bytes(numbers, 4096) - double.size_bytes(numbers, 4096)
    assert saved / 1e9 == pytest.approx(measured, abs=0.02)


# -- microscaled formats -----------------------------------------------------------------------------------------------


def test_that_mxfp4_scales_by_powers_of_two_and_holds_at_six() -> None:
    values = np.zeros(64, np.float32)
    values[:3] = [7.9, 0.26, -1.3]
    mxfp4 = SCHEMES["mxfp4"].quantizer
    made = mxfp4.quantize(values, 32)
    assert made.scales.codes.tolist() == [127, 0]
    assert made.restored()[:4].tolist() == [6.0, 0.5, -1.5, 0.0]
    assert made.clipped == 1
    quarter = mxfp4.quantize(values / 4, 32)
    assert (quarter.codes == made.codes).all()
    assert int(quarter.scales.codes[0]) == 125


def test_that_nvfp4_gives_the_largest_number_back() -> None:
    values = weights().reshape(-1)
    nvfp4 = SCHEMES["nvfp4"].quantizer
    made = nvfp4.quantize(values, 16)
    place = int(np.abs(values).argmax())
    assert made.restored()[place] == pytest.approx(float(values[place]), rel=1e-6)
    assert int(made.scales.codes[place // 16]) == 0x7E  # 448, the largest of E4M3
    assert made.clipped == 0
    assert nvfp4.quantize(np.zeros(40, np.float32), 16).restored().tolist() == [0.0] * 40


def test_that_smaller_blocks_and_better_scales_are_nearer() -> None:
    values = weights(256, 256).reshape(-1)
    off = {name: errors_of(values, round_trip(values, scheme, 256).restored).rmse for name, scheme in SCHEMES.items()}
    assert off["int8"] < off["int8-absmax"] < off["nf4"] < off["fp4"]
    assert off["nvfp4"] < off["mxfp4"]
    assert off["int8-zeropoint-row"] < off["int8-zeropoint"]


# -- products ----------------------------------------------------------------------------------------------------------


def outlying(seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """An input of which two features are large, as those of transformers are, and a weight."""
    random = np.random.default_rng(seed)
    values = random.standard_normal((48, 128), dtype=np.float32)
    values[:, [7, 90]] *= 40
    return values, random.standard_normal((96, 128), dtype=np.float32) / 10


def test_that_llm_int8_is_nearest_where_there_are_outliers() -> None:
    values, weight = outlying()
    exact = values @ weight.T
    off = {how: relative_error(exact, int8_product(values, weight, how).output) for how in Product}
    assert off[Product.LLM_INT8] < 0.5 * off[Product.ABSMAX_VECTOR]
    assert off[Product.ABSMAX_VECTOR] < off[Product.ABSMAX]
    assert off[Product.ZERO_POINT_VECTOR] < off[Product.ZERO_POINT]
    assert set(outlier_columns(values)) >= {7, 90}
    assert int8_product(values, weight).outliers.tolist() == outlier_columns(values).tolist()


def test_that_without_a_threshold_llm_int8_is_vector_wise_absmax() -> None:
    values, weight = outlying()
    plain = int8_product(values, weight, Product.ABSMAX_VECTOR).output
    assert (int8_product(values, weight, threshold=0).output == plain).all()
    assert relative_error(np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32)) == 0


# -- measures and schemes ----------------------------------------------------------------------------------------------


def test_that_the_measures_are_what_their_definitions_say() -> None:
    values, restored = np.array([3.0, -4.0, 0.0, 1.0], np.float32), np.array([3.0, -3.0, 0.0, 0.0], np.float32)
    measures = errors_of(values, restored, clipped=1)
    assert (measures.max_abs_error, measures.mean_abs_error, measures.rmse) == (1, 0.5, math.sqrt(0.5))
    assert measures.snr_db == pytest.approx(10 * math.log10(26 / 2))
    assert (measures.zeros, measures.clipped) == (0.5, 0.25)
    assert errors_of(values, values).snr_db is None
    tiny = errors_of(values * np.float32(1e-30), restored * np.float32(1e-30))
    assert tiny.rmse == pytest.approx(math.sqrt(0.5) * 1e-30, rel=1e-5)
    with pytest.raises(ValueError, match="no numbers"):
        ErrorSums().measures()


def test_that_pieces_add_up_to_the_whole() -> None:
    values = weights(64, 4096).reshape(-1)
    for name, scheme in SCHEMES.items():
        whole = errors_of(values, round_trip(values, scheme, 4096).restored)
        range_of_all = Known(float(values.min()), float(values.max()))
        known = range_of_all if scheme.grouping == "tensor" or name == "nvfp4" else None
        sums = ErrorSums()
        for start in range(0, len(values), 32768):
            piece = values[start : start + 32768]
            sums.add(piece, round_trip(piece, scheme, 4096, known).restored)
        assert sums.measures().rmse == pytest.approx(whole.rmse, rel=1e-6)
        assert sums.measures().max_abs_error == whole.max_abs_error


@pytest.mark.parametrize(
    ("name", "block_size", "double_quant", "bits"),
    [
        ("nf4", 64, False, 4.5), ("nf4", 64, True, 4.127), ("fp4", 32, False, 5.0), ("int4", 4096, False, 4.008),
        ("mxfp4", None, False, 4.25), ("nvfp4", None, False, 4.5), ("int8", None, False, 8.008),
        ("int8-absmax", None, False, 8.0), ("int8-zeropoint-row", None, False, 8.01),
    ],
)  # fmt: skip
def test_that_a_weight_costs_what_its_constants_add(
    name: str, block_size: int | None, double_quant: bool, bits: float
) -> None:
    scheme = SCHEMES[name].with_blocks(block_size, double_quant=double_quant)
    numbers = 4096 * 4096
    assert round(scheme.size_bytes(numbers, 4096) * 8 / numbers, 3) == bits


def test_that_what_cannot_be_is_a_sentence() -> None:
    with pytest.raises(SchemeError, match='The nearest one is "nf4"'):
        find_scheme("nf5")
    with pytest.raises(SchemeError, match="not 48"):
        SCHEMES["nf4"].with_blocks(48)
    with pytest.raises(SchemeError, match="no choice of block size"):
        SCHEMES["int8"].with_blocks(64)
    assert find_scheme("NF4") is SCHEMES["nf4"]
