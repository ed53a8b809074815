"""The time of training alone."""

import time

import pytest

from tests.bridge.engines import planned, step
from workbench.bridge.run_clock import RunClock, remaining_seconds
from workbench.core.job.events import Event, Paused, Phase, Resumed, Started
from workbench.core.job.history import History

STARTED = Started(attempt=1, pid=1, versions={})


def clock_of(*events: Event) -> RunClock:
    clock, history = RunClock(), History()
    for event in events:
        history.add([event])
        clock.add([event], history)
    return clock


def test_that_only_steps_count_while_nothing_is_trained() -> None:
    now = time.time()
    assert clock_of(STARTED, Phase(name="load", at=now - 100)).elapsed_seconds == 0
    paused = clock_of(STARTED, step(1), step(2), Paused(step=2))
    assert paused.elapsed_seconds == pytest.approx(1.0)


def test_that_the_clock_goes_on_between_steps_until_the_run_is_over() -> None:
    at = time.time() - 5
    clock = clock_of(STARTED, Phase(name="train", at=at))
    assert 5 <= clock.elapsed_seconds <= time.time() - at
    clock = clock_of(STARTED, step(1), step(2).model_copy(update={"at": at}))
    assert 6 <= clock.elapsed_seconds <= time.time() - at + 1
    clock.stop()
    assert clock.elapsed_seconds == pytest.approx(1.0)


def test_that_a_step_logged_for_many_counts_for_them_all() -> None:
    assert clock_of(step(10), step(20), Paused(step=20)).elapsed_seconds == pytest.approx(10.0)


def test_that_lost_steps_are_not_counted_after_a_resume() -> None:
    events = (STARTED, step(1), step(2), step(3), STARTED, Resumed(step=1, folder=""), planned(from_step=1), step(2))
    assert clock_of(*events, Paused(step=2)).elapsed_seconds == pytest.approx(1.0)


def test_that_what_remains_is_told_from_the_second_step_on() -> None:
    assert remaining_seconds(History([step(1)])) is None
    assert remaining_seconds(History([step(1), step(2)])) == pytest.approx(1.0)
    assert remaining_seconds(History([step(3), step(4)])) == 0
