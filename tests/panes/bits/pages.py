"""What the tests of the Bits page share: a page in a window, and its strips."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.shown import forget, shown
from tests.qt_waits import wait_until
from workbench.panes.bits.page import BitsPage
from workbench.panes.bits.rows.strip import BitStrip
from workbench.panes.look.theme import Theme


@contextmanager
def bits_page(theme: Theme, width: int = 1366) -> Iterator[BitsPage]:
    """A page in a window that has the keyboard."""
    page = BitsPage(theme)
    try:
        with _active(page, width):
            yield page
    finally:
        forget(page)


@contextmanager
def _active(page: BitsPage, width: int) -> Iterator[None]:
    with shown(page, width) as frame:
        frame.activateWindow()
        wait_until(frame.isActiveWindow)
        page.shown_first()
        QApplication.processEvents()
        yield


def strip_of(page: BitsPage, name: str) -> BitStrip:
    """The strip in the row of a format."""
    return page.view.table.views[row_of(page, name)].strip


def row_of(page: BitsPage, name: str) -> int:
    return [format_.name for format_ in page.model.formats].index(name)


def bits_of(page: BitsPage, name: str) -> str:
    """The bits that a row holds, a blank between fields."""
    return strip_of(page, name).bits_text()


def place_of(strip: BitStrip, bit: int) -> QPoint:
    return strip.cells.boxes[bit].center().toPoint()


def click_bit(strip: BitStrip, bit: int) -> None:
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place_of(strip, bit))


def type_text(page: BitsPage, text: str) -> None:
    """Types into the value field in place of what stands there."""
    field = page.view.bar.field
    field.selectAll()
    QTest.keyClicks(field, text)
