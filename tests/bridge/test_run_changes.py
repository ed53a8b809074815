"""What a person changes of the runs: one change after the other, and what cannot be done is told."""

from pathlib import Path

import pytest

from tests.core.runs.runs_made import made
from tests.qt_waits import wait_until
from workbench.bridge.run_changes import RunChanges
from workbench.core.job.label import read_label, read_notes
from workbench.core.problems import UserError


@pytest.fixture
def changes(qapp: object) -> RunChanges:
    return RunChanges()


def test_that_changes_are_made_in_the_order_in_which_they_were_asked(changes: RunChanges) -> None:
    run = made("2026-01-02-0304-a")
    for text in ("one", "two", "three"):
        changes.write_notes(run.path, text)
    changes.change_label(run.path, lambda label: label.tagged("keep"))
    changes.change_label(run.path, lambda label: label.without("keep").tagged("class"))
    assert changes.is_busy
    wait_until(lambda: not changes.is_busy)
    assert read_notes(run.path) == "three"
    assert read_label(run.path).tags == ("class",)


def test_that_one_that_cannot_be_done_is_told_and_the_next_is_done(changes: RunChanges, tmp_path: Path) -> None:
    run = made("2026-01-02-0304-a")
    failed: list[UserError] = []
    changes.failed.connect(failed.append)
    changes.change_label(run.path, lambda label: label.without("keep"))
    changes.import_run(tmp_path / "nothing")
    with run.hold():
        changes.delete([run.path])
        wait_until(lambda: len(failed) == 3)
    changes.write_notes(run.path, "kept")
    wait_until(lambda: not changes.is_busy)
    assert [error.what.partition(".")[0] for error in failed] == [
        'It has no tag "keep"',
        f"{tmp_path / 'nothing'} is not a run folder: it has no job",
        f"Run {run.name} is at work",
    ]
    assert read_notes(run.path) == "kept"
    assert not changes.can_undo
