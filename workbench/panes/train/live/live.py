"""A run as it goes on: figures, curves, memory, answers and log."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.bridge.job_control import JobControl
from workbench.core.job.event_words import healed_in_words
from workbench.core.job.events import Event, Predicted
from workbench.core.job.history import History
from workbench.core.memory.ledger import Ledger
from workbench.core.memory.reconcile import ledger_of
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.train.live.log_view import LogView
from workbench.panes.train.live.loss_plot import ENTRIES, LossPlot
from workbench.panes.train.live.memory_plot import MemoryPlot
from workbench.panes.train.live.milestones import MilestoneCard, moments
from workbench.panes.train.live.plot_card import PlotCard
from workbench.panes.train.live.run_phases import RunPhases
from workbench.panes.train.live.samples import SamplesCard
from workbench.panes.train.live.step_plots import SmallPlot
from workbench.panes.train.live.tiles import Tiles

TICK_MILLISECONDS = 1000
# The drawn heights and widths, by which the room is shared.
LOSS, MEMORY, ANSWERS, LOG = 218, 196, 124, 190
# Of the answers once the run has ended: how it ended takes room from all, and they are what is read then.
LAST_ANSWERS = 158
LEFT, RIGHT, WIDE_RIGHT = 538, 306, 392


class LiveView(QWidget):
    """Draws `control.history` where the page asks for it; keeps the log and the clock itself."""

    def __init__(self, theme: Theme, control: JobControl) -> None:
        super().__init__()
        self._theme = theme
        self._control = control
        self._history: History | None = None
        self._guess: tuple[Ledger | None, int | None] = (None, None)
        self._told: Predicted | None = None
        self._is_wide = False
        self._shows_log = False
        self._has_account = False
        self._arranged: tuple[bool, ...] | None = None
        self.tiles = Tiles(theme, control)
        self.loss = LossPlot(theme)
        self.loss_card = PlotCard(theme, self.loss, "by step", ENTRIES)
        self.phases = RunPhases(theme)
        self.loss.set_waiting(self.phases)
        self.rate = SmallPlot(theme, "Learning rate", "learning_rate", "curves.learning_rate")
        self.rate_card = PlotCard(theme, self.rate)
        self.norm = SmallPlot(theme, "Gradient norm", "grad_norm", "curves.gradient_norm")
        self.norm_card = PlotCard(theme, self.norm)
        self.memory = MemoryPlot(theme)
        self.memory_card = PlotCard(theme, self.memory, "GB", (("text.primary", "measured"),))
        self.milestones = MilestoneCard(theme)
        self.samples = SamplesCard(theme)
        self.log = LogView(theme)
        for plot in (self.loss, self.rate, self.norm, self.memory):
            plot.said.connect(self.loss_card.say)
        for card in (self.milestones, self.samples, self.log):
            card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._small = QWidget()
        self._small_layout = in_column((self.rate_card, 1), (self.norm_card, 1), of=self._small)
        self._small.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._columns = (QWidget(), QWidget())
        for column in self._columns:
            in_column(of=column)
        self._grid = QGridLayout()
        self._outer = in_column(self.tiles, (self._grid, 1), of=self)
        parts = (self.loss_card, self.memory_card, self.milestones, self.samples, self.log, self._small)
        for part in (*parts, *self._columns):
            part.setParent(self)  # shown without a parent it would come up as a window, and take the focus
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MILLISECONDS)
        self._clock.timeout.connect(self._tick)
        control.advanced.connect(self._log_events)
        theme.follow(self._restyle)
        self.clear()

    # -- what the page asks for ---------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draws what the history holds now."""
        history, control = self._control.history, self._control
        self._arrange()
        if history is not self._history:
            self._start_over()
        expected = control.recipe.training.max_steps if control.recipe is not None else 0
        self.loss.refresh(history, is_busy=control.is_busy, expected_steps=expected)
        self.phases.refresh(history)
        self.phases.setVisible(control.is_busy and not len(history.steps))
        self._say_of_losses()
        self._take_prediction(history)
        self._say_of_memory(history)
        self.samples.refresh(history)
        self.tiles.refresh(self.loss.last_smoothed)
        if not self._theme.projector:
            self.rate.refresh(history, expected)
            self.norm.refresh(history, expected)
            self.rate_card.show_value(self.rate.last_words)
            self.norm_card.show_value(self.norm.last_words)
            rows = moments(history, self._ledger)
            self.memory.refresh(history, rows, is_busy=control.is_busy, remaining_seconds=control.remaining_seconds)
            self.milestones.show_moments(rows)
        self.log.refresh()
        if control.is_busy and not self._clock.isActive():
            self._clock.start()

    def clear(self) -> None:
        """Forgets the run that was shown, and what was predicted of it."""
        self.set_prediction(None, None)
        self._start_over()
        self.refresh()

    def set_prediction(self, ledger: Ledger | None, free_bytes: int | None) -> None:
        """What the run was predicted to hold, and what there was for it; what its journal says itself comes first."""
        self._guess, self._told = (ledger, free_bytes), None
        self._show_prediction()
        if self.isVisible():
            self.refresh()

    @property
    def _ledger(self) -> Ledger | None:
        """What the run planned once its rows were prepared; before that, what its recipe lets expect."""
        return self._guess[0] if self._told is None else ledger_of(self._told)

    def _take_prediction(self, history: History) -> None:
        if history.predicted is not self._told:
            self._told = history.predicted
            self._show_prediction()

    def _show_prediction(self) -> None:
        ledger, free_bytes = self._ledger, self._guess[1]
        if self._told is not None and self._told.free_bytes:
            free_bytes = self._told.free_bytes
        self.memory.set_prediction(ledger, free_bytes)
        self.tiles.set_free_bytes(free_bytes)
        words = "bands: predicted parts" if ledger is not None else "nothing was predicted"
        self.memory_card.show_entries((("text.primary", "measured"), ("", words)))
        self.memory_card.make_room()

    def set_wide(self, is_wide: bool) -> None:
        """A column at the right for small plots, milestones, samples and log."""
        self._is_wide = is_wide
        self._arrange()

    def set_account(self, has_account: bool) -> None:
        """Whether the whole account of the memory stands below: a short column needs no moments then."""
        self._has_account = has_account
        self._arrange()

    def set_projector(self) -> None:
        """What can be read from the last row, where the theme is for the projector."""
        self._arrange()

    def show_log(self, is_shown: bool) -> None:
        """The log in the place of the samples; where there is room for both, what libraries printed."""
        self._shows_log = is_shown
        if self._is_wide:
            self.log.kinds.setCurrentIndex(self.log.kinds.count() - 1 if is_shown else 0)
        self._arrange()

    # -- the run ------------------------------------------------------------------------------------------------------

    def _start_over(self) -> None:
        self._history = self._control.history
        run = self._control.run
        self.log.start_over(self._control.history, run.console if run is not None else None)

    def _log_events(self, events: list[Event]) -> None:
        if self._control.history is not self._history:
            self._start_over()
            return
        self.log.add_events(events)
        if self.isVisible():
            self.log.refresh()

    def _tick(self) -> None:
        self.tiles.tick()
        if not self._control.is_busy:
            self._clock.stop()

    def _say_of_losses(self) -> None:
        missing = self.loss.missing
        words = f"{missing} loss{'es are' if missing > 1 else ' is'} not a number" if missing else ""
        self.loss_card.stand(words, "warn" if missing else "none")

    def _say_of_memory(self, history: History) -> None:
        """Smaller batches than were asked for, or memory that has left the card."""
        spills = [notice for notice in history.notices if notice.about == "memory"]
        if spills:
            self.memory_card.stand("beyond the card", "warn", spills[-1].text)
        elif history.heals:
            last = history.heals[-1]
            self.memory_card.stand(f"{last.micro_batch} at once since step {last.step}", "warn", healed_in_words(last))
        else:
            self.memory_card.stand("", "none")

    # -- the window ---------------------------------------------------------------------------------------------------

    def _restyle(self) -> None:
        gap = self._theme.size("space.card_gap")
        self._outer.setSpacing(gap)
        self._grid.setSpacing(gap)
        self._small_layout.setSpacing(gap)
        for column in self._columns:
            layout = column.layout()
            assert layout is not None
            layout.setSpacing(gap)
        px = self._theme.px
        for widget, least in (
            (self.loss_card, 138), (self.memory_card, 140), (self.samples, 104), (self.log, 104), (self._small, 138),
        ):  # fmt: skip
            widget.setMinimumHeight(px(least))
        for card in (self.rate_card, self.norm_card):
            card.setMinimumHeight(px(64))
        self._arranged = None
        self._arrange()

    def _arrange(self) -> None:
        wanted = (self._is_wide, self._shows_log, self._has_account, self._theme.projector, self._control.is_busy)
        if wanted == self._arranged:
            return
        self._arranged = wanted
        is_afar = self._theme.projector
        is_wide = self._is_wide and not is_afar
        shows_log = not is_afar and (is_wide or self._shows_log)
        for index in range(6):
            self._grid.setRowStretch(index, 0)
            self._grid.setColumnStretch(index, 0)
        for widget, is_shown in (
            (self._small, not is_afar),
            (self.memory_card, not is_afar),
            (self.milestones, not is_afar and not (is_wide and self._has_account)),
            (self.log, shows_log),
            (self.samples, is_wide or is_afar or not self._shows_log),
            (self._columns[0], is_wide),
            (self._columns[1], is_wide),
        ):
            widget.setVisible(is_shown)
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._small_layout.setDirection(direction)
        self.samples.set_stacked(is_wide)
        if is_wide:
            self._arrange_wide()
        elif is_afar:
            self._put(self.loss_card, 0, 0, 1, 2, 300)
            self._put(self.samples, 1, 0, 1, 2, 164)
        else:
            self._put(self.loss_card, 0, 0, 1, 1, LOSS)
            self._put(self._small, 0, 1, 1, 1, LOSS)
            self._put(self.memory_card, 1, 0, 1, 1, MEMORY)
            self._put(self.milestones, 1, 1, 1, 1, MEMORY)
            answers = ANSWERS if self._control.is_busy else LAST_ANSWERS
            self._put(self.log if shows_log else self.samples, 2, 0, 1, 2, LOG if shows_log else answers)
            self._grid.setColumnStretch(0, LEFT)
            self._grid.setColumnStretch(1, RIGHT)
        if self.isVisible():
            self.refresh()

    def _put(self, widget: QWidget, row: int, column: int, rows: int, columns: int, height: int) -> None:
        self._grid.addWidget(widget, row, column, rows, columns)
        self._grid.setRowStretch(row, height)

    def _arrange_wide(self) -> None:
        left, right = self._columns
        for column, parts in (
            (left, ((self.loss_card, 430), (self.memory_card, 426))),
            (right, ((self._small, 142), (self.milestones, 182), (self.samples, 300), (self.log, 208))),
        ):
            layout = column.layout()
            assert isinstance(layout, QVBoxLayout)
            for widget, height in parts:
                layout.addWidget(widget, height)
        right.setFixedWidth(self._theme.px(WIDE_RIGHT))
        self._grid.addWidget(left, 0, 0)
        self._grid.addWidget(right, 0, 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(0, 1)
