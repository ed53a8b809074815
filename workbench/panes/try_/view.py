"""A view of the Try page: its form at the left, itself the picture at the right, its tools in the page's header."""

from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.bridge.chat_control import ChatControl
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.lab_view import LabView
from workbench.panes.try_.form.choices import Choices


class OnPage(NamedTuple):
    """What all views of the page stand on."""

    theme: Theme
    chat: ChatControl
    choices: Choices
    runs: RunList
    control: JobControl
    gpu: GpuWatch


class Given(NamedTuple):
    """An answer that was given in a view, with the ids that were sent and said, and the base that has said it."""

    prompt: str
    sent: tuple[int, ...]
    ids: tuple[int, ...]
    text: str
    base_hash: str


class TryView(LabView):
    """What the four views share.

    Attributes:
        tools: What stands in the page's header while the view is shown, such as a button that saves.

    Signals:
        go_to: The name of the page that is to come up.
        view_wanted: The name of the view of this page that is to come up.
        tokens_wanted: An answer (Given) that is to be looked at token by token.
    """

    go_to = Signal(str)
    view_wanted = Signal(str)
    tokens_wanted = Signal(object)

    def __init__(self, on_page: OnPage) -> None:
        super().__init__(on_page.theme)
        self.on_page = on_page
        self.chat, self.choices = on_page.chat, on_page.choices
        self.tools = QWidget()
        self.tools_line = in_row(gap=8, of=self.tools)

    def act(self) -> bool:
        """Does what the primary button does, for Ctrl+Enter; whether there was anything to do."""
        return False

    def undo(self) -> None:
        """Takes back what was done last, where the view changes anything."""

    def window_closes(self) -> None:
        """Called before the window goes, for threads to be left."""
