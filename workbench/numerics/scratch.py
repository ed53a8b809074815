"""Room for the arrays of a piece of work, used again for the next piece."""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Scratch(threading.local):
    """Arrays by name; every thread has its own.

    To ask the system for an array of some hundred kilobytes, and to give it back, takes as long as to fill it. What an
    array holds is gone when it is asked for again.
    """

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[Any]] = {}

    def array(self, name: str, count: int, kind: type[np.generic]) -> NDArray[Any]:
        """Room of the shape (count,), with anything in it; a name stands for one `kind`."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < count:
            kept = self._kept[name] = np.empty(count, kind)
        return kept[:count]

    def floats(self, name: str, count: int) -> NDArray[np.float32]:
        """The same in FP32, of the shape (count,)."""
        return self.array(name, count, np.float32)
