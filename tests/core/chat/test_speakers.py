"""What a person names is found as a base and its adapters; what cannot be talked to is a sentence."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from workbench.core import places
from workbench.core.chat.speakers import speaker, speakers_of
from workbench.core.job import checkpoints
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe


def adapter_at(folder: Path, base: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    said = {"peft_type": "LORA", "base_model_name_or_path": base, "r": 4, "lora_alpha": 8}
    (folder / "adapter_config.json").write_text(json.dumps(said))
    save_file({"a.q_proj.lora_A.weight": np.zeros((4, 2), np.float32)}, folder / "adapter_model.safetensors")
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


@pytest.fixture
def run(model: Path) -> RunFolder:
    made = RunFolder.create(recipe_text.with_overrides(Recipe(), [f"model.source={model}", "data.path=x.jsonl"]))
    adapter_at(made.adapter, str(model))
    return made


def test_that_a_run_speaks_through_its_adapter_on_its_base(run: RunFolder, model: Path) -> None:
    for name in (run.name, run.name[:10], str(run.path), str(run.adapter)):
        found = speaker(name)
        assert (found.side, found.title, found.model.source) == ("tuned", run.name, str(model))
        assert found.adapter is not None
        assert found.recipe == run.recipe()


def test_that_sides_have_names_of_their_own(run: RunFolder, model: Path) -> None:
    other = RunFolder.create(run.recipe())
    adapter_at(other.adapter, str(model))
    found = speakers_of(run.name, ["base", other.name])
    assert [each.side for each in found] == ["tuned", "base", other.name]
    assert [each.side for each in speakers_of(str(model), [run.name])] == ["base", "tuned"]
    with pytest.raises(UserError, match="would stand beside itself"):
        speakers_of(run.name, [other.name, other.name])


def test_that_a_model_is_found_by_folder_name_and_id(model: Path) -> None:
    assert speaker(str(model)).model.source == str(model)
    assert speaker("starter").model.source == "starter"
    assert speaker("org/name").model.source == "org/name"
    places.models().mkdir(parents=True)
    shutil.copytree(model, places.models() / "Mine")
    save_file({"a": np.zeros(2, np.float32)}, places.models() / "Mine" / "model.safetensors")
    assert speaker("mine").model.source == str(places.models() / "Mine")


def test_that_a_base_is_found_where_the_adapter_says_when_the_recipes_is_gone(
    run: RunFolder, model: Path, tmp_path: Path
) -> None:
    moved = model.rename(tmp_path / "moved")
    with pytest.raises(UserError, match=f"The base of {run.name} is gone: {model}"):
        speaker(run.name)
    adapter_at(run.adapter, str(moved))
    assert speaker(run.name).model.source == str(moved)


def test_that_a_checkpoint_speaks_and_a_damaged_one_is_refused(run: RunFolder, model: Path) -> None:
    def fill(folder: Path) -> None:
        adapter_at(folder, str(model))

    folder = checkpoints.write(run.checkpoints, 40, fill)
    assert speaker(str(folder)).title == f"{run.name}, step-00000040"
    shutil.rmtree(run.adapter)
    with pytest.raises(UserError, match=f"has no adapter yet.*name {folder}"):
        speaker(run.name)
    (folder / "adapter_model.safetensors").write_bytes(b"")
    with pytest.raises(
        UserError, match=r"step-00000040 of run .* cannot be used: adapter_model\.safetensors has 0 bytes"
    ):
        speaker(str(folder))


def test_that_the_hash_of_the_base_is_the_last_that_the_journal_holds(run: RunFolder) -> None:
    assert speaker(run.name).base_hash == ""
    lines = [prepared({"the model": "0a"}), '{"kind":"notice","text":"\\"kind\\":\\"prepared\\""}', "torn"]
    lines.insert(1, prepared({"the model": "0b"}))
    run.journal.write_text("\n".join(lines))
    assert speaker(run.name).base_hash == "0b"


def prepared(parts: dict[str, str]) -> str:
    from workbench.core.job.study_kinds import DataPrepared

    fields = {name: field for name, field in DataPrepared.model_fields.items() if field.is_required()}
    nothing = {str: "", int: 0, float: 0.0}
    given = {name: nothing.get(field.annotation, []) for name, field in fields.items()}
    return DataPrepared.model_validate({**given, "parts": parts}).model_dump_json()


def refusal(name: str) -> str:
    with pytest.raises(UserError) as caught:
        speaker(name)
    return str(caught.value)


def test_that_what_cannot_be_talked_to_is_a_sentence(
    run: RunFolder, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no node, and so nothing that runs a GGUF file
    assert 'There is no run and no model "nowhere".' in refusal("nowhere")
    RunFolder.create(run.recipe())
    assert "is the beginning of 2 runs" in refusal(run.name[:4])
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    assert "nothing that could run it is installed. llama.cpp can: " in refusal(str(tmp_path / "m.gguf"))
    assert "is not on this machine" not in refusal(str(adapter_at(tmp_path / "mine", "/gone")))
    assert f"The base of {tmp_path / 'mine'} is gone: /gone." in refusal(str(tmp_path / "mine"))
    with pytest.raises(UserError, match="beside another it would be a second copy"):
        speakers_of(run.name, [str(model)])
    with pytest.raises(UserError, match=r"no adapter that could be turned off\."):
        speakers_of(str(model), ["base"])


def test_that_a_run_that_has_saved_nothing_is_told_by_its_state(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(run.adapter)
    assert "it is at work. Let it come to its end." in refusal(run.name)
    run.journal.write_text(
        '{"kind":"started","attempt":1,"pid":1,"versions":{}}\n{"kind":"ended","state":"cancelled"}\n'
    )
    assert f"it is cancelled. `workbench resume {run.name}` goes on with it." in refusal(run.name)
