"""Answers of several sides that grow at the same time on one model: each speaks for a moment, then the next."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Generic, TypeVar

import torch

Result = TypeVar("Result")

# To let another side speak takes some milliseconds of turning adapters on and off, and an eye sees no pause of this.
TURN_SECONDS = 0.08


class TakingTurns(Generic[Result]):
    """Each side's work runs in a thread of its own, and no two of them at once.

    What is drawn by chance is as if each side were alone: torch's generators are as it left them when its turn comes.
    """

    def __init__(
        self, speaking: Sequence[Callable[[], AbstractContextManager[object]]], seconds: float = TURN_SECONDS
    ) -> None:
        """`speaking` lets one side speak for the block; it is entered and left with each of its turns."""
        self._speaking = speaking
        self._seconds = seconds
        self._changed = threading.Condition()
        self._turn = 0
        self._at_work = set(range(len(speaking)))
        self._blocks = [ExitStack() for _ in speaking]
        self._since = [0.0 for _ in speaking]
        self._drawn: list[list[torch.Tensor]] = [_generators() for _ in speaking]
        self._results: dict[int, Result] = {}
        self._errors: dict[int, Exception] = {}

    def run(self, works: Sequence[Callable[[Callable[[], float]], Result]]) -> list[Result | Exception]:
        """What came of each work, in their order.

        Each is given what it calls wherever another may take its turn, which gives the seconds that it waited.
        """
        threads = [
            threading.Thread(target=self._work, args=(place, work), name=f"side {place}")
            for place, work in enumerate(works)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [self._results[place] if place in self._results else self._errors[place] for place in range(len(works))]

    def _work(self, place: int, work: Callable[[Callable[[], float]], Result]) -> None:
        try:
            self._take_turn(place)
            result = work(lambda: self._let_others(place))
            self._blocks[place].close()
            self._results[place] = result
        except Exception as error:
            self._errors[place] = error
        finally:
            self._end_turn(place, is_over=True)

    def _let_others(self, place: int) -> float:
        now = time.perf_counter()
        if self._at_work == {place} or now - self._since[place] < self._seconds:
            return 0.0
        self._end_turn(place, is_over=False)
        self._take_turn(place)
        return self._since[place] - now

    def _take_turn(self, place: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._turn == place)
        _set_generators(self._drawn[place])
        self._blocks[place].enter_context(self._speaking[place]())
        self._since[place] = time.perf_counter()

    def _end_turn(self, place: int, *, is_over: bool) -> None:
        try:
            self._blocks[place].close()
            self._drawn[place] = _generators()
        finally:
            with self._changed:
                if is_over:
                    self._at_work.discard(place)
                after = sorted(self._at_work, key=lambda other: (other <= place, other))
                self._turn = after[0] if after else -1
                self._changed.notify_all()


def _generators() -> list[torch.Tensor]:
    """The states of the generators: the processor's, then each card's."""
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [])]


def _set_generators(states: list[torch.Tensor]) -> None:
    torch.set_rng_state(states[0])
    for card, state in enumerate(states[1:]):
        torch.cuda.set_rng_state(state, card)
