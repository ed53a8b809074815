"""`workbench export`: what was made as JSON, and what cannot be made as a sentence."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters import run_with_adapter, save_adapter
from tests.fakes import tiny_recipe
from tests.hub_server import empty_cache_at
from tests.hub_shelf import Shelf, Shelved, shelf_served
from tests.runs import workbench
from workbench.core.job.run_folder import RunFolder


@pytest.fixture
def base(tiny_model: Callable[[str], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model("llama"), tmp_path / "base"))


def refused(*words: str) -> str:
    done = workbench("export", *words, "--json", code=2)
    assert done.stdout == ""
    return done.stderr


def test_that_a_run_becomes_what_is_asked(base: Path, rows: Path, tmp_path: Path, home: Path) -> None:
    run, out = run_with_adapter(base, rows), tmp_path / "out"
    done = workbench("export", run.name, "--to", "merged-nf4", "--out", str(out), "--json")
    printed = json.loads(done.stdout)
    assert printed["path"] == str(out / "merged-nf4")
    assert printed["bytes"] == sum(path.stat().st_size for path in (out / "merged-nf4").iterdir())
    assert set(printed["files"]) == {str(path) for path in (out / "merged-nf4").iterdir()}
    assert all(check["ok"] for check in printed["checks"])
    assert [check["name"] for check in printed["checks"]][-1] == "merged-nf4 measured"
    assert printed["kl"] < 0.01
    assert printed["perplexity"] > 1
    assert {event["item"] for event in printed["measured"]} == {"reference", "merged", "merged-nf4"}
    assert printed["suggested"]
    assert list(printed["elsewhere"]) == ["transformers"]
    assert str(out / "merged-nf4") in printed["elsewhere"]["transformers"][1]
    assert "are free in" in done.stderr
    assert not list((home / "studies").iterdir())


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
    adapter = save_adapter(base, tmp_path / "adapter")
    config = adapter / "adapter_config.json"
    config.write_text(config.read_text().replace(str(base), "org/secret"))
    empty_cache_at(tmp_path / "hf", monkeypatch)
    shelf = Shelf()
    files = {path.name: path.read_bytes() for path in base.iterdir()}
    shelf.models["org/secret"] = Shelved(files, gated="manual")
    with shelf_served(shelf, monkeypatch):
        said = refused(str(adapter), "--to", "merged", "--out", str(tmp_path / "out"))
    assert "org/secret" in said
    assert "gated" in said
    assert not (tmp_path / "out").exists()
