"""The button that copies: what is on the clipboard, and what the button says."""

import pytest
from PySide6.QtGui import QGuiApplication

from tests.qt_waits import wait_until
from workbench.panes.look.theme import Theme
from workbench.panes.parts.copy_button import copy_button

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.slow
def test_that_it_says_that_it_copied_and_then_its_words_again(theme: Theme) -> None:
    made = copy_button(theme, lambda: "1\t2\n", "Copies the table", words="Copy table")
    made.click()
    assert QGuiApplication.clipboard().text() == "1\t2\n"
    assert made.text() == "Copied"
    wait_until(lambda: made.text() == "Copy table", 60)


def test_that_nothing_is_copied_where_there_is_nothing(theme: Theme) -> None:
    QGuiApplication.clipboard().setText("before")
    made = copy_button(theme, lambda: "", "Copies the table")
    made.click()
    assert QGuiApplication.clipboard().text() == "before"
    assert made.text() == "Copy"
