"""Runs laid beside each other: read in their order, kept as long as they are wanted, refused by name."""

from pathlib import Path

import pytest

from tests.core.runs.runs_made import made
from tests.qt_waits import wait_until
from workbench.bridge.compared_runs import ComparedRuns
from workbench.core.problems import UserError


@pytest.fixture
def compared(qapp: object) -> ComparedRuns:
    return ComparedRuns()


def test_that_results_come_in_the_order_that_was_asked(compared: ComparedRuns) -> None:
    paths = [made(f"2026-01-02-0304-{name}").path for name in "abc"]
    compared.show(paths[::-1])
    assert compared.is_reading
    wait_until(lambda: not compared.is_reading)
    assert [result.run.path for result in compared.results] == paths[::-1]
    kept = compared.results[-1]
    compared.show([paths[0]])
    assert compared.results == [kept]  # it is not read again


def test_that_one_that_cannot_be_read_is_told_and_the_others_are_there(compared: ComparedRuns) -> None:
    whole, broken = made("2026-01-02-0304-a"), made("2026-01-02-0304-b")
    broken.job.write_text("[lora]\nrank = 0\n")
    told: list[tuple[Path, UserError]] = []
    compared.failed.connect(lambda path, error: told.append((path, error)))
    compared.show([broken.path, whole.path])
    wait_until(lambda: not compared.is_reading)
    assert [result.run.path for result in compared.results] == [whole.path]
    assert [path for path, _ in told] == [broken.path]
    assert "lora.rank cannot be 0" in str(told[0][1])
