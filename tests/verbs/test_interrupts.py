"""Ctrl-C at any moment loses nothing of what a follower has read."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from tests.core.runs.runs_made import finished, made
from workbench.core.job.events import Event
from workbench.core.job.run_folder import RunFolder
from workbench.verbs.follow import Follower
from workbench.verbs.interrupts import Interrupts


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """What a terminal has; a suite that runs in the background has none."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


class Impatient(Follower):
    """Somebody presses Ctrl-C as the first event is shown."""

    def __init__(self, run: RunFolder, process: "subprocess.Popen[bytes] | None") -> None:
        super().__init__(run, process)
        self.shown: list[Event] = []

    def _show(self, event: Event) -> None:
        if not self.shown:
            press()
        self.shown.append(event)


def test_that_what_was_read_is_kept_and_shown_and_the_order_is_given_after_it() -> None:
    run = made("2026-01-02-0304-a")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.5)"]) as process:
        follower = Impatient(run, process)
        history = follower.follow()
    assert [type(event) for event in follower.shown] == [type(event) for event in finished()]
    assert history.started is not None
    assert history.ended is not None
    assert follower.was_interrupted
    orders, _ = run.read_orders()
    assert [order.order for order in orders] == ["stop"]


def test_that_whoever_only_looks_on_leaves_the_run_alone() -> None:
    run = made("2026-01-02-0304-a", events=finished()[:3])
    with run.hold():
        follower = Impatient(run, None)
        with pytest.raises(KeyboardInterrupt):
            follower.follow()
    assert len(follower.shown) == 3
    assert run.read_orders() == ([], 0)


def test_that_each_ctrl_c_is_taken_once_and_is_python_s_own_afterwards() -> None:
    with Interrupts() as interrupts:
        press()
        press()
        assert [interrupts.take() for _ in range(3)] == [True, True, False]
    with pytest.raises(KeyboardInterrupt):
        press()


def test_that_a_ctrl_c_that_is_ignored_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupts() as interrupts:
        press()
        assert not interrupts.take()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_that_another_thread_may_follow_too() -> None:
    taken: list[bool] = []

    def follow() -> None:
        with Interrupts() as interrupts:
            taken.append(interrupts.take())

    thread = Thread(target=follow)
    thread.start()
    thread.join()
    assert taken == [False]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
