"""A death in words, without a process."""

import signal

import pytest

from tests.bridge.engines import step
from workbench.bridge.outcome import LAST_LINES, Outcome, outcome_of
from workbench.core.job.events import CheckpointSaved, Ended, Event, Started
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder, RunState

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
        (Ended(state="cancelled", step=3), "Cancelled after step 3; nothing more was saved."),
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
        (-signal.SIGKILL, "killed by SIGKILL (something ended it at once)", "Perhaps the memory was not enough"),
        (
            -signal.SIGSEGV,
            "killed by SIGSEGV (it touched memory that is not its own)",
            "A fault in a library or the driver",
        ),
        (-signal.SIGABRT, "killed by SIGABRT (a library gave up)", "A fault in a library or the driver"),
        (-signal.SIGTERM, "killed by SIGTERM (something told it to end)", "Another program, or the system"),
        (0xC0000005, "ended with exit code 3221225477", "A fault in a library or the driver"),
        (1, "ended with exit code 1 and did not say why", ""),
        (None, "died without saying why", ""),
    ],
)
def test_that_every_death_has_words_and_a_way_on(run: RunFolder, status: int | None, what: str, why: str) -> None:
    outcome = told(run, step(1), SAVED, status=status)
    assert outcome.state is RunState.CRASHED
    assert outcome.what.startswith("The engine ")
    assert outcome.what.endswith(f"{what}.")
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
    assert not told(run, Ended(state="crashed", what="No room.", is_mendable=True, can_resume=True)).is_refusal
    forced = told(run, step(1), status=-signal.SIGKILL, forced=True)
    assert forced.was_forced
    assert not forced.is_out_of_memory
    assert "by force" in forced.what


def test_that_an_ending_of_an_earlier_process_is_not_this_ones(run: RunFolder) -> None:
    history = History([STARTED, Ended(state="stopped", step=3)])
    outcome = outcome_of(run, history, 1, False, earlier=STARTED)
    assert (outcome.state, outcome.what) == (RunState.CRASHED, "The engine did not start.")


def test_that_a_warning_that_was_printed_last_is_no_reason(run: RunFolder) -> None:
    run.console.write_text(
        "RuntimeError: CUDA error: device-side assert triggered\n"
        "/site-packages/torch/utils/checkpoint.py:85: UserWarning: None of the inputs have requires_grad=True\n"
        "  warnings.warn(\n"
    )
    for status in (-signal.SIGSEGV, 1, None):
        outcome = told(run, step(1), status=status)
        assert outcome.why.endswith("RuntimeError: CUDA error: device-side assert triggered")
    run.console.write_text("/site-packages/torch/x.py:85: FutureWarning: out of memory is counted anew\n")
    for status in (-signal.SIGSEGV, 1, None):
        outcome = told(run, step(1), status=status)
        assert "Warning" not in outcome.why
        assert not outcome.is_out_of_memory


def test_that_what_an_earlier_process_printed_is_not_this_ones_reason(run: RunFolder) -> None:
    run.console.write_text("torch.OutOfMemoryError: CUDA out of memory\n")
    since = run.console.stat().st_size
    with run.console.open("a") as file:
        file.write("Fatal Python error: Segmentation fault\n")
    history = History([STARTED, step(1)])
    outcome = outcome_of(run, history, -signal.SIGSEGV, False, console_since=since)
    assert not outcome.is_out_of_memory
    assert outcome.last_lines == ("Fatal Python error: Segmentation fault",)
    assert outcome.why.endswith("Fatal Python error: Segmentation fault")


def test_that_want_of_memory_before_the_first_step_is_no_refusal(run: RunFolder) -> None:
    ended = Ended(state="crashed", what="The memory was not enough.", why="CUDA out of memory", is_mendable=True)
    outcome = told(run, ended)
    assert (outcome.is_out_of_memory, outcome.is_refusal) == (True, False)


def test_that_the_last_lines_are_few_however_long_the_log_is(run: RunFolder) -> None:
    assert told(run, step(1), status=1).last_lines == ()
    run.console.write_text("".join(f"line {number}\n" for number in range(100_000)))
    lines = told(run, step(1), status=1).last_lines
    assert (len(lines), lines[-1]) == (LAST_LINES, "line 99999")
