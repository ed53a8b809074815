"""The export job: whole or not at all, its plan changed while it works, nothing of others' overwritten."""

import json
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.adapters import note_base
from tests.engine.export.conftest import Export, Trained
from workbench.core.chat.speakers import speaker
from workbench.core.export import measured
from workbench.core.export.made import ExportFolder
from workbench.core.job import launch
from workbench.core.job.events import Ended, Event
from workbench.core.job.export_kinds import (
    ExportPlanned,
    ExportRequest,
    StepBegun,
    StepChecked,
    StepDone,
    StepRefused,
    WaySuggested,
    WeightsMeasured,
)
from workbench.core.job.history import History
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study
from workbench.core.model import fingerprint

PATIENCE_SECONDS = 120.0


def ended(history: History) -> Ended:
    assert history.ended is not None
    return history.ended


def done(history: History) -> list[str]:
    return [event.item for event in history.findings if isinstance(event, StepDone)]


def test_that_an_adapter_is_exported_as_it_is(trained: Trained, export_here: Export, tmp_path: Path) -> None:
    run = trained()
    history = export_here(run, "adapter")
    assert ended(history).state == "finished", ended(history)
    folder = tmp_path / "out" / "adapter"
    for name in ("adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "README.md"):
        assert (folder / name).read_bytes() == (run.adapter / name).read_bytes()
    planned = next(event for event in history.findings if isinstance(event, ExportPlanned))
    (made,) = (event for event in history.findings if isinstance(event, StepDone))
    assert planned.size_bytes == made.size_bytes == sum(file.size_bytes for file in made.files)
    checks = [event for event in history.findings if isinstance(event, StepChecked)]
    assert [(check.name, check.ok) for check in checks] == [("files", True), ("measured", True), ("elsewhere", True)]
    assert "equal, bit for bit" in checks[1].found
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["README.md", "adapter", "export.json"]


def test_that_both_ways_to_merge_are_measured_the_closer_one_suggested_and_every_number_written_down(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    run = trained("llama", "model.compute_dtype=fp32")
    history = export_here(run, "merged", "measure")
    assert ended(history).state == "finished", ended(history)
    assert done(history) == ["merged", "measure"]
    found = {event.item: event for event in history.findings if isinstance(event, WeightsMeasured)}
    assert set(found) == {"reference", "merged", "merged-nf4"}
    rounded, original = found["merged-nf4"].kl, found["merged"].kl
    assert rounded is not None
    assert original is not None
    assert rounded < original
    assert len({(event.rows, event.tokens, event.is_held_out) for event in found.values()}) == 1
    (suggested,) = (event for event in history.findings if isinstance(event, WaySuggested))
    assert suggested.way == "nf4"
    assert "Merge into NF4's values" in suggested.sentence
    text = (tmp_path / "out" / "README.md").read_text()
    assert suggested.sentence in text
    for event in found.values():
        assert f"{event.perplexity:.4f}" in text
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["README.md", "export.json", "merged"]
    kept = json.loads((run.path / "measured.json").read_text())["adapter"]["found"]
    assert {event["item"] for event in kept} == set(found)

    again = export_here(run, "measure", out=tmp_path / "other")
    assert done(again) == ["measure"]
    assert not any(isinstance(event, WeightsMeasured) for event in again.findings), "it is known"


def test_that_what_waits_can_be_taken_out_and_more_be_added_while_it_works(
    trained: Trained, in_order: Callable[..., History]
) -> None:
    history = in_order(
        trained(), ["adapter", "merged"], Order(order="remove", name="merged"), Order(order="add", name="merged-nf4")
    )
    assert ended(history).state == "finished", ended(history)
    assert done(history) == ["adapter", "merged-nf4"]
    plans = [[step.item for step in event.steps] for event in history.findings if isinstance(event, ExportPlanned)]
    assert plans[-1] == ["adapter", "merged-nf4"]


def test_that_what_cannot_be_added_is_refused_and_the_plan_stays(
    trained: Trained, in_order: Callable[..., History]
) -> None:
    run = trained("llama", "model.precision=bf16")
    history = in_order(run, ["adapter"], Order(order="add", name="merged-nf4"), Order(order="add", name="ring"))
    assert ended(history).state == "finished", ended(history)
    assert done(history) == ["adapter"]
    refused = [event.what for event in history.findings if isinstance(event, StepRefused)]
    assert "was trained on BF16 weights, which were never rounded" in refused[0]
    assert 'Nothing can be exported to "ring"' in refused[1]


def test_that_an_export_stops_after_the_step_at_work(
    trained: Trained, work_here: Callable[[RunFolder], History], tmp_path: Path
) -> None:
    asked = ("adapter", "merged", "merged-nf4")
    study = create_study(ExportRequest(run=str(trained().path), items=asked, out=str(tmp_path / "out")))

    def stop() -> None:
        reader, deadline = JournalReader(study.journal), time.monotonic() + PATIENCE_SECONDS
        while not any(isinstance(event, StepBegun) for event in reader.read()) and time.monotonic() < deadline:
            time.sleep(0.01)
        study.give(Order(order="stop"))

    stopping = threading.Thread(target=stop)
    stopping.start()
    history = work_here(study)
    stopping.join()
    assert ended(history).state == "stopped"
    assert done(history)[0] == "adapter"
    assert len(done(history)) < 3
    assert (tmp_path / "out" / "adapter" / "adapter_model.safetensors").is_file()


def test_that_what_was_made_for_others_alone_goes_and_is_made_anew_where_it_is_asked_for_later(
    trained: Trained, work_here: Callable[[RunFolder], History], tmp_path: Path
) -> None:
    study = create_study(ExportRequest(run=str(trained().path), items=("gguf:f16",), out=str(tmp_path / "out")))

    def add() -> None:
        reader, deadline = JournalReader(study.journal), time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if any(isinstance(event, StepBegun) and event.item == "gguf:f16" for event in reader.read()):
                break
            time.sleep(0.01)
        study.give(Order(order="add", name="merged-nf4"))
        study.give(Order(order="add", name="gguf:q8_0"))

    adding = threading.Thread(target=add)
    adding.start()
    history = work_here(study)
    adding.join()
    assert ended(history).state == "finished", ended(history)
    made = [(event.item, bool(event.path)) for event in history.findings if isinstance(event, StepDone)]
    assert made[:2] == [("merged-nf4", False), ("gguf:f16", True)]
    assert set(made[2:]) <= {("merged-nf4", True), ("gguf:q8_0", True)}
    assert not any("partial" in path.name for path in (tmp_path / "out").iterdir())
    assert len(made) == len(set(made))


def test_that_a_base_that_has_changed_or_gone_is_refused(
    trained: Trained, export_here: Export, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    run = trained()
    base = Path(shutil.copytree(tiny_model("llama"), tmp_path / "base"))
    for path in (run.job, run.adapter / "adapter_config.json"):
        path.write_text(path.read_text().replace(str(tiny_model("llama")), str(base)))
    note_base(run, fingerprint.of_model(base))
    assert ended(export_here(run, "adapter")).state == "finished"
    weights = base / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    refused = ended(export_here(run, "merged", out=tmp_path / "new"))
    assert refused.what == f"The base of {run.name} has changed since it was trained: {base}."
    shutil.rmtree(base)
    assert f"The base of {run.name} is gone" in ended(export_here(run, "merged", out=tmp_path / "new")).what
    assert not (tmp_path / "new").exists()


def test_that_readme_keeps_what_an_earlier_export_into_the_folder_has_found(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    run = trained("llama", "model.precision=bf16")
    export_here(run, "merged")
    export_here(run, "adapter")
    text = (tmp_path / "out" / "README.md").read_text()
    assert "Merged into the original weights: checks" in text
    assert "| Adapter | `adapter` |" in text


def test_that_an_unknown_thing_is_refused_before_anything_is_made(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    history = export_here(trained(), "adapter", "ring")
    assert 'Nothing can be exported to "ring"' in ended(history).what
    assert not (tmp_path / "out").exists()


def test_that_two_exports_into_one_folder_are_refused(trained: Trained, export_here: Export, tmp_path: Path) -> None:
    with ExportFolder(tmp_path / "out").held():
        history = export_here(trained(), "adapter")
    assert ended(history).what == f"Another export is writing to {tmp_path / 'out'}."
    assert ended(history).is_mendable


def test_that_what_no_export_has_made_is_not_overwritten_and_what_one_has_is(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    mine = tmp_path / "out" / "adapter"
    mine.mkdir(parents=True)
    (mine / "poem.txt").write_text("Mine.")
    run = trained()
    history = export_here(run, "adapter")
    assert ended(history).what == f"{mine} is there already, and no export has made it."
    assert [path.name for path in mine.iterdir()] == ["poem.txt"]
    assert ended(export_here(run, "adapter", out=tmp_path / "new")).state == "finished"
    assert ended(export_here(run, "adapter", out=tmp_path / "new")).state == "finished"
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"README.md", "adapter", "export.json"}


def test_that_a_full_training_is_exported_as_its_model(
    trained: Trained, export_here: Export, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    run = trained("llama", "model.precision=fp32", "lora.enabled=false")
    shutil.rmtree(run.adapter)
    shutil.copytree(tiny_model("llama"), run.model)
    assert ended(export_here(run, "merged", largest_file_bytes=100_000)).state == "finished"
    assert len(list((tmp_path / "out" / "merged").glob("*.safetensors"))) > 3
    refused = export_here(run, "adapter")
    assert "has no adapter: its training has changed the weights themselves" in ended(refused).what


def test_that_a_run_without_an_adapter_is_refused(trained: Trained, export_here: Export) -> None:
    run = trained()
    shutil.rmtree(run.adapter)
    assert f"Run {run.name} has no adapter yet" in ended(export_here(run, "adapter")).what


@pytest.mark.parametrize(("family", "precision"), [("llama", "nf4"), ("gpt2", "nf4"), ("llama", "int8")])
def test_that_a_base_whose_weights_lie_quantized_is_merged_into_what_they_stand_for(
    family: str,
    precision: str,
    trained: Trained,
    export_here: Export,
    tiny_model: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    four_bit = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype="float32"
    )
    asked = four_bit if precision == "nf4" else BitsAndBytesConfig(load_in_8bit=True)
    run = trained(family, "model.compute_dtype=fp32", f"model.precision={precision}")
    base = tmp_path / "quantized"
    model = AutoModelForCausalLM.from_pretrained(
        tiny_model(family), quantization_config=asked, device_map={"": "cpu"}, dtype=torch.float32
    )
    model.save_pretrained(base)
    for path in tiny_model(family).glob("*token*"):
        (base / path.name).write_bytes(path.read_bytes())
    run.job.write_text(run.job.read_text().replace(f'"{tiny_model(family)}"', f'"{base}"'))
    history = export_here(run, "merged-nf4")
    assert ended(history).state == "finished", ended(history)
    found = {event.item: event for event in history.findings if isinstance(event, WeightsMeasured)}
    kl = found["merged-nf4"].kl
    assert kl is not None
    assert kl < 1e-4
    assert "quantization_config" not in json.loads((tmp_path / "out" / "merged-nf4" / "config.json").read_text())
    assert "its original weights are not there" in ended(export_here(run, "merged")).what


# -- processes ---------------------------------------------------------------------------------------------------------


def follow(process: subprocess.Popen[bytes], study: RunFolder, is_there: Callable[[Event], bool]) -> None:
    reader, deadline = JournalReader(study.journal), time.monotonic() + PATIENCE_SECONDS
    while not any(is_there(event) for event in reader.read()):
        assert process.poll() is None, study.console.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def begun(run: RunFolder, out: Path, *items: str) -> tuple[subprocess.Popen[bytes], RunFolder]:
    """An export in a process of its own, its first step under way."""
    study = create_study(ExportRequest(run=str(run.path), items=items, out=str(out)))
    process = launch.start(study)
    follow(process, study, lambda event: isinstance(event, StepBegun))
    return process, study


def test_that_a_cancelled_export_leaves_nothing_half_made(trained: Trained, tmp_path: Path) -> None:
    process, study = begun(trained(), tmp_path / "out", "merged", "merged-nf4", "adapter")
    study.give(Order(order="cancel"))
    process.wait(PATIENCE_SECONDS)
    assert ended(study.history()).state == "cancelled"
    there = {path.name for path in (tmp_path / "out").iterdir()} if (tmp_path / "out").exists() else set()
    assert not any("partial" in name for name in there)
    assert not (study.path / "scratch").exists()


def test_that_a_killed_export_is_swept_by_the_next_one(trained: Trained, export_here: Export, tmp_path: Path) -> None:
    run = trained()
    process, study = begun(run, tmp_path / "out", "merged")
    partial = tmp_path / "out" / ".merged.partial"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not partial.exists():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    psutil.Process(process.pid).suspend()  # or it might be done before it is killed
    os.kill(process.pid, signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
    assert study.history().ended is None
    assert not (tmp_path / "out" / "merged").exists()
    assert ended(export_here(run, "adapter")).state == "finished"
    assert not partial.exists()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="a process's limits are set from outside on Linux alone")
def test_that_a_file_that_cannot_be_written_to_its_end_costs_its_step_alone(trained: Trained, tmp_path: Path) -> None:
    run = trained()
    study = create_study(ExportRequest(run=str(run.path), items=("merged", "adapter"), out=str(tmp_path / "out")))
    process = launch.start(study)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (200_000, 200_000))  # the model takes 600 kB
    process.wait(PATIENCE_SECONDS)
    history = study.history()
    assert "A file could not be read or written: File too large." in ended(history).what
    assert "Make room in" in ended(history).remedy
    assert done(history) == ["adapter"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"README.md", "adapter", "export.json"}


def test_that_what_is_measured_alone_leaves_no_file_but_its_figures(
    trained: Trained, work_here: Callable[[RunFolder], History]
) -> None:
    run = trained()
    study = create_study(ExportRequest(run=str(run.path), items=("merged",)))
    history = work_here(study)
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    assert not [path for path in study.path.rglob("*") if path.suffix == ".safetensors"]
    assert not (study.path / "export").exists()
    assert "merged" in measured.read(speaker(str(run.path)))
