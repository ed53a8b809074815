"""Work in a thread that whoever waits for it may stop waiting for."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, TimeoutError
from typing import TypeVar

Result = TypeVar("Result")
TICK_SECONDS = 0.2


def waited(future: "Future[Result]", tick: Callable[[], None]) -> Result:
    """The result of a future; `tick` is called while it is not there, and may raise."""
    while True:
        try:
            return future.result(timeout=TICK_SECONDS)
        except TimeoutError:
            if future.done():
                raise
            tick()


def apart(work: Callable[[], Result], tick: Callable[[], None]) -> Result:
    """What `work` returns or raises, done in a thread that is left behind where `tick` raises."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="apart", daemon=True).start()
    return waited(future, tick)
