"""The prepare job: without PyTorch, whole or not at all, found again, and left within moments."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.tokens.prepared.made import asked, write
from tests.fakes import tiny_recipe
from tests.runs import PATIENCE_SECONDS, events, wait_for
from workbench.core import places
from workbench.core.job import launch
from workbench.core.job.events import Phase
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import DataPrepared, PrepareRequest
from workbench.core.tokens.prepared import cache

ROWS = 20_000  # some seconds of work


@pytest.fixture
def study(tiny_model: Callable[[str], Path], tmp_path: Path) -> Callable[..., RunFolder]:
    def make(count: int, *changes: str) -> RunFolder:
        data = tmp_path / f"{count}.jsonl"
        if not data.exists():
            write(data, asked(count))
        return create_study(PrepareRequest(recipe=tiny_recipe(tiny_model("llama"), data, *changes)))

    return make


def found(history: History) -> DataPrepared:
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    return next(event for event in history.findings if isinstance(event, DataPrepared))


def left() -> list[str]:
    """What stands in the folder of prepared rows beside locks and known hashes."""
    if not places.prepared().exists():
        return []
    return [path.name for path in places.prepared().iterdir() if path.is_dir() and path.name != cache.LOCKS]


def is_at_work(run: RunFolder) -> bool:
    return any(isinstance(event, Phase) and event.rows > 0 for event in events(run))


def test_that_rows_are_prepared_and_found_again_with_how_far_it_is(
    study: Callable[..., RunFolder], work_here: Callable[[RunFolder], History]
) -> None:
    run = study(3000, "evaluation.fraction=0.1")
    first = found(work_here(run))
    assert (first.rows, first.used, first.held_out, first.is_from_cache) == (3000, 2700, 300, False)
    phases = [event for event in events(run) if isinstance(event, Phase) and event.name == "tokenize"]
    assert (phases[-1].done, phases[-1].unit, phases[-1].rows) == (phases[-1].total, "bytes", 3000)
    again = found(work_here(study(3000, "evaluation.fraction=0.1")))
    assert again.is_from_cache
    assert again.key == first.key
    assert left() == [first.key]


def test_that_no_pytorch_is_imported(study: Callable[..., RunFolder]) -> None:
    run = study(50)
    script = (
        "import sys; from pathlib import Path; from workbench.engine.__main__ import work\n"
        "from workbench.engine.job.job import Job; from workbench.core.job.run_folder import RunFolder\n"
        "run = RunFolder.open(Path(sys.argv[1]))\n"
        "with run.hold(): code = work(Job(run))\n"
        "print(code, [name for name in ('torch', 'transformers', 'datasets') if name in sys.modules])"
    )
    command = [sys.executable, "-c", script, str(run.path)]
    done = subprocess.run(command, env=launch.environment(), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


def test_that_a_kill_leaves_nothing_half_written_and_the_next_one_is_whole(study: Callable[..., RunFolder]) -> None:
    run = study(ROWS)
    process = launch.start(run)
    wait_for(lambda: is_at_work(run), process, run)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    half = left()
    assert all(name.endswith(".partial") for name in half)
    again = study(ROWS)
    assert launch.start(again).wait() == 0
    key = found(again.history()).key
    assert left() == [key]
    report = json.loads((places.prepared() / key / cache.REPORT).read_text(encoding="utf-8"))
    assert report["rows"] == ROWS


def test_that_a_cancel_ends_it_within_moments_and_leaves_nothing(study: Callable[..., RunFolder]) -> None:
    run = study(ROWS)
    process = launch.start(run)
    wait_for(lambda: is_at_work(run), process, run)
    run.give(Order(order="cancel"))
    began = time.monotonic()
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    ended = run.history().ended
    assert ended is not None
    assert ended.state == "cancelled"
    assert "left where it was" not in ended.why, f"it was not obeyed in {time.monotonic() - began:.1f} s"
    assert left() == []


def test_that_two_at_the_same_rows_make_them_once(study: Callable[..., RunFolder]) -> None:
    first, second = study(5000), study(5000)
    processes = [launch.start(run) for run in (first, second)]
    assert [process.wait(timeout=PATIENCE_SECONDS) for process in processes] == [0, 0]
    made = [found(run.history()) for run in (first, second)]
    assert sorted(one.is_from_cache for one in made) == [False, True]
    assert left() == [made[0].key]


def test_that_rows_that_ask_first_are_refused_with_their_report_kept(
    study: Callable[..., RunFolder], work_here: Callable[[RunFolder], History]
) -> None:
    history = work_here(study(100, "training.max_length=40"))
    assert history.ended is not None
    assert history.ended.is_mendable
    assert "data.most_bad_share = 1" in history.ended.remedy
    assert next(event for event in history.findings if isinstance(event, DataPrepared)).cut_rows > 0
