"""What is asked and refused before a run goes to the bin; that it goes there is in tests/verbs."""

from pathlib import Path

import pytest

from tests.core.runs.runs_made import made
from workbench.core.problems import UserError
from workbench.core.runs.index import RunIndex
from workbench.core.runs.removal import checkpoints_to_bin, removal_in_words, size_of, to_bin, trained_further


def test_that_its_size_and_who_was_trained_from_it_are_told() -> None:
    run = made("2026-01-02-0304-a")
    made("2026-01-02-0304-b", f"model.source={run.adapter}")
    made("2026-01-02-0304-c", f"model.source={run.path}")
    made("2026-01-02-0304-a-2", f"model.source={run.path}-2")
    users = trained_further(run, RunIndex().rows())
    assert users == ["2026-01-02-0304-c", "2026-01-02-0304-b"]
    said = removal_in_words(run, users)
    assert "2 runs were trained further from it: 2026-01-02-0304-c, 2026-01-02-0304-b." in said
    assert str(run.path) in said


def test_that_what_a_link_leads_to_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 1_000_000)
    run = made("2026-01-02-0304-a")
    before = size_of(run.path)
    (run.path / "link").symlink_to(tmp_path / "large")
    (run.path / "more").write_bytes(b"x" * 1000)
    assert before + 1000 < size_of(run.path) < before + 10_000


def test_that_a_run_at_work_stays() -> None:
    run = made("2026-01-02-0304-a")
    for throw in (to_bin, checkpoints_to_bin):
        with run.hold(), pytest.raises(UserError, match="is at work"):
            throw(run)
    assert run.job.is_file()
