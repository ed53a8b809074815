"""What a template may cost: time, steps, and characters and values made; asked at every step that it takes.

A template is a program that comes with a model. Nothing can stop it in the middle of one operation, neither a signal
(there are none on Windows, nor in a thread) nor another thread, so each operation is measured before it is done.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

RENDER_SECONDS = 10.0
LONGEST_RENDERING = 20_000_000  # characters
# Of all texts and lists on the way: a template joins, cuts and replaces what it writes in the end.
MOST_MADE = 20 * LONGEST_RENDERING
MOST_STEPS = 3_000_000
MOST_ITEMS = 2_000_000  # of one list
STEPS_BETWEEN_LOOKS = 128  # at the clock
LEAST_BYTES = 50  # that any value takes

_PLAIN = (str, int, float, bool, type(None))


class LimitReached(Exception):
    """A template that takes too long, or makes too much."""


class Weight(NamedTuple):
    """What a value is written out, nothing shared.

    Attributes:
        characters: About as many as its text has.
        items: Of lists and dicts, those within others included.
        depth: Of lists within lists.
    """

    characters: int
    items: int = 0
    depth: int = 0


class Budget:
    """What one rendering has left."""

    def __init__(self, seconds: float = RENDER_SECONDS) -> None:
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds
        self._steps = 0
        self._left = MOST_MADE
        # Lists and dicts do not change in the sandbox; each is held, so that none other gets its id.
        self._weights: dict[int, tuple[Any, Weight]] = {}

    def tick(self) -> None:
        """A step. Raises LimitReached."""
        self._steps += 1
        if self._steps % STEPS_BETWEEN_LOOKS == 0:
            if time.monotonic() > self._deadline:
                raise LimitReached(f"it takes longer than {self._seconds:g} s for one row")
            if self._steps > MOST_STEPS:
                raise LimitReached(f"it takes more than {MOST_STEPS:,} steps for one row".replace(",", " "))

    def spend(self, size: int) -> None:
        """Characters, or items of a list, that are about to be made or have been. Raises LimitReached."""
        if size > LONGEST_RENDERING:
            raise LimitReached(f"it makes more than {LONGEST_RENDERING // 1_000_000} MB of one row")
        self._left -= size + LEAST_BYTES
        if self._left < 0:
            raise LimitReached(f"it makes more than {MOST_MADE // 1_000_000} MB on the way to one row")

    def made(self, value: Any) -> Any:
        """The value, once it is counted. Raises LimitReached."""
        if isinstance(value, str | bytes):
            self.spend(len(value))
        elif isinstance(value, list | tuple | dict):
            self.spend(8 * len(value))
        return value

    def weigh(self, value: Any) -> Weight:
        """What the value is written out. Raises LimitReached where that is too much."""
        kind = type(value)
        if kind is str:
            return Weight(len(value))
        if kind in _PLAIN:
            return Weight(20)
        weight = self._weight(value)
        if weight.characters > LONGEST_RENDERING:
            raise LimitReached(f"it makes a value of more than {LONGEST_RENDERING // 1_000_000} MB")
        return weight

    def _weight(self, value: Any) -> Weight:
        if isinstance(value, str | bytes):
            return Weight(len(value))
        if not isinstance(value, list | tuple | set | frozenset | Mapping):
            return Weight(20)
        known = self._weights.get(id(value))
        if known is not None:
            return known[1]
        characters, items, depth = 2, len(value), 0
        for part in _parts(value):
            own = self._weight(part)
            characters += own.characters + 4
            items += own.items
            depth = max(depth, own.depth)
        weight = Weight(characters, items, depth + 1)
        self._weights[id(value)] = (value, weight)
        return weight


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield key
            yield part
    else:
        yield from value


_budget: ContextVar[Budget] = ContextVar("what a template may still cost")


def budget() -> Budget:
    """Of the rendering that goes on. Raises LookupError where none does."""
    return _budget.get()


@contextmanager
def limited(seconds: float = RENDER_SECONDS) -> Iterator[Budget]:
    """Templates that are compiled or rendered within have one budget together."""
    given = Budget(seconds)
    token = _budget.set(given)
    try:
        yield given
    finally:
        _budget.reset(token)
