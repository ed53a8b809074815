"""What a person gets wrong, by the real command line: a sentence, exit code 2, and nothing left behind."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import huggingface_hub
import pytest

from tests.engine.test_process import PATIENCE_SECONDS, events, has_step, wait_for, workbench
from tests.fakes import tiny_recipe
from workbench.core import recipe_text
from workbench.core.events import CheckpointSaved, Ended, Notice, Started
from workbench.core.journal import JournalWriter
from workbench.core.problems import UserError
from workbench.core.run_folder import RunFolder
from workbench.engine import fetch
from workbench.engine.job import Job

Refused = Callable[..., str]

SILENCE_SECONDS = 4.0


@pytest.fixture
def llama(tiny_model: Callable[[str], Path], tmp_path: Path) -> Path:
    """A model folder of this test's own, to be damaged."""
    return Path(shutil.copytree(tiny_model("llama"), tmp_path / "llama"))


@pytest.fixture
def mine(llama: Path, rows: Path, tmp_path: Path) -> Path:
    """A recipe file that is good until something is changed."""
    path = tmp_path / "mine.toml"
    path.write_text(recipe_text.to_toml(tiny_recipe(llama, rows)), encoding="utf-8")
    return path


@pytest.fixture
def refused(home: Path) -> Refused:
    """Gives what `workbench WORDS --json` says as it refuses, once nothing is found to be left of it."""

    def run(*words: str) -> str:
        done = workbench(*words, "--json", code=2)
        assert done.stdout == ""
        runs = home / "runs"
        assert not runs.exists() or not list(runs.iterdir())
        assert not list(home.rglob("*.partial"))
        return done.stderr

    return run


# -- recipes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[lora]\nrnak = 8\n", 'mine.toml has an unknown setting "lora.rnak". The nearest one is "rank".'),
        ("[laro]\nrank = 8\n", 'mine.toml has an unknown section "laro". The nearest one is "lora".'),
        ("[lora]\nrank = 0\n", "mine.toml: lora.rank cannot be 0. It takes 1 to 1024."),
        ("[lora]\nrank = 'eight'\n", 'mine.toml: lora.rank cannot be "eight". It takes 1 to 1024.'),
        ("[model]\nprecision = 'nf5'\n", 'mine.toml: model.precision cannot be "nf5".'),
        ("[lora]\nrank = = 8\n", "mine.toml is not valid TOML: Invalid value (at line 2, column 8)."),
        ("lora = 8\n", 'mine.toml: "lora" has to be a section, [lora].'),
        (
            "[lora]\nenabled = false\n",
            "lora.enabled: NF4 weights cannot be trained without an adapter",
        ),
    ],
    ids=[
        "unknown setting",
        "unknown section",
        "value out of range",
        "value of another type",
        "unknown choice",
        "broken TOML",
        "value for a section",
        "settings at odds",
    ],
)
def test_that_a_recipe_that_cannot_be_run_is_refused_by_its_setting(
    text: str, said: str, refused: Refused, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert said in refused("train", str(path))


def test_that_a_recipe_that_is_no_text_is_refused(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe[\0")
    assert f"{path} is not UTF-8 text." in refused("train", str(path))


def test_that_a_recipe_that_is_not_there_is_refused_with_those_that_are(refused: Refused) -> None:
    said = refused("train", "startr")
    assert 'There is no recipe at startr. The nearest one is "starter".' in said
    assert "`workbench recipe > mine.toml` writes one" in said


def test_that_a_folder_that_is_no_run_is_refused(refused: Refused, tmp_path: Path) -> None:
    assert "is not a run folder: it has no job.toml." in refused("train", str(tmp_path))


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("lora.rank", '--set takes path=value, such as lora.rank=32, and was given "lora.rank".'),
        ("lora.rnak=8", 'There is no setting "lora.rnak". The nearest one is "lora.rank".'),
        ("lora.rank=many", '--set: lora.rank cannot be "many". It takes 1 to 1024.'),
    ],
)
def test_that_a_setting_given_wrongly_is_refused(assignment: str, said: str, refused: Refused, mine: Path) -> None:
    assert said in refused("train", str(mine), "--set", assignment)


# -- data --------------------------------------------------------------------------------------------------------------


def test_that_broken_json_is_refused_by_its_line(refused: Refused, mine: Path, rows: Path) -> None:
    lines = rows.read_text().splitlines()
    lines[2] = lines[2].replace('", "', '" "')
    rows.write_text("\n".join(lines) + "\n")
    said = refused("train", str(mine))
    assert "rows.jsonl, line 3: broken JSON at column 31: Expecting ',' delimiter." in said


def test_that_a_column_that_is_not_there_is_refused_with_those_that_are(refused: Refused, mine: Path) -> None:
    said = refused("train", str(mine), "--set", "data.completion_column=answer")
    assert 'rows.jsonl, line 1: it has no "answer". It has: prompt, completion.' in said
    assert "say in the recipe's [data] what it is called" in said


@pytest.mark.parametrize("setting", ["data.path", "evaluation.path", "evaluation.score_path"])
def test_that_a_data_file_that_is_not_there_is_refused_with_the_nearest(
    setting: str, refused: Refused, mine: Path, rows: Path
) -> None:
    said = refused("train", str(mine), "--set", f"{setting}={rows.with_name('row.jsonl')}")
    assert f'There is no file {rows.with_name("row.jsonl")}. The nearest one is "rows.jsonl".' in said


def test_that_rows_without_a_token_to_learn_from_are_refused(refused: Refused, mine: Path, rows: Path) -> None:
    rows.write_text(json.dumps({"prompt": "x" * 500, "completion": "y"}) + "\n")
    said = refused("train", str(mine))
    assert "No row of rows.jsonl has a token to learn from within 128 tokens." in said
    assert "Raise training.max_length" in said


# -- model folders -----------------------------------------------------------------------------------------------------


def test_that_a_model_folder_that_is_not_there_is_refused(refused: Refused, mine: Path, llama: Path) -> None:
    shutil.rmtree(llama)
    assert f"There is no model folder {llama}." in refused("train", str(mine))


def test_that_half_a_model_is_refused_by_the_file_it_lacks(refused: Refused, mine: Path, llama: Path) -> None:
    (llama / "model.safetensors").rename(llama / "model-00001-of-00002.safetensors")
    weights = {
        "model.norm.weight": "model-00001-of-00002.safetensors",
        "lm_head.weight": "model-00002-of-00002.safetensors",
    }
    (llama / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weights}))
    said = refused("train", str(mine))
    assert f"{llama} is half a model: 1 of its 2 weight files are missing." in said
    assert "model-00002-of-00002.safetensors is not there." in said


def test_that_weights_cut_short_are_refused(refused: Refused, mine: Path, llama: Path) -> None:
    weights = llama / "model.safetensors"
    os.truncate(weights, weights.stat().st_size - 1)
    assert f"{weights} is cut short: it holds" in refused("train", str(mine))


def test_that_a_pickle_is_refused_unopened(refused: Refused, mine: Path, llama: Path) -> None:
    (llama / "model.safetensors").unlink()
    (llama / "pytorch_model.bin").write_bytes(b"cos\nabort\n(tR.")  # ends the process of whoever unpickles it
    said = refused("train", str(mine))
    assert f"{llama} has its weights only as a pickle (pytorch_model.bin)." in said
    assert "Convert it to safetensors" in said


def test_that_a_model_without_a_tokenizer_is_refused(refused: Refused, mine: Path, llama: Path) -> None:
    for path in llama.glob("*token*"):
        path.unlink()
    said = refused("train", str(mine))
    assert f"{llama} has no tokenizer." in said
    assert "Put the model's tokenizer.json beside its weights." in said


# -- the Hub -----------------------------------------------------------------------------------------------------------


class _Hub(BaseHTTPRequestHandler):
    """Answers as the Hub does for a gated model, a model that is not there, and a revision that is not there."""

    COMMIT = "0123456789abcdef0123456789abcdef01234567"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        match path.removeprefix("/api/models/").split("/"):
            case ["org", "gated", "tree", *_]:
                self._answer(200, [{"type": "file", "path": "config.json", "size": 2, "oid": self.COMMIT}])
            case ["org", "gated", *_]:  # of a gated model the Hub shows what it holds and gives no file
                self._answer(200, {"id": "org/gated", "sha": self.COMMIT, "gated": "auto", "siblings": []})
            case ["org", "model", "revision", revision]:
                self._answer(404, {"error": f"Invalid rev id: {revision}"}, "RevisionNotFound")
            case ["org", "pickles", *_]:
                siblings = [{"rfilename": "config.json"}, {"rfilename": "pytorch_model.bin"}]
                self._answer(200, {"id": "org/pickles", "sha": self.COMMIT, "siblings": siblings})
            case ["org", "log-in-page", *_]:  # as many a network gives before one has agreed to something
                self._send(200, "text/html", b"<html>Welcome</html>")
            case ["org", "breaks-off", *_]:
                self.close_connection = True
            case ["org", "silent", *_]:
                time.sleep(SILENCE_SECONDS)
            case _:
                # Whoever is not logged in is not told what there is (huggingface_hub 2.4, utils/_http.py).
                self._answer(401, {"error": "Invalid username or password."}, "RepoNotFound")

    def do_HEAD(self) -> None:
        is_gated = self.path.startswith("/org/gated/resolve/")
        self._answer(401, {}, "GatedRepo" if is_gated else "RepoNotFound")

    def _answer(self, status: int, document: object, error: str = "") -> None:
        self._send(status, "application/json", json.dumps(document).encode(), error)

    def _send(self, status: int, kind: str, body: bytes, error: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if error:
            self.send_header("X-Error-Code", error)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is kept here, nobody is logged in, and what is on 127.0.0.1 is reached directly."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def hub(empty_cache: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The Hub is a small server on this machine; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", address)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("changes", "said", "remedy"),
    [
        (
            ["model.source=org/gated"],
            "org/gated is gated: its owner wants its terms accepted first.",
            "Accept them on the page of org/gated on the Hub, then log in with `hf auth login`.",
        ),
        (
            ["model.source=org/no-such-model"],
            'There is no model "org/no-such-model" on the Hub that can be seen from here, and no such folder.',
            "Check the spelling; a private model needs `hf auth login`.",
        ),
        (
            ["model.source=org/pickles"],
            "org/pickles has its weights only as a pickle (pytorch_model.bin).",
            "Convert it to safetensors, or take a revision of the model that has safetensors.",
        ),
        (
            ["model.source=org/model", "model.revision=v9"],
            'org/model has no revision "v9".',
            "Leave model.revision empty.",
        ),
    ],
    ids=["gated", "not there", "pickles", "revision not there"],
)
def test_that_a_model_the_hub_does_not_give_is_refused(
    changes: list[str], said: str, remedy: str, refused: Refused, mine: Path, hub: str
) -> None:
    told = refused("train", str(mine), *(word for change in changes for word in ("--set", change)))
    assert said in told
    assert remedy in told


@pytest.mark.parametrize("model_id", ["org/log-in-page", "org/breaks-off", "org/silent"])
def test_that_a_network_that_gives_no_sensible_answer_is_no_crash(
    model_id: str, hub: str, llama: Path, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In this process, where the library has read its environment long ago: an engine costs 10 s each.
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", hub)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(fetch, "ETAG_SECONDS", 0.5)
    job = Job(RunFolder.create(tiny_recipe(llama, rows)))
    began = time.monotonic()
    try:
        with pytest.raises(UserError, match=f"{model_id} is not kept on this machine, and the Hub cannot be reached"):
            fetch.fetch_from_hub(job, model_id, "")
    finally:
        job.end(Ended(state="crashed", step=0))
    assert time.monotonic() - began < SILENCE_SECONDS


def test_that_a_hub_model_without_a_network_is_refused(
    refused: Refused, mine: Path, empty_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    said = refused("train", str(mine), "--set", "model.source=org/model")
    assert "org/model is not kept on this machine, and the Hub cannot be reached. HF_HUB_OFFLINE is set." in said
    assert "Connect to the network, or give the path of a model folder." in said


def test_that_a_hub_that_cannot_be_reached_is_told_soon(
    refused: Refused, mine: Path, empty_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # a port that nobody listens on
    began = time.monotonic()
    said = refused("train", str(mine), "--set", "model.source=org/model")
    assert "org/model is not kept on this machine, and the Hub cannot be reached." in said
    assert "Connection refused" in said
    assert time.monotonic() - began < 60  # an engine starts in 10 s of CPU


# -- runs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["watch", "stop", "pause", "continue", "resume"])
def test_that_a_run_that_is_not_there_is_refused(verb: str, refused: Refused) -> None:
    said = refused(verb, "no-such-run")
    assert 'There is no run "no-such-run". `workbench runs` lists them.' in said


@pytest.fixture
def finished(llama: Path, rows: Path) -> RunFolder:
    """A run that has done its four steps, as its journal says."""
    run = RunFolder.create(tiny_recipe(llama, rows))
    journal = JournalWriter(run.journal)
    journal.write(Started(attempt=1, pid=os.getpid(), versions={}))
    journal.write(Ended(state="finished", step=4))
    journal.close()
    return run


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("resume", "has finished its 4 steps. Add --steps 50 to go on for 50 more."),
        ("stop", "is not running: it is finished."),
        ("pause", "is not running: it is finished."),
        ("continue", "is not running: it is finished."),
    ],
)
def test_that_a_finished_run_takes_no_orders_and_stays_as_it_is(verb: str, said: str, finished: RunFolder) -> None:
    before = {path.name: path.read_bytes() for path in finished.path.iterdir()}
    done = workbench(verb, finished.name, "--json", code=2)
    assert f"Run {finished.name} {said}" in done.stderr
    assert done.stdout == ""
    after = {path.name: path.read_bytes() for path in finished.path.iterdir() if path.name != "engine.lock"}
    assert after == before


# -- disks -------------------------------------------------------------------------------------------------------------


def test_that_a_home_that_cannot_be_made_is_refused(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(mine / "home"))
    done = workbench("train", str(mine), "--json", code=2)
    assert f"No run can be made in {mine / 'home' / 'runs'}: Not a directory." in done.stderr
    assert "set WORKBENCH_HOME to another folder" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [["runs"], ["watch", "no-such-run"]], ids=" ".join)
def test_that_a_home_that_cannot_be_is_told_to_whoever_asks_for_runs(
    words: list[str], mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(mine / "home"))
    done = workbench(*words, "--json", code=2)
    assert "Not a directory" in done.stderr
    assert done.stdout == ""


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """WORKBENCH_HOME on a disk of 16 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk takes the right to mount a tmpfs")
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # a run that has failed its test may still hold it


def test_that_a_run_whose_checkpoints_do_not_fit_is_refused_with_the_numbers(mine: Path, small_disk: Path) -> None:
    done = workbench(
        "train", str(mine), "--json", "--set", "lora.rank=64", "--set", "training.keep_checkpoints=50", code=2
    )
    # 131 072 trained numbers of 4 bytes, thrice in each of 51 checkpoints, and the result.
    assert "The checkpoints of this run need 80 MB, and " in done.stderr
    assert f"They are kept in {small_disk / 'runs'}" in done.stderr
    assert "Make room, lower training.keep_checkpoints, or set WORKBENCH_HOME to a larger disk." in done.stderr
    assert done.stdout == ""
    assert list(small_disk.rglob("*")) == [small_disk / "runs"]


def test_that_a_checkpoint_that_finds_no_room_is_a_notice_and_the_run_goes_on(mine: Path, small_disk: Path) -> None:
    changes = ["training.max_steps=5000", "training.save_steps=5", "lora.rank=16", "samples.count=0"]
    follower = subprocess.Popen(
        [
            *(sys.executable, "-m", "workbench.cli", "train", str(mine), "--json"),
            *(word for change in changes for word in ("--set", change)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not RunFolder.all():
        assert follower.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run = RunFolder.all()[0]
    wait_for(lambda: has_step(run, 1), follower, run)
    hog = small_disk / "hog"
    with hog.open("wb") as file:
        # Room for the journal and for no checkpoint, which takes half a megabyte.
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(small_disk).free - 100_000)

    def notices() -> list[str]:
        return [event.text for event in events(run) if isinstance(event, Notice)]

    def saved() -> int:
        return sum(isinstance(event, CheckpointSaved) for event in events(run))

    wait_for(lambda: any("could not be written" in text for text in notices()), follower, run)
    assert "No space left on device" in notices()[-1]
    assert "Training goes on" in notices()[-1]
    assert not list(run.checkpoints.glob(".*")), "what was half written is gone"
    hog.unlink()
    before = saved()
    wait_for(lambda: saved() > before, follower, run)
    told = json.loads(workbench("stop", run.name, "--json").stdout)
    assert told["state"] == "stopped"
    printed, said = follower.communicate(timeout=PATIENCE_SECONDS)
    assert follower.returncode == 0, said.decode()
    assert json.loads(printed)["state"] == "stopped"
    assert b"Traceback" not in said
