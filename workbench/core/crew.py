"""Threads that share work out among themselves; numpy lets go of the interpreter while it computes."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from workbench.numerics.scratch import Scratch

Given = TypeVar("Given")
Made = TypeVar("Made")

MOST_THREADS = 16
# Less than this many numbers are done sooner than a second thread has begun.
WORTH_THREADS = 1 << 20


class Crew:
    """What is submitted is begun at once by a thread that is free; for little work by whoever asks for the result."""

    def __init__(self, numbers: int) -> None:
        threads = min(_cores(), MOST_THREADS) if numbers >= WORTH_THREADS else 1
        self._pool = ThreadPoolExecutor(threads, "crew") if threads > 1 else None
        self.scratch = Scratch()  # each thread has its own arrays in it

    def submit(self, work: Callable[[Given], Made], given: Given) -> Callable[[], Made]:
        """The function that gives the result, or raises what the work has raised."""
        if self._pool is None:
            return lambda: work(given)
        return self._pool.submit(work, given).result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _cores() -> int:
    """Those that this process may use, where the system says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
