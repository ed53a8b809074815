"""A whole model: the same from many threads as from one, the grid of its matrices, and what studies add up to."""

import csv
import io
import itertools
import math
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.tensors import Made, bf16, fp32, write_sparse, write_tensors
from workbench.core import crew
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.quantized.matrix_errors import Measure, errors_from, together, worst
from workbench.core.quantized.matrix_grid import MOST_COLUMNS, OTHERS, grid_of
from workbench.core.quantized.model import csv_text, matrices, measured
from workbench.core.quantized.model_errors import ModelErrors
from workbench.core.quantized.tensor import MeasuringCancelled, measure
from workbench.core.quantized.tensor_facts import TensorFacts
from workbench.numerics.quantization_error import errors_of
from workbench.numerics.quantization_scheme import SCHEMES
from workbench.numerics.round_trip import round_trip

ALL = [*SCHEMES.values(), SCHEMES["nf4"].with_blocks(128, double_quant=True)]
LLAMA = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def normal(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32) / 40


# -- measuring ---------------------------------------------------------------------------------------------------------


def test_that_threads_find_what_one_thread_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Made] = {f"layers.{layer}.w": bf16(normal(700, 1024, seed=layer)) for layer in range(4)}
    made["wide"] = fp32(normal(2, 300_000))
    tensors = matrices(open_tensors(write_tensors(tmp_path / "a.safetensors", made)))
    assert sum(tensor.numbers for tensor in tensors) > crew.WORTH_THREADS
    several = list(measured(tensors, ALL))
    monkeypatch.setattr(crew, "MOST_THREADS", 1)
    assert list(measured(tensors, ALL)) == several
    assert [measure(tensor, ALL) for tensor in tensors] == several


def test_that_formats_together_lose_what_each_loses_alone(tmp_path: Path) -> None:
    values = normal(96, 1024)
    (tensor,) = open_tensors(write_tensors(tmp_path / "a.safetensors", {"w": fp32(values)}))
    assert measure(tensor, ALL) == [facts for scheme in ALL for facts in measure(tensor, [scheme])]
    for facts in measure(tensor, list(SCHEMES.values())):
        whole = errors_of(values, round_trip(values.reshape(-1), facts.scheme, 1024).restored)
        assert facts.measures is not None
        assert facts.measures.rmse == pytest.approx(whole.rmse, rel=1e-6)
        assert (facts.measures.max_abs_error, facts.measures.zeros) == (whole.max_abs_error, whole.zeros)


def test_that_a_huge_tensor_is_left_at_once(tmp_path: Path) -> None:
    path = write_sparse(tmp_path / "huge.safetensors", {"w": ("BF16", (100_000, 100_000), 20_000_000_000)})
    is_over = threading.Event()
    threading.Timer(0.3, is_over.set).start()
    with pytest.raises(MeasuringCancelled):
        list(measured(open_tensors(path), [SCHEMES["nf4"].with_blocks(double_quant=True)], is_over.is_set))
    assert is_over.is_set()
    before = psutil.Process().io_counters().read_chars
    generator = measured(open_tensors(path), [SCHEMES["int8"]], is_over.is_set)
    with pytest.raises(MeasuringCancelled):
        next(generator)
    assert psutil.Process().io_counters().read_chars - before < 1_000_000_000  # of the 20 there are


# -- the grid ----------------------------------------------------------------------------------------------------------


def test_that_a_llama_has_a_line_for_each_layer_and_a_column_for_each_kind() -> None:
    names = [f"model.layers.{layer}.self_attn.{kind}.weight" for layer in range(12) for kind in sorted(LLAMA)]
    grid = grid_of(["lm_head.weight", "model.embed_tokens.weight", *sorted(names)])
    assert grid.lines == tuple(map(str, range(12)))
    assert grid.columns == LLAMA
    assert [cell.title for cell in grid.outside] == ["lm_head", "embed_tokens"]
    assert grid.find("model.layers.10.self_attn.v_proj.weight") == (10, 2)
    assert grid.find("lm_head.weight") == (12, 0)
    assert grid.find("nowhere") is None
    cell = grid.cell(10, 2)
    assert cell is not None
    assert cell.names == ("model.layers.10.self_attn.v_proj.weight",)


def test_that_experts_share_a_cell_and_equal_last_parts_are_told_apart() -> None:
    names = [f"model.layers.0.mlp.experts.{expert}.up_proj.weight" for expert in range(128)]
    grid = grid_of([*names, "model.layers.0.mlp.shared_expert.up_proj.weight", "model.layers.1.mlp.gate.weight"])
    assert set(grid.columns) == {"experts.up_proj", "shared_expert.up_proj", "gate"}
    place = grid.find(names[5])
    assert place is not None
    cell = grid.cell(*place)
    assert cell is not None
    assert len(cell.names) == 128
    gpt = grid_of(["h.0.attn.c_proj.weight", "h.0.mlp.c_proj.weight"])
    assert gpt.columns == ("attn.c_proj", "mlp.c_proj")


def test_that_two_stacks_of_layers_have_lines_of_their_own() -> None:
    grid = grid_of([f"{stack}.block.{layer}.wi.weight" for stack in ("encoder", "decoder") for layer in range(2)])
    assert grid.lines == ("encoder 0", "encoder 1", "decoder 0", "decoder 1")


@pytest.mark.parametrize(
    "names",
    [
        [],
        [""],
        ["0"],
        ["x" * 200, "x" * 201],
        ["<b>1</b>.2.\u202e\u05d0.weight", "a..0..b"],
        ["9" * 200, f"{'9' * 200}.w"],
        [f"odd.{number}.name{number}.weight" for number in range(500)],
        [f"single{number}" for number in range(500)],
    ],
)
def test_that_every_name_has_a_place_whatever_it_is(names: list[str]) -> None:
    grid = grid_of(names)
    assert len(grid.columns) <= MOST_COLUMNS
    assert len(grid.outside) <= MOST_COLUMNS
    for name in names:
        place = grid.find(name)
        assert place is not None
        cell = grid.cell(*place)
        assert cell is not None
        assert name in cell.names
    if len(names) == 500:
        assert OTHERS in (*grid.columns, *(cell.title for cell in grid.outside))


# -- what studies tell -------------------------------------------------------------------------------------------------


def facts_of_file(folder: Path, made: dict[str, Made], *names: str) -> list[list[TensorFacts]]:
    path = write_tensors(folder / "facts.safetensors", made)
    return list(measured(matrices(open_tensors(path)), [SCHEMES[name] for name in names]))


def test_that_several_matrices_are_as_one(tmp_path: Path) -> None:
    parts = normal(64, 256), normal(128, 256, seed=2) * 3
    found = facts_of_file(tmp_path, {"a": fp32(parts[0]), "b": fp32(parts[1]), "c": fp32(np.vstack(parts))}, "nf4")
    first, second, both = (errors_from(facts[0].row()) for facts in found)
    assert first is not None
    assert second is not None
    assert both is not None
    made = together([first, second])
    assert made.rmse == pytest.approx(both.rmse)
    assert made.mean == pytest.approx(both.mean)
    assert made.snr_db == pytest.approx(both.snr_db)
    assert (made.largest, made.numbers, made.size_bytes, made.stored_bytes) == (
        both.largest, both.numbers, both.size_bytes, both.stored_bytes,
    )  # fmt: skip
    assert together([first]) is first


def test_that_the_worst_come_first_and_what_is_exact_or_unknown_is_none_of_them(tmp_path: Path) -> None:
    made = {
        "good": fp32(normal(64, 64)),
        "bad": fp32(np.where(np.arange(64) == 0, 1.0, 0.2) * np.ones((64, 1))),  # between two levels
        "exact": fp32(np.ones((64, 64))),
        "nan": fp32(np.full((64, 64), np.nan)),
    }
    found = [errors_from(facts[0].row()) for facts in facts_of_file(tmp_path, made, "nf4")]
    rows = [each for each in found if each is not None]
    assert len(rows) == 4
    assert [each.name for each in worst(rows, Measure.SNR, 10)] == ["bad", "good"]
    assert [each.name for each in worst(rows, Measure.SNR, 1)] == ["bad"]
    assert {each.name: each.badness(Measure.SNR) for each in rows}["exact"] == -math.inf


def test_that_findings_grow_and_make_a_place_for_what_was_not_expected(tmp_path: Path) -> None:
    made = {f"layers.{layer}.experts.{expert}.w": fp32(normal(8, 64)) for layer in range(2) for expert in range(3)}
    facts = facts_of_file(tmp_path, {**made, "embed": fp32(normal(8, 64))}, "nf4", "int8")
    rows = [[fact.row() for fact in each] for each in facts]
    errors = ModelErrors(made)
    before = errors.grid
    for each in rows:
        errors.add([each])
    assert errors.grid is not before
    assert errors.formats == ["nf4", "int8"]
    assert errors.count == 7
    assert set(errors.at("nf4")) == {(0, 0), (1, 0), (2, 0)}
    assert errors.at("nf4")[0, 0].numbers == 3 * 8 * 64
    assert [each.name for each in errors.of("int8")] == [fact[0].name for fact in facts]
    assert errors.at("fp4") == {}
    torn = {"name": "x", "shape": None}
    errors.add([[torn, {}], [{**rows[0][0], "rmse": "?"}]])
    assert errors.count == 7
    lines = list(csv.DictReader(io.StringIO(csv_text(errors.rows), newline="")))
    assert [line["name"] for line in lines] == [row["name"] for row in itertools.chain(*rows)]
    assert lines[0]["shape"] == "8x64"
