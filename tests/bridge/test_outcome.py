"""A death in words, without a process."""

import signal

import pytest

from tests.bridge.engines import step
from workbench.bridge.outcome import LAST_LINES, Outcome, last_lines, outcome_of
from workbench.core.events import CheckpointSaved, Ended, Event, Started
from workbench.core.history import History
from workbench.core.run_folder import RunFolder, RunState

STARTED = Started(attempt=1, pid=1, versions={})
SAVED = CheckpointSaved(step=40, folder="step-00000040", size_bytes=1)


def told(run: RunFolder, *events: Event, status: int | None = None, forced: bool = False) -> Outcome:
    return outcome_of(run, History([STARTED, *events]), status, forced)


@pytest.mark.parametrize(
    ("ended", "what"),
    [
        (Ended(state="finished", step=40), "Finished after 40 steps."),
        (Ended(state="stopped", step=12), "Stopped after step 12."),
        (Ended(state="stopped"), "Stopped before the first step: there was nothing to save."),
        (Ended(state="cancelled", step=3), "Cancelled after step 3; nothing was saved."),
        (Ended(state="crashed", step=3), "The engine failed after step 3."),
        (Ended(state="crashed", what="The rows are empty."), "The rows are empty."),
    ],
)
def test_that_an_ending_is_told_as_it_was_written(run: RunFolder, ended: Ended, what: str) -> None:
    outcome = told(run, step(1), ended, status=0)
    assert (outcome.state, outcome.what) == (RunState(ended.state), what)


@pytest.mark.parametrize(
    ("status", "what", "why"),
    [
        (-signal.SIGKILL, "The engine was killed by SIGKILL.", "Perhaps the memory was not enough"),
        (-signal.SIGSEGV, "The engine was killed by SIGSEGV.", "A fault in a library or the driver"),
        (-signal.SIGABRT, "The engine was killed by SIGABRT.", "A fault in a library or the driver"),
        (-signal.SIGTERM, "The engine was killed by SIGTERM.", "Another program, or the system"),
        (0xC0000005, "The engine ended with exit code 3221225477.", "A fault in a library or the driver"),
        (1, "The engine ended with exit code 1 and did not say why.", ""),
        (None, "The engine died without saying why.", ""),
    ],
)
def test_that_every_death_has_words_and_a_way_on(run: RunFolder, status: int | None, what: str, why: str) -> None:
    outcome = told(run, step(1), SAVED, status=status)
    assert (outcome.state, outcome.what) == (RunState.CRASHED, what)
    assert outcome.why.startswith(why)
    assert outcome.remedy.endswith("Resume goes on from its last checkpoint, step 40.")
    assert outcome.is_out_of_memory == (status == -signal.SIGKILL)


def test_that_a_run_with_nothing_saved_is_not_said_to_go_on(run: RunFolder) -> None:
    assert told(run, step(1), status=1).remedy == "No checkpoint was saved yet: start it again."


@pytest.mark.parametrize(
    "line",
    [
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "MemoryError",
        "RuntimeError: DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes",
    ],
)
def test_that_want_of_memory_is_known_by_its_words(run: RunFolder, line: str) -> None:
    run.console.write_text(f"loading\n{line}\n")
    assert told(run, step(1), status=-signal.SIGABRT).is_out_of_memory
    assert told(run, Ended(state="crashed", what="The engine failed.", why=line)).is_out_of_memory
    assert not told(run, Ended(state="stopped")).is_out_of_memory


def test_that_a_refusal_and_force_are_told(run: RunFolder) -> None:
    assert told(run, Ended(state="crashed", what="No rows.", is_mendable=True)).is_refusal
    forced = told(run, step(1), status=-signal.SIGKILL, forced=True)
    assert forced.was_forced
    assert not forced.is_out_of_memory
    assert "by force" in forced.what


def test_that_an_ending_of_an_earlier_process_is_not_this_ones(run: RunFolder) -> None:
    history = History([STARTED, Ended(state="stopped", step=3)])
    outcome = outcome_of(run, history, 1, False, earlier=STARTED)
    assert (outcome.state, outcome.what) == (RunState.CRASHED, "The engine did not start.")


def test_that_the_last_lines_are_few_short_and_tame_however_long_the_log_is(run: RunFolder) -> None:
    assert last_lines(run) == ()
    with run.console.open("wb") as file:
        file.write(b"x" * 1_000_000 + b"\n\x1b[31mred \xff\n\n  \n")
        file.writelines(b"bar %d%%\r" % number for number in range(100))
    lines = last_lines(run)
    assert len(lines) == LAST_LINES
    assert lines[-1] == "bar 99%"
    run.console.write_bytes(b"y" * 1_000_000 + b"\n\x1b[31mred \xff\n")
    long, red = last_lines(run)
    assert (len(long), red) == (401, "?[31mred \ufffd")
