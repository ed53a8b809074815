"""What tests of the Memory page share."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.qt_waits import wait_until
from workbench.bridge.gpu_watch import CardStatus
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.memory.ledger import Ledger
from workbench.core.memory.scenarios import STEPS
from workbench.panes.memory.page import MemoryPage

GB = 10**9
CARD = CardStatus("NVIDIA GeForce RTX 4070", 0, 900_000_000, 12_900_000_000, 1, 41, 0)


def settle(page: MemoryPage) -> None:
    assert wait_for_tasks(60)
    wait_until(lambda: not page.is_pending)
    QApplication.processEvents()


def key(widget: QWidget, *keys: Qt.Key) -> None:
    for each in keys:
        QTest.keyClick(widget, each)


def ledger_of(page: MemoryPage, step: int) -> Ledger:
    """Of a step of the story."""
    return page.model.predict(STEPS[step].recipe(page.model.recipe))
