"""Tensors read from their files a few numbers at a time."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.tensors import Made, bf16, fp32, large_file, write_model, write_tensors
from workbench.core.model import stored_tensor
from workbench.core.model.folder import INDEX
from workbench.core.model.stored_tensor import Extent, StoredTensor, open_tensors
from workbench.core.problems import UserError
from workbench.numerics.number import NumberClass


def only(path: Path) -> StoredTensor:
    (tensor,) = open_tensors(path)
    return tensor


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as error:
        open_tensors(path)
    assert error.value.remedy
    return str(error.value)


def values_of(tensor: StoredTensor) -> np.ndarray:
    return tensor.window(range(tensor.lines), range(tensor.line_length)).values


# -- what is read ------------------------------------------------------------------------------------------------------


def test_that_a_bf16_value_is_read_exactly(tmp_path: Path) -> None:
    tensor = only(write_tensors(tmp_path / "a.safetensors", {"w": bf16([[0.1015625, -(2.0**-133)], [1.0, 3.0e38]])}))
    code, number = tensor.number_at(1)
    assert code == 0x8001
    assert number.value == -Fraction(1, 2**133)
    assert tensor.number_at(0)[1].value == Fraction(13, 128)
    assert tensor.format is not None
    assert tensor.format.decode(code).number_class is NumberClass.SUBNORMAL


@pytest.mark.parametrize(
    ("dtype", "data", "values"),
    [
        ("F64", np.array([0.1, -1e300], "<f8").tobytes(), [0.1, -1e300]),
        ("F32", np.array([0.1, np.inf], "<f4").tobytes(), [float(np.float32(0.1)), np.inf]),
        ("F16", np.array([65504, -(2.0**-24)], "<f2").tobytes(), [65504.0, -(2.0**-24)]),
        ("F8_E4M3", bytes([0x7E, 0x81]), [448.0, -(2.0**-9)]),
        ("F8_E5M2", bytes([0x7B, 0x7C]), [57344.0, np.inf]),
        ("F8_E8M0", bytes([0x7F, 0x00]), [1.0, 2.0**-127]),
        ("I8", bytes([0x80, 0x7F]), [-128.0, 127.0]),
        ("U8", bytes([0x80, 0xFF]), [128.0, 255.0]),
    ],
)
def test_that_every_type_is_read_as_what_it_means(tmp_path: Path, dtype: str, data: bytes, values: list[float]) -> None:
    tensor = only(write_tensors(tmp_path / "a.safetensors", {"w": Made(dtype, (2,), data)}))
    assert values_of(tensor).tolist() == [values]
    code, number = tensor.number_at(0)
    assert code == int.from_bytes(data[: len(data) // 2], "little")
    assert number.value is not None
    assert float(number.value) == values[0]


def test_that_types_without_a_format_are_listed_and_say_so(tmp_path: Path) -> None:
    path = write_tensors(tmp_path / "a.safetensors", {"ids": Made("I64", (2,), bytes(16)), "none": fp32([])})
    ids, none = open_tensors(path)
    assert ids.format is None
    assert "I64" in ids.problem
    assert "empty" in none.problem
    assert none.lines == 0


def test_that_tensors_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ["h.10.w", "h.2.w", "a", "h.x", "7"]
    path = write_tensors(tmp_path / "a.safetensors", {name: fp32([1.0]) for name in names})
    assert [tensor.name for tensor in open_tensors(path)] == ["7", "a", "h.2.w", "h.10.w", "h.x"]


def test_that_shapes_of_every_rank_become_lines(tmp_path: Path) -> None:
    tensors = {
        "a 0-d": fp32(2.5),
        "b 1-d": fp32(np.arange(150)),
        "c 2-d": fp32(np.arange(6).reshape(2, 3)),
        "d 3-d": fp32(np.arange(24).reshape(2, 3, 4)),
    }
    zero, one, two, three = open_tensors(write_tensors(tmp_path / "a.safetensors", tensors))
    assert (zero.lines, zero.line_length, zero.index_of(0)) == (1, 1, ())
    assert values_of(zero).tolist() == [[2.5]]
    assert (one.lines, one.line_length, one.index_of(149)) == (3, 64, (149,))
    window = one.window(range(3), range(64))
    assert window.missing == 42
    assert window.values[2, :22].tolist() == list(range(128, 150))
    assert (two.lines, two.line_length, two.index_of(4)) == (2, 3, (1, 1))
    assert (three.lines, three.line_length, three.index_of(23)) == (6, 4, (1, 2, 3))
    assert values_of(three)[5].tolist() == [20, 21, 22, 23]


def test_that_a_window_takes_every_nth_number_of_every_nth_line(tmp_path: Path) -> None:
    values = np.arange(40 * 50).reshape(40, 50)
    tensor = only(write_tensors(tmp_path / "a.safetensors", {"w": fp32(values)}))
    window = tensor.window(range(3, 40, 8), range(2, 50, 16))
    assert np.array_equal(window.values, values[3:40:8, 2:50:16])
    assert window.missing == 0


def test_that_numbers_far_apart_are_read_one_by_one_to_the_same_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.arange(300)
    tensor = only(write_tensors(tmp_path / "a.safetensors", {"w": fp32(values)}))
    monkeypatch.setattr(stored_tensor, "LONGEST_STEP_BYTES", 8)
    window = tensor.window(range(0, 5, 2), range(1, 64, 5))
    assert window.values[0].tolist() == list(range(1, 64, 5))
    assert window.values[2].tolist() == [*range(257, 300, 5), 0, 0, 0, 0]
    assert window.missing == 4


# -- rows, blocks and samples ------------------------------------------------------------------------------------------


def test_that_blocks_go_on_from_one_row_into_the_next(tmp_path: Path) -> None:
    tensor = only(write_tensors(tmp_path / "a.safetensors", {"w": fp32(np.arange(300).reshape(3, 100) - 150)}))
    assert tensor.row_of(120) == Extent(100, 100)
    assert tensor.block_of(120, 64) == Extent(64, 64)
    assert tensor.block_of(299, 64) == Extent(256, 44)
    assert tensor.absmax(Extent(0, 100)) == 150
    assert tensor.absmax(tensor.block_of(120, 64)) == 86


def test_that_an_infinity_or_nan_leaves_no_absmax(tmp_path: Path) -> None:
    tensor = only(write_tensors(tmp_path / "a.safetensors", {"w": fp32([1.0, np.inf, 2.0, np.nan, 3.0])}))
    assert tensor.absmax(Extent(0, 2)) is None
    assert tensor.absmax(Extent(2, 2)) is None
    assert tensor.absmax(Extent(4, 1)) == 3


def test_that_a_sample_comes_from_all_over_a_tensor(tmp_path: Path) -> None:
    tensor = only(write_tensors(tmp_path / "a.safetensors", {"w": fp32(np.arange(200_000))}))
    sample = tensor.sample()
    assert len(sample) == 65_536
    assert (sample[0], sample[-1]) == (0, 199_999)
    assert np.all(np.diff(sample) >= 0)
    small = only(write_tensors(tmp_path / "b.safetensors", {"w": fp32([1, 2])}))
    assert small.sample().tolist() == [1, 2]


# -- large files -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(psutil.Process, "io_counters"), reason="this system does not count what is read")
def test_that_little_of_a_file_of_10_gb_is_read(tmp_path: Path) -> None:
    path = large_file(tmp_path / "model.safetensors")
    process = psutil.Process()
    before, held_before = process.io_counters().read_chars, process.memory_info().rss  # type: ignore[attr-defined]
    tensors = open_tensors(path)
    opened = process.io_counters().read_chars - before  # type: ignore[attr-defined]
    last = tensors[-1]
    last.window(range(0, last.lines, 8), range(0, last.line_length, 8))
    last.number_at(last.numbers - 1)
    read = process.io_counters().read_chars - before - opened  # type: ignore[attr-defined]
    assert path.stat().st_size > 10_000_000_000
    assert len(tensors) == 400
    assert opened < 200_000
    assert read < 5_000_000
    assert process.memory_info().rss - held_before < 100_000_000


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_that_a_folder_of_shards_is_read_through_its_index(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", {"one.safetensors": {"a": fp32([1.0])}, "two.safetensors": {"b": fp32([2.0])}})
    a, b = open_tensors(folder)
    assert [float(values_of(tensor)[0, 0]) for tensor in (a, b)] == [1, 2]
    assert b.entry.path.name == "two.safetensors"


def test_that_a_shard_outside_the_folder_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", {"one.safetensors": {"a": fp32([1.0])}})
    write_tensors(tmp_path / "out.safetensors", {"a": fp32([1.0])})
    (folder / INDEX).write_text(json.dumps({"weight_map": {"a": "../out.safetensors"}}), encoding="utf-8")
    assert "outside the model's folder" in refusal(folder)


def test_that_a_missing_shard_a_missing_file_and_another_kind_of_file_are_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", {"one.safetensors": {"a": fp32([1.0])}})
    (folder / "one.safetensors").unlink()
    assert "half a model" in refusal(folder)
    assert "nothing at" in refusal(tmp_path / "none.safetensors")
    (tmp_path / "model.bin").write_bytes(b"x")
    assert "not a safetensors file" in refusal(tmp_path / "model.bin")
    (tmp_path / "empty").mkdir()
    assert "no weights" in refusal(tmp_path / "empty")
    assert "no tensors" in refusal(write_tensors(tmp_path / "none.safetensors", {}))


@pytest.mark.parametrize("data", [b"", b"\x01", b"\xff" * 9, b"\x02\0\0\0\0\0\0\0[]", b"\x02\0\0\0\0\0\0\0{"])
def test_that_a_damaged_header_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    assert "Download" in refusal(path)


def test_that_a_file_that_changes_after_it_was_opened_is_told(tmp_path: Path) -> None:
    path = write_tensors(tmp_path / "a.safetensors", {"w": fp32(np.arange(100))})
    tensor = only(path)
    with path.open("r+b") as file:
        file.truncate(200)
    with pytest.raises(UserError, match="changed since it was opened"):
        tensor.codes(Extent(90, 5))
    path.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        tensor.codes(Extent(0, 1))
