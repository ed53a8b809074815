"""What is exported is told along the bottom of the window, and goes on without it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.exports import exportable_run, held_export
from tests.qt_waits import wait_until
from tests.window.states import settle
from workbench.panes.runs.page import RunsPage
from workbench.window.main_window import MainWindow

Open = Callable[[], MainWindow]


def said(window: MainWindow) -> str:
    return " ".join(words.text() for words in window.status.findChildren(QLabel) if words.isVisible())


def test_that_an_export_of_an_earlier_window_is_told_and_a_click_leads_to_it(open_window: Open, tmp_path: Path) -> None:
    run = exportable_run()
    with held_export(run, tmp_path / "out", "finished"):
        window = open_window()
        window.show_page("bits")
        wait_until(lambda: window.exports.seen().at_work is not None)
        settle(window)
        assert "export bicycle GGUF, Q8_0" in said(window)
        at = QPoint(window.status.width() - 20, window.status.height() // 2)
        QTest.mouseClick(window.status, Qt.MouseButton.LeftButton, pos=at)
        page = window.stack.currentWidget()
        assert isinstance(page, RunsPage)
        settle(window)
        assert page.choice.value() == "export"
    wait_until(lambda: not window.exports.is_busy)
    assert said(window).endswith("bicycle\u2069 is exported")
