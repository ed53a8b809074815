"""The action bar of the Data page: prepare, or cancel while that is under way, and then train."""

from PySide6.QtCore import QObject, Signal

from workbench.core.units import grouped
from workbench.panes.data.numbers import Numbers
from workbench.panes.data.preparing import Preparing
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Bar
from workbench.panes.parts.controls import button
from workbench.panes.parts.page import ActionBar


class DataActions(QObject):
    """One primary that says what it does, with its facts and how far it is below.

    Signals:
        prepare_wanted, cancel_wanted, train_wanted: The three buttons.
    """

    prepare_wanted = Signal()
    cancel_wanted = Signal()
    train_wanted = Signal()

    def __init__(self, theme: Theme, bar: ActionBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self.prepare = button("Prepare the rows", theme, "check", "primary")
        self.train = button("Train", theme, "arrow-right", "primary")
        self.cancel = button("Cancel", theme, "x")
        for made, signal in (
            (self.prepare, self.prepare_wanted),
            (self.train, self.train_wanted),
            (self.cancel, self.cancel_wanted),
        ):
            made.clicked.connect(signal)
            bar.add(made, stretch=1)
        self.train.hide()
        self.cancel.hide()
        self.progress = Bar(theme)
        self.progress.hide()
        outer = bar.layout()
        assert outer is not None
        outer.addWidget(self.progress)

    def hide(self) -> None:
        """Leaves the bar to another part of the page."""
        for part in (self.prepare, self.train, self.cancel, self.progress):
            part.hide()

    def show(self, preparing: Preparing, numbers: Numbers | None) -> None:
        """What can be done now; no numbers are rows that cannot be prepared."""
        is_busy = preparing.is_busy
        is_prepared = not is_busy and preparing.error is None and numbers is not None and numbers.is_prepared
        self.cancel.setVisible(is_busy)
        self.cancel.setEnabled(not preparing.control.is_cancelling)
        self.train.setVisible(is_prepared)
        self.prepare.setVisible(not is_busy and not is_prepared)
        self.progress.setVisible(is_busy)
        self.progress.set_share(preparing.share)
        self.prepare.setEnabled(numbers is not None)
        self.prepare.setText(f"Prepare {numbers.total_in_words}" if numbers is not None else "Prepare the rows")
        self.prepare.setToolTip("" if numbers is not None else "There have to be rows that can be learned from first.")
        if is_busy:
            self._bar.say(_at_work(preparing))
        else:
            self._bar.say(numbers.facts if numbers is not None else "")


def _at_work(preparing: Preparing) -> str:
    """What it does, and how far it is."""
    if preparing.control.is_cancelling:
        return "Cancels now; nothing is kept"
    phase = preparing.control.phase
    if phase is None:
        return "Begins"
    of = f" of {grouped(phase.total)}" if phase.total else ""
    return f"{phase.name}: {grouped(phase.done)}{of}" if phase.total or phase.done else phase.name
