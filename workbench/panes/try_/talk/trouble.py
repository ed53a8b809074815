"""What went wrong in a conversation, with what would help as buttons."""

from collections.abc import Callable

from workbench.core.job.events import is_about_memory
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import button


class Trouble(Message):
    """Says an error; of one about memory it offers what needs less of it."""

    def __init__(
        self,
        theme: Theme,
        *,
        shorten: Callable[[], None],
        part: Callable[[], None],
        to_run: Callable[[], None],
        again: Callable[[], None],
    ) -> None:
        super().__init__(theme)
        self.shorter = button("Halve the longest answer", theme)
        self.one_by_one = button("One after the other", theme)
        self.run = button("Show the run", theme)
        self.again = button("Try again", theme, "arrow-clockwise")
        for made, act in ((self.shorter, shorten), (self.one_by_one, part), (self.run, to_run), (self.again, again)):
            made.clicked.connect(act)
            made.clicked.connect(self.hide)
            self.add_button(made)
        self.add_close()
        self.hide()

    def say_trouble(self, error: UserError, *, sides: int, longest: int, runs: bool, may_retry: bool) -> None:
        """Shows it; `runs` says that a training holds memory too."""
        is_memory = is_about_memory(f"{error.what} {error.why}")
        self.shorter.setVisible(is_memory and longest > 1)
        self.one_by_one.setVisible(is_memory and sides > 1)
        self.run.setVisible(is_memory and runs)
        self.again.setVisible(may_retry)
        self.say_error(error)
