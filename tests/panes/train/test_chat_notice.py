"""A chat that holds memory is told where a run wants it, and let go by one button."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.panes.look.theme import Theme
from workbench.panes.train.chat_notice import ChatNotice


@pytest.mark.slow
def test_that_a_chat_is_told_and_let_go(theme: Theme, tiny_model: Callable[[str], Path]) -> None:
    notice = ChatNotice(theme)
    notice.look()
    control = ChatControl()
    control.load(str(tiny_model("llama")))
    wait_until(lambda: control.state is ChatState.READY)
    assert notice.isHidden()
    notice.look()
    wait_until(lambda: not notice.isHidden())
    assert notice.what.text().startswith("A chat with llama holds up to ")
    notice.let_go.click()
    wait_until(lambda: control.state is ChatState.NONE)
    assert control.trouble is None
    notice.look()
    wait_until(notice.isHidden)
    control.close()
