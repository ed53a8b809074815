"""`workbench export`: what was made as JSON, and what cannot be made as a sentence."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from tests.hub_server import empty_cache_at
from tests.hub_shelf import Shelf, Shelved, shelf_served
from tests.hub_uploads import TOKEN, desk_open
from tests.runs import workbench
from workbench.core.job import launch
from workbench.core.job.run_folder import RunFolder

PATIENCE_SECONDS = 120.0


@pytest.fixture
def base(tiny_model: Callable[[str], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model("llama"), tmp_path / "base"))


@pytest.fixture
def trained(base: Path, rows: Path) -> RunFolder:
    settings = ("training.learning_rate=0.05", "samples.count=0", "evaluation.rows=6")
    run = RunFolder.create(tiny_recipe(base, rows, *settings))
    launch.start(run).wait(PATIENCE_SECONDS)
    return run


def refused(*words: str) -> str:
    done = workbench("export", *words, "--json", code=2)
    assert done.stdout == ""
    return done.stderr


def test_that_a_run_becomes_what_is_asked_and_a_base_that_changes_or_goes_is_refused(
    trained: RunFolder, base: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    done = workbench("export", trained.name, "--to", "merged-nf4", "--out", str(out), "--json")
    printed = json.loads(done.stdout)
    assert printed["path"] == str(out / "merged-nf4")
    assert printed["bytes"] == sum(path.stat().st_size for path in (out / "merged-nf4").iterdir())
    assert set(printed["files"]) == {str(path) for path in (out / "merged-nf4").iterdir()}
    assert all(check["ok"] for check in printed["checks"])
    assert [check["name"] for check in printed["checks"]][-1] == "merged-nf4 measured"
    assert printed["kl"] < 0.01
    assert printed["perplexity"] > 1
    assert {event["item"] for event in printed["measured"]} == {"reference", "merged", "merged-nf4"}
    assert all(event["rows"] == 6 and event["is_held_out"] for event in printed["measured"])
    assert printed["suggested"]
    assert "are free in" in done.stderr
    assert not list((home / "studies").iterdir())

    both = workbench("export", str(trained.adapter), "--to", "adapter", "--to", "script", "--out", str(out), "--json")
    assert json.loads(both.stdout)["path"] == str(out)
    text = (out / "README.md").read_text()
    assert "Merged into NF4's values" in text, "what an earlier export has made still stands there"
    assert "| Adapter | `adapter` |" in text

    with desk_open(tmp_path / "hf", monkeypatch) as desk:
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        hub = workbench("export", trained.name, "--to", "hub", "--repo", "answers", "--out", str(out), "--json")
    assert json.loads(hub.stdout)["path"].endswith("/somebody/answers")
    assert desk.models["somebody/answers"].is_private
    assert "adapter_model.safetensors" in desk.models["somebody/answers"].files

    weights = base / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    words = (trained.name, "--to", "merged", "--out", str(tmp_path / "new"))
    assert f"The base of {trained.name} has changed since it was trained: {base}." in refused(*words)
    shutil.rmtree(base)
    assert f"The base of {trained.name} is gone" in refused(*words)
    assert not (tmp_path / "new").exists()


def test_that_what_cannot_be_made_is_a_sentence(base: Path, rows: Path, tmp_path: Path, home: Path) -> None:
    run = RunFolder.create(tiny_recipe(base, rows))
    out = ("--out", str(tmp_path / "out"))
    assert f"Run {run.name} has no adapter yet" in refused(run.name, "--to", "adapter", *out)
    assert "is a model, not a run" in refused(str(base), "--to", "adapter", *out)
    assert 'Nothing can be exported to "adaptor". The nearest one is "adapter".' in refused(
        run.name, "--to", "adaptor", *out
    )
    assert "--type is given, and adapter has none" in refused(run.name, "--to", "adapter", "--type", "q8_0", *out)
    assert not (tmp_path / "out").exists()
    assert not list(home.glob("studies/*"))


def test_that_an_adapter_of_a_gated_base_says_how_to_get_it(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base), LoraConfig(target_modules=["q_proj"], task_type="CAUSAL_LM")
    )
    model.peft_config["default"].base_model_name_or_path = "org/secret"
    model.save_pretrained(tmp_path / "adapter", save_embedding_layers=False)
    empty_cache_at(tmp_path / "hf", monkeypatch)
    shelf = Shelf()
    files = {path.name: path.read_bytes() for path in base.iterdir()}
    shelf.models["org/secret"] = Shelved(files, gated="manual")
    with shelf_served(shelf, monkeypatch):
        said = refused(str(tmp_path / "adapter"), "--to", "merged", "--out", str(tmp_path / "out"))
    print(said)
    assert "org/secret" in said
    assert "gated" in said
    assert not (tmp_path / "out").exists()
