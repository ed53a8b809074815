"""`workbench quantize`, as a process of its own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.runs import workbench
from tests.tensors import Made, bf16, fp32, header_of, write_model, write_tensors

VECTOR = "1.2, -0.5, -4.3, 1.2, -3.1, 0.8, 2.4, 5.4"


def printed(*words: str) -> Any:
    return json.loads(workbench("quantize", *words, "--json").stdout)


@pytest.fixture
def file(tmp_path: Path) -> str:
    values = np.random.default_rng(2).standard_normal((32, 128), dtype=np.float32) / 30
    made = {"a.weight": fp32(values), "b.weight": bf16(np.ones((4, 64))), "norm": fp32(np.ones(64))}
    return str(write_tensors(tmp_path / "model.safetensors", made))


def test_that_the_vector_everybody_prints_is_quantized() -> None:
    row = printed("--values", VECTOR, "--to", "int8-absmax")
    assert row["integers"] == [28, -12, -101, 28, -73, 19, 56, 127]
    assert row["scales"] == [pytest.approx(5.4 / 127)]
    assert row["values"] == [1.2, -0.5, -4.3, 1.2, -3.1, 0.8, 2.4, 5.4]
    two = printed("--values", "-1/3, 2^-1", "--to", "nf4", "int8-zeropoint")
    assert [row["format"] for row in two] == ["nf4", "int8-zeropoint"]
    assert two[1]["zero_point"] == -26


def test_that_one_tensor_is_measured(file: str) -> None:
    row = printed(file, "--tensor", "a.weight", "--to", "nf4", "--block-size", "128", "--double-quant")
    assert (row["format"], row["block_size"], row["double_quant"]) == ("nf4", 128, True)
    assert (row["name"], row["shape"], row["stored_dtype"]) == ("a.weight", [32, 128], "F32")
    assert row["bytes"] == 32 * 128 // 2 + 32 + 4 + 4
    assert 18 < row["snr_db"] < 22


def test_that_every_matrix_is_measured_and_written(file: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    rows = printed(file, "--all", "--to", "nf4", "int8", "fp4", "--csv", str(out))
    assert [(row["name"], row["format"]) for row in rows] == [
        (name, format_) for name in ("a.weight", "b.weight") for format_ in ("nf4", "int8", "fp4")
    ]
    assert len(out.read_text(encoding="utf-8").splitlines()) == 7
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_that_a_folder_is_a_model_and_a_person_gets_tables(tmp_path: Path) -> None:
    made = bf16(np.eye(64))
    folder = write_model(tmp_path / "model", {"one.safetensors": {"x": made}, "two.safetensors": {"y": made}})
    told = workbench("quantize", str(folder), "--all", "--to", "nf4").stdout
    assert "4.500 bits per weight" in told
    told = workbench("quantize", str(folder), "--tensor", "x", "--to", "fp4,int8").stdout
    assert "64 x 64, stored as BF16" in told
    assert "largest error" in workbench("quantize", "--values", VECTOR, "--to", "nf4").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["FILE", "--to", "nf5"], 'The nearest one is "nf4"'),
        (["FILE", "--to", "nf4", "--block-size", "48"], "not 48"),
        (["FILE", "--to", "int8", "--double-quant"], "no choice of double quantization"),
        (["FILE", "--to", "nf4"], "There are 3 tensors"),
        (["FILE", "--to", "nf4", "--tensor", "a.weigth"], 'The nearest one is "a.weight"'),
        (["FILE", "--to", "nf4", "--csv", "out.csv", "--tensor", "norm"], "Add --all"),
        (["FILE"], "Into what is to be quantized?"),
        ([], "Into what is to be quantized?"),
        (["--to", "nf4"], "There is nothing to quantize"),
        (["--values", "", "--to", "nf4"], "no values"),
        (["--values", "1,two", "--to", "nf4"], '"two" is not a number'),
        (["--values", "1,nan", "--to", "nf4"], "not a finite number"),
        (["--values", "1e39", "--to", "nf4"], "not a finite number"),
        (["no/such/file", "--to", "nf4"], "There is nothing at"),
    ],
)
def test_that_what_is_wrong_is_a_sentence_and_exit_code_2(words: list[str], sentence: str, file: str) -> None:
    done = workbench("quantize", *[file if word == "FILE" else word for word in words], "--json", code=2)
    assert sentence in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "cut short"),
        (lambda path: path.write_bytes(path.read_bytes()[:5]), "cut short"),
        (lambda path: path.write_bytes(header_of({"a": ("F32", (8,), 16)}) + bytes(16)), "not what its shape takes"),
        (lambda path: write_tensors(path, {"a": fp32(np.full(4, np.nan))}), "infinities or NaN"),
        (lambda path: write_tensors(path, {"a": Made("I32", (4,), bytes(16))}), "type I32"),
        (lambda path: write_tensors(path, {"a": fp32(np.zeros((0, 4)))}), "empty"),
    ],
)
def test_that_a_damaged_file_is_a_sentence(make: Any, sentence: str, file: str) -> None:
    make(Path(file))
    done = workbench("quantize", file, "--to", "nf4", "--json", code=2)
    assert sentence in done.stderr
