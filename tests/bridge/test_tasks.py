"""Short work beside the window, and its result back in the window's thread."""

import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from tests.qt_waits import wait_until
from workbench.bridge.tasks import run_task, wait_for_tasks
from workbench.core.problems import UserError


def test_that_work_is_done_beside_and_told_in_this_thread() -> None:
    told: list[tuple[int, int]] = []
    parent = QObject()
    run_task(
        threading.get_ident, lambda ident: told.append((ident, threading.get_ident())), lambda _: None, parent=parent
    )
    wait_until(lambda: told)
    worked, heard = told[0]
    assert worked != heard == threading.get_ident()


def test_that_a_mistake_of_a_person_arrives_as_a_value() -> None:
    def refuse() -> None:
        raise UserError("There is no model.", remedy="Choose one.")

    failed: list[UserError] = []
    parent = QObject()
    run_task(refuse, lambda _: failed.clear(), failed.append, parent=parent)
    wait_until(lambda: failed)
    assert str(failed[0]) == "There is no model. Choose one."


def test_that_a_bug_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[type[BaseException], int]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: seen.append((kind, threading.get_ident())))
    parent = QObject()
    run_task(lambda: 1 // 0, lambda _: None, lambda _: None, parent=parent)
    wait_until(lambda: seen)
    assert seen == [(ZeroDivisionError, threading.get_ident())]


def test_that_nothing_is_called_once_the_parent_is_gone() -> None:
    called: list[object] = []
    gate = threading.Event()
    parent = QObject()
    run_task(lambda: gate.wait(60), called.append, called.append, parent=parent)
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gate.set()
    assert wait_for_tasks(60)
    assert called == []


def test_that_waiting_has_an_end_and_brings_what_is_done() -> None:
    done: list[int] = []
    gate = threading.Event()
    parent = QObject()
    run_task(lambda: gate.wait(60), lambda _: done.append(1), lambda _: None, parent=parent)
    assert not wait_for_tasks(0.1)
    gate.set()
    assert wait_for_tasks(60)
    assert done == [1]


def test_that_many_tasks_each_arrive_once() -> None:
    done: list[int] = []
    parent = QObject()
    for number in range(500):
        run_task(lambda number=number: number, done.append, lambda _: None, parent=parent)  # type: ignore[misc]
    assert wait_for_tasks(60)
    assert sorted(done) == list(range(500))


ENDS = """
from PySide6.QtCore import QCoreApplication, QObject
from workbench.bridge.tasks import run_task
application, parent = QCoreApplication([]), QObject()
for number in range(20):
    run_task(lambda: number, print, print, parent=parent)
"""


def test_that_a_program_that_ends_with_tasks_under_way_ends_in_peace() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
