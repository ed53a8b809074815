"""Ctrl-C while something is followed: counted, and acted upon between two looks."""

import signal
from threading import current_thread, main_thread


class Interrupts:
    """Use it as a context: in it a Ctrl-C breaks off nothing, and `take` tells of it.

    Python raises KeyboardInterrupt between any two instructions: what was read of a journal and not shown yet would be
    lost. Where Ctrl-C is ignored, or somebody else's, it stays so.
    """

    def __init__(self) -> None:
        self._came, self._taken = 0, 0
        self._holds = False

    def __enter__(self) -> "Interrupts":
        self._holds = (
            current_thread() is main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._holds:
            signal.signal(signal.SIGINT, self._count)
        return self

    def __exit__(self, *_: object) -> None:
        if self._holds:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _count(self, *_: object) -> None:
        self._came += 1

    def take(self) -> bool:
        """Whether Ctrl-C was pressed once more than was taken so far."""
        if self._taken == self._came:
            return False
        self._taken += 1
        return True
