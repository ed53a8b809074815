"""Works that take turns: never two at once, each as if it were alone, and one that fails leaves the others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch

from workbench.engine.chat.taking_turns import TakingTurns


def test_that_each_draws_as_if_it_were_alone_and_the_others_go_on_where_one_fails() -> None:
    speaks: list[int] = []
    told: list[int] = []

    @contextmanager
    def speaking(place: int) -> Iterator[None]:
        assert not speaks
        speaks.append(place)
        yield
        speaks.remove(place)

    def work(place: int, let_others: Callable[[], float]) -> list[float]:
        torch.manual_seed(7)
        drawn = []
        for step in range(5):
            assert speaks == [place]
            if place == 1 and step == 2:
                raise RuntimeError("out of memory")
            drawn.append(torch.rand(()).item())
            told.append(place)
            assert let_others() >= 0
        return drawn

    turns = TakingTurns[list[float]]([partial(speaking, place) for place in range(3)], seconds=0)
    first, second, third = turns.run([partial(work, place) for place in range(3)])
    torch.manual_seed(7)
    assert first == third == [torch.rand(()).item() for _ in range(5)]
    assert isinstance(second, RuntimeError)
    assert told == [0, 1, 2, 0, 1, 2, 0, 2, 0, 2, 0, 2]
