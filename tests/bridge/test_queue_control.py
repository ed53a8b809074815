"""The queue in the window: worked off one after the other, changed by hand, taken up again by the next window."""

from collections.abc import Iterator

import pytest

from tests.bridge.engines import command
from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobControl
from workbench.bridge.job_thread import Graces
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.job.label import read_label
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.queue import RunQueue

QUICK = Graces(stop_seconds=0.3, cancel_seconds=0.2, gone_seconds=0.2)


class Window:
    """What a window has of it: a control, the list of runs, and the queue."""

    def __init__(self, habit: str) -> None:
        self.control = JobControl(command=command(habit), graces=QUICK)
        self.runs = RunList()
        self.queue = QueueControl(self.control, self.runs)
        self.refused: list[UserError] = []
        self.queue.failed.connect(self.refused.append)
        self.runs.start()
        self.queue.start()

    def close(self, *, cancels: bool = True) -> None:
        if cancels:
            self.control.cancel()
            if self.control.is_busy:
                wait_until(lambda: not self.control.is_busy)
        self.queue.close()
        self.runs.stop()
        self.control.close()
        assert wait_for_tasks(60)


@pytest.fixture
def window(request: pytest.FixtureRequest) -> Iterator[Window]:
    made = Window(getattr(request, "param", "finishes"))
    yield made
    made.close()


def recipes(*ranks: int) -> list[Recipe]:
    return [recipe_text.with_overrides(Recipe(), [f"lora.rank={rank}"]) for rank in ranks]


def ranks_made() -> list[int]:
    return sorted(run.recipe().lora.rank for run in RunFolder.all())


def test_that_all_that_is_added_is_worked_off_one_after_the_other(window: Window) -> None:
    emptied: list[bool] = []
    window.queue.emptied.connect(lambda: emptied.append(True))
    window.queue.add(recipes(8, 16), ["class"], lambda: None)
    wait_until(lambda: bool(emptied), 60)
    runs = RunFolder.all()
    assert sorted(run.recipe().lora.rank for run in runs) == [8, 16]
    assert {run.state() for run in runs} == {RunState.FINISHED}
    assert {read_label(run.path).tags for run in runs} == {("class",)}
    assert RunQueue().entries() == ()
    assert not window.queue.is_working
    assert window.refused == []


@pytest.mark.parametrize("window", ["waits"], indirect=True)
def test_that_the_next_waits_for_the_one_at_work_and_can_be_moved_and_taken_out(window: Window) -> None:
    queue = window.queue
    queue.add(recipes(8, 16, 32), [], lambda: None)
    wait_until(lambda: window.control.is_busy, 60)
    wait_until(lambda: len(queue.entries) == 3 and bool(queue.entries[0].run))
    first, second, third = queue.entries
    assert second.run == ""
    queue.move(third.number, 2)
    wait_until(lambda: [entry.number for entry in queue.entries] == [first.number, third.number, second.number])
    queue.remove(second.number)
    wait_until(lambda: [entry.number for entry in queue.entries] == [first.number, third.number])
    queue.remove(first.number)
    wait_until(lambda: bool(window.refused))
    assert "is at work" in window.refused[0].what
    assert ranks_made() == [8]
    queue.hold()
    window.control.stop()
    wait_until(lambda: not window.control.is_busy, 60)
    wait_for_tasks(60)
    assert ranks_made() == [8]  # it is held
    queue.work()
    wait_until(lambda: ranks_made() == [8, 32], 60)


def test_that_what_was_worked_off_goes_on_in_the_next_window() -> None:
    before = Window("waits")
    before.queue.add(recipes(8, 16), [], lambda: None)
    wait_until(lambda: before.control.is_busy, 60)
    wait_until(lambda: any(run.is_held() for run in RunFolder.all()), 60)
    (run,) = RunFolder.all()
    before.close(cancels=False)
    after = Window("finishes")
    try:
        wait_until(lambda: after.queue.is_working, 60)
        after.control.follow(run)
        after.control.stop()
        wait_until(lambda: RunQueue().entries() == (), 60)
        assert ranks_made() == [8, 16]
    finally:
        after.close()


def test_that_nothing_begins_in_a_window_where_nothing_was_at_work() -> None:
    RunQueue().add(recipes(8))
    window = Window("finishes")
    try:
        wait_until(lambda: len(window.queue.entries) == 1)
        window.queue.look()
        assert wait_for_tasks(60)
        assert not window.queue.is_working
        assert RunFolder.all() == []
    finally:
        window.close()


@pytest.mark.parametrize("window", ["refuses"], indirect=True)
def test_that_a_run_that_is_refused_is_told_and_leaves_nothing(window: Window) -> None:
    window.queue.add(recipes(8), [], lambda: None)
    wait_until(lambda: bool(window.refused), 60)
    wait_until(lambda: RunQueue().entries() == ())
    assert str(window.refused[0]).startswith("The rows are empty.")
    assert RunFolder.all() == []


def test_that_what_cannot_be_a_run_is_not_added(window: Window) -> None:
    wrong = [recipe_text.with_overrides(Recipe(), ["data.path=/no/such/file.jsonl"])]
    window.queue.add([*recipes(8), *wrong], [], lambda: None)
    wait_until(lambda: bool(window.refused))
    assert RunQueue().entries() == ()


def test_that_another_process_that_works_it_off_is_left_to_it(window: Window) -> None:
    RunQueue().add(recipes(8))
    with RunQueue().working():
        window.queue.work()
        assert window.queue.is_worked_elsewhere
        assert not window.queue.is_working


def test_that_a_queue_that_cannot_be_read_is_told(window: Window) -> None:
    places.home().mkdir(parents=True, exist_ok=True)
    RunQueue().path.write_text("no queue")
    wait_until(lambda: "does not hold a queue" in window.queue.error)
    RunQueue().path.unlink()
    wait_until(lambda: window.queue.error == "")
