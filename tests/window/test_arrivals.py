"""What arrives is told along the bottom of the window, and goes on without it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from tests.fetches import held_fetch
from tests.qt_waits import wait_until
from tests.window.states import kept_run, settle, show_run
from workbench.panes.model.page import ModelPage
from workbench.window.main_window import MainWindow

Open = Callable[[], MainWindow]


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def said(window: MainWindow) -> str:
    return " ".join(words.text() for words in window.status.findChildren(QLabel) if words.isVisible())


def test_that_a_fetch_of_an_earlier_window_is_told_and_a_click_leads_to_it(open_window: Open) -> None:
    with held_fetch("org/large"):
        window = open_window()
        window.show_page("bits")
        wait_until(lambda: window.fetches.current is not None and window.fetches.current.done_bytes)
        settle(window)
        assert said(window).endswith("large 6.24 of 15.2 GB, 12:48 left")
        at = QPoint(window.status.width() - 20, window.status.height() // 2)
        QTest.mouseClick(window.status, Qt.MouseButton.LeftButton, pos=at)
        page = window.stack.currentWidget()
        assert isinstance(page, ModelPage)
        assert page.is_on_hub
        settle(window)
    wait_until(lambda: window.fetches.current is None)
    assert said(window).endswith("No job is running")


def test_that_what_could_not_be_had_is_told_though_nobody_looked(open_window: Open) -> None:
    window = open_window()
    window.show_page("bits")
    window.fetches.add("org/large")
    wait_until(lambda: window.fetches.last_failure is not None)
    assert "large" in said(window)
    assert said(window).endswith("was not downloaded")
    at = QPoint(window.status.width() - 20, window.status.height() // 2)
    QTest.mouseClick(window.status, Qt.MouseButton.LeftButton, pos=at)
    page = window.stack.currentWidget()
    assert isinstance(page, ModelPage)
    assert page.hub is not None
    message = page.hub.picture.message
    assert message.isVisible()
    assert message.what.text().startswith("org/large was not downloaded.")
    assert message.why.text() == "HF_HUB_OFFLINE is set."
    settle(window)


def test_that_a_run_has_the_bar_and_what_arrives_stands_beside_it(open_window: Open) -> None:
    run = kept_run("paused")
    with held_fetch("org/large"), run.hold():
        window = open_window()
        window.resize(1366, 738)
        show_run(window, run)
        wait_until(lambda: window.fetches.current is not None and window.fetches.current.done_bytes)
        settle(window)
        links = [made for made in window.status.findChildren(QPushButton) if made.isVisible()]
        assert [link.text() for link in links] == ["large 40 %"]
        assert "step " in said(window)
        links[0].click()
        page = window.stack.currentWidget()
        assert isinstance(page, ModelPage)
        assert page.is_on_hub
        settle(window)
        window.control.detach()
    wait_until(lambda: window.fetches.current is None)
