"""`workbench queue`, as one types it, with real engines."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import tiny_recipe
from tests.runs import has_step, wait_for, workbench
from workbench.core.job import launch
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.recipe import text as recipe_text
from workbench.core.runs.queue import RunQueue


@pytest.fixture
def mine(tiny_model: Callable[[str], Path], rows: Path, tmp_path: Path) -> Path:
    """A recipe file of four quick steps."""
    path = tmp_path / "mine.toml"
    recipe = tiny_recipe(tiny_model("llama"), rows, "samples.count=0")
    path.write_text(recipe_text.to_toml(recipe), encoding="utf-8")
    return path


def queue(*words: str, code: int = 0) -> Any:
    return json.loads(workbench("queue", *words, "--json", code=code).stdout)


def test_that_runs_wait_in_an_order_and_are_taken_out(mine: Path) -> None:
    (first,) = queue("add", str(mine))
    assert (first["number"], first["steps"], first["run"], first["problem"]) == (1, 4, None, None)
    added = queue("add", str(mine), "--vary", "lora.rank=2,8", "--set", "training.seed=7", "--tag", "mine")
    assert [entry["recipe"]["lora"]["rank"] for entry in added] == [2, 8]
    assert [entry["number"] for entry in queue("move", "3", "1")] == [3, 1, 2]
    assert queue("remove", "1")["number"] == 1
    assert [(entry["number"], entry["tags"]) for entry in queue("list")] == [(3, ["mine"]), (2, ["mine"])]
    table = workbench("queue", "list").stdout
    assert "lora.rank" in table
    assert "training.seed" not in table
    assert "has the number 9" in workbench("queue", "remove", "9", code=2).stderr


def test_that_what_could_not_be_trained_does_not_wait(mine: Path) -> None:
    assert "There is no recipe" in workbench("queue", "add", "nothing.toml", code=2).stderr
    assert "lora.rank cannot be 0" in workbench("queue", "add", str(mine), "--vary", "lora.rank=8,0", code=2).stderr
    missing = workbench("queue", "add", str(mine), "--set", "data.path=nowhere.jsonl", code=2).stderr
    assert "nowhere.jsonl" in missing
    assert queue("list") == []
    assert workbench("queue", "work").stdout == "0 runs worked off, 0 runs left.\n"


def test_that_it_is_worked_off_one_after_the_other_after_the_run_at_work(mine: Path) -> None:
    queue("add", str(mine), "--vary", "lora.rank=2,4", "--tag", "sweep")
    queue("add", str(mine), "--set", "model.precision=bf16")
    other = RunFolder.create(recipe_text.read(mine))
    engine = launch.start(other)
    done = workbench("queue", "work", "--json")
    engine.wait(60)
    told = json.loads(done.stdout)
    assert f"Waits for the end of run {other.name}." in done.stderr
    assert [facts["state"] for facts in told["runs"]] == ["finished"] * 3
    assert (told["refused"], told["left"]) == ([], 0)
    swept = json.loads(workbench("runs", "--tag", "sweep", "--json").stdout)
    assert [RunFolder.find(row["run"]).recipe().lora.rank for row in swept] == [2, 4]
    histories = [RunFolder(Path(facts["run"])).history() for facts in told["runs"]]
    begun = [history.started.at for history in histories if history.started]
    ended = [history.ended.at for history in histories if history.ended]
    assert sorted([*begun, *ended]) == [time for pair in zip(begun, ended, strict=True) for time in pair]


def test_that_a_run_that_is_refused_is_told_and_the_next_begins(mine: Path, rows: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.jsonl"
    gone.write_bytes(rows.read_bytes())
    queue("add", str(mine), "--set", f"data.path={gone}")
    queue("add", str(mine))
    gone.unlink()
    queue("add", str(mine), "--set", "lora.rank=8")
    done = workbench("queue", "work", code=2)
    assert "gone.jsonl" in done.stderr
    assert "lora.rank" in done.stdout
    assert "2 runs worked off, 0 runs left." in done.stdout
    assert [run.state() for run in RunFolder.all()] == [RunState.FINISHED] * 2


def test_that_ctrl_c_stops_the_run_at_work_and_the_others_go_on_waiting(mine: Path) -> None:
    queue("add", str(mine), "--set", "training.max_steps=100000")
    queue("add", str(mine))
    with subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "queue", "work", "--json"], stdout=subprocess.PIPE, text=True
    ) as process:
        wait_until_made = iter(lambda: bool(RunFolder.all()), True)
        for _ in wait_until_made:
            assert process.poll() is None
        (run,) = RunFolder.all()
        wait_for(lambda: run.journal.exists() and has_step(run, 2), process, run)
        process.send_signal(signal.SIGINT)
        told = json.loads(process.communicate(timeout=120)[0])
    assert [facts["state"] for facts in told["runs"]] == ["stopped"]
    assert told["left"] == 1
    assert run.state() is RunState.STOPPED
    assert [entry.run for entry in RunQueue().entries()] == [""]


def test_that_a_run_that_outlived_its_worker_is_followed_to_its_end(mine: Path) -> None:
    queue("add", str(mine))
    run = RunQueue().begin(RunQueue().entries()[0])
    engine = launch.start(run)
    told = queue("work")
    engine.wait(60)
    assert [(facts["run"], facts["state"]) for facts in told["runs"]] == [(str(run.path), "finished")]
    assert len(RunFolder.all()) == 1
    assert queue("list") == []
