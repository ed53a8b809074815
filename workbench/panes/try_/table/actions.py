"""The action bar of the view Table: the next thing to do, and how far it is."""

from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from workbench.bridge.chat_control import ChatState
from workbench.bridge.prompt_table import PromptTableControl
from workbench.core.units import counted, duration_in_words, grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button, set_icon
from workbench.panes.parts.page import ActionBar


class Next(StrEnum):
    """What the primary button does."""

    NOTHING = "nothing"
    ANSWER = "answer"
    RATE = "rate"


class TableActions(QObject):
    """The primary is the next thing to do; while answers come it gives way to Pause.

    Signals:
        answer_wanted, rate_wanted, pause_wanted: The buttons.
    """

    answer_wanted = Signal()
    rate_wanted = Signal()
    pause_wanted = Signal()

    def __init__(self, theme: Theme, bar: ActionBar, control: PromptTableControl) -> None:
        super().__init__(bar)
        self._theme, self._bar, self._control = theme, bar, control
        self.next = Next.NOTHING
        self.primary = button("Answer prompts", theme, "play", "primary")
        self.pause = button("Pause", theme, "pause")
        self.primary.clicked.connect(self.act)
        self.pause.clicked.connect(self.pause_wanted)
        self.pause.hide()
        bar.add(self.primary, stretch=1)
        bar.add(self.pause, stretch=1)

    def act(self) -> bool:
        """Does what the primary says; whether there was anything to do."""
        if self._control.is_running:
            return False
        match self.next:
            case Next.ANSWER:
                self.answer_wanted.emit()
            case Next.RATE:
                self.rate_wanted.emit()
        return self.next is not Next.NOTHING

    def refresh(self) -> None:
        """Says what comes next."""
        control = self._control
        self.next, words, icon = self._next()
        if self.primary.text() != words:
            self.primary.setText(words)
        set_icon(self.primary, self._theme, icon, "text.on_accent")
        self.primary.setEnabled(self.next is not Next.NOTHING)
        self.primary.setVisible(not control.is_running)
        self.pause.setVisible(control.is_running)
        self._bar.say(self._facts())

    def _next(self) -> tuple[Next, str, str]:
        control, table = self._control, self._control.table
        if table is None:
            return Next.NOTHING, "Reading" if control.is_reading else "Answer prompts", "play"
        rows = len(table.prompts)
        scores = table.scores()
        left = len(table.open_rows())
        if control.differs and scores.answered:
            return Next.ANSWER, f"Answer {grouped(rows)} again", "arrow-clockwise"
        if left:
            words = counted(left, "prompt") if left == rows else f"the other {counted(left, 'prompt')}"
            return Next.ANSWER, f"Answer {words}", "play"
        if table.judging.judge == "person":
            unrated = sum(table.can_be_rated(row) and not table.is_rated(row) for row in range(rows))
            if unrated:
                words = counted(unrated, "row") if unrated == rows else f"the other {counted(unrated, 'row')}"
                return Next.RATE, f"Rate {words}", "check"
            return Next.NOTHING, f"{counted(scores.rated, 'row')} rated", "check"
        return Next.NOTHING, f"{counted(scores.answered, 'prompt')} answered", "check"

    def _facts(self) -> str:
        """A line below the button."""
        control, table = self._control, self._control.table
        if table is None:
            return ""
        seconds = control.seconds_left
        if control.is_running:
            if control.chat.state is ChatState.LOADING:
                phase = control.chat.phase
                of = f", {phase.done} of {phase.total} {phase.unit}" if phase is not None and phase.total else ""
                return f"the model is being loaded{of}"
            left = f", {duration_in_words(seconds)} left" if seconds is not None else ""
            return f"{grouped(table.scores().answered)} of {counted(len(table.prompts), 'row')} answered{left}"
        if table.open_rows() or (control.differs and table.scores().answered):
            if seconds is None:
                return "how long is known once the first are answered"
            return f"takes {duration_in_words(seconds)}" if seconds else ""
        if control.answered_seconds:
            words = f"answered in {duration_in_words(control.answered_seconds)}"
        else:
            words = "answered before, kept with the run"
        if any(column.folder is None for column in table.columns):
            words += "; no run keeps them once the window closes"
        refused = len(table.prompts) - table.scores().answered
        if refused:
            words = f"{counted(refused, 'prompt')} could not be answered by all; {words}"
        return f"{words}; run again when a setting differs"
