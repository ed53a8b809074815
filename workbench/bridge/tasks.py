"""Short work done beside the window: a function in a thread, its result back where the window is."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QThreadPool, Signal

from workbench.core.problems import UserError

Result = TypeVar("Result")

# How long a thread may keep Python's lock from the window, whose every paint and event asks for it: a page that was
# being drawn while 200 000 rows were read stood still for 910 ms at Python's own 5 ms, as long at 0.5 ms, for 75 ms at
# 0.1 ms and 50 ms at this; the reading took 0.9 s at each (2 cores).
SWITCH_SECONDS = 0.00002
# Of questions to other machines and programs, which wait for answers and take no processor.
QUESTIONS_AT_ONCE = 8


@dataclass(eq=False)
class _Task:
    function: Callable[[], Any]
    on_done: Callable[[Any], None]
    on_failed: Callable[[UserError], None]
    parent: QObject
    result: Any = None
    error: BaseException | None = None

    def work(self) -> None:
        try:
            self.result = self.function()
        except BaseException as error:
            self.error = error  # shown in the window's thread, by whoever asked for it
        with suppress(RuntimeError):  # the program has ended, and Qt took the signal with it: nobody waits for this
            _post().worked.emit(self)


class _Post(QObject):
    """Carries tasks that are done into the window's thread.

    There is one, made there and never destroyed: an object of each task's own could go while a thread emits from it.
    """

    worked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        sys.setswitchinterval(SWITCH_SECONDS)
        self.pool = QThreadPool()
        self.questions = QThreadPool()
        self.questions.setMaxThreadCount(QUESTIONS_AT_ONCE)
        self.at_work: set[_Task] = set()
        self.worked.connect(self._deliver)

    def _deliver(self, task: _Task) -> None:
        self.at_work.discard(task)
        error = task.error
        if error is not None and not isinstance(error, UserError):
            sys.excepthook(type(error), error, error.__traceback__)
        elif not shiboken6.isValid(task.parent):
            pass  # whoever asked is gone
        elif error is not None:
            task.on_failed(error)
        else:
            task.on_done(task.result)


_the_post: list[_Post] = []


def _post() -> _Post:
    if not _the_post:
        _the_post.append(_Post())
    return _the_post[0]


def run_task(
    function: Callable[[], Result],
    on_done: Callable[[Result], None],
    on_failed: Callable[[UserError], None],
    *,
    parent: QObject,
    asks: bool = False,
) -> None:
    """Calls `function` in a thread and then one of the two in this one, which has to be the window's.

    One that `asks` the network or another program, and may wait long, keeps none of the threads that work. A UserError
    is handed to `on_failed`; any other exception is a bug and reaches `sys.excepthook`. Once `parent` is destroyed
    neither is called.
    """
    post = _post()
    task = _Task(function, on_done, on_failed, parent)
    post.at_work.add(task)
    (post.questions if asks else post.pool).start(task.work)


def wait_for_tasks(seconds: float) -> bool:
    """Waits for all tasks and calls back; says whether none is left."""
    deadline = time.monotonic() + seconds
    post = _post()
    while post.at_work and time.monotonic() < deadline:
        post.pool.waitForDone(20)
        post.questions.waitForDone(20)
        QCoreApplication.sendPostedEvents(post)
    return not post.at_work
