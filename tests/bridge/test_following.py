"""Runs that a control did not start just now: followed, left, closed, resumed."""

import os
import random
import shutil
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.bridge.controls import Control, await_process, reach, resumed, started, watched
from tests.bridge.engines import command
from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobState
from workbench.bridge.job_thread import Graces
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job import launch
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe


def test_that_any_run_can_be_followed_and_another_one_after_it(control: Control, run: RunFolder) -> None:
    ended = RunFolder.create(Recipe())
    assert launch.start(ended, command("finishes")).wait() == 0
    process = launch.start(run, command("waits"))
    wait_until(run.is_held)
    one = control("none")
    one.follow(run)
    assert one.state is JobState.RUNNING
    wait_until(lambda: one.history.steps)
    one.follow(ended)
    assert one.state is JobState.IDLE
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.state is RunState.FINISHED
    assert len(one.history.steps) == 4
    assert run.state() is RunState.RUNNING  # leaving it did it no harm
    one.follow(run)
    reach(one, JobState.RUNNING)
    one.pause()
    reach(one, JobState.PAUSED)
    one.cancel()
    reach(one, JobState.ENDED)
    assert one.outcome.state is RunState.CANCELLED
    process.wait(60)


def test_that_events_of_a_run_that_was_left_are_not_mixed_into_the_next(control: Control) -> None:
    first, second = RunFolder.create(Recipe()), RunFolder.create(Recipe())
    for run in (first, second):
        assert launch.start(run, command("finishes")).wait() == 0
    one = control("none")
    for _ in range(20):
        one.follow(first)
        time.sleep(0.01)  # events of the first are on their way by now, and nobody has taken them
        one.follow(second)
    reach(one, JobState.ENDED)
    assert one.run is not None
    assert one.run.path == second.path
    assert [event.step for event in one.history.steps] == [1, 2, 3, 4]


def test_that_a_run_with_a_broken_recipe_is_still_shown(control: Control, run: RunFolder) -> None:
    assert launch.start(run, command("finishes")).wait() == 0
    run.job.write_text("[job]\nkind = 7 7\n")
    one = control("none")
    one.follow(run)
    reach(one, JobState.ENDED)
    assert one.recipe is None
    assert len(one.history.steps) == 4
    with pytest.raises(UserError):
        resumed(one, run)


def test_that_following_another_run_takes_a_start_back(control: Control, run: RunFolder, recipe: Recipe) -> None:
    assert launch.start(run, command("finishes")).wait() == 0
    one = control("waits")
    one.start(recipe, lambda _error: None)
    one.follow(run)
    assert not one.is_checking
    reach(one, JobState.ENDED)
    assert wait_for_tasks(60)
    assert one.run is not None
    assert [found.path for found in RunFolder.all()] == [one.run.path] == [run.path]


def test_that_a_resume_that_is_taken_back_asks_nothing_of_the_run(control: Control, run: RunFolder) -> None:
    assert launch.start(run, command("finishes")).wait() == 0
    one = control("waits")
    one.resume(run, 5, lambda _error: None, lambda: pytest.fail("taken back"))
    one.cancel()
    assert wait_for_tasks(60)
    assert (one.state, one.run, run.orders_size()) == (JobState.IDLE, None, 0)


def test_that_a_run_whose_journal_cannot_be_read_does_not_go_on(control: Control, run: RunFolder) -> None:
    run.journal.mkdir()
    with pytest.raises(UserError, match=f"Run {run.name} cannot be read"):
        resumed(control("none"), run)


def test_that_what_is_no_run_is_not_followed(control: Control, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"job\.toml"):
        control("none").follow(RunFolder(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_that_a_killed_run_goes_on_where_it_was(control: Control, recipe: Recipe) -> None:
    one = control("waits", Graces())
    run = started(one, recipe)
    wait_until(lambda: len(one.history.steps) >= 2)
    with pytest.raises(UserError):
        resumed(one, run)
    assert one.history.started is not None
    os.kill(one.history.started.pid, signal.SIGKILL)
    reach(one, JobState.ENDED)
    before = one.history.step
    states = watched(one)
    resumed(one, run)
    wait_until(lambda: one.history.step > before)
    assert one.history.started.attempt == 2
    assert states == [JobState.STARTING, JobState.RUNNING]
    one.stop()
    reach(one, JobState.ENDED)


def test_that_a_finished_run_goes_on_only_for_more_steps(control: Control, recipe: Recipe) -> None:
    one = control("finishes")
    run = started(one, recipe)
    reach(one, JobState.ENDED)
    with pytest.raises(UserError, match="has finished its 4 steps"):
        resumed(one, run)
    assert one.state is JobState.ENDED
    resumed(one, run, extra_steps=50)
    assert run.read_orders()[0] == [Order(order="extend", steps=54)]
    reach(one, JobState.ENDED)


def test_that_closing_leaves_the_run_and_no_thread(control: Control, recipe: Recipe) -> None:
    one = control("waits", Graces())
    run = started(one, recipe)
    reach(one, JobState.RUNNING)
    one.close()
    assert run.state() is RunState.RUNNING
    one.detach()
    assert (one.state, one.run) == (JobState.IDLE, None)
    other = control("none")
    other.follow(run)
    other.cancel()
    reach(other, JobState.ENDED)
    await_process(run)


def test_that_a_run_is_started_even_where_the_window_closes_at_once(control: Control, recipe: Recipe) -> None:
    one = control("finishes")
    run = started(one, recipe)
    one.close()
    wait_until(lambda: run.journal.exists() and run.state() is RunState.FINISHED)
    await_process(run)


def test_that_a_run_deleted_under_the_control_ends(control: Control, recipe: Recipe) -> None:
    one = control("waits")
    run = started(one, recipe)
    wait_until(lambda: one.history.steps)
    run.path.rename(run.path.with_name("gone"))
    shutil.rmtree(run.path.with_name("gone"))
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.what == "The folder of this run is gone."


@pytest.mark.parametrize("seed", range(3))
def test_that_whatever_is_asked_in_whatever_order_leaves_one_run_that_ends(
    control: Control, recipe: Recipe, seed: int
) -> None:
    dice = random.Random(seed)
    one = control("waits", Graces())
    other = RunFolder.create(Recipe())
    assert launch.start(other, command("finishes")).wait() == 0
    run: RunFolder | None = None
    for _ in range(40):
        match dice.choice(["start", "pause", "go on", "stop", "look", "follow", "back", "wait", "wait"]):
            case "start" if run is None:
                run = started(one, recipe)
            case "pause":
                one.pause()
            case "go on":
                one.go_on()
            case "stop" if dice.random() < 0.1:
                one.stop()
            case "follow":
                one.follow(other)
            case "back" if run is not None:
                one.follow(run)
            case "wait":
                deadline = time.monotonic() + dice.random() / 5
                wait_until(lambda deadline=deadline: time.monotonic() > deadline)  # type: ignore[misc]
            case _:
                pass
        assert len(psutil.Process().children()) <= 1
        assert one.is_busy == (one.state not in (JobState.IDLE, JobState.ENDED))
        assert (one.outcome is not None) == (one.state is JobState.ENDED)
    run = run or started(one, recipe)
    one.follow(run)
    wait_until(lambda: one.state not in (JobState.IDLE, JobState.STARTING))
    one.cancel()
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.state in (RunState.CANCELLED, RunState.STOPPED)
    await_process(run)
