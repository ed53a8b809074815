"""`workbench fetch`, `models` and `token` as commands, with a Hub of this machine."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from tests.hub_server import COMMIT, empty_cache_at
from tests.hub_shelf import Shelf, Shelved, cached_files, shelf_served, small_model
from tests.runs import workbench
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import FetchRequest

MODEL = small_model()
SIZE = sum(map(len, MODEL.values()))
SECRET = "hf_" + "a1B2" * 8
PATIENCE_SECONDS = 60.0


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]))
    return empty_cache_at(tmp_path / "hf", monkeypatch)


@pytest.fixture
def shelf(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    made = Shelf()
    made.models["org/model"] = Shelved(dict(MODEL))
    with shelf_served(made, monkeypatch):
        yield made


def test_that_fetch_prints_what_came(shelf: Shelf, home: Path, cache: Path) -> None:
    printed = json.loads(workbench("fetch", "org/model", "--json").stdout)
    folder = cache / "models--org--model" / "snapshots" / COMMIT
    assert printed.pop("seconds") > 0
    assert printed == {
        "name": "org/model",
        "state": "finished",
        "folder": str(folder),
        "commit": COMMIT,
        "files": [{"name": name, "bytes": len(data)} for name, data in MODEL.items()],
        "bytes": SIZE,
        "bytes_fetched": SIZE,
    }
    assert cached_files(folder) == MODEL
    assert not list((home / "studies").iterdir()), "what came lies in the cache, and nothing else is left"
    again = workbench("fetch", "org/model")
    assert again.stdout == f"org/model is here, whole and checked: 200 kB, 0 bytes of it now, in {folder}\n"


def test_that_ctrl_c_keeps_the_part(shelf: Shelf, cache: Path) -> None:
    shelf.bytes_per_second = 50_000
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "fetch", "org/model"], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(path.stat().st_size for path in cache.rglob("*.incomplete")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, said
    assert "What came of it is kept" in said
    shelf.bytes_per_second = 0
    printed = json.loads(workbench("fetch", "org/model", "--json").stdout)
    assert 0 < printed["bytes_fetched"] < SIZE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["org/none"], 'There is no model "org/none" on the Hub'),
        (["datasets/org/none"], 'There is no dataset "org/none" on the Hub'),
        (["a/b/c"], '"a/b/c" is not a name of the Hub.'),
        (["../etc"], "is not a name of the Hub."),
        (["org/model", "--split", "train"], "--config and --split are of datasets."),
        (["org/model", "--revision", "v9"], 'org/model has no revision "v9".'),
    ],
)
def test_that_what_cannot_be_fetched_is_a_sentence(words: list[str], said: str, shelf: Shelf, home: Path) -> None:
    done = workbench("fetch", *words, "--json", code=2)
    assert said in done.stderr
    assert done.stdout == ""
    assert not (home / "studies").exists() or not list((home / "studies").iterdir())


def test_that_offline_mode_asks_nobody(shelf: Shelf, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "settings.json").write_text('{"offline": true}')
    said = workbench("fetch", "org/model", code=2).stderr
    assert "Offline mode is on in the settings." in said
    assert shelf.asked == []


def test_that_a_token_is_in_the_keyring_and_nowhere_else(shelf: Shelf, home: Path, tmp_path: Path) -> None:
    shelf.models["org/model"].gated = "auto"
    shelf.models["org/model"].given_to = {SECRET}
    assert "enter a token with `workbench token set`" in workbench("fetch", "org/model", code=2).stderr
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", "token", "set", "--json"],
        input=f"{SECRET}\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {"source": "keyring", "keyring": "test keyring", "trouble": ""}
    told = workbench("fetch", "org/model", "--json")
    assert json.loads(told.stdout)["bytes_fetched"] == SIZE
    assert any(authorization == f"Bearer {SECRET}" for *_, authorization in shelf.asked)
    written = [path for path in [*home.rglob("*"), *(tmp_path / "hf").rglob("*")] if path.is_file()]
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in done.stdout + done.stderr + told.stdout + told.stderr
    assert json.loads(workbench("token", "forget", "--json").stdout)["source"] == ""
    assert SECRET not in (tmp_path / "keyring.json").read_text()


def test_that_a_token_asked_for_at_a_terminal_is_not_shown(cache: Path) -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "token", "set"],
        stdin=child, stdout=child, stderr=child, start_new_session=True,
    )  # fmt: skip
    os.close(child)
    seen, is_given = b"", False
    while True:
        try:
            piece = os.read(parent, 1000)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        seen += piece
        if b"not shown" in seen and not is_given:
            time.sleep(0.2)  # until the terminal's echo is off
            os.write(parent, f"{SECRET}\n".encode())
            is_given = True
    os.close(parent)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert SECRET.encode() not in seen
    assert b"A token is kept in this system's keyring" in seen


def test_that_models_are_listed_with_who_uses_them(shelf: Shelf, home: Path, rows: Path) -> None:
    workbench("fetch", "org/model")
    run = RunFolder.create(tiny_recipe(Path("x"), rows, "model.source=org/model"))
    listed = json.loads(workbench("models", "--json").stdout)
    assert [(row["name"], row["kind"], row["bytes"] >= SIZE, row["licence"], row["used_by"]) for row in listed] == [
        ("org/model", "hub", True, "apache-2.0", [run.name])
    ]
    assert "org/model" in workbench("models").stdout


def test_that_a_model_is_removed_once_that_is_confirmed(shelf: Shelf, cache: Path) -> None:
    workbench("fetch", "org/model")
    said = workbench("models", "remove", "org/model", code=2).stderr
    assert "Delete org/model, 200 kB? There is no terminal to answer at. Add --yes to delete it." in said
    assert (cache / "models--org--model").is_dir()
    removed = json.loads(workbench("models", "remove", "ORG/Model", "--yes", "--json").stdout)
    assert (removed["removed"], removed["bytes"] >= SIZE) == ("org/model", True)
    assert not (cache / "models--org--model").exists()
    assert 'There is no model "org/model" on this machine.' in workbench("models", "remove", "org/model", code=2).stderr


def test_that_names_that_a_terminal_would_obey_are_shown_and_removed(cache: Path) -> None:
    folder = cache / "models--org--\x1b[31mred"
    (folder / "snapshots").mkdir(parents=True)
    told = workbench("models").stdout
    assert "org/?[31mred" in told
    assert "\x1b" not in told
    name = json.loads(workbench("models", "--json").stdout)[0]["name"]
    said = workbench("models", "remove", name, code=2).stderr
    assert "\x1b" not in said
    assert workbench("models", "remove", name, "--yes").stdout.startswith("org/?[31mred is deleted")
    assert not folder.exists()


def test_that_a_model_in_use_is_not_removed(shelf: Shelf, cache: Path) -> None:
    workbench("fetch", "org/model")
    busy = create_study(FetchRequest(name="org/model"))
    with busy.hold():
        said = workbench("models", "remove", "org/model", "--yes", code=2).stderr
    assert f"org/model is in use by {busy.name}." in said
    assert (cache / "models--org--model").is_dir()
