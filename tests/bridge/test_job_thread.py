"""A run followed: real processes that finish, fail, hang, flood and die, and what is told of them."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from tests.bridge.conftest import Followed
from tests.bridge.engines import FLOOD, command, step
from tests.qt_waits import wait_until
from workbench.bridge.job_thread import BATCH_SECONDS, Graces, JobThread
from workbench.core.job import launch, run_folder
from workbench.core.job.events import Notice, Unrecognized
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import Order, RunFolder, RunState

Follow = Callable[..., Followed]
ROOT = Path(__file__).parents[2]


def test_that_a_run_is_told_from_its_first_line_to_its_last(run: RunFolder, followed: Follow) -> None:
    one = followed(run, "finishes")
    outcome = one.to_its_end()
    assert one.kinds() == ["started", "planned", "phase", "step", "step", "step", "step", "ended"]
    assert (outcome.state, outcome.what) == (RunState.FINISHED, "Finished after 4 steps.")
    assert (outcome.was_forced, outcome.is_refusal, outcome.is_out_of_memory) == (False, False, False)
    assert one.job.process is not None
    assert one.job.process.returncode == 0


def test_that_an_exception_is_an_exit_code_with_the_last_lines(run: RunFolder, followed: Follow) -> None:
    outcome = followed(run, "raises").to_its_end()
    assert outcome.state is RunState.CRASHED
    assert outcome.what == "The engine ended with exit code 1 and did not say why."
    assert outcome.why == "RuntimeError: the shape of things"
    assert outcome.last_lines[0].startswith("Traceback")


def test_that_what_the_engine_says_of_its_end_is_what_is_told(run: RunFolder, followed: Follow) -> None:
    outcome = followed(run, "reports").to_its_end()
    assert (outcome.what, outcome.remedy) == ("The memory was not enough.", "Halve it.")
    assert outcome.is_out_of_memory
    assert not outcome.is_refusal


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_that_an_abort_is_a_crash_in_a_library(run: RunFolder, followed: Follow) -> None:
    outcome = followed(run, "aborts").to_its_end()
    assert outcome.what == "The engine was killed by SIGABRT (a library gave up)."
    assert "terminate called in a library" in outcome.last_lines
    assert "Resume goes on from its last checkpoint, step 1." in outcome.remedy


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_that_a_kill_from_outside_says_that_perhaps_the_memory_was_not_enough(run: RunFolder, followed: Follow) -> None:
    one = followed(run, "waits")
    wait_until(lambda: "step" in one.kinds())
    assert one.job.process is not None
    os.kill(one.job.process.pid, signal.SIGKILL)
    outcome = one.to_its_end()
    assert outcome.what == "The engine was killed by SIGKILL (something ended it at once)."
    assert "memory" in outcome.why
    assert outcome.is_out_of_memory
    assert not outcome.was_forced


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_that_an_engine_that_obeys_nothing_is_ended_by_force(
    run: RunFolder, followed: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "TERMINATE_SECONDS", 0.2)
    one = followed(run, "hangs")
    wait_until(lambda: "step" in one.kinds())
    one.job.order(Order(order="cancel"))
    outcome = one.to_its_end()
    assert outcome.was_forced
    assert outcome.what == "The engine did not obey in time and was ended by force."
    assert outcome.state is run.state() is RunState.CRASHED
    assert not outcome.is_out_of_memory


def test_that_a_stop_that_is_obeyed_is_not_forced(run: RunFolder, followed: Follow) -> None:
    one = followed(run, "waits", graces=Graces())
    wait_until(lambda: "step" in one.kinds())
    one.job.order(Order(order="stop"))
    outcome = one.to_its_end()
    assert (outcome.state, outcome.was_forced) == (RunState.STOPPED, False)


def test_that_an_order_given_before_the_process_is_there_is_obeyed(run: RunFolder) -> None:
    thread = JobThread(run, starts=True, command=command("waits"))
    one = Followed(thread)  # starts it; the order comes before the thread had time to
    thread.order(Order(order="cancel"))
    assert one.to_its_end().state is RunState.CANCELLED


def test_that_a_flood_comes_in_few_batches_and_freezes_nobody(run: RunFolder, followed: Follow) -> None:
    ticks: list[None] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(None))
    timer.start(5)
    began = time.monotonic()
    one = followed(run, "floods")
    outcome = one.to_its_end(120)
    seconds = time.monotonic() - began
    timer.stop()
    assert outcome.state is RunState.FINISHED
    assert len(one.events) == FLOOD + 3
    assert len(one.batches) <= seconds / BATCH_SECONDS + 2
    assert len(ticks) > 20


def test_that_noise_on_the_console_reaches_the_outcome_tamed(run: RunFolder, followed: Follow) -> None:
    outcome = followed(run, "prints").to_its_end()
    assert outcome.what == "The engine ended with exit code 3 and did not say why."
    assert outcome.why == "the last of it"
    assert len(outcome.last_lines) == 40
    assert all(line.isprintable() for line in outcome.last_lines)


def test_that_an_engine_that_never_takes_the_run_did_not_start(run: RunFolder, followed: Follow) -> None:
    outcome = followed(run, "leaves").to_its_end()
    assert outcome.what == "The engine did not start."
    assert outcome.why == "It ended with exit code 7. cannot import torch"


def test_that_a_resume_that_does_not_start_is_not_told_as_the_end_before(run: RunFolder, followed: Follow) -> None:
    assert followed(run, "finishes").to_its_end().state is RunState.FINISHED
    again = followed(run, "leaves")
    assert again.to_its_end().what == "The engine did not start."
    assert "ended" in again.kinds()  # what happened before is told too


def test_that_a_command_that_is_not_there_is_a_sentence(run: RunFolder) -> None:
    one = Followed(JobThread(run, starts=True, command=["/nowhere/python"]))
    outcome = one.to_its_end()
    assert outcome.what.startswith("The engine could not be started: No such file")
    assert outcome.state is RunState.CRASHED


# -- runs that somebody else started -----------------------------------------------------------------------------------


def elsewhere(run: RunFolder, habit: str) -> subprocess.Popen[bytes]:
    return launch.start(run, command(habit))


def test_that_two_follow_one_run_and_are_told_the_same(run: RunFolder, followed: Follow) -> None:
    process = elsewhere(run, "waits")
    first, second = followed(run), followed(run)
    wait_until(lambda: "step" in first.kinds() and "step" in second.kinds())
    first.job.order(Order(order="stop"))
    assert first.to_its_end() == second.to_its_end()
    assert first.outcome is not None
    assert first.outcome.state is RunState.STOPPED
    assert first.events == second.events
    assert process.wait(60) == 0


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_that_a_run_of_somebody_else_is_ended_by_force_too(
    run: RunFolder, followed: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "TERMINATE_SECONDS", 0.2)
    process = elsewhere(run, "hangs")
    one = followed(run)
    wait_until(lambda: "step" in one.kinds())
    one.job.order(Order(order="stop"))
    assert one.to_its_end().was_forced
    process.wait(60)


def test_that_a_run_nobody_ever_took_is_given_up_after_its_time(
    run: RunFolder, followed: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "STARTING_SECONDS", 0.5)
    one = followed(run)
    assert one.to_its_end().what == "The engine did not start."


def test_that_following_can_end_and_leaves_the_run_alone(run: RunFolder, followed: Follow) -> None:
    one = followed(run, "waits")
    wait_until(lambda: "step" in one.kinds())
    one.job.detach()
    assert one.job.wait(60_000)
    assert one.outcome is None
    assert run.state() is RunState.RUNNING
    run.give(Order(order="cancel"))
    assert followed(run).to_its_end().state is RunState.CANCELLED


def test_that_following_a_long_run_that_is_over_can_be_left_at_once(run: RunFolder, followed: Follow) -> None:
    write_steps(run, 100_000)
    one = followed(run)
    wait_until(lambda: one.batches)
    one.job.detach()
    assert one.job.wait(60_000)
    assert len(one.events) < 100_000  # it did not wait for the end


def write_steps(run: RunFolder, count: int) -> None:
    run.journal.write_bytes((step(1).model_dump_json() + "\n").encode() * count)


# -- what may happen to a folder ---------------------------------------------------------------------------------------


def test_that_a_run_deleted_while_followed_ends_with_a_sentence_and_no_process(
    run: RunFolder, followed: Follow
) -> None:
    one = followed(run, "waits")
    wait_until(lambda: "step" in one.kinds())
    run.path.rename(run.path.with_name("elsewhere"))
    shutil.rmtree(run.path.with_name("elsewhere"))
    outcome = one.to_its_end()
    assert outcome.what == "The folder of this run is gone."
    assert outcome.was_forced
    assert "Its engine was ended" in outcome.why


def test_that_a_run_of_somebody_else_deleted_while_followed_ends_with_a_sentence(
    run: RunFolder, followed: Follow
) -> None:
    process = elsewhere(run, "waits")
    one = followed(run)
    wait_until(lambda: "step" in one.kinds())
    gone = run.path.with_name("elsewhere")
    run.path.rename(gone)
    outcome = one.to_its_end()
    assert (outcome.what, outcome.was_forced) == ("The folder of this run is gone.", False)
    process.kill()
    process.wait()


def test_that_a_folder_gone_before_the_start_is_a_sentence(run: RunFolder) -> None:
    shutil.rmtree(run.path)
    one = Followed(JobThread(run, starts=True, command=command("finishes")))
    assert one.to_its_end().what == "The folder of this run is gone."


def test_that_a_journal_that_cannot_be_read_is_a_sentence(run: RunFolder, followed: Follow) -> None:
    run.journal.mkdir()
    outcome = followed(run, "leaves").to_its_end()
    assert "cannot be read: Is a directory" in outcome.what


def test_that_lines_no_version_wrote_are_passed_over_and_torn_ones_awaited(run: RunFolder, followed: Follow) -> None:
    one = followed(run, "is_unkind")
    assert one.to_its_end().state is RunState.FINISHED
    unknown = [event for event in one.events if isinstance(event, Unrecognized)]
    assert len(unknown) == 5  # of a newer version, not text, a list, a null, and far too long a line
    texts = [event.text for event in one.events if isinstance(event, Notice)]
    assert texts == ["torn", "<b>bold</b><script>alert(1)</script>"]


def test_that_a_thread_says_nothing_more_once_it_ended(run: RunFolder, followed: Follow) -> None:
    one = followed(run, "finishes")
    one.to_its_end()
    writer = JournalWriter(run.journal)
    writer.write(Notice(text="late"))
    writer.close()
    assert one.job.isFinished()
    assert not [thread for thread in threading.enumerate() if thread.name == "end by force"]
