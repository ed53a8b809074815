"""A tensor in a format: where its weights lie among the levels, its blocks, one block's bytes, and what stands out."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tensors import Made, bf16, fp32, write_sparse, write_tensors
from workbench.core.model.stored_tensor import StoredTensor, open_tensors
from workbench.core.problems import UserError
from workbench.core.quantized.layer_block import open_group
from workbench.core.quantized.layer_grid import BINS, grid_of
from workbench.core.quantized.layer_map import map_of
from workbench.core.quantized.layer_study import column_limit, head_of, study_layer
from workbench.core.quantized.tensor import PIECE_NUMBERS, MeasuringCancelled, measure
from workbench.numerics.double_quant import double_quantize
from workbench.numerics.quantization_scheme import SCHEMES, Scheme

NF4 = SCHEMES["nf4"]
DOUBLED = NF4.with_blocks(double_quant=True)
ALL = [*SCHEMES.values(), DOUBLED, NF4.with_blocks(4096), SCHEMES["int4"].with_blocks(32, double_quant=True)]


def name_of(scheme: Scheme) -> str:
    return f"{scheme.name}-{scheme.block_size}{'-dq' * scheme.double_quant}"


def stored(tmp_path: Path, made: Made) -> StoredTensor:
    return open_tensors(write_tensors(tmp_path / "w.safetensors", {"w": made}))[0]


def normal(rows: int, columns: int) -> NDArray[np.float32]:
    return np.random.default_rng(3).normal(size=(rows, columns)).astype(np.float32)


@pytest.mark.parametrize("scheme", ALL, ids=name_of)
def test_that_every_weight_is_counted_once(tmp_path: Path, scheme: Scheme) -> None:
    rows, columns = 275, 500  # more than a piece, and the last block is short
    study = study_layer(stored(tmp_path, fp32(normal(rows, columns))), scheme)
    assert rows * columns > PIECE_NUMBERS
    assert study.counts.sum() == rows * columns
    assert study.grid.is_dense or study.taken.sum() == rows * columns
    assert study.counts[0] + study.counts[-1] < rows * columns / 10


@pytest.mark.parametrize("scheme", ALL, ids=name_of)
def test_that_the_groups_one_by_one_have_the_error_that_is_measured(tmp_path: Path, scheme: Scheme) -> None:
    values = normal(9, 200)
    tensor = stored(tmp_path, fp32(values))
    study = study_layer(tensor, scheme)
    opened = [open_group(study, index) for index in range(study.groups)]
    restored = np.concatenate([group.restored for group in opened])
    assert np.array_equal(np.concatenate([group.values for group in opened]), values.reshape(-1))
    measures = measure(tensor, [scheme])[0].measures
    assert measures is not None
    errors = np.abs(restored - values.reshape(-1))
    assert errors.max() == pytest.approx(measures.max_abs_error)
    assert errors.mean() == pytest.approx(measures.mean_abs_error, rel=1e-5)
    assert study.absmax.max() == np.abs(values).max()


def test_that_the_levels_take_what_lies_between_their_bounds(tmp_path: Path) -> None:
    values = normal(16, 64)
    study = study_layer(stored(tmp_path, fp32(values)), NF4)
    scaled = values / np.abs(values).max(axis=1, keepdims=True)  # a row is a block
    places = np.searchsorted(study.grid.bounds, scaled.reshape(-1))
    assert np.array_equal(np.bincount(places, minlength=16), study.taken)
    bins = np.histogram(scaled, study.grid.edges())[0]
    assert np.abs(bins - study.counts).sum() <= 4  # a number on an edge is rounded otherwise
    assert study.grid.level_of(0.01) == 7
    assert study.grid.labels[7] == "7"


@pytest.mark.parametrize(
    ("name", "levels", "first", "last"),
    [
        ("nf4", 16, "0", "15"),
        ("fp4", 15, "11", "3"),
        ("int4", 15, "\u22127", "7"),
        ("mxfp4", 15, "15", "7"),
        ("nvfp4", 15, "15", "7"),
        ("int8", 255, "\u2212127", "127"),
        ("int8-zeropoint", 256, "\u2212128", "127"),
    ],
)
def test_that_each_format_has_its_levels_and_their_codes(name: str, levels: int, first: str, last: str) -> None:
    grid = grid_of(SCHEMES[name])
    assert (len(grid.levels), grid.labels[0], grid.labels[-1]) == (levels, first, last)
    assert len(grid.bounds) == levels - 1
    assert len(grid.edges()) == BINS + 1
    assert grid.low < grid.levels[0] < grid.levels[-1] < grid.high


def test_that_an_open_block_has_the_bytes_of_the_tensor(tmp_path: Path) -> None:
    values = normal(10, 100)  # 15 blocks of 64 and one of 40
    study = study_layer(stored(tmp_path, fp32(values)), NF4)
    whole = SCHEMES["nf4"].quantizer.quantize(values, 64)
    assert study.groups == 16
    for index in (0, 7, 15):
        opened = open_group(study, index)
        assert bytes(opened.packed) == bytes(whole.packed()[index * 32 : index * 32 + 32])
        assert np.array_equal(opened.codes, whole.codes[opened.start : opened.start + opened.count])
    last = open_group(study, 15)
    assert (last.count, last.code_bytes, last.constant_bytes) == (40, 20, 4)
    assert last.bits_per_weight == 24 * 8 / 40


def test_that_double_quantization_is_open_to_its_constants(tmp_path: Path) -> None:
    study = study_layer(stored(tmp_path, fp32(normal(600, 64))), DOUBLED)
    made = double_quantize(study.absmax)
    for index in (0, 255, 256, 599):
        second = open_group(study, index).second
        assert second is not None
        assert second.code == made.codes[index]
        assert second.scale == made.scales[index // 256]
        assert second.restored == pytest.approx(float(made.restored()[index]))
        assert second.level * second.scale + second.mean == pytest.approx(second.restored, rel=1e-5)
    assert round(open_group(study, 0).bits_per_weight, 3) == 4.127


def test_that_the_first_of_two_e2m1_numbers_is_in_the_lower_half_of_its_byte(tmp_path: Path) -> None:
    study = study_layer(stored(tmp_path, fp32([[1.0, 6.0] + [0.0] * 30])), SCHEMES["mxfp4"])
    opened = open_group(study, 0)
    assert opened.constant == 1.0
    assert opened.packed[0] == 0x72  # 6 is code 7, 1 is code 2
    assert opened.is_first_low


def test_that_of_a_long_row_only_the_first_weights_are_read(tmp_path: Path) -> None:
    study = study_layer(stored(tmp_path, fp32(normal(2, 9000))), SCHEMES["int8"])
    opened = open_group(study, 1)
    assert (opened.start, opened.count, len(opened.values)) == (9000, 9000, 4096)
    assert opened.bits_per_weight == pytest.approx(8 + 32 / 9000)


def test_that_a_column_that_stands_out_is_found_by_the_rule_that_is_written(tmp_path: Path) -> None:
    values = normal(300, 96)
    values[:, 31] *= 6
    study = study_layer(stored(tmp_path, fp32(values)), NF4)
    assert study.outliers == (31,)
    columns = np.abs(values).max(axis=0)
    assert np.array_equal(study.columns, columns)
    median = np.median(columns)
    assert study.column_limit == pytest.approx(median + 6 * 1.4826 * np.median(np.abs(columns - median)))


def test_that_nothing_stands_out_of_a_vector_of_few_columns_and_of_equal_ones(tmp_path: Path) -> None:
    assert study_layer(stored(tmp_path, fp32(normal(1, 500)[0])), NF4).outliers == ()
    assert study_layer(stored(tmp_path, fp32(normal(500, 7))), NF4).column_limit is None
    assert column_limit(np.ones(100, np.float32)) is None


@pytest.mark.parametrize(("rows", "columns", "size"), [(90, 256, 64), (7, 640, 32), (500, 64, 64)])
def test_that_a_cell_of_the_map_is_the_largest_block_of_its_rows(
    tmp_path: Path, rows: int, columns: int, size: int
) -> None:
    study = study_layer(stored(tmp_path, fp32(normal(rows, columns))), NF4.with_blocks(size))
    found = map_of(study, 20, 30)
    assert found.groups.shape[0] <= 20
    assert found.groups.shape[1] <= 30
    absmax = study.absmax.reshape(rows, -1)
    for line in range(found.lines):
        part = absmax[line * found.rows_per_line : (line + 1) * found.rows_per_line]
        assert study.absmax[found.groups[line]].max() == part.max()
    assert found.lines == -(-rows // found.rows_per_line)


@pytest.mark.parametrize("scheme", [NF4.with_blocks(128), NF4.with_blocks(4096), SCHEMES["int8-absmax"]], ids=name_of)
def test_that_blocks_that_run_on_from_row_to_row_have_a_map_too(tmp_path: Path, scheme: Scheme) -> None:
    study = study_layer(stored(tmp_path, fp32(normal(50, 100))), scheme)
    found = map_of(study, 60, 40)
    assert found.groups.shape == (50, 40)
    assert found.groups.min() == 0
    assert found.groups.max() == study.groups - 1
    assert np.all(np.diff(found.groups.reshape(-1)) >= 0)


@pytest.mark.parametrize("scheme", ALL, ids=name_of)
@pytest.mark.parametrize(
    "values",
    [np.zeros((4, 64)), [2.5], 2.5, np.zeros(1), [[-1.0], [3.0]]],
    ids=["zeros", "one", "no dimension", "one zero", "a column"],
)
def test_that_zeros_and_single_numbers_are_studied(tmp_path: Path, scheme: Scheme, values: object) -> None:
    tensor = stored(tmp_path, fp32(values))
    study = study_layer(tensor, scheme)
    assert study.counts.sum() == tensor.numbers
    opened = open_group(study, 0)
    assert np.isfinite(opened.restored).all()
    assert np.abs(opened.restored - opened.values).max() <= 0.5
    assert map_of(study, 100, 100).groups.size >= 1


@pytest.mark.parametrize(
    "scheme", [NF4, DOUBLED, *(SCHEMES[name] for name in ("int8", "int8-absmax", "nvfp4"))], ids=name_of
)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_that_numbers_that_are_not_finite_are_refused(tmp_path: Path, scheme: Scheme, bad: float) -> None:
    values = normal(4, 64)
    values[2, 3] = bad
    with pytest.raises(UserError, match="infinities or NaN"):
        study_layer(stored(tmp_path, fp32(values)), scheme)


def test_that_integers_and_empty_tensors_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="It holds integers"):
        study_layer(stored(tmp_path, Made("I8", (4,), b"1234")), NF4)
    with pytest.raises(UserError, match="not shown"):
        study_layer(stored(tmp_path, Made("I64", (1,), b"12345678")), NF4)
    with pytest.raises(UserError, match="empty"):
        study_layer(stored(tmp_path, fp32(np.zeros((0, 4)))), NF4)


def test_that_a_file_that_is_cut_short_or_gone_is_told(tmp_path: Path) -> None:
    tensor = stored(tmp_path, bf16(np.ones((64, 64))))
    study = study_layer(tensor, NF4)
    path = tensor.entry.path
    with path.open("r+b") as file:
        file.truncate(500)
    with pytest.raises(UserError, match="has changed"):
        open_group(study, 3)
    path.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        study_layer(tensor, NF4)


def test_that_it_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    tensor = stored(tmp_path, fp32(normal(4, 64)))
    for scheme in (NF4, SCHEMES["int8"]):
        with pytest.raises(MeasuringCancelled):
            study_layer(tensor, scheme, lambda: True)


def test_that_the_head_of_a_large_tensor_is_its_first_rows(tmp_path: Path) -> None:
    values = normal(1000, 64)
    tensor = stored(tmp_path, fp32(values))
    head = head_of(tensor, 6500)
    assert head is not None
    assert head.shape == (101, 64)
    assert np.array_equal(study_layer(head, NF4).absmax, np.abs(values[:101]).max(axis=1))
    assert head_of(tensor, 20_000) is None
    assert head_of(tensor, 32) is None


def test_that_a_large_tensor_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = write_sparse(tmp_path / "w.safetensors", {"w": ("BF16", (4096, 4096), 2 * 4096 * 4096)})
    tensor = open_tensors(path)[0]
    tracemalloc.start()
    try:
        study = study_layer(tensor, DOUBLED)
        assert tracemalloc.get_traced_memory()[1] < 16e6  # of 64 MB in FP32
    finally:
        tracemalloc.stop()
    assert study.groups == 262_144
