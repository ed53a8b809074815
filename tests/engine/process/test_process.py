"""Whole runs in processes of their own: orders, kills, resumes, and what the command line prints."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from tests.runs import PATIENCE_SECONDS, events, has_step, losses, wait_for, workbench
from workbench.core.job import checkpoints, launch
from workbench.core.job.events import Paused, Started
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.verbs import follow as terminal


@pytest.fixture
def recipe(tiny_model: Callable[[str], Path], rows: Path) -> Callable[..., Recipe]:
    return lambda *changes: tiny_recipe(tiny_model("llama"), rows, *changes)


def test_that_a_recipe_is_trained_and_every_face_tells_the_same(recipe: Callable[..., Recipe], tmp_path: Path) -> None:
    path = tmp_path / "mine ü.toml"
    path.write_text(recipe_text.to_toml(recipe()), encoding="utf-8")
    facts = json.loads(workbench("train", str(path), "--json", "--set", "lora.rank=2").stdout)
    assert set(facts) == {"run", "state", "steps", "loss_first", "loss_last", "adapter"}
    assert (facts["state"], facts["steps"]) == ("finished", 4)
    assert facts["loss_last"] < facts["loss_first"]
    run = RunFolder.open(Path(facts["run"]))
    assert run.recipe().lora.rank == 2
    listed = json.loads(workbench("runs", "--json").stdout)
    (row,) = listed
    assert (row["run"], row["state"], row["step"], row["steps"]) == (run.name, "finished", 4, 4)
    assert (row["model"], row["precision"]) == (run.recipe().model.source, "nf4")
    assert (row["loss"], row["peak_memory_bytes"] > 0) == (facts["loss_last"], True)
    assert json.loads(workbench("watch", run.name, "--json").stdout) == facts
    _assert_that_the_adapter_loads_elsewhere(run)
    longer = json.loads(workbench("resume", run.name, "--steps", "2", "--json").stdout)
    assert (longer["state"], longer["steps"]) == ("finished", 6)


def _assert_that_the_adapter_loads_elsewhere(run: RunFolder) -> None:
    script = (
        "import sys; from transformers import AutoModelForCausalLM; from peft import PeftModel\n"
        "base = AutoModelForCausalLM.from_pretrained(sys.argv[1])\n"
        "model = PeftModel.from_pretrained(base, sys.argv[2])\n"
        "assert any('lora_B' in n and p.abs().sum() > 0 for n, p in model.named_parameters())\n"
        "assert 'workbench' not in sys.modules\n"
    )
    source = run.recipe().model.source
    done = subprocess.run(
        [sys.executable, "-c", script, source, str(run.adapter)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    card = (run.adapter / "README.md").read_text()
    for word in ("sha256", source, "Loss:", "[training]"):
        assert word in card


def test_that_a_run_killed_with_9_resumes_to_the_same_losses(recipe: Callable[..., Recipe]) -> None:
    wanted = recipe("training.max_steps=12", "lora.dropout=0.1", "samples.count=0", "training.save_steps=3")
    whole = RunFolder.create(wanted)
    assert launch.start(whole).wait() == 0
    killed = RunFolder.create(wanted)
    process = launch.start(killed)
    wait_for(lambda: has_step(killed, 7), process, killed)
    assert killed.state() == RunState.RUNNING
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert killed.state() == RunState.CRASHED
    # The newest checkpoint is damaged too: the one before it has to do.
    _, newest = checkpoints.steps(killed.checkpoints)[-1]
    weights = bytearray((newest / "adapter_model.safetensors").read_bytes())
    weights[-1] ^= 1
    (newest / "adapter_model.safetensors").write_bytes(weights)
    assert launch.start(killed).wait() == 0, killed.console.read_text()
    assert killed.state() == RunState.FINISHED
    resumed = [event for event in events(killed) if event.kind == "resumed"]
    assert "damaged" in resumed[0].skipped[0]
    assert losses(killed) == losses(whole)
    assert (killed.adapter / "adapter_model.safetensors").read_bytes() == (
        whole.adapter / "adapter_model.safetensors"
    ).read_bytes()


def test_that_pause_holds_stop_saves_and_resume_goes_on(recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(recipe("training.max_steps=2000", "training.save_steps=0"))
    process = launch.start(run)
    wait_for(lambda: has_step(run, 1), process, run)
    run.give(Order(order="pause"))
    wait_for(lambda: any(isinstance(event, Paused) for event in events(run)), process, run)
    assert run.state() == RunState.PAUSED
    held = len(events(run))
    time.sleep(0.6)
    assert len(events(run)) == held
    assert "already being worked on" in workbench("train", str(run.path), code=2).stderr
    run.give(Order(order="continue"))
    wait_for(lambda: len(events(run)) > held + 1, process, run)
    told = json.loads(workbench("stop", run.name, "--json").stdout)
    assert told["state"] == "stopped"
    assert process.wait() == 0
    step = History(events(run)).step
    assert checkpoints.newest_whole(run.checkpoints)[0] == run.checkpoints / checkpoints.folder_name(step)
    assert (run.adapter / "adapter_model.safetensors").is_file()


def test_that_a_run_killed_after_its_last_step_only_makes_its_result(recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(recipe())
    assert launch.start(run).wait() == 0
    wanted, made = losses(run), (run.adapter / "adapter_model.safetensors").read_bytes()
    shutil.rmtree(run.adapter)
    *lines, ending = run.journal.read_bytes().splitlines(keepends=True)
    assert b'"kind":"ended"' in ending
    run.journal.write_bytes(b"".join(lines))
    assert run.state() == RunState.CRASHED
    assert launch.start(run).wait() == 0, run.console.read_text()
    assert run.state() == RunState.FINISHED
    assert losses(run) == wanted
    assert (run.adapter / "adapter_model.safetensors").read_bytes() == made


def test_that_a_stop_obeyed_late_still_gives_the_adapter(recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(recipe("training.max_steps=2000", "training.save_steps=0"))
    script = (
        "import sys; from workbench.engine import __main__\nfrom workbench.engine.job import orders\n"
        "orders.OVERDUE_SECONDS = 0.0\n"
        "sys.exit(__main__.main())"
    )
    with run.console.open("wb") as console:
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(run.path)], stdout=console, stderr=console, env=launch.environment()
        )
    wait_for(lambda: has_step(run, 2), process, run)
    run.give(Order(order="stop"))
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert run.state() == RunState.STOPPED
    assert (run.adapter / "adapter_model.safetensors").is_file()
    assert checkpoints.newest_whole(run.checkpoints)[0] is not None


def test_that_an_order_given_before_the_engine_listens_is_obeyed(recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(recipe("training.max_steps=2000"))
    process = launch.start(run)
    run.give(Order(order="stop"))
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert run.state() == RunState.STOPPED
    assert losses(run) == {}


def test_that_an_engine_killed_under_a_follower_is_told_in_words_and_as_crashed(
    recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    path = tmp_path / "killed.toml"
    path.write_text(recipe_text.to_toml(recipe("training.max_steps=2000")), encoding="utf-8")
    follower = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "train", str(path), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (RunFolder.all() and has_step(RunFolder.all()[0], 1)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    started = [event for event in events(RunFolder.all()[0]) if isinstance(event, Started)]
    os.kill(started[-1].pid, signal.SIGKILL)
    printed, said = follower.communicate(timeout=PATIENCE_SECONDS)
    assert follower.returncode == 1
    assert json.loads(printed)["state"] == "crashed"
    assert "was killed by SIGKILL" in said
    assert "workbench resume" in said
    assert "Traceback" not in said


def test_that_an_engine_that_does_not_start_is_told_with_its_own_reason(recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(recipe())
    with run.hold(), pytest.raises(UserError, match="did not start") as told:
        terminal.run_to_its_end(run)
    assert "another process" in told.value.why or "at work" in told.value.why


def test_that_cancel_ends_without_saving(recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(recipe("training.max_steps=2000", "training.save_steps=0"))
    process = launch.start(run)
    wait_for(lambda: has_step(run, 2), process, run)
    run.give(Order(order="cancel"))
    assert process.wait(timeout=60) == 0
    assert run.state() == RunState.CANCELLED
    assert not run.adapter.exists()
    assert checkpoints.steps(run.checkpoints) == []


def test_that_a_cancel_while_libraries_load_ends_the_process(recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(recipe())
    process = launch.start(run)
    wait_for(lambda: any(isinstance(event, Started) for event in events(run)), process, run)
    run.give(Order(order="cancel"))
    assert process.wait(timeout=60) == 0
    assert run.state() == RunState.CANCELLED


def test_that_ctrl_c_in_the_terminal_stops_with_a_checkpoint(recipe: Callable[..., Recipe], tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    path.write_text(recipe_text.to_toml(recipe("training.max_steps=2000", "training.save_steps=0")), encoding="utf-8")
    follower = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "train", str(path), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # A shell starts what it puts into the background with SIGINT ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (RunFolder.all() and has_step(RunFolder.all()[0], 1)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(follower.pid, signal.SIGINT)
    printed, _ = follower.communicate(timeout=PATIENCE_SECONDS)
    assert json.loads(printed)["state"] == "stopped"
    assert follower.returncode == 0
