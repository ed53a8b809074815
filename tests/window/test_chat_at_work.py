"""What the status bar says of a chat that looks at tokens or measures held-out rows."""

from collections.abc import Callable

from PySide6.QtWidgets import QLabel

from workbench.bridge.chat_control import ChatState
from workbench.core.job.events import Phase
from workbench.window.main_window import MainWindow


def test_that_what_is_measured_is_said_with_how_far_it_is(open_window: Callable[[], MainWindow]) -> None:
    window = open_window()
    chat = window.chat

    def said() -> list[str]:
        return [words.text() for words in window.status.findChildren(QLabel) if words.isVisible()]

    chat.state, chat.waiting = ChatState.READY, {1: 0}
    window.status.show_job()
    assert "looking at tokens" in said()
    chat.phase = Phase(name="measure", total=1100, done=120, unit="rows")
    window.status.show_job()
    assert "measuring, 120 of 1100 rows" in said()
    chat.phase = Phase(name="measure", total=1100, done=1100, unit="rows")
    window.status.show_job()
    assert "looking at tokens" in said()
    chat.state, chat.waiting = ChatState.NONE, {}
