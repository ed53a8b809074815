"""Run folders: made whole, found by name, and a state that is read from a lock which real processes hold."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workbench.core import places
from workbench.core.job import run_folder
from workbench.core.job.events import Continued, Ended, Event, Notice, Paused, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.label import LABEL, change_label
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from pathlib import Path
from workbench.core.job.run_folder import RunFolder
with RunFolder(Path(sys.argv[1])).hold():
    print("held", flush=True)
    sys.stdin.read()
"""
MAKER = """
from workbench.core.recipe.recipe import Recipe
from workbench.core.job.run_folder import RunFolder
print(RunFolder.create(Recipe()).name)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def run() -> RunFolder:
    return RunFolder.create(Recipe())


@contextmanager
def held_by_a_process(run: RunFolder) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the run's lock until it is killed or its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(run.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def tell(run: RunFolder, *events: Event) -> None:
    writer = JournalWriter(run.journal)
    for event in events:
        writer.write(event)
    writer.close()


def age(run: RunFolder, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(run.job, (then, then))


STARTED = Started(attempt=1, pid=1, versions={})


# -- making and finding ------------------------------------------------------------------------------------------------


def test_that_a_run_is_made_whole_with_what_was_asked() -> None:
    recipe = Recipe.model_validate({"model": {"source": "Org/My Model"}, "data": {"path": 'C:\\a\\"Rows".jsonl'}})
    run = RunFolder.create(recipe)
    assert run.path.parent == places.runs()
    assert run.name[15:] == "-my-model-rows"
    assert (run.recipe(), run.kind()) == (recipe, "train")
    assert [path.name for path in places.runs().iterdir()] == [run.name]
    assert [path.name for path in run.path.iterdir()] == ["job.toml"]


@pytest.mark.parametrize("source", ["", "/", "..", "…", "a" * 500, "con", "\n", "~/models/x/"])
def test_that_any_source_makes_a_name_a_file_system_takes(source: str) -> None:
    run = RunFolder.create(Recipe.model_validate({"model": {"source": source}}))
    assert run.path.parent == places.runs()
    assert run.name.isascii()
    assert len(run.name) < 120


def test_that_runs_of_the_same_minute_get_names_of_their_own() -> None:
    names = [RunFolder.create(Recipe()).name for _ in range(3)]
    assert len(set(names)) == 3
    assert [run.name for run in RunFolder.all()] == sorted(names)


def test_that_processes_that_make_runs_at_once_do_not_share_one() -> None:
    makers = [
        subprocess.Popen([sys.executable, "-c", MAKER], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    names = {maker.communicate()[0].strip() for maker in makers}
    assert len(names) == 3
    assert names == {run.name for run in RunFolder.all()}


def test_that_a_run_that_cannot_be_made_says_so_and_leaves_nothing(home: Path) -> None:
    (home / "runs").write_text("in the way")
    with pytest.raises(UserError, match="No run can be made in") as error:
        RunFolder.create(Recipe())
    assert "WORKBENCH_HOME" in error.value.remedy
    assert [path.name for path in home.iterdir()] == ["runs"]


def test_that_a_run_is_found_by_folder_name_and_beginning(run: RunFolder) -> None:
    for name in (str(run.path), run.name, run.name[:-3]):
        assert RunFolder.find(name).path == run.path
    other = RunFolder.create(Recipe())
    assert RunFolder.find(run.name).path == run.path  # although it is the beginning of the other's too
    with pytest.raises(UserError, match="is the beginning of 2 runs"):
        RunFolder.find(run.name[:-3])
    other.remove()
    assert not other.path.exists()


def test_that_an_unknown_run_names_the_nearest(run: RunFolder) -> None:
    with pytest.raises(UserError) as error:
        RunFolder.find(run.name[:-2] + "xx")
    assert f'The nearest one is "{run.name}"' in str(error.value)
    assert "workbench runs" in error.value.remedy


def test_that_what_is_no_run_folder_is_not_opened(tmp_path: Path) -> None:
    assert RunFolder.all() == []
    with pytest.raises(UserError, match=r"it has no job\.toml"):
        RunFolder.open(tmp_path)
    (tmp_path / "job.toml").write_text("[job]\n")
    with pytest.raises(UserError, match="does not say what kind of job"):
        RunFolder.open(tmp_path).kind()


@pytest.mark.parametrize("name", ["~nobody-of-that-name", "x" * 5000])
def test_that_any_word_can_be_looked_for(name: str) -> None:
    with pytest.raises(UserError):
        RunFolder.find(name)


def test_that_a_file_name_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(UserError):
        RunFolder.create(Recipe.model_validate({"data": {"path": "caf\udce9.jsonl"}}))


# -- orders ------------------------------------------------------------------------------------------------------------


def test_that_orders_are_read_once_and_in_order(run: RunFolder) -> None:
    assert run.read_orders() == ([], 0)
    run.give(Order(order="pause"))
    first, offset = run.read_orders()
    run.give(Order(order="extend", steps=50))
    run.give(Order(order="stop"))
    second, end = run.read_orders(offset)
    assert first == [Order(order="pause")]
    assert second == [Order(order="extend", steps=50), Order(order="stop")]
    assert run.read_orders(end) == ([], end)


def test_that_a_torn_order_waits_and_what_is_no_order_is_passed_over(run: RunFolder) -> None:
    run.orders.write_bytes(b'{"order":"dance"}\n[]\n\xff\n{"order":"st')
    orders, offset = run.read_orders()
    assert orders == []
    with run.orders.open("ab") as file:
        file.write(b'op"}\n')
    assert run.read_orders(offset)[0] == [Order(order="stop")]


def test_that_an_order_after_a_torn_one_is_obeyed(run: RunFolder) -> None:
    run.orders.write_bytes(b'{"order":"st')
    run.give(Order(order="cancel"))
    assert run.read_orders()[0] == [Order(order="cancel")]


# -- the lock and the state --------------------------------------------------------------------------------------------


def test_that_a_run_is_running_while_a_process_holds_it_and_crashed_once_that_is_killed(run: RunFolder) -> None:
    with held_by_a_process(run) as process:
        tell(run, STARTED)
        age(run, 3600)
        assert run.is_held()
        assert run.state() is RunState.RUNNING
        process.kill()
        process.wait()
        assert not run.is_held()
        assert run.state() is RunState.CRASHED
    assert not RunState.CRASHED.is_alive


def test_that_a_pause_is_a_state_of_a_living_process_only(run: RunFolder) -> None:
    with held_by_a_process(run) as process:
        tell(run, STARTED, Paused(step=1), Notice(text="still here"))
        assert run.state() is RunState.PAUSED
        assert run.state().is_alive
        tell(run, Continued(step=1))
        assert run.state() is RunState.RUNNING
        tell(run, Paused(step=2))
        process.kill()
        process.wait()
        assert run.state() is RunState.CRASHED


@pytest.mark.parametrize("end", ["finished", "stopped", "cancelled", "crashed"])
def test_that_an_ending_is_the_state_once_the_lock_is_free(run: RunFolder, end: str) -> None:
    with held_by_a_process(run) as process:
        tell(run, STARTED, Ended.model_validate({"state": end}))
        assert run.state() is RunState.RUNNING
        process.communicate("")
    assert run.state() == end


def test_that_a_resumed_run_that_is_killed_is_crashed_although_it_once_ended(run: RunFolder) -> None:
    tell(run, STARTED, Ended(state="stopped"))
    assert run.state() is RunState.STOPPED
    tell(run, Started(attempt=2, pid=1, versions={}))
    assert run.state() is RunState.CRASHED


def test_that_a_new_run_is_given_time_to_start(run: RunFolder) -> None:
    assert run.state() is RunState.RUNNING
    age(run, run_folder.STARTING_SECONDS + 1)
    assert run.state() is RunState.CRASHED


def test_that_a_clock_set_back_does_not_keep_a_dead_run_alive(run: RunFolder) -> None:
    age(run, -3600)
    assert run.state() is RunState.CRASHED


def test_that_a_held_run_is_refused_to_a_second_process_with_how_to_follow_it(run: RunFolder) -> None:
    with held_by_a_process(run), pytest.raises(UserError, match="already being worked on") as error, run.hold():
        pass
    assert f"workbench watch {run.name}" in error.value.remedy
    with run.hold():
        assert run.is_held()
    assert not run.is_held()


def test_that_asking_often_does_not_keep_an_engine_from_its_lock(run: RunFolder) -> None:
    (run.path / "engine.lock").touch()
    deadline = time.monotonic() + 60
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(run.path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        while not run.is_held() and time.monotonic() < deadline:
            pass
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"held"
        process.communicate(b"")
    assert process.returncode == 0


def test_that_a_run_is_found_by_the_name_that_it_was_given() -> None:
    first, other = RunFolder.create(Recipe()), RunFolder.create(Recipe())
    change_label(first.path, lambda label: label.named("the good one"))
    assert RunFolder.find("the  good one").path == first.path
    (other.path / LABEL).write_text("not toml")
    assert RunFolder.find("the good one").path == first.path
    change_label(first.path, lambda label: label.named(other.name))
    assert RunFolder.find(other.name).path == other.path
    (other.path / LABEL).unlink()
    for run in (first, other):
        change_label(run.path, lambda label: label.named("both"))
    with pytest.raises(UserError, match="is the name of 2 runs"):
        RunFolder.find("both")
    change_label(first.path, lambda label: label.named(""))
    with pytest.raises(UserError, match="is the beginning of 2 runs"):
        RunFolder.find("")
