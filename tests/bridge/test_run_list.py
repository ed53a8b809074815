"""The runs there are: started anywhere, broken, deleted, or too long to be read whole."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest

from tests.bridge.engines import command, planned, step
from tests.qt_waits import wait_until
from workbench.bridge.run_list import RunList
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.job import launch
from workbench.core.job.events import Ended, Started
from workbench.core.job.outline import HEAD_BYTES, TAIL_BYTES
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.recipe.recipe import Recipe


@pytest.fixture
def runs() -> Iterator[RunList]:
    found = RunList()
    yield found
    found.stop()


def look(runs: RunList) -> None:
    runs.refresh()
    assert wait_for_tasks(60)


def test_that_no_runs_are_no_rows(runs: RunList) -> None:
    look(runs)
    assert (runs.rows, runs.error) == ((), "")


def test_that_a_row_tells_a_run(runs: RunList) -> None:
    recipe = Recipe.model_validate({"model": {"source": "org/name", "precision": "int8"}})
    run = RunFolder.create(recipe)
    assert launch.start(run, command("finishes")).wait() == 0
    look(runs)
    (row,) = runs.rows
    assert (row.name, row.path, row.state) == (run.name, run.path, RunState.FINISHED)
    assert (row.step, row.steps, row.loss_last, row.elapsed_seconds) == (4, 4, 1.0, 2.0)
    assert (row.model, row.precision, row.data) == ("org/name", "int8", "shopping")
    assert row.adapter == str(run.adapter)
    assert row.started_at is not None
    assert timedelta(0) <= datetime.now() - row.started_at < timedelta(minutes=3)
    assert row.error == ""


def test_that_a_run_started_elsewhere_shows_up_and_a_deleted_one_goes(runs: RunList, run: RunFolder) -> None:
    heard: list[int] = []
    runs.changed.connect(lambda: heard.append(len(runs.rows)))
    runs.start()
    wait_until(lambda: runs.rows)
    process = launch.start(run, command("waits"))
    wait_until(lambda: runs.rows[0].step > 0)
    assert runs.rows[0].state is RunState.RUNNING
    run.give(Order(order="stop"))
    wait_until(lambda: runs.rows[0].state is RunState.STOPPED)
    process.wait(60)
    shutil.rmtree(run.path)
    wait_until(lambda: not runs.rows)
    assert heard[0] == 1
    assert heard[-1] == 0


def test_that_nothing_is_told_where_nothing_changed(runs: RunList, run: RunFolder) -> None:
    assert launch.start(run, command("finishes")).wait() == 0
    look(runs)
    heard: list[bool] = []
    runs.changed.connect(lambda: heard.append(True))
    look(runs)
    assert heard == []


def test_that_the_newest_run_comes_first_and_a_name_of_ones_own_has_its_files_time(runs: RunList) -> None:
    names = ("2026-01-02-0304-a", "2026-03-02-0304-a", "2026-02-02-0304-z", "renamed by hand")
    for name in names:
        made = RunFolder.create(Recipe())
        made.path.rename(places.runs() / name)
    look(runs)
    assert [row.name for row in runs.rows] == [
        "renamed by hand",
        "2026-03-02-0304-a",
        "2026-02-02-0304-z",
        "2026-01-02-0304-a",
    ]
    assert runs.rows[-1].started_at == datetime(2026, 1, 2, 3, 4)
    assert runs.rows[0].started_at is not None


@pytest.mark.parametrize("text", ["", "[lora]\nrank = 0\n", "not toml", "\x00"])
def test_that_a_broken_recipe_is_a_row_with_the_error_in_words(runs: RunList, run: RunFolder, text: str) -> None:
    assert launch.start(run, command("finishes")).wait() == 0
    run.job.write_text(text)
    look(runs)
    (row,) = runs.rows
    assert (row.state, row.step) == (RunState.FINISHED, 4)
    if text:
        assert "job.toml" in row.error
        assert row.model == ""


def test_that_a_journal_no_one_can_read_is_a_row(runs: RunList, run: RunFolder) -> None:
    run.journal.mkdir()
    look(runs)
    assert [row.step for row in runs.rows] == [0]


def test_that_of_a_long_journal_only_the_ends_are_read(runs: RunList, run: RunFolder) -> None:
    count = 100_000
    with run.journal.open("w") as file:
        for event in (Started(attempt=1, pid=1, versions={}), planned(steps=count)):
            file.write(event.model_dump_json() + "\n")
        for number in range(1, count + 1):
            file.write(f'{{"kind":"step","step":{number},{STEP_TAIL}}}\n')
        file.write(Ended(state="finished", step=count, train_seconds=9.0).model_dump_json() + "\n")
    assert run.journal.stat().st_size > 10 * (HEAD_BYTES + TAIL_BYTES)
    before = psutil.Process().io_counters().read_chars
    look(runs)
    assert psutil.Process().io_counters().read_chars - before < run.journal.stat().st_size / 3
    (row,) = runs.rows
    assert (row.state, row.step, row.steps, row.elapsed_seconds) == (RunState.FINISHED, count, count, 9.0)


_WHOLE = step(1, steps=100_000).model_dump_json()
STEP_TAIL = _WHOLE[_WHOLE.index('"steps"') : -1]


def test_that_a_home_that_cannot_be_listed_is_a_sentence(runs: RunList, home: Path) -> None:
    home.mkdir()
    (home / "runs").write_text("in the way")
    look(runs)
    assert "cannot be listed" in runs.error
    assert runs.rows == ()


def test_that_asking_often_looks_once_more_and_not_for_ever(runs: RunList, run: RunFolder) -> None:
    for _ in range(100):
        runs.refresh()
    assert wait_for_tasks(60)
    assert len(runs.rows) == 1
