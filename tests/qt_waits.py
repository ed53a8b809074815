"""Waiting for what an event loop brings about."""

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEventLoop


def wait_until(is_reached: Callable[[], object], seconds: float = 60.0) -> None:
    """Spins the event loop until the condition holds. Raises AssertionError where it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_reached():
        assert time.monotonic() < deadline, "waited in vain"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)
