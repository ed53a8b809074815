"""What answers is told at the foot of the window, leads to Try, and goes with the window."""

from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatState
from workbench.core.job.question import AnswerSettings, Asking
from workbench.window.main_window import MainWindow


def said(window: MainWindow) -> str:
    return " ".join(words.text() for words in window.status.findChildren(QLabel) if words.isVisible())


def test_that_what_answers_is_told_and_goes_with_the_window(
    open_window: Callable[[], MainWindow], tiny_model: Callable[[str], Path]
) -> None:
    window = open_window()
    window.show_page("train")
    window.chat.load(str(tiny_model("llama")))
    assert said(window).endswith("llama loading what answers")
    wait_until(lambda: window.chat.state is ChatState.READY)
    assert "No job is running" in said(window)
    window.chat.ask([Asking(text="Hello")], AnswerSettings(max_tokens=450, temperature=1.0))
    assert "llama answering" in said(window)
    QTest.mouseClick(
        window.status, Qt.MouseButton.LeftButton, pos=QPoint(window.status.width() - 20, window.status.height() // 2)
    )
    assert window.stack.currentWidget() is window.pages["try"]
    window.close()
    wait_until(lambda: all(each.status() == psutil.STATUS_ZOMBIE for each in psutil.Process().children()))
