"""A real main window, closed at the end with every thread it has; what Qt complains of fails the test."""

import gc
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.panes.shown import OF_THE_PLATFORM
from tests.qt_waits import wait_until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from workbench.bridge.job_control import JobControl
    from workbench.window.main_window import MainWindow


@pytest.fixture
def open_window(qapp: "QApplication") -> "Iterator[Callable[..., MainWindow]]":
    """open_window() shows a window as the program does and waits until all its pages are there.

    It is given a JobControl where other engines than the real one are to be started.
    """
    from PySide6.QtCore import QEvent, qInstallMessageHandler
    from PySide6.QtWidgets import QApplication, QPlainTextEdit

    from workbench.bridge.tasks import wait_for_tasks
    from workbench.window import app

    opened: list[MainWindow] = []
    said: list[str] = []
    before = qInstallMessageHandler(lambda _kind, _context, text: said.append(text))
    font = qapp.font()
    gc.freeze()  # with torch imported a look through what was there before takes a second
    gc.disable()  # as the program does: a thread of its own must not free a page

    def show(control: "JobControl | None" = None) -> "MainWindow":
        window = app.build(app.application(), control=control)
        is_settled: list[bool] = []
        window.settled.connect(lambda: is_settled.append(True))
        window.show()
        wait_until(lambda: is_settled)
        window.activateWindow()
        wait_until(window.isActiveWindow)
        opened.append(window)
        return window

    yield show
    faults = [window.faults.dialog.findChild(QPlainTextEdit).toPlainText() for window in opened if window.faults.dialog]
    for window in opened:
        if window.isVisible():
            window.control.detach()
            window.close()
        window.deleteLater()
    assert wait_for_tasks(60)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # a theme restyles every window there is
    QApplication.processEvents()
    gc.collect()
    gc.enable()
    qapp.setFont(font)
    qInstallMessageHandler(before)
    assert faults == []
    assert [text for text in said if OF_THE_PLATFORM not in text] == []
