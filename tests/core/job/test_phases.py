"""How far a phase is, in words."""

import pytest

from workbench.core.job.event_words import in_words
from workbench.core.job.events import Continued, Paused, Phase
from workbench.core.job.phases import how_far


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (Phase(name="look up"), "Asking the Hub"),
        (Phase(name="load", done=3, total=9, unit="tensors"), "Loading the weights, 3 of 9 tensors"),
        (Phase(name="download", done=0, total=15_200_000_000, unit="bytes"), "Downloading, 0 bytes of 15.20 GB"),
        (
            Phase(
                name="download", done=6_200_000_000, total=15_200_000_000, unit="bytes",
                rate=75e6, file="b.safetensors", file_number=2, files=4,
            ),
            "Downloading, 6.20 GB of 15.20 GB, 75 MB/s, about 2 minutes left, file 2 of 4",
        ),
        (Phase(name="download", done=5, total=5, unit="bytes", rate=2.0), "Downloading, 5 bytes of 5 bytes, 2 bytes/s"),
    ],
)  # fmt: skip
def test_that_a_phase_says_how_far_it_is(phase: Phase, words: str) -> None:
    assert how_far(phase) == words


def test_that_the_time_left_is_known_once_there_is_a_speed() -> None:
    assert Phase(name="download", total=100, unit="bytes").seconds_left is None
    assert Phase(name="download", done=25, total=100, unit="bytes", rate=25.0).seconds_left == 3.0


def test_that_a_pause_says_why_where_nobody_asked_for_it() -> None:
    assert in_words(Paused(step=3)) == "paused after step 3"
    assert in_words(Paused(step=0, why="The disk is full.")) == "paused: The disk is full."
    assert in_words(Continued(step=0)) == "continued"
