"""The list of runs: the same from the index as from the folders, whatever became of either."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bridge.engines import planned, step
from tests.core.runs.runs_made import finished, kept, made, write
from workbench.core import places
from workbench.core.job.events import Ended, Evaluated, Started
from workbench.core.job.label import LABEL, NOTES, change_label, write_notes
from workbench.core.job.marks import MARKS, Judged, change_marks
from workbench.core.job.outline import TAIL_BYTES
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.runs.index import RunIndex, index_path, read_row, readable
from workbench.core.runs.row import RunRow

KEPT = ("finished", "crashed", "stopped", "cancelled", "resumed", "out-of-memory", "torn", "long-names", "newer")


def rows() -> tuple[RunRow, ...]:
    """As another process lists them."""
    return RunIndex().rows()


def anew() -> tuple[RunRow, ...]:
    """As they are listed without an index."""
    index_path().unlink()
    return rows()


def test_that_no_runs_are_no_rows_and_no_index() -> None:
    assert rows() == ()
    assert not index_path().exists()


def test_that_a_row_tells_what_became_of_a_run() -> None:
    run = made("2026-01-02-0304-a", "model.source=org/name", "model.precision=int8")
    (row,) = rows()
    assert (row.name, row.path, row.state, row.step, row.steps) == (run.name, run.path, RunState.FINISHED, 4, 4)
    assert (row.model, row.precision, row.data) == ("org/name", "int8", "shopping")
    assert (row.loss_last, row.evaluation_loss, row.right, row.scored) == (1.0, 0.5, 7, 10)
    assert (row.peak_bytes, row.elapsed_seconds, row.called) == (2_000_000, 2.0, run.name)


def test_that_the_index_says_of_every_kind_of_run_what_the_folders_say() -> None:
    for name in KEPT:
        kept(name)
    first = rows()
    assert index_path().is_file()
    assert rows() == first
    assert anew() == first
    assert {row.name for row in first} == set(KEPT)


def test_that_a_loss_that_is_not_a_number_stays_one() -> None:
    made("2026-01-02-0304-a", events=finished(math.nan))
    rows()
    (row,) = rows()
    assert row.evaluation_loss is not None
    assert math.isnan(row.evaluation_loss)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "\x00" * 100,
        lambda text: "[" * 100_000,
        lambda text: "[]",
        lambda text: text.replace('"title",', "", 1),
        lambda text: text.replace('"step":4', '"step":"four"'),
        lambda text: text.replace('"state":"finished"', '"state":"lost"'),
        lambda text: text.replace('"evaluation_loss"', '"evaluation_lost"'),
    ],
)
def test_that_a_damaged_index_is_made_anew(damage: Callable[[str], str]) -> None:
    made("2026-01-02-0304-a")
    first = rows()
    whole = index_path().read_text()
    assert damage(whole) != whole
    index_path().write_text(damage(whole))
    assert rows() == first
    assert json.loads(index_path().read_text()) == json.loads(whole)


def test_that_an_index_that_cannot_be_written_hinders_nothing() -> None:
    made("2026-01-02-0304-a")
    index_path().mkdir()
    assert len(rows()) == 1


CHANGES: dict[str, Callable[[RunFolder], object]] = {
    "its journal grows": lambda run: write(run, (*finished(), Started(attempt=2, pid=1, versions={}))),
    "its recipe is edited": lambda run: run.job.write_text('[job]\nkind = "train"\n[model]\nprecision = "fp4"\n'),
    "its recipe is broken": lambda run: run.job.write_text("not toml"),
    "it gets a name": lambda run: change_label(run.path, lambda label: label.named("mine")),
    "it gets a tag": lambda run: change_label(run.path, lambda label: label.tagged("a")),
    "it gets notes": lambda run: write_notes(run.path, "notes"),
    "its label is broken": lambda run: (run.path / LABEL).write_text("not toml"),
    "its notes are broken": lambda run: (run.path / NOTES).write_bytes(b"\xff"),
    "its journal goes": lambda run: run.journal.unlink(),
    "its folder is renamed": lambda run: run.path.rename(run.path.with_name("other")),
    "it is deleted": lambda run: shutil.rmtree(run.path),
}


@pytest.mark.parametrize("change", CHANGES)
def test_that_what_changes_in_a_folder_is_told_at_once(change: str) -> None:
    run = made("2026-01-02-0304-a")
    made("2026-01-02-0304-b")
    listed = RunIndex()
    before = listed.rows()
    CHANGES[change](run)
    after = listed.rows()
    assert after != before
    assert rows() == after
    assert anew() == after


def test_that_a_run_taken_again_is_at_work_and_later_over_again() -> None:
    run = made("2026-01-02-0304-a")
    listed = RunIndex()
    assert listed.rows()[0].state is RunState.FINISHED
    with run.hold():
        write(run, (*finished(), Started(attempt=2, pid=1, versions={}), planned(8, 4), step(5, 8)))
        assert [(row.state, row.step) for row in listed.rows()] == [(RunState.RUNNING, 5)]
        assert [row.state for row in rows()] == [RunState.RUNNING]
    assert listed.rows()[0].state is RunState.CRASHED
    with run.hold():  # its lock is asked, since its journal does not say that it is over
        assert rows()[0].state is RunState.RUNNING


def test_that_an_evaluation_long_before_the_end_is_found() -> None:
    steps = [step(number, 9000) for number in range(1, 3000)]
    events = (Started(attempt=1, pid=1, versions={}), Evaluated(step=1, loss=0.25), *steps, Ended(state="stopped"))
    run = made("2026-01-02-0304-a", "evaluation.fraction=0.1", "evaluation.every_steps=1", events=events)
    assert run.journal.stat().st_size > TAIL_BYTES
    assert rows()[0].evaluation_loss == 0.25


def test_that_an_index_moved_with_its_home_names_the_new_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made("2026-01-02-0304-a")
    rows()
    moved = home.rename(home.with_name("moved"))
    monkeypatch.setenv("WORKBENCH_HOME", str(moved))
    assert rows()[0].path == places.runs() / "2026-01-02-0304-a"


def test_that_the_rows_that_can_be_read_are_parted_from_the_others() -> None:
    whole, broken, odd = (made(f"2026-01-02-0304-{name}") for name in "abc")
    broken.journal.unlink()
    broken.journal.mkdir()
    (odd.path / LABEL).write_text("not toml")
    found, problems = readable(rows())
    assert [row.name for row in found] == [odd.name, whole.name]
    assert [LABEL in problem for problem in problems] == [True, False]
    assert f"Run {broken.name} cannot be read" in problems[1]


def test_that_one_run_is_read_as_it_is_in_the_list() -> None:
    run = kept("finished")
    assert rows() == (read_row(run),)


def test_that_marks_stand_in_the_row_until_they_are_taken_away() -> None:
    run = made("2026-01-02-0304-a")
    index = RunIndex()
    (row,) = index.rows()
    assert row.answers_right == Judged("exact match", 7, 10)
    by_person = Judged("person", 24, 28, base_right=3)
    change_marks(run.path, {"a": True}, by_person)
    (row,) = index.rows()
    assert row.answers_right == by_person
    assert rows() == anew() == (row,)
    change_marks(run.path, {"a": None}, None)
    (row,) = index.rows()
    assert row.answers_right == Judged("exact match", 7, 10)


def test_that_the_exact_match_of_a_table_counts_where_the_training_made_none() -> None:
    run = made("2026-01-02-0304-a", events=tuple(event for event in finished() if event.kind != "scored"))
    assert rows()[0].answers_right is None
    change_marks(run.path, {}, Judged("exact match", 9, 10))
    assert rows()[0].answers_right == Judged("exact match", 9, 10)


def test_that_marks_that_cannot_be_read_are_told_and_count_as_none() -> None:
    run = made("2026-01-02-0304-a")
    (run.path / MARKS).write_text("{")
    (row,) = rows()
    assert row.judged is None
    assert "marks of a run's answers" in row.told[0]


def test_that_a_folder_without_its_job_is_listed_with_what_is_wrong() -> None:
    made("2026-01-02-0304-a")
    stray = made("2026-01-03-0304-b")
    stray.job.unlink()
    for _ in range(2):
        rows = {row.name: row for row in RunIndex().rows()}
        assert set(rows) == {"2026-01-02-0304-a", stray.name}
        assert rows[stray.name].error == f"{stray.name} has no job.toml: what it was asked is not known."
        assert rows[stray.name].state is RunState.FINISHED
    stray.journal.write_text("")
    assert {row.name: row.state for row in RunIndex().rows()}[stray.name] is RunState.CRASHED
