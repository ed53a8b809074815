"""Races of precisions: real processes, real small models, and the starter."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tests.fakes import FAMILIES, save_tiny_model
from tests.runs import PATIENCE_SECONDS, events, wait_for, workbench
from workbench.core import places
from workbench.core.job import launch
from workbench.core.job.events import Phase
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import MeasureRequest, PrecisionMeasured
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.problems import UserError
from workbench.core.quantized.model import matrices, measured
from workbench.core.race.measures import MEASURES
from workbench.core.race.race import Race, read_race
from workbench.engine.study.measuring import Measuring
from workbench.engine.study.race_files import RaceFiles
from workbench.numerics.quantization_scheme import SCHEMES

PROSE = "The ferry crossed the lake four times a day, and nobody asked it to wait. " * 12


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(PROSE, encoding="utf-8")
    return path


@pytest.fixture
def asked(tiny_model: Callable[[str], Path], text: Path) -> Callable[..., MeasureRequest]:
    """A request of two quick precisions, with changes."""

    def request(**changes: Any) -> MeasureRequest:
        base = {"model": str(tiny_model("llama")), "precisions": ("bf16", "nf4"), "text": str(text), "prompts": ("Hi",)}
        return MeasureRequest(**{**base, **changes})

    return request


def raced(request: MeasureRequest) -> tuple[RunFolder, Race]:
    run = create_study(request)
    assert launch.start(run).wait(PATIENCE_SECONDS) == 0, run.console.read_text()
    assert run.state() == RunState.FINISHED
    return run, read_race(run)


def refusal(request: MeasureRequest) -> UserError:
    run = create_study(request)
    assert launch.start(run).wait(PATIENCE_SECONDS) == 2, run.console.read_text()
    ended = run.history().ended
    assert ended is not None
    assert ended.is_refusal
    assert "Traceback" not in run.console.read_text()
    return UserError(ended.what, why=ended.why, remedy=ended.remedy)


def measured_here(request: MeasureRequest, precision: str, study: Path) -> PrecisionMeasured:
    """One precision measured in this process, as the first of a race."""
    files = RaceFiles(study)
    study.mkdir(exist_ok=True)
    return Measuring(request, precision, Path(request.model), files, lambda event: None).run("")


def test_that_a_race_measures_everything_the_widest_first(asked: Callable[..., MeasureRequest]) -> None:
    run, race = raced(asked(precisions=("nf4", "int8", "fp32", "bf16"), prompts=("Hi", "")))
    findings = [event for event in events(run) if isinstance(event, PrecisionMeasured)]
    assert [row.precision for row in findings] == ["fp32", "bf16", "int8", "nf4"]
    assert list(race.rows) == findings
    for row in race.rows:
        assert row.problem == ""
        assert all(measure.value(row) is not None for measure in MEASURES if measure.name != "answer_tokens_per_second")
        assert (row.device, row.text_tokens, row.context_tokens) == ("CPU", len(PROSE), 512)
        assert row.kl_positions == len(PROSE) - 1
        assert len(row.answers) == 2
        assert row.reference == ("" if row.precision == "fp32" else "fp32")
    first = race.rows[0]
    assert (first.kl_divergence, first.same_top_token) == (0.0, 1.0)
    assert all((row.kl_divergence or 0) > 0 for row in race.rows[1:])
    sizes = {row.precision: row.size_bytes or 0 for row in race.rows}
    assert sizes["fp32"] > sizes["bf16"] > sizes["int8"] > sizes["nf4"]
    assert not (run.path / "reference.f32").exists()
    assert not list(run.path.rglob("*.partial"))
    assert {event.name for event in events(run) if isinstance(event, Phase)} >= {
        "load",
        "quantize",
        "measure",
        "sample",
    }
    assert "torch" in race.versions
    json.dumps(race.rows_as_json(), allow_nan=False)


def test_that_a_short_training_in_each_gives_curves_and_leaves_no_run(
    asked: Callable[..., MeasureRequest], rows: Path
) -> None:
    run, race = raced(asked(precisions=("fp16", "nf4"), train_steps=3, data=str(rows)))
    fp16, nf4 = race.rows
    assert [step for step, _ in nf4.losses] == [1, 2, 3]
    assert fp16.losses == []
    assert "FP16" in fp16.training_problem
    assert fp16.perplexity is not None
    assert list(places.runs().iterdir() if places.runs().exists() else []) == []
    assert not list(run.path.rglob("*.safetensors"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_that_a_text_that_cannot_be_predicted_is_refused(
    data: bytes | None, said: str, asked: Callable[..., MeasureRequest], tmp_path: Path
) -> None:
    path = tmp_path / "bad.txt"
    if data is not None:
        path.write_bytes(data)
    error = refusal(asked(text=str(path)))
    assert said in error.what
    assert error.remedy


def test_that_a_text_is_predicted_from_two_tokens_on(asked: Callable[..., MeasureRequest], tmp_path: Path) -> None:
    path = tmp_path / "two.txt"
    path.write_text("ab", encoding="utf-8")
    found = measured_here(asked(text=str(path)), "bf16", tmp_path / "study")
    assert found.text_tokens == 2
    assert found.perplexity is not None
    path.write_text("a", encoding="utf-8")
    with pytest.raises(UserError, match="has 1 token: there is nothing to predict"):
        measured_here(asked(text=str(path)), "bf16", tmp_path / "study")


def test_that_of_a_huge_text_the_beginning_is_read_and_said_so(
    asked: Callable[..., MeasureRequest], tmp_path: Path
) -> None:
    path = tmp_path / "huge.txt"
    path.write_text(PROSE * 6000, encoding="utf-8")
    found = measured_here(asked(text=str(path)), "bf16", tmp_path / "study")
    assert found.text_tokens == 16_384
    assert "Of the text the first 16\u2009384 tokens were read." in found.notes


def test_that_a_model_without_a_chat_template_answers_too(asked: Callable[..., MeasureRequest], tmp_path: Path) -> None:
    folder = save_tiny_model(FAMILIES["opt"](), tmp_path / "opt", template=None)
    found = measured_here(asked(model=str(folder), prompts=("Hi", "")), "int8", tmp_path / "study")
    assert found.problem == ""
    assert len(found.answers) == 2
    assert found.answers[1] == ""


def test_that_a_model_larger_than_the_memory_is_a_row_with_the_reason(
    asked: Callable[..., MeasureRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1000))
    found = measured_here(asked(), "nf4", tmp_path / "study")
    assert found.problem.startswith("The memory is not enough: the weights take ")
    assert found.size_bytes is None


def test_that_a_model_that_cannot_be_loaded_is_refused(asked: Callable[..., MeasureRequest], llama: Path) -> None:
    (llama / "tokenizer.json").unlink()
    assert "has no tokenizer" in refusal(asked(model=str(llama))).what
    assert "no model folder" in refusal(asked(model=str(llama / "nowhere"))).what
    config = json.loads((llama / "config.json").read_text())
    shutil.copy(Path(asked().model) / "tokenizer.json", llama)
    (llama / "config.json").write_text(json.dumps({**config, "model_type": "nothing_known"}))
    error = refusal(asked(model=str(llama)))
    assert error.what == "No precision could be measured."
    assert "nothing_known" in error.why


def test_that_an_unknown_precision_is_refused(asked: Callable[..., MeasureRequest]) -> None:
    assert 'no precision "nf5"' in refusal(asked(precisions=("nf5",))).what


def children(process: subprocess.Popen[bytes], word: str) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if word in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def test_that_a_precision_whose_process_is_killed_is_a_row_and_the_race_goes_on(
    asked: Callable[..., MeasureRequest],
) -> None:
    run = create_study(asked(precisions=("fp32", "bf16", "nf4")))
    process = launch.start(run)
    wait_for(lambda: bool(children(process, "fp32")), process, run)
    children(process, "fp32")[0].send_signal(signal.SIGKILL)
    assert process.wait(PATIENCE_SECONDS) == 0
    race = read_race(run)
    assert [row.precision for row in race.rows] == ["fp32", "bf16", "nf4"]
    assert "was killed by SIGKILL" in race.rows[0].problem
    assert "Perhaps the memory was not enough." in race.rows[0].problem
    assert [row.reference for row in race.ran] == ["", "bf16"]
    assert race.ran[1].kl_divergence


def test_that_a_cancel_ends_the_measuring_process_before_it_has_measured(asked: Callable[..., MeasureRequest]) -> None:
    run = create_study(asked())
    process = launch.start(run)
    wait_for(lambda: bool(children(process, "bf16")), process, run)
    (child,) = children(process, "bf16")
    run.give(Order(order="cancel"))
    assert process.wait(PATIENCE_SECONDS) == 0
    assert not [event for event in events(run) if isinstance(event, PrecisionMeasured)]
    assert run.state() == RunState.CANCELLED
    assert not child.is_running()


def test_that_no_measuring_process_outlives_the_engine(asked: Callable[..., MeasureRequest]) -> None:
    run = create_study(asked())
    process = launch.start(run)
    wait_for(lambda: bool(children(process, "bf16")), process, run)
    (child,) = children(process, "bf16")
    process.kill()
    process.wait()
    assert psutil.wait_procs([child], timeout=PATIENCE_SECONDS)[1] == []
    assert run.state() == RunState.CRASHED


def test_that_the_verb_prints_one_document_and_writes_the_report(
    tiny_model: Callable[[str], Path], text: Path, tmp_path: Path
) -> None:
    report = tmp_path / "race.html"
    words = [
        "measure",
        "--model",
        str(tiny_model("llama")),
        "--text",
        str(text),
        "--prompt",
        "Hi",
        "--report",
        str(report),
    ]
    done = workbench(*words, "--seed", "7", "--json", "--precisions", "nf4", "bf16")
    told = json.loads(done.stdout)
    assert (told["state"], told["seed"], told["reference"]) == ("finished", 7, "bf16")
    assert [row["precision"] for row in told["precisions"]] == ["bf16", "nf4"]
    assert told["sentence"].startswith("NF4 holds the weights in ")
    assert RunFolder.open(Path(told["study"])).state() == RunState.FINISHED
    assert "BF16: Load" in done.stderr
    assert told["prompts"] == ["Hi"]
    assert "Race of precisions: llama" in report.read_text(encoding="utf-8")


def test_that_ctrl_c_cancels_a_race_and_leaves_nothing(tiny_model: Callable[[str], Path], text: Path) -> None:
    words = ["measure", "--model", str(tiny_model("llama")), "--text", str(text), "--json"]
    follower = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # A shell starts what it puts into the background with SIGINT ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not list(places.studies().glob("*/precisions/*/journal.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(follower.pid, signal.SIGINT)
    printed, _ = follower.communicate(timeout=PATIENCE_SECONDS)
    assert follower.returncode == 130
    assert json.loads(printed)["state"] == "cancelled"
    assert list(places.studies().iterdir()) == []


# -- the starter -------------------------------------------------------------------------------------------------------

LONG_SECONDS = 600.0  # a model of 134 million parameters, loaded and measured five times
ORDERED = ("bf16", "int8", "nf4", "nf4-dq", "fp4")


@pytest.mark.starter
@pytest.mark.usefixtures("starter_of_the_session")
def test_that_the_starter_loses_more_the_fewer_its_bits(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text(" ".join((places.resources() / "texts" / "prose.txt").read_text("utf-8").split()[:240]), "utf-8")
    run = create_study(
        MeasureRequest(model="starter", precisions=ORDERED, text=str(path), prompts=("What is a lake?",))
    )
    assert launch.start(run).wait(LONG_SECONDS) == 0, run.console.read_text()
    race = read_race(run)
    assert [row.problem for row in race.rows] == [""] * len(ORDERED)
    bf16, int8, nf4, doubled, fp4 = race.rows
    assert bf16.size_bytes == 2 * 134_515_008 + 2 * 4 * 32  # and the frequencies of the positions, twice
    sizes = [row.size_bytes or 0 for row in race.rows]
    assert sizes[0] > sizes[1] > sizes[2] == sizes[4] > sizes[3]
    linear = 106_168_320  # numbers in the seven matrices of each of 30 blocks
    rest = 2 * (134_515_008 - linear)
    assert nf4.size_bytes == pytest.approx(rest + linear * 4.5 / 8, rel=1e-3)
    assert doubled.size_bytes == pytest.approx(rest + linear * 4.127 / 8, rel=5e-3)
    exact = bf16.perplexity or 0.0
    assert int8.perplexity == pytest.approx(exact, rel=0.02)
    assert exact < (nf4.perplexity or 0.0) < (fp4.perplexity or 0.0)
    apart = [row.kl_divergence or 0.0 for row in race.rows]
    assert 0 == apart[0] < apart[1] < apart[2] < apart[4]
    assert (int8.same_top_token or 0) > (nf4.same_top_token or 0) > (fp4.same_top_token or 0)
    assert "NF4 holds the weights in 116 MB where BF16 takes 269 MB: 57% less." in race.sentence
    if (places.models() / places.STARTER).is_dir():  # it came from the registry
        assert any("was once quantized to Q4_1" in note for note in race.notes)
    _check_that_nf4_is_nearer_than_fp4()


def _check_that_nf4_is_nearer_than_fp4() -> None:
    """In every matrix of the starter, wherever it was fetched to."""
    kept = places.models() / places.STARTER
    if not kept.is_dir():
        from workbench.core.model import hub_models

        kept = next(model.path for model in hub_models.cached() if model.id.endswith(places.STARTER))
    found = list(measured(matrices(open_tensors(kept)), [SCHEMES["nf4"], SCHEMES["fp4"]]))
    assert len(found) == 211  # seven in each of 30 blocks, and the embedding
    for nf4, fp4 in found:
        assert nf4.measures is not None
        assert fp4.measures is not None
        assert nf4.measures.rmse < fp4.measures.rmse, nf4.name
        assert nf4.measures.mean_abs_error < fp4.measures.mean_abs_error, nf4.name
