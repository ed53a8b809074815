"""Strengths are read from what a person types, and the best of what was measured is found."""

import pytest

from workbench.core.chat.strengths import at_strength, best_of, even_strengths, joined, read_strengths
from workbench.core.job.chat_kinds import StrengthMeasured
from workbench.core.problems import UserError


def measured(strength: float, *, loss: float | None = None, right: int | None = None) -> StrengthMeasured:
    return StrengthMeasured(
        number=1,
        side="tuned",
        loss=loss,
        right=right,
        rows=9,
        seconds=1,
        peak_bytes=1,
        base_hash="",
        adapter_sha256="",
        strength=strength,
    )


@pytest.mark.parametrize("text", ["1, 0, 0.25", "0 0.25 1 1.0", "0;0.25;1,"])
def test_that_strengths_are_read_from_the_least(text: str) -> None:
    assert read_strengths(text) == (0.0, 0.25, 1.0)


@pytest.mark.parametrize("text", ["", "a", "-1", "0, 1.6", "nan", "inf", " ".join(f"{n / 100}" for n in range(13))])
def test_that_what_is_no_strength_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="trengths"):
        read_strengths(text)


def test_that_points_are_even_and_joined_once() -> None:
    assert even_strengths(11, 1.0)[:3] == (0.0, 0.1, 0.2)
    assert even_strengths(4, 1.5) == (0.0, 0.5, 1.0, 1.5)
    assert joined((0, 0.25, 1), even_strengths(3, 1)) == (0, 0.25, 0.5, 1)


def test_that_the_best_is_the_least_loss_or_the_most_right_nearest_to_what_was_trained() -> None:
    losses = [measured(0, loss=2), measured(0.9, loss=0.5), measured(1, loss=0.6)]
    assert best_of(losses) is losses[1]
    assert at_strength(losses, 0.90001) is losses[1]
    assert at_strength(losses, 0.5) is None
    counts = [measured(0, right=1), measured(0.5, right=8), measured(1, right=8), measured(1.5, right=8)]
    assert best_of(counts) is counts[2]
    assert best_of([]) is None
