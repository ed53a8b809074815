"""What undo brings back, and redo after it."""

from typing import Generic, TypeVar

State = TypeVar("State")


class UndoSteps(Generic[State]):
    """The states before the one at hand and, once undone, those after it; the oldest go where there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._before: list[State] = []
        self._after: list[State] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._after)

    def add(self, before: State) -> None:
        """Another state follows this one."""
        self._before.append(before)
        del self._before[: -self._most]
        self._after.clear()

    def forget_redo(self) -> None:
        self._after.clear()

    def undo(self, now: State) -> State:
        """The state before, in place of the one at hand; that one where there is none."""
        return _moved(self._before, self._after, now)

    def redo(self, now: State) -> State:
        """The state that was undone last, in place of the one at hand; that one where there is none."""
        return _moved(self._after, self._before, now)


def _moved(taken: list[State], given: list[State], now: State) -> State:
    if not taken:
        return now
    given.append(now)
    return taken.pop()
