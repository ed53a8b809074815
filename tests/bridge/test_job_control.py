"""The run that the window is about: the states it goes through, and what may be asked in each."""

import os
from pathlib import Path

import pytest

from tests.bridge.controls import Control, reach, resumed, started, watched
from tests.fakes import tiny_recipe
from tests.qt_waits import wait_until
from workbench.bridge.job_control import WISHES, JobControl, JobState
from workbench.bridge.job_thread import Graces
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.job import launch
from workbench.core.job.events import Event, Step
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe


def test_that_a_run_goes_from_start_to_end(control: Control, recipe: Recipe) -> None:
    one = control("finishes")
    states = watched(one)
    advanced: list[tuple[int, int]] = []
    one.advanced.connect(lambda events: advanced.append((len(events), len(one.history.steps))))
    run = started(one, recipe)
    assert (one.run, one.recipe, one.state) == (run, run.recipe(), JobState.STARTING)
    reach(one, JobState.ENDED)
    assert states[0] is JobState.STARTING
    assert states[-1] is JobState.ENDED
    assert one.outcome is not None
    assert one.outcome.state is RunState.FINISHED
    assert advanced[-1][1] == 4  # the history had them before they were told
    assert not one.is_busy
    assert one.elapsed_seconds == pytest.approx(2.0)
    assert one.remaining_seconds is None


def test_that_starting_waits_for_nothing(control: Control, recipe: Recipe) -> None:
    one = control("finishes")
    one.start(recipe, lambda _error: None)
    assert one.is_checking
    reach(one, JobState.ENDED)


def test_that_nothing_is_made_and_the_run_before_stays_until_a_start_is_checked(
    control: Control, recipe: Recipe
) -> None:
    one = control("finishes")
    before = started(one, recipe)
    reach(one, JobState.ENDED)
    heard: list[bool] = []
    one.checking_changed.connect(lambda: heard.append(one.is_checking))
    one.start(recipe, lambda _error: None)
    assert (one.is_checking, one.can_start, one.is_busy) == (True, False, False)
    assert (one.run, one.state) == (before, JobState.ENDED)
    assert len(RunFolder.all()) == 1
    wait_until(lambda: not one.is_checking, 60)
    assert heard == [True, False]
    assert len(RunFolder.all()) == 2
    reach(one, JobState.ENDED)


def test_that_what_is_refused_leaves_the_run_before_as_it_was(control: Control, recipe: Recipe) -> None:
    one = control("finishes")
    before = started(one, recipe)
    reach(one, JobState.ENDED)
    outcome = one.outcome
    with pytest.raises(UserError, match="nowhere"):
        started(one, Recipe.model_validate({"data": {"path": "/nowhere.jsonl"}}))
    assert (one.run, one.state, one.outcome) == (before, JobState.ENDED, outcome)
    assert one.can_start


@pytest.mark.parametrize("way", ["stop", "cancel", "detach", "close"])
def test_that_a_start_is_taken_back_while_it_is_checked(control: Control, recipe: Recipe, way: str) -> None:
    one = control("finishes")
    refused: list[UserError] = []
    one.start(recipe, refused.append)
    one.pause()
    assert one.is_checking
    getattr(one, way)()
    assert not one.is_checking
    assert wait_for_tasks(60)
    assert (one.state, one.run, refused) == (JobState.IDLE, None, [])
    assert not places.runs().exists()
    started(one, recipe)
    reach(one, JobState.ENDED)


def test_that_a_second_start_while_the_first_is_checked_is_refused(control: Control, recipe: Recipe) -> None:
    one = control("finishes")
    refused: list[UserError] = []
    one.start(recipe, refused.append)
    one.start(recipe, refused.append)
    one.resume(RunFolder(places.runs() / "none"), 0, refused.append)
    assert [error.what for error in refused] == ["A run is about to start."] * 2
    wait_until(lambda: not one.is_checking, 60)
    assert len(RunFolder.all()) == 1
    reach(one, JobState.ENDED)


def test_that_a_start_cancelled_and_asked_for_again_is_one_run(control: Control, recipe: Recipe) -> None:
    one = control("finishes")
    one.start(Recipe.model_validate({"data": {"path": "/nowhere.jsonl"}}), lambda _error: pytest.fail("taken back"))
    one.cancel()
    run = started(one, recipe)
    assert wait_for_tasks(60)
    assert [found.path for found in RunFolder.all()] == [run.path]
    reach(one, JobState.ENDED)


def test_that_a_run_folder_that_cannot_be_made_is_a_refusal(control: Control, recipe: Recipe, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "runs").write_text("in the way")
    one = control("finishes")
    with pytest.raises(UserError, match="No run can be made"):
        started(one, recipe)
    assert (one.state, one.run) == (JobState.IDLE, None)


@pytest.mark.parametrize(
    "change", [{"data": {"path": "/nowhere.jsonl"}}, {"lora": {"enabled": False}}, {"model": {"source": "/nowhere"}}]
)
def test_that_what_is_refused_makes_and_starts_nothing(control: Control, change: dict[str, object]) -> None:
    one = control("finishes")
    with pytest.raises(UserError):
        started(one, Recipe.model_validate(change))
    assert (one.state, one.run) == (JobState.IDLE, None)
    assert not places.runs().exists()


def test_that_a_second_run_is_not_started_beside_the_first(control: Control, recipe: Recipe) -> None:
    one = control("waits")
    run = started(one, recipe)
    with pytest.raises(UserError, match="has not ended yet"):
        started(one, recipe)
    with pytest.raises(UserError, match="has not ended yet"):
        resumed(one, run)
    assert [other.path for other in RunFolder.all()] == [run.path]
    one.cancel()
    reach(one, JobState.ENDED)


def test_that_a_run_is_paused_goes_on_and_stops(control: Control, recipe: Recipe) -> None:
    one = control("waits", Graces())
    states = watched(one)
    started(one, recipe)
    wait_until(lambda: len(one.history.steps) >= 2)
    assert one.remaining_seconds is not None
    one.go_on()  # there is nothing to go on from
    one.pause()
    assert (one.state, one.order_given) == (JobState.PAUSING, "pause")
    one.pause()
    reach(one, JobState.PAUSED)
    held = len(one.history.steps)
    one.go_on()
    assert one.order_given == ""
    reach(one, JobState.RUNNING)
    wait_until(lambda: len(one.history.steps) > held)
    one.stop()
    assert (one.state, one.order_given) == (JobState.STOPPING, "stop")
    one.pause()
    assert one.state is JobState.STOPPING
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.state is RunState.STOPPED
    wanted = ["starting", "running", "pausing", "paused", "running", "stopping", "ended"]
    assert states == [JobState(name) for name in wanted]
    assert one.run is not None
    assert [order.order for order in one.run.read_orders()[0]] == ["pause", "continue", "stop"]


def test_that_a_pause_can_be_taken_back(control: Control, recipe: Recipe) -> None:
    one = control("waits", Graces())
    started(one, recipe)
    reach(one, JobState.RUNNING)
    one.pause()
    one.go_on()
    assert one.state is JobState.RUNNING
    held = len(one.history.steps)
    wait_until(lambda: len(one.history.steps) > held + 2 and one.state is JobState.RUNNING)
    one.cancel()
    reach(one, JobState.ENDED)


@pytest.mark.parametrize("wish", ["stop", "cancel"])
def test_that_a_run_is_ended_while_it_starts_and_while_it_is_paused(
    control: Control, recipe: Recipe, wish: str
) -> None:
    one = control("waits", Graces())
    end = getattr(one, wish)
    started(one, recipe)
    end()
    assert one.state is JobState.STOPPING
    reach(one, JobState.ENDED)
    started(one, recipe)
    reach(one, JobState.RUNNING)
    one.pause()
    reach(one, JobState.PAUSED)
    end()
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.state in (RunState.STOPPED, RunState.CANCELLED)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_that_a_stop_that_is_not_obeyed_can_be_cancelled_and_is_forced(
    control: Control, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "TERMINATE_SECONDS", 0.2)
    one = control("hangs", Graces(stop_seconds=600, cancel_seconds=0.2))
    run = started(one, recipe)
    reach(one, JobState.RUNNING)
    one.stop()
    one.cancel()
    one.cancel()
    assert (one.state, one.order_given) == (JobState.STOPPING, "cancel")
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.was_forced
    assert [order.order for order in run.read_orders()[0]] == ["stop", "cancel"]


def test_that_a_refused_run_leaves_no_folder(control: Control, recipe: Recipe) -> None:
    one = control("refuses")
    run = started(one, recipe)
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.is_refusal
    assert one.outcome.what == "The rows are empty."
    assert not run.path.exists()
    assert (one.run, one.recipe is not None) == (run, True)  # what was refused is still told


@pytest.mark.parametrize("habit", ["runs_out", "cannot_write"])
def test_that_a_run_to_be_tried_again_keeps_its_folder_though_it_did_not_come_to_a_step(
    control: Control, recipe: Recipe, habit: str
) -> None:
    one = control(habit)
    run = started(one, recipe)
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.is_out_of_memory == (habit == "runs_out")
    assert not one.outcome.is_refusal
    assert run.state() is RunState.CRASHED
    assert run.history().ended is not None


def test_that_nothing_is_asked_of_what_is_not_there(control: Control) -> None:
    one = control("finishes")
    for wish in (one.pause, one.go_on, one.stop, one.cancel):
        wish()
    assert one.state is JobState.IDLE
    assert all(JobState.IDLE not in table and JobState.ENDED not in table for table in WISHES.values())


def test_that_an_order_that_cannot_be_given_is_a_sentence_and_changes_nothing(control: Control, recipe: Recipe) -> None:
    one = control("waits", Graces())
    run = started(one, recipe)
    reach(one, JobState.RUNNING)
    run.orders.mkdir()
    with pytest.raises(UserError, match="No order can be given"):
        one.stop()
    assert (one.state, one.order_given) == (JobState.RUNNING, "")
    one.cancel()  # this goes by force where it cannot be heard
    reach(one, JobState.ENDED)
    assert one.outcome is not None
    assert one.outcome.was_forced


def test_that_the_real_engine_is_paused_goes_on_and_ends(model: Path, rows: Path) -> None:
    one = JobControl()
    told: list[Event] = []
    one.advanced.connect(told.extend)
    changes = ("model.precision=bf16", "training.max_steps=2000", "training.save_steps=0", "samples.count=0")
    run = started(one, tiny_recipe(model, rows, *changes))
    try:
        wait_until(lambda: one.history.step >= 2, 120)
        assert one.remaining_seconds is not None
        one.pause()
        wait_until(lambda: one.state is JobState.PAUSED, 60)
        assert run.state() is RunState.PAUSED
        one.go_on()
        wait_until(lambda: one.state is JobState.RUNNING, 60)
        assert one.elapsed_seconds > 0
        one.stop()
        wait_until(lambda: one.state is JobState.ENDED, 60)
        assert one.outcome is not None
        assert one.outcome.state is RunState.STOPPED
        assert one.outcome.what == f"Stopped after step {one.history.step}."
        assert (run.adapter / "adapter_model.safetensors").is_file()
        assert [event.step for event in told if isinstance(event, Step)] == [step.step for step in one.history.steps]
    finally:
        one.cancel()
        wait_until(lambda: not one.is_busy, 60)
        one.close()
