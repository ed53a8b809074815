"""What quantization loses of stored tensors: the same in pieces as at once, and a sentence for what cannot be."""

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.tensors import Made, bf16, fp32, write_tensors
from workbench.core.model.stored_tensor import StoredTensor, open_tensors
from workbench.core.problems import UserError
from workbench.core.quantized import tensor as quantized_tensor
from workbench.core.quantized.model import matrices, measured, write_csv
from workbench.core.quantized.tensor import MeasuringCancelled, measure
from workbench.numerics.double_quant import double_quantize
from workbench.numerics.quantization_error import errors_of
from workbench.numerics.quantization_scheme import SCHEMES, Scheme
from workbench.numerics.round_trip import round_trip

ALL = [*SCHEMES.values(), SCHEMES["nf4"].with_blocks(128, double_quant=True)]


def tensor_of(folder: Path, made: Made) -> StoredTensor:
    (tensor,) = open_tensors(write_tensors(folder / "a.safetensors", {"w": made}))
    return tensor


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape, dtype=np.float32) / 40


def at_once(values: np.ndarray, scheme: Scheme) -> float:
    flat = values.reshape(-1)
    if scheme.double_quant:
        blocks = scheme.quantizer.quantize(flat, scheme.block_size)
        return errors_of(flat, blocks.restored(double_quantize(blocks.scales.numbers).restored())).rmse
    return errors_of(flat, round_trip(flat, scheme, values.shape[-1]).restored).rmse


@pytest.mark.parametrize("shape", [(60, 4096), (200, 2050), (301, 577), (150_001,), (3, 50, 512), (1,), (2, 300_000)])
def test_that_a_tensor_in_pieces_loses_what_it_loses_at_once(shape: tuple[int, ...], tmp_path: Path) -> None:
    values = normal(*shape)
    found = measure(tensor_of(tmp_path, fp32(values)), ALL)
    assert [facts.scheme for facts in found] == ALL
    for facts in found:
        assert facts.measures is not None
        assert facts.measures.rmse == pytest.approx(at_once(values, facts.scheme), rel=1e-5, abs=1e-12)


def test_that_a_piece_may_be_as_short_as_one_likes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = normal(40, 4096)
    tensor = tensor_of(tmp_path, fp32(values))
    before = measure(tensor, ALL)
    monkeypatch.setattr(quantized_tensor, "PIECE_NUMBERS", 4096)
    monkeypatch.setattr(quantized_tensor, "READ_NUMBERS", 8192)
    monkeypatch.setattr(quantized_tensor, "LONGEST_WHOLE_ROW", 2048)
    for one, other in zip(before, measure(tensor, ALL), strict=True):
        assert one.measures is not None
        assert other.measures is not None
        assert other.measures.rmse == pytest.approx(one.measures.rmse, rel=1e-5)
        assert other.measures.max_abs_error == one.measures.max_abs_error


def test_that_every_stored_type_is_read(tmp_path: Path) -> None:
    values = (normal(32, 64).view("<u4") & 0xFFFF0000).view("<f4")  # what BF16 holds
    half = values.astype("<f2")
    stored = {
        "BF16": bf16(values),
        "F32": fp32(values),
        "F64": Made("F64", (32, 64), values.astype("<f8").tobytes()),
        "F16": Made("F16", (32, 64), half.tobytes()),
    }
    for dtype, made in stored.items():
        (facts,) = measure(tensor_of(tmp_path, made), [SCHEMES["nf4"]])
        assert facts.measures is not None
        given = half.astype(np.float32) if dtype == "F16" else values
        assert facts.measures.rmse == pytest.approx(at_once(given, SCHEMES["nf4"]), rel=1e-6)
    eight = Made("F8_E4M3", (2, 32), bytes(range(0x20, 0x60)))
    (facts,) = measure(tensor_of(tmp_path, eight), [SCHEMES["int8"]])
    assert facts.measures is not None
    assert facts.measures.snr_db is not None
    assert facts.measures.snr_db > 30


def test_that_the_row_has_the_keys_that_were_promised(tmp_path: Path) -> None:
    (facts,) = measure(tensor_of(tmp_path, bf16(np.ones((4, 64)))), [SCHEMES["nf4"].with_blocks(double_quant=True)])
    assert facts.row() == {
        "name": "w", "shape": [4, 64], "stored_dtype": "BF16", "format": "nf4", "block_size": 64, "double_quant": True,
        "bits_per_weight": 4.375, "bytes": 140, "max_abs_error": 0.0, "mean_abs_error": 0.0, "rmse": 0.0,
        "snr_db": None, "zeros": 0.0, "clipped": 0.0, "problem": "",
    }  # fmt: skip


def test_that_zeros_and_a_single_number_are_no_trouble(tmp_path: Path) -> None:
    for scheme in ALL:
        for values in (np.zeros((4, 64)), np.zeros((3, 7)), np.zeros(1), np.full(1, 0.5)):
            (facts,) = measure(tensor_of(tmp_path, fp32(values)), [scheme])
            assert facts.measures is not None
            assert facts.measures.max_abs_error <= 0.002
            assert facts.measures.zeros == (0.0 if values.any() else 1.0)


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (fp32(np.full((4, 64), np.nan)), "infinities or NaN"),
        (fp32([[1.0, np.inf, 2.0, 3.0]]), "infinities or NaN"),
        (fp32(np.zeros((0, 4))), "empty"),
        (Made("I64", (4,), bytes(32)), "type I64"),
        (Made("I8", (4,), bytes(4)), "integers"),
    ],
)
def test_that_what_cannot_be_quantized_is_a_sentence(made: Made, sentence: str, tmp_path: Path) -> None:
    tensor = tensor_of(tmp_path, made)
    for scheme in ALL:
        with pytest.raises(UserError) as caught:
            measure(tensor, [scheme])
        assert sentence in str(caught.value)


def test_that_a_model_is_measured_matrix_by_matrix_and_one_of_nan_says_so(tmp_path: Path) -> None:
    path = write_tensors(
        tmp_path / "a.safetensors",
        {
            "layers.0.up.weight": bf16(np.ones((8, 64))),
            "layers.1.up.weight": fp32(np.full((8, 64), np.nan)),
            "layers.10.up.weight": fp32(normal(8, 64)),
            "norm.weight": fp32(np.ones(64)),
            "steps": Made("I64", (2, 2), bytes(32)),
        },
    )
    chosen = matrices(open_tensors(path))
    assert [tensor.name for tensor in chosen] == [f"layers.{layer}.up.weight" for layer in (0, 1, 10)]
    facts = list(itertools.chain(*measured(chosen, [SCHEMES["nf4"], SCHEMES["int8"]])))
    assert [bool(fact.problem) for fact in facts] == [False, False, True, True, False, False]
    out = tmp_path / "out.csv"
    write_csv(out, facts)
    with out.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["shape"] for line in lines] == ["8x64"] * 6
    assert (lines[2]["rmse"], lines[2]["bits_per_weight"]) == ("", "4.5")
    with pytest.raises(UserError, match="cannot be written"):
        write_csv(tmp_path / "nowhere" / "out.csv", facts)


def test_that_a_file_that_changes_under_the_reader_is_a_sentence(tmp_path: Path) -> None:
    tensor = tensor_of(tmp_path, fp32(normal(64, 64)))
    tensor.entry.path.write_bytes(b"gone")
    with pytest.raises(UserError, match="changed since"):
        list(measured([tensor], [SCHEMES["nf4"]]))


def test_that_measuring_ends_when_it_is_told_to(tmp_path: Path) -> None:
    asked: list[None] = []

    def is_cancelled() -> bool:
        asked.append(None)
        return len(asked) > 2

    found = measured([tensor_of(tmp_path, fp32(normal(64, 64)))] * 9, [SCHEMES["nf4"]], is_cancelled)
    next(found)
    next(found)
    with pytest.raises(MeasuringCancelled):
        next(found)
