"""A run's events gathered: a resume replaces the steps that were lost."""

import math

import numpy as np
import pytest

from workbench.core.job.events import (
    CheckpointSaved,
    Continued,
    Ended,
    Evaluated,
    Event,
    Memory,
    Milestone,
    Notice,
    Paused,
    Phase,
    Planned,
    Resumed,
    Sample,
    Started,
    Step,
    Unrecognized,
)
from workbench.core.job.history import COLUMNS, History


def started(attempt: int) -> Started:
    return Started(attempt=attempt, pid=1, versions={})


def step(number: int, loss: float = 1.0) -> Step:
    return Step(
        step=number,
        steps=9,
        epoch=0.0,
        loss=loss,
        learning_rate=0.5,
        grad_norm=2.0,
        tokens_per_second=3.0,
        seconds=4.0,
        memory=Memory(resident_peak_bytes=10, allocated_peak_bytes=number),
    )


def planned(from_step: int) -> Planned:
    return Planned(
        device="CPU",
        steps=9,
        from_step=from_step,
        rows=1,
        sequences=1,
        tokens=1,
        trained_tokens=1,
        trainable_parameters=1,
        parameters=1,
        data_sha256="",
    )


def numbers(history: History) -> list[int]:
    return [entry.step for entry in history.steps]


def test_that_a_history_of_nothing_is_empty() -> None:
    history = History()
    assert (history.step, history.total_steps, list(history.steps)) == (0, 0, [])
    assert all(history.column(name).shape == (0,) for name in COLUMNS)


def test_that_columns_hold_the_logged_steps() -> None:
    history = History([started(1), planned(0), step(1, 3.0), step(2, math.nan)])
    assert (history.step, history.total_steps) == (2, 9)
    np.testing.assert_array_equal(history.column("loss"), [3.0, math.nan])
    np.testing.assert_array_equal(history.column("peak_bytes"), [1.0, 2.0])
    assert all(history.column(name).dtype == np.float64 for name in COLUMNS)
    with pytest.raises(KeyError):
        history.column("mood")


def test_that_a_resume_replaces_the_steps_and_evaluations_that_were_lost() -> None:
    first: list[Event] = [started(1), planned(0), *(step(n, 9.0) for n in range(1, 7)), Evaluated(step=5, loss=9.0)]
    again: list[Event] = [started(2), Resumed(step=4, folder="step-00000004"), planned(4), step(5, 1.0)]
    history = History(first)
    history.add(again)
    assert numbers(history) == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(history.column("loss"), [9, 9, 9, 9, 1])
    assert history.evaluations == []
    assert history.step == 5


def test_that_a_resume_from_no_checkpoint_begins_again() -> None:
    skipped = Resumed(step=0, folder="", skipped=["step-00000004: it has no manifest"])
    assert numbers(History([started(1), step(1), step(2), started(2), skipped, step(1)])) == [1]


def test_that_a_run_that_died_before_its_first_checkpoint_begins_again() -> None:
    assert numbers(History([started(1), planned(0), step(1), step(2), started(2), planned(0), step(1)])) == [1]


def test_that_a_resume_replaces_lost_checkpoints_and_samples() -> None:
    saved = CheckpointSaved(step=6, folder="step-00000006", size_bytes=1)
    sample = Sample(step=6, when="during", prompt="p", answer="a")
    history = History([started(1), step(6), saved, sample, started(2), Resumed(step=4, folder="step-00000004"), saved])
    assert history.checkpoints == [saved]
    assert history.samples == []


def test_that_an_ending_is_forgotten_once_the_run_goes_on() -> None:
    history = History([started(1), step(1), Ended(state="stopped", step=3)])
    assert history.ended is not None
    assert history.step == 3
    history.add([started(2), Resumed(step=3, folder="step-00000003")])
    assert history.ended is None
    assert history.step == 1


def test_that_a_pause_lasts_until_it_is_continued_or_the_run_restarts() -> None:
    history = History([started(1), Paused(step=1)])
    assert history.is_paused
    history.add([Continued(step=1)])
    assert not history.is_paused
    history.add([Paused(step=1), started(2)])
    assert not history.is_paused


def test_that_what_is_not_recognized_changes_nothing_and_the_rest_is_kept_in_order() -> None:
    notices = [Notice(text="a"), Notice(text="b")]
    history = History([started(1), notices[0], Unrecognized(text="?"), Phase(name="train"), notices[1]])
    assert history.notices == notices
    assert history.phase == Phase(name="train")


def test_that_a_column_is_read_only_and_follows_what_is_added() -> None:
    history = History([started(1)])
    for number in range(1, 1000):
        history.add([step(number, float(number))])
    column = history.column("loss")
    assert column.shape == (999,)
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 0.0
    history.add([Resumed(step=10, folder="step-00000010"), step(11, 0.5)])
    np.testing.assert_array_equal(history.column("loss"), [*range(1, 11), 0.5])
    assert history.rewrites == 1


def test_that_steps_come_back_as_they_were_written() -> None:
    written = [step(1, 0.25), step(2, math.inf)]
    history = History(written)
    assert list(history.steps) == written
    assert history.steps[-1] == written[-1]
    assert history.steps[-5:] == written
    with pytest.raises(IndexError):
        history.steps[2]


def test_that_the_seconds_of_later_processes_count_on() -> None:
    first: list[Event] = [started(1), Milestone(name="after load", memory=Memory(), elapsed_seconds=30.0)]
    history = History([*first, Started(attempt=2, pid=2, versions={}), Phase(name="start", elapsed_seconds=5.0)])
    assert history.attempt_seconds == [0.0, 30.0]
    assert history.milestone_seconds == [30.0]
    assert history.seconds == 35.0


def test_that_all_that_is_kept_can_be_told_in_order() -> None:
    events: list[Event] = [started(1), Phase(name="start"), step(1), Notice(text="a"), Unrecognized(text="?"), step(2)]
    stamped = [event.model_copy(update={"at": float(place)}) for place, event in enumerate(events)]
    stamped.insert(2, Phase(name="start", done=1, total=2, at=1.5))
    assert History(stamped).in_order(100) == [event for event in stamped if event.at != 1.5]
    assert [event for event in History(stamped).in_order(1) if isinstance(event, Step)] == [stamped[-1]]
