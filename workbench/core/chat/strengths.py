"""The strengths that a person names for an adapter, the points of a curve over them, and the best of what it shows."""

import re
from collections.abc import Iterable, Sequence

from workbench.core.job.chat_kinds import StrengthMeasured
from workbench.core.job.question import MOST_STRENGTH
from workbench.core.problems import UserError

AS_TRAINED = 1.0
MOST_NAMED = 12  # answers to one prompt
# Two that are nearer than this are one: the layers' scales are compared in this many digits.
NEAREST = 1e-4


def read_strengths(text: str) -> tuple[float, ...]:
    """What stands in "0, 0.25, 1", from the least. Raises UserError."""
    parts = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
    try:
        found = sorted({round(float(part), 4) for part in parts})
    except ValueError:
        found = []
    if not found or not all(0 <= strength <= MOST_STRENGTH for strength in found):
        raise UserError(
            f"Strengths are numbers from 0 to {MOST_STRENGTH:g}, such as 0, 0.5, 1.", remedy="Write them with commas."
        )
    if len(found) > MOST_NAMED:
        raise UserError(f"These are {len(found)} strengths.", remedy=f"Name {MOST_NAMED} at most.")
    return tuple(found)


def even_strengths(count: int, most: float) -> tuple[float, ...]:
    """This many from 0 to `most`, at even distances."""
    return tuple(round(most * place / (count - 1), 4) for place in range(count))


def joined(*groups: Iterable[float]) -> tuple[float, ...]:
    """All of them from the least, each once."""
    return tuple(sorted({round(strength, 4) for group in groups for strength in group}))


def at_strength(found: Iterable[StrengthMeasured], strength: float) -> StrengthMeasured | None:
    """What was measured there."""
    return next((event for event in found if abs(event.strength - strength) < NEAREST), None)


def best_of(found: Sequence[StrengthMeasured]) -> StrengthMeasured | None:
    """The least loss, or the most answers right; of equals the one nearest to the strength that was trained."""
    if not found:
        return None
    return min(found, key=lambda event: (_badness(event), abs(event.strength - AS_TRAINED)))


def _badness(event: StrengthMeasured) -> float:
    return event.loss if event.loss is not None else -(event.right or 0)
