"""What can be done on the Train page now: train, or the orders to the run that goes on."""

from PySide6.QtCore import QObject, Signal

from workbench.bridge.job_control import JobControl, JobState
from workbench.core.job.run_folder import RunState
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.controls import button, set_icon
from workbench.panes.parts.page import ActionBar


class TrainActions(QObject):
    """The buttons in the action bar; `wished` says which order is meant: train, pause, continue, stop or cancel."""

    wished = Signal(str)

    def __init__(self, control: JobControl, bar: ActionBar, theme: Theme) -> None:
        super().__init__(bar)
        self._control = control
        self._bar = bar
        self._theme = theme
        self.train = button("Train", theme, "play", "primary")
        self.train.setToolTip("Starts a run of this recipe (Ctrl+Enter)")
        self.pause = button("Pause", theme, "pause")
        self.pause.setToolTip("Holds the run after its step; its memory is kept")
        self.stop = button("Stop and save", theme, "floppy-disk")
        self.stop.setToolTip("Ends the run after its step, with a checkpoint to go on from")
        self.cancel = button("Cancel", theme, kind="flat")
        self.cancel.setToolTip("Ends the run now; nothing more is saved")
        bar.add(self.train, stretch=1)
        for made in (self.pause, self.stop, self.cancel):
            bar.add(made)
        self.train.clicked.connect(lambda: self.wished.emit("train"))
        self.pause.clicked.connect(lambda: self.wished.emit("continue" if self._is_held else "pause"))
        self.stop.clicked.connect(lambda: self.wished.emit("stop"))
        self.cancel.clicked.connect(lambda: self.wished.emit("cancel"))

    @property
    def _is_held(self) -> bool:
        return self._control.state in (JobState.PAUSING, JobState.PAUSED)

    def show_state(self) -> None:
        """Shows the buttons that mean something in the control's state."""
        control = self._control
        self.train.setVisible(control.can_start)
        for made in (self.pause, self.stop, self.cancel):
            made.setVisible(not control.can_start)
        self.pause.setText("Continue" if self._is_held else "Pause")
        set_icon(self.pause, self._theme, "play" if self._is_held else "pause", "text.primary")
        self.pause.setEnabled(control.state in (JobState.RUNNING, JobState.PAUSING, JobState.PAUSED))
        self.stop.setEnabled(control.state is not JobState.STOPPING)
        self.cancel.setEnabled(control.is_checking or control.order_given != "cancel")
        if not control.can_start:
            self._bar.say(order_in_words(control))

    def show_train(self, words: str, facts: str, *, can_train: bool, is_primary: bool) -> None:
        """Says what training would do, or why it cannot be done."""
        self.train.setText(words)
        self.train.setEnabled(can_train)
        kind = "primary" if is_primary else ""
        if self.train.property("kind") != kind:
            polish(self.train, kind=kind)
            set_icon(self.train, self._theme, "play", "text.on_accent" if is_primary else "text.primary")
        self.train.setAccessibleDescription(facts)
        if self._control.can_start:
            self._bar.say(facts)


def order_in_words(control: JobControl) -> str:
    """What an order that was given is doing."""
    if control.is_checking:
        return "Checks that it can start"
    match control.state, control.order_given:
        case JobState.STARTING, _:
            return "The engine starts"
        case JobState.STOPPING, "cancel":
            return "Cancels now; nothing more is saved"
        case JobState.STOPPING, _:
            return "Stops after this step and saves"
        case JobState.PAUSING, _:
            return "Pauses after this step"
        case JobState.PAUSED, _:
            return f"Paused after step {grouped(control.history.step)}; its memory is kept"
        case _:
            return ""


def state_in_words(control: JobControl) -> tuple[str, str, str]:
    """A control's state as a tag: its words, its colour and its icon; no words where there is no run."""
    if control.is_checking:
        return "Starting", "info", "circle"
    match control.state:
        case JobState.IDLE:
            return "", "none", ""
        case JobState.STARTING:
            return "Starting", "info", "circle"
        case JobState.RUNNING:
            return "Running", "info", "circle"
        case JobState.PAUSING:
            return "Pausing after this step", "info", "pause"
        case JobState.PAUSED:
            return "Paused", "warn", "pause"
        case JobState.STOPPING if control.order_given == "cancel":
            return "Cancelling", "info", "x"
        case JobState.STOPPING:
            return "Stopping after this step", "info", "floppy-disk"
        case JobState.ENDED:
            return _end_in_words(control)


def _end_in_words(control: JobControl) -> tuple[str, str, str]:
    outcome, step = control.outcome, control.history.step
    assert outcome is not None
    if outcome.is_out_of_memory:
        return "Ended: out of memory", "danger", ""
    if outcome.is_refusal:
        return "Not started", "danger", ""
    match outcome.state:
        case RunState.FINISHED:
            return "Finished", "success", ""
        case RunState.STOPPED:
            return f"Stopped at step {grouped(step)}", "info", "floppy-disk"
        case RunState.CANCELLED:
            return "Cancelled", "none", "x"
        case _:
            return "Crashed", "danger", ""
