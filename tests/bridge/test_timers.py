"""A timer acts once, and waits anew where it is started again."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from tests.qt_waits import wait_until
from workbench.bridge.timers import once_after


def test_that_it_acts_once_for_each_start_and_not_before(qapp: QApplication) -> None:
    parent, acted = QObject(), []
    timer = once_after(parent, 1, lambda: acted.append(len(acted)))
    assert not timer.isActive()
    timer.start()
    timer.start()
    wait_until(lambda: acted)
    assert not timer.isActive()
    assert acted == [0]
    timer.start()
    wait_until(lambda: len(acted) == 2)
