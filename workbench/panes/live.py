"""What a run shows while it goes on and after: tiles, curves, memory, samples and the log."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from workbench.bridge.job_control import JobControl
from workbench.core.events import Event
from workbench.core.ledger import Ledger
from workbench.core.phases import WAY_TO_TRAINING, how_far
from workbench.panes.cards import Card
from workbench.panes.controls import label
from workbench.panes.log_view import LogView
from workbench.panes.loss_plot import ENTRIES, LossPlot, SmallPlot
from workbench.panes.memory_plot import MemoryPlot
from workbench.panes.milestones import MilestoneCard, moments
from workbench.panes.phase_strip import PhaseStrip, Segment
from workbench.panes.plots import Legend, Plot
from workbench.panes.samples import Samples
from workbench.panes.theme import Theme
from workbench.panes.tiles import Tiles

TICK_MILLISECONDS = 1000


class LiveView(QWidget):
    """The picture of the Train page once there is a run; `refresh` draws what the control's history holds."""

    def __init__(self, theme: Theme, control: JobControl) -> None:
        super().__init__()
        self._theme = theme
        self._control = control
        self._ledger: Ledger | None = None
        self._is_wide = False
        self._shows_log = False
        self.tiles = Tiles(theme, control)
        self.phase = Card(theme)
        self.phase_words = label("", "small")
        self.strip = PhaseStrip(theme)
        self.phase.body.addWidget(self.strip)
        self.phase.body.addWidget(self.phase_words)
        self.loss = LossPlot(theme)
        self.loss_card = _plot_card(theme, "Loss", "by step", self.loss)
        self.loss_card.add_to_head(Legend(theme, ENTRIES))
        self.rate = SmallPlot(theme, "Learning rate", "learning_rate", "curves.learning_rate")
        self.norm = SmallPlot(theme, "Gradient norm", "grad_norm", "curves.gradient_norm")
        self.rate_card, self.rate_last = _small_card(theme, "Learning rate", self.rate)
        self.norm_card, self.norm_last = _small_card(theme, "Gradient norm", self.norm)
        self.memory = MemoryPlot(theme)
        self.memory_card = _plot_card(theme, "Memory", "GB", self.memory)
        self.memory_card.add_to_head(
            Legend(theme, [("text.primary", "measured, peak"), ("", "bands: predicted parts")])
        )
        self.milestones = MilestoneCard(theme)
        self.samples = Samples(theme)
        self.log = LogView(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.size("space.card_gap"))
        layout.addWidget(self.tiles)
        layout.addWidget(self.phase)
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.size("space.card_gap"))
        layout.addLayout(self._grid, 1)
        control.advanced.connect(self._take)
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MILLISECONDS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        theme.changed.connect(self._arrange)
        self._arrange()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draws what the history holds now; called once for a batch of events."""
        history = self._control.history
        self.loss.refresh(history, is_busy=self._control.is_busy)
        self.rate.refresh(history)
        self.norm.refresh(history)
        self.memory.refresh(history, is_busy=self._control.is_busy, remaining_seconds=self._control.remaining_seconds)
        self.rate_last.setText(self.rate.last_words)
        self.norm_last.setText(self.norm.last_words)
        self.tiles.refresh(float(self.loss.smoothed[-1]) if len(self.loss.smoothed) else None)
        self.milestones.show_moments(moments(history, self._ledger))
        self.samples.refresh(history)
        self._show_phase()

    def clear(self) -> None:
        """Begins anew with another run; what it has told so far comes with its history."""
        self.log.model.clear()
        self.samples.show_samples([])
        self.refresh()

    def _take(self, events: list[Event]) -> None:
        self.log.model.add(events)

    def _show_phase(self) -> None:
        """The way to training as segments, until the first step is there."""
        history = self._control.history
        on_the_way = self._control.is_busy and not len(history.steps)
        self.phase.setVisible(on_the_way)
        if not on_the_way:
            return
        now = history.phase.name if history.phase else "start"
        self.strip.show_segments([Segment(words, "", now in names) for words, names in WAY_TO_TRAINING])
        self.phase_words.setText(how_far(history.phase) if history.phase else "Starting the engine")

    def _tick(self) -> None:
        if self.isVisible() and self._control.is_busy:
            self.tiles.tick()

    def set_prediction(self, ledger: Ledger | None, free_bytes: int | None) -> None:
        """What was predicted of this run, and how much room it has."""
        self._ledger = ledger
        self.memory.set_prediction(ledger, free_bytes)
        self.tiles.set_free_bytes(free_bytes)
        self.refresh()

    # -- where it stands ----------------------------------------------------------------------------------------------

    def set_wide(self, is_wide: bool) -> None:
        """From 1600 pixels on, small plots, samples and log have a column of their own."""
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            self._arrange()

    def set_projector(self) -> None:
        self._arrange()

    def show_log(self, is_shown: bool) -> None:
        self._shows_log = is_shown
        self._arrange()

    def _arrange(self) -> None:
        parts: list[QWidget] = [
            self.loss_card, self.rate_card, self.norm_card, self.memory_card, self.milestones, self.samples, self.log,
        ]  # fmt: skip
        for part in parts:
            self._grid.removeWidget(part)
        for index in range(6):
            self._grid.setRowStretch(index, 0)
            self._grid.setColumnStretch(index, 0)
        if self._theme.projector:
            shown = self._arrange_projector()
        elif self._is_wide:
            shown = self._arrange_wide()
        else:
            shown = self._arrange_small()
        for part in parts:
            part.setVisible(part in shown)

    def _arrange_projector(self) -> list[QWidget]:
        last = self.log if self._shows_log else self.samples
        self._grid.addWidget(self.loss_card, 0, 0)
        self._grid.addWidget(last, 1, 0)
        self._grid.setRowStretch(0, 3)
        self._grid.setRowStretch(1, 2)
        return [self.loss_card, last]

    def _arrange_small(self) -> list[QWidget]:
        last = self.log if self._shows_log else self.samples
        grid = self._grid
        grid.addWidget(self.loss_card, 0, 0, 2, 1)
        grid.addWidget(self.rate_card, 0, 1)
        grid.addWidget(self.norm_card, 1, 1)
        grid.addWidget(self.memory_card, 2, 0)
        grid.addWidget(self.milestones, 2, 1)
        grid.addWidget(last, 3, 0, 1, 2)
        for row, share in enumerate((11, 11, 20, 13)):
            grid.setRowStretch(row, share)
        grid.setColumnStretch(0, 7)
        grid.setColumnStretch(1, 3)
        return [self.loss_card, self.rate_card, self.norm_card, self.memory_card, self.milestones, last]

    def _arrange_wide(self) -> list[QWidget]:
        grid = self._grid
        grid.addWidget(self.loss_card, 0, 0, 2, 1)
        grid.addWidget(self.memory_card, 2, 0, 2, 1)
        grid.addWidget(self.rate_card, 0, 1)
        grid.addWidget(self.norm_card, 0, 2)
        grid.addWidget(self.milestones, 1, 1, 1, 2)
        grid.addWidget(self.samples, 2, 1, 1, 2)
        grid.addWidget(self.log, 3, 1, 1, 2)
        for row, share in enumerate((10, 9, 14, 14)):
            grid.setRowStretch(row, share)
        for column, share in enumerate((10, 3, 3)):
            grid.setColumnStretch(column, share)
        return [
            self.loss_card, self.memory_card, self.rate_card, self.norm_card, self.milestones, self.samples, self.log,
        ]  # fmt: skip


def _plot_card(theme: Theme, title: str, scope: str, plot: Plot) -> Card:
    card = Card(theme, title, scope)
    card.body.setContentsMargins(6, 0, 6, 6)
    card.body.addWidget(plot, 1)
    return card


def _small_card(theme: Theme, title: str, plot: Plot) -> tuple[Card, QLabel]:
    card = _plot_card(theme, title, "", plot)
    last = label("", "medium")
    card.add_to_head(last)
    return card, last
