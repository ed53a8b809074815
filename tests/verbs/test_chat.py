"""`workbench chat`: prompts answered as JSON, a chat in a terminal, and what cannot be talked to as a sentence."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from tests.hub_server import empty_cache_at
from tests.hub_shelf import Shelf, Shelved, shelf_served
from tests.runs import wait_for, workbench
from workbench.core.job import checkpoints, launch
from workbench.core.job.chat_kinds import ChatLoaded, ChatRequest
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import PrepareRequest
from workbench.core.recipe import text as recipe_text

PATIENCE_SECONDS = 120.0
TINY = ("--max-tokens", "6")


@pytest.fixture
def trained(tiny_model: Callable[[str], Path], rows: Path) -> RunFolder:
    run = RunFolder.create(tiny_recipe(tiny_model("llama"), rows, "training.learning_rate=0.05", "samples.count=0"))
    launch.start(run).wait(PATIENCE_SECONDS)
    return run


def refused(*words: str) -> str:
    done = workbench("chat", *words, code=2)
    assert done.stdout == ""
    return done.stderr


def test_that_prompts_of_a_file_are_answered_by_every_side(trained: RunFolder, tmp_path: Path, home: Path) -> None:
    prompts = tmp_path / "asked.jsonl"
    asked = [{"prompt": f"What is {n}?", "completion": f"It is {n}."} for n in range(3)]
    asked.append({"prompt": "a" * 700, "completion": "Too long."})
    prompts.write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    words = ("chat", trained.name, "--beside", "base", "--prompts", str(prompts), *TINY, "--strength", "0.5", "--json")
    done = workbench(*words, code=2)
    printed = json.loads(done.stdout)
    digest = checkpoints.sha256(trained.adapter / "adapter_model.safetensors")
    assert [(row["prompt"][:10], row["side"]) for row in printed["answers"]] == [
        (row["prompt"][:10], side) for row in asked for side in ("tuned", "base")
    ]
    for row in printed["answers"][:6]:
        is_tuned = row["side"] == "tuned"
        assert (row["adapter"], row["strength"]) == ((digest, 0.5) if is_tuned else (None, 0.0))
        assert row["base"] == printed["base"]["hash"]
        assert row["tokens"] == len(row["ids"]) > 0
        assert row["exact"] is (row["text"].strip() == row["expected"])
        assert 0 <= row["token_f1"] <= 1
        assert isinstance(row["valid_json"], bool)
        assert row["seconds"] >= row["first_token_seconds"] > 0
        assert row["finish"] in ("end", "length")
        assert row["prompt"] in row["sent"]["text"]
    assert [row["finish"] for row in printed["answers"][6:]] == ["refused", "refused"]
    assert "reads 512 with its answer" in done.stderr
    assert printed["tokens_per_second"] > 0
    assert printed["peak_memory_bytes"] > 0
    assert not list((home / "studies").iterdir()), "nothing is left"


def test_that_a_person_gets_the_answers_of_a_model(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    lines = tmp_path / "asked.txt"
    lines.write_text("Hello\n\nGood morning\n", encoding="utf-8")
    done = workbench("chat", str(tiny_model("llama")), "--prompts", str(lines), *TINY)
    assert done.stdout.startswith("Hello\nbase: ")
    assert "\nGood morning\nbase: " in done.stdout
    assert "of memory at most" in done.stdout


def test_that_what_cannot_be_talked_to_is_a_sentence(
    trained: RunFolder, tiny_model: Callable[[str], Path], rows: Path, tmp_path: Path, home: Path
) -> None:
    model = str(tiny_model("llama"))
    assert 'There is no run and no model "nowhere"' in refused("nowhere", "--prompt", "x")
    assert "Nothing is asked." in refused(model)
    assert "both given" in refused(model, "--prompt", "x", "--prompts", "y")
    assert "has no adapter that could be turned off." in refused(model, "--prompt", "x", "--beside", "base")
    assert "has no adapter: beside another" in refused(trained.name, "--prompt", "x", "--beside", model)
    assert "no adapter whose strength" in refused(model, "--prompt", "x", "--strength", "0.5")
    assert "would stand beside itself" in refused(trained.name, "--prompt", "x", "--beside", "base", "--beside", "base")
    assert "not a model folder" in refused(str(tmp_path), "--prompt", "x")
    assert "cannot be read" in refused(model, "--prompts", str(tmp_path / "none.txt"))
    assert "reads 512 with its answer" in refused(model, "--prompt", "a" * 700, "--json")
    fresh = RunFolder.create(tiny_recipe(Path(model), rows))
    assert f"Run {fresh.name} has no adapter yet: it is at work." in refused(fresh.name, "--prompt", "x")
    (fresh.path / "checkpoints").mkdir()
    (trained.checkpoints / "step-00000002").rename(fresh.checkpoints / "step-00000002")
    assert f"name {fresh.checkpoints / 'step-00000002'}." in refused(fresh.name, "--prompt", "x")
    (fresh.checkpoints / "step-00000002" / "adapter_config.json").write_text("{}")
    checkpoint = str(fresh.checkpoints / "step-00000002")
    assert "cannot be used: adapter_config.json has" in refused(checkpoint, "--prompt", "x")
    study = create_study(PrepareRequest(recipe=tiny_recipe(Path(model), rows)))
    assert "is not a training" in refused(str(study.path), "--prompt", "x")
    study.remove()
    assert not list((home / "studies").iterdir())


def test_that_a_run_that_begins_says_which_chat_holds_memory(
    tiny_model: Callable[[str], Path], rows: Path, tmp_path: Path
) -> None:
    chat = create_study(ChatRequest(model=str(tiny_model("llama"))))
    process = launch.start(chat)
    wait_for(lambda: any(isinstance(event, ChatLoaded) for event in chat.history().findings), process, chat)
    mine = tmp_path / "mine.toml"
    mine.write_text(recipe_text.to_toml(tiny_recipe(tiny_model("llama"), rows, "samples.count=0")), encoding="utf-8")
    done = workbench("train", str(mine))
    assert "A chat with llama holds up to " in done.stderr
    assert f"`workbench stop {chat.path}` lets it go." in done.stderr
    chat.give(Order(order="stop"))
    assert process.wait(PATIENCE_SECONDS) == 0


def test_that_a_model_of_the_hub_is_fetched_and_asked(
    tiny_model: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_cache_at(tmp_path / "hf", monkeypatch)
    shelf = Shelf()
    shelf.models["org/tiny"] = Shelved({path.name: path.read_bytes() for path in tiny_model("llama").iterdir()})
    with shelf_served(shelf, monkeypatch):
        printed = json.loads(workbench("chat", "org/tiny", "--prompt", "Hello", *TINY, "--json").stdout)
    assert [row["side"] for row in printed["answers"]] == ["base"]
    assert "models--org--tiny" in printed["base"]["folder"]


def test_that_ctrl_c_stops_the_answers_and_prints_what_came(
    tiny_model: Callable[[str], Path], tmp_path: Path, home: Path
) -> None:
    lines = tmp_path / "asked.txt"
    lines.write_text("Hello\n" * 300, encoding="utf-8")
    words = ("--prompts", str(lines), "--temperature", "1", "--max-tokens", "400", "--json")
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "chat", str(tiny_model("llama")), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(b'"kind":"answered"' in path.read_bytes() for path in home.glob("studies/*/journal.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, said
    assert "The answer is stopped." in said
    assert 0 < len(json.loads(printed)["answers"]) < 300
    assert not list((home / "studies").iterdir())


class Terminal:
    """`workbench chat` in a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workbench.cli", "chat", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        os.set_blocking(self.master, False)
        self.seen = ""

    def wait_for(self, words: str, since: int = 0) -> int:
        """Reads until the words are there; gives the place after them."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in self.seen[since:]:
            assert time.monotonic() < deadline, self.seen
            try:
                self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:  # Linux says so once the other end has closed
                assert words in self.seen[since:], self.seen
        return self.seen.index(words, since) + len(words)

    def type(self, text: bytes) -> None:
        os.write(self.master, text)


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_that_it_is_a_chat_in_a_terminal(trained: RunFolder, home: Path) -> None:
    terminal = Terminal(trained.name, "--beside", "base", "--max-tokens", "450")
    place = terminal.wait_for("> ", terminal.wait_for("twice ends"))
    terminal.type(b"Hello\n")
    tuned = terminal.wait_for("tuned", place)
    place = terminal.wait_for("base", tuned)
    assert " a second, the first after " in terminal.seen[tuned:place], (
        "one side's answer ends before the other's begins"
    )
    place = terminal.wait_for("> ", place)
    terminal.type(b"And\n")
    place = terminal.wait_for("tuned", place)
    terminal.type(b"\x03")
    place = terminal.wait_for("> ", terminal.wait_for(" a second, the first after ", place))
    terminal.type(b"\x03")
    place = terminal.wait_for("Ctrl-C again ends.", place)
    terminal.type(b"\x03")
    assert terminal.process.wait(PATIENCE_SECONDS) == 0, terminal.seen
    assert not list((home / "studies").iterdir())


def test_that_no_engine_outlives_a_killed_terminal(trained: RunFolder, home: Path) -> None:
    terminal = Terminal(trained.name)
    terminal.wait_for("> ", terminal.wait_for("twice ends"))
    (folder,) = (home / "studies").iterdir()
    run = RunFolder.open(folder)
    terminal.process.send_signal(signal.SIGKILL)
    terminal.process.wait()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while run.is_held():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    ended = run.history().ended
    assert ended is not None
    assert ended.why == "The program that it was loaded for has ended."


def test_that_a_killed_engine_is_said_and_leaves_nothing(trained: RunFolder, home: Path) -> None:
    terminal = Terminal(trained.name)
    place = terminal.wait_for("> ", terminal.wait_for("twice ends"))
    (folder,) = (home / "studies").iterdir()
    started = RunFolder.open(folder).history().started
    assert started is not None
    os.kill(started.pid, signal.SIGKILL)
    terminal.type(b"Hello\n")
    terminal.wait_for("The engine was killed by SIGKILL", place)
    assert terminal.process.wait(PATIENCE_SECONDS) == 1
    assert not list((home / "studies").iterdir())
    done = workbench("chat", trained.name, "--prompt", "Hello", *TINY, "--json")
    assert json.loads(done.stdout)["answers"][0]["side"] == "tuned"
