"""Uploads to a Hub of this machine: private, whole or not at all, gone on with, and refused in sentences."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.export.conftest import Export, Trained
from tests.fakes import tiny_recipe
from tests.hub_shelf import small_model
from tests.hub_uploads import TOKEN, Desk, desk_open, person
from workbench.core.job import launch
from workbench.core.job.events import Ended
from workbench.core.job.export_kinds import ExportRequest, StepChecked, StepRefused, UploadedToHub
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study
from workbench.core.recipe.recipe import Recipe

PATIENCE_SECONDS = 120.0


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with desk_open(tmp_path / "hf", monkeypatch) as made:
        yield made


def ended(history: History) -> Ended:
    assert history.ended is not None
    return history.ended


def uploaded(history: History) -> UploadedToHub:
    assert ended(history).state == "finished", f"{ended(history).what} {ended(history).why}"
    return next(event for event in history.findings if isinstance(event, UploadedToHub))


def test_that_an_adapter_goes_into_a_private_repository_with_a_card_and_without_a_row(
    desk: Desk,
    train_here: Callable[[Recipe], tuple[RunFolder, History]],
    tiny_model: Callable[[str], Path],
    rows: Path,
    export_here: Export,
    tmp_path: Path,
) -> None:
    asked = ("samples.prompts=A prompt of mine", "data.system_prompt=Be kind.", "evaluation.rows=6")
    run, _ = train_here(tiny_recipe(tiny_model("llama"), rows, *asked))
    history = export_here(run, "hub", name="bicycle-answers")
    found = uploaded(history)
    assert (found.repository, found.is_private) == ("somebody/bicycle-answers", True)
    repo = desk.models["somebody/bicycle-answers"]
    assert repo.is_private
    assert repo.files["adapter_model.safetensors"] == (run.adapter / "adapter_model.safetensors").read_bytes()
    card = repo.files["README.md"].decode()
    assert "- qlora-workbench\n" in card
    assert 'PeftModel.from_pretrained(base, "somebody/bicycle-answers")' in card
    assert "rows.jsonl, 18 rows" in card
    assert '"content": "Be kind."' in card
    assert "- Evaluation loss at step 4" in card
    everything = b"\n".join(repo.files.values()).decode("utf-8", "replace")
    for kept_back in ("What is 3 and 3?", "It is 6.", "A prompt of mine", str(tmp_path), TOKEN):
        assert kept_back not in everything
    checked = [event.found for event in history.findings if isinstance(event, StepChecked) if event.item == "hub"]
    assert "stand at" in checked[0]
    assert "private" in checked[0]
    assert json.loads(repo.files["adapter_config.json"])["base_model_name_or_path"] == "llama"
    # It was made for the upload alone.
    assert not (tmp_path / "out" / "adapter").exists()


def test_that_an_adapter_as_gguf_that_is_made_for_the_upload_alone_has_its_name_and_its_line_there(
    desk: Desk, trained: Trained, export_here: Export
) -> None:
    uploaded(export_here(trained(), "hub", name="bicycle", hub_sends=("adapter-gguf",)))
    files = desk.models["somebody/bicycle"].files
    assert {"bicycle-adapter.gguf", "README.md"} <= set(files)
    assert not [name for name in files if "partial" in name]
    assert "--lora bicycle-adapter.gguf" in files["README.md"].decode()


def test_that_an_upload_that_broke_off_goes_on_with_what_is_not_there_yet(
    desk: Desk, trained: Trained, export_here: Export
) -> None:
    run = trained()
    desk.status_of_files = 400
    refused = ended(export_here(run, "hub", hub_name="half"))
    assert "The upload to somebody/half broke off." in refused.what
    assert "what has arrived there is not sent twice" in refused.remedy
    assert desk.models["somebody/half"].files == {}
    desk.status_of_files, desk.status_of_commit = 200, 500
    assert "broke off" in ended(export_here(run, "hub", hub_name="half")).what
    sent = list(desk.puts)
    desk.status_of_commit = 200
    found = uploaded(export_here(run, "hub", hub_name="half"))
    assert desk.puts == sent
    assert found.sent_bytes == 0
    assert "adapter_model.safetensors" in desk.models["somebody/half"].files


def test_that_an_upload_that_hangs_is_cancelled_and_shows_nothing(
    desk: Desk, trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    desk.goes_on = threading.Event()
    asked = ExportRequest(run=str(trained().path), items=("hub",), out=str(tmp_path / "out"), hub_name="hung")
    study = create_study(asked)
    process = launch.start(study)
    try:
        assert desk.is_sent_to.wait(PATIENCE_SECONDS), study.console.read_text()
        study.give(Order(order="cancel"))
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        desk.goes_on.set()
    assert ended(study.history()).state == "cancelled"
    assert desk.models["somebody/hung"].files == {}
    assert not list((tmp_path / "out").rglob("*.partial"))


def test_that_another_upload_takes_the_place_of_an_earlier_one_of_this_program(
    desk: Desk, trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    run = trained()
    uploaded(export_here(run, "hub", hub_name="twice"))
    files = desk.models["somebody/twice"].files
    files |= {
        ".gitattributes": b"*.safetensors filter=lfs",
        "model-00002-of-00002.safetensors": small_model(9)["model.safetensors"],
    }
    history = export_here(run, "hub", hub_name="twice", out=tmp_path / "again")
    uploaded(history)
    assert "model-00002-of-00002.safetensors" not in files
    assert ".gitattributes" in files
    assert any("1 file of the earlier upload" in notice.text for notice in history.notices)


def test_that_how_far_an_upload_is_is_told_in_bytes(desk: Desk, trained: Trained, export_here: Export) -> None:
    history = export_here(trained(), "hub")
    phase = history.phase
    assert phase is not None
    assert (phase.name, phase.unit) == ("upload", "bytes")
    assert phase.done == phase.total == uploaded(history).total_bytes


def test_that_what_cannot_be_uploaded_is_refused_before_anything_is_made(
    desk: Desk, trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    run = trained()
    for asked, wanted in (
        ({"hub_name": "others/name"}, "somebody has no right to write in others on the Hub."),
        ({"hub_name": "no such/na me"}, '"no such/na me" is not a name of the Hub.'),
        ({"hub_sends": ("script",)}, "script is not uploaded to the Hub."),
    ):
        refused = ended(export_here(run, "adapter", "hub", **asked))
        assert refused.is_refusal
        assert refused.what == wanted
        assert refused.remedy
    assert desk.models == {}
    assert not (tmp_path / "out" / "adapter").exists()


def test_that_a_hub_that_is_full_or_refuses_the_commit_is_a_sentence(
    desk: Desk, trained: Trained, export_here: Export
) -> None:
    run = trained()
    desk.status_of_commit = 413
    refused = next(event for event in export_here(run, "hub").findings if isinstance(event, StepRefused))
    assert "The Hub has no room for somebody/" in refused.what
    desk.status_of_commit = 403
    refused = next(event for event in export_here(run, "hub").findings if isinstance(event, StepRefused))
    assert "This token may not write to somebody/" in refused.what


def test_that_a_public_upload_is_public_and_an_organisation_s_where_it_is_named(
    desk: Desk, trained: Trained, export_here: Export
) -> None:
    desk.people[TOKEN] = person(workshop="write")
    found = uploaded(export_here(trained(), "hub", hub_name="workshop/a", hub_private=False))
    assert (found.repository, found.is_private) == ("workshop/a", False)
    assert not desk.models["workshop/a"].is_private
