"""The layers study in a process of its own: what it tells, how it ends, and what it takes."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.runs import events
from tests.tensors import Made, bf16, fp32, write_sparse, write_tensors
from workbench.core.job.events import Ended, Phase
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import LayersRequest, MatrixMeasured
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.quantized.model import matrices
from workbench.core.quantized.tensor import measure
from workbench.numerics.quantization_scheme import SCHEMES

# The program's own modules and numpy take 60 MB.
RESIDENT_ALLOWED_BYTES = 300_000_000


def study_of(path: Path, *formats: str, **asked: object) -> RunFolder:
    return create_study(LayersRequest.model_validate({"model": str(path), "formats": formats, **asked}))


def begun(run: RunFolder) -> subprocess.Popen[bytes]:
    with run.console.open("wb") as console:
        return subprocess.Popen(
            [sys.executable, "-m", "workbench.engine", str(run.path)], stdout=console, stderr=console
        )


def ended(run: RunFolder, code: int = 0) -> Ended:
    assert begun(run).wait(60) == code, run.console.read_text()
    last = events(run)[-1]
    assert isinstance(last, Ended)
    return last


def model_file(folder: Path, layers: int = 3) -> Path:
    random = np.random.default_rng(5)
    made: dict[str, Made] = {"norm.weight": fp32(np.ones(64))}
    for layer in range(layers):
        for kind in ("q_proj", "down_proj"):
            values = random.standard_normal((96, 256), dtype=np.float32) / 40
            made[f"model.layers.{layer}.{kind}.weight"] = bf16(values)
    return write_tensors(folder / "model.safetensors", made)


def test_that_every_matrix_is_told_with_its_facts_in_order(tmp_path: Path) -> None:
    path = model_file(tmp_path)
    run = study_of(path, "nf4", "fp4", "int8", block_size=128, double_quant=True)
    assert ended(run).state == "finished"
    assert run.state() is RunState.FINISHED
    told = [event.facts for event in events(run) if isinstance(event, MatrixMeasured)]
    blocks = [SCHEMES[name].with_blocks(128, double_quant=True) for name in ("nf4", "fp4")]
    tensors = matrices(open_tensors(path))
    assert told == [[fact.row() for fact in measure(tensor, [*blocks, SCHEMES["int8"]])] for tensor in tensors]
    for nf4, fp4, int8 in told:
        assert int8["rmse"] < nf4["rmse"] < fp4["rmse"]
    phases = [event for event in events(run) if isinstance(event, Phase)]
    size = 2 * sum(tensor.numbers for tensor in tensors)
    assert (phases[-1].done, phases[-1].total, phases[-1].unit) == (size, size, "bytes")


def test_that_a_matrix_of_nan_says_so_and_the_others_are_measured(tmp_path: Path) -> None:
    made = {"a": fp32(np.full((4, 64), np.nan)), "b": fp32(np.ones((4, 64))), "c": Made("I64", (2, 2), bytes(32))}
    run = study_of(write_tensors(tmp_path / "a.safetensors", made), "nf4")
    assert ended(run).state == "finished"
    told = [event.facts[0] for event in events(run) if isinstance(event, MatrixMeasured)]
    assert [(row["name"], bool(row["problem"]), row["rmse"]) for row in told] == [("a", True, None), ("b", False, 0.0)]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "safetensors"),
        (lambda path: path.write_bytes(b"\xff" * 40), "safetensors"),
        (lambda path: path.unlink(), "There is nothing at"),
        (lambda path: write_tensors(path, {"norm": fp32(np.ones(64))}), "holds no matrix"),
    ],
)
def test_that_what_cannot_be_measured_is_a_sentence(damage: object, sentence: str, tmp_path: Path) -> None:
    path = model_file(tmp_path)
    assert callable(damage)
    damage(path)
    run = study_of(path, "nf4")
    last = ended(run, code=2)
    assert last.state == "crashed"
    assert sentence in f"{last.what} {last.why}"
    assert "Traceback" not in run.console.read_text()


@pytest.mark.parametrize(("formats", "sentence"), [(("nf5",), "no quantized format"), (("nf4",), "A block has")])
def test_that_a_format_that_cannot_be_is_a_sentence(formats: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    last = ended(study_of(model_file(tmp_path), *formats, block_size=48), code=2)
    assert sentence in last.what


def test_that_a_cancel_ends_it_within_a_huge_matrix_and_memory_stays_bounded(tmp_path: Path) -> None:
    size = 14_000_000_000
    path = write_sparse(tmp_path / "huge.safetensors", {"embed.weight": ("BF16", (70_000, 100_000), size)})
    run = study_of(path, "nf4", "int8", double_quant=True)
    process = begun(run)
    try:
        peak, began = 0, time.monotonic()
        while not any(isinstance(event, Phase) for event in events(run)):
            assert process.poll() is None, run.console.read_text()
            assert time.monotonic() - began < 60
            time.sleep(0.02)
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            peak = max(peak, psutil.Process(process.pid).memory_info().rss)
            time.sleep(0.05)
        run.give(Order(order="cancel"))
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    assert run.state() is RunState.CANCELLED
    assert not [event for event in events(run) if isinstance(event, MatrixMeasured)]
    assert 0 < peak < RESIDENT_ALLOWED_BYTES
