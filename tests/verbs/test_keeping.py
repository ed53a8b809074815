"""`workbench delete` and `import`, as one types them."""

import json
import shutil
from pathlib import Path

import pytest

from tests.core.runs.runs_made import KEPT, made
from tests.runs import workbench


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's bin of this test alone, as freedesktop.org has it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "Trash"


def test_that_a_run_goes_to_the_bin_once_that_is_confirmed(bin_folder: Path) -> None:
    run, other = made("2026-01-02-0304-a"), made("2026-01-02-0304-b")
    refused = workbench("delete", run.name, code=2)
    assert "goes to the system's bin, " in refused.stderr
    assert "Add --yes to delete it." in refused.stderr
    assert run.job.is_file()
    told = json.loads(workbench("delete", run.name, "--yes", "--json").stdout)
    assert told["removed"] == run.name
    assert told["bytes"] > 5000
    assert not run.path.exists()
    assert (bin_folder / "files" / run.name / "job.toml").is_file()
    assert [row["run"] for row in json.loads(workbench("runs", "--json").stdout)] == [other.name]


def test_that_a_bin_that_cannot_be_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").write_text("in the way")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    run = made("2026-01-02-0304-a")
    assert "cannot be put into the system's bin" in workbench("delete", run.name, "--yes", code=2).stderr
    assert run.job.is_file()


def test_that_a_run_from_elsewhere_comes(tmp_path: Path) -> None:
    shutil.copytree(KEPT / "finished", tmp_path / "elsewhere")
    told = json.loads(workbench("import", str(tmp_path / "elsewhere"), "--json").stdout)
    assert (told["run"], told["told"]) == ("elsewhere", [])
    assert [row["run"] for row in json.loads(workbench("runs", "--json").stdout)] == ["elsewhere"]
    assert "not a run folder" in workbench("import", str(tmp_path), code=2).stderr
