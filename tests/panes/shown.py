"""Pages as a window shows them, and what Qt has to say about it."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QWidget

from tests.qt_waits import wait_until
from workbench.bridge.tasks import wait_for_tasks
from workbench.panes.look.theme import Theme
from workbench.panes.parts.page import Page

# The rail, the status bar and the title bar of a window of 1366x768 leave this to a page.
RAIL, PAGE_HEIGHT = 148, 704
# What the offscreen platform says of every window with a least size, and of a tooltip.
OF_THE_PLATFORM = "This plugin does not support"


class Frame(QMainWindow):
    """A main window with room for the rail."""

    def __init__(self, page: Page, width: int, height: int) -> None:
        super().__init__()
        inside = QWidget()
        layout = QHBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        rail = QWidget()
        rail.setFixedWidth(RAIL)
        layout.addWidget(rail)
        layout.addWidget(page, 1)
        self.setCentralWidget(inside)
        self.resize(width, height)


def forget(widget: QWidget) -> None:
    """Deletes it now: a theme restyles every widget that there still is."""
    widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()


@contextmanager
def shown(page: Page, width: int = 1366, height: int = PAGE_HEIGHT) -> Iterator[Frame]:
    """A window with the page, gone again at the end with all tasks done; a Qt warning meanwhile fails the test."""
    said: list[str] = []

    def note(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        said.append(text)

    before = qInstallMessageHandler(note)
    frame = Frame(page, width, height)
    try:
        frame.show()
        wait_until(page.isVisible)
        yield frame
        assert wait_for_tasks(60)
    finally:
        frame.close()
        page.setParent(None)
        forget(frame)
        qInstallMessageHandler(before)
    assert not [text for text in said if OF_THE_PLATFORM not in text]


def in_every_look(theme: Theme, page: Page) -> None:
    """Draws the page in light, dark and for the projector; nothing of it may need more room than there is."""
    for choice, projector in (("light", False), ("dark", False), ("light", True), ("light", False)):
        theme.projector = projector
        theme.choose(choice)  # type: ignore[arg-type]
        QApplication.processEvents()
        assert not page.grab().isNull()
        assert page.minimumSizeHint().height() <= PAGE_HEIGHT
