"""The picture of the Train page: what would be done, the run as it goes on, or how it ended."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.bridge.job_control import JobControl, JobState
from workbench.bridge.recipe_store import RecipeStore
from workbench.core.job.history import History
from workbench.core.memory.reconcile import ledger_of
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.room import Room
from workbench.panes.train.before.forecast_view import ForecastView
from workbench.panes.train.before.forecaster import Forecaster, Reading
from workbench.panes.train.chat_notice import ChatNotice
from workbench.panes.train.ended.ended_view import EndedView
from workbench.panes.train.ended.reconciliation import ReconciliationCard
from workbench.panes.train.refusal import Refusal

if TYPE_CHECKING:
    from workbench.panes.train.live.live import LiveView

# Below this the curves could not be read: under a tall message they are scrolled to.
LEAST_LIVE_HEIGHT = 480
LEAST_AFAR_HEIGHT = 320


class TrainPicture(QScrollArea):
    """Shows what belongs to the control's state; what is tall scrolls, so that no content makes the window grow.

    Signals:
        go_to: A page to go to.
        train_asked, resume_asked, remedy_asked: What a button in it is for.
        change_asked: A change of the form that makes its recipe need less memory.
        read: What was predicted of the run's recipe, as a Reading.
    """

    go_to = Signal(str)
    train_asked = Signal()
    resume_asked = Signal(int)
    remedy_asked = Signal(object)
    change_asked = Signal(object)
    read = Signal(object)

    def __init__(self, store: RecipeStore, control: JobControl, forecaster: Forecaster, theme: Theme) -> None:
        super().__init__()
        self._control = control
        self._forecaster = forecaster
        self._theme = theme
        self._history: History | None = None
        self._reading: Reading | None = None
        self._is_dirty = True
        self._is_wide = False
        self._shows_log = False
        self.live: LiveView | None = None
        self.ended: EndedView | None = None
        self.account: ReconciliationCard | None = None
        self.refusal = Refusal(store, theme)
        self.refusal.go_to.connect(self.go_to)
        self.refusal.closed.connect(self._close_refusal)
        self.chats = ChatNotice(theme)
        self.forecast = ForecastView(theme)
        self.forecast.go_to.connect(self.go_to)
        self.forecast.train_asked.connect(self.train_asked)
        self.forecast.remedy_asked.connect(self.change_asked)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._stack = in_column(self.chats, self.refusal, (self.forecast, 1), of=inside)
        self.setWidget(inside)
        self.verticalScrollBar().rangeChanged.connect(self._restyle)
        theme.follow(self._restyle)
        control.advanced.connect(self._advance)

    def _restyle(self) -> None:
        pad = self._theme.size("size.page_padding")
        bar = self.verticalScrollBar()  # it comes out of the margin: the cards keep their right edge
        taken = bar.sizeHint().width() if bar.maximum() else 0
        self._stack.setContentsMargins(pad, 10, max(0, pad - taken), 12)
        self._stack.setSpacing(self._theme.size("space.card_gap"))

    # -- which of them ------------------------------------------------------------------------------------------------

    @property
    def is_refused(self) -> bool:
        """Whether the run ended before it began, with something to mend."""
        outcome = self._control.outcome
        return outcome is not None and outcome.is_refusal and not outcome.is_out_of_memory

    @property
    def has_run(self) -> bool:
        """Whether there is a run to show."""
        return self._control.run is not None and not self.is_refused

    @property
    def has_primary(self) -> bool:
        """Whether one of its buttons is the page's primary."""
        return self.ended is not None and not self.ended.isHidden() and self.ended.has_primary

    def show_state(self) -> None:
        """Shows what belongs to the control's state now."""
        control = self._control
        if self.isVisible():
            self.chats.look()
        if control.history is not self._history:
            self._history, self._reading = control.history, None
            self.show_refusal(False)
            if self.live is not None:
                self.live.clear()
        self.forecast.setVisible(not self.has_run)
        if self.has_run:
            self._read_run()
        elif control.outcome is not None:
            self.refusal.say_why(control.outcome.what, control.outcome.why, control.outcome.remedy)
            self.show_refusal(True)
        has_ended = self.has_run and control.state is JobState.ENDED
        if has_ended:
            self._ended_view().show_end(control)
            self._show_memory()
        if self.ended is not None:
            self.ended.setVisible(has_ended)
        self._show_curves()

    def _show_curves(self) -> None:
        """The run's curves stand under how it ended; where memory ran out the remedies take their place until asked."""
        if self.has_run and self.isVisible():
            self._live_view()
        if self.live is not None:
            hides = self.ended is not None and not self.ended.isHidden() and self.ended.hides_curves
            self.live.setVisible(self.has_run and not hides)
            self._show_account(is_asked=self.has_run and not hides)
        self._advance()

    def _show_account(self, *, is_asked: bool) -> None:
        """The run's memory line by line, below its curves once it has ended."""
        control = self._control
        shows = is_asked and control.state is JobState.ENDED and ReconciliationCard.can_show(control.history)
        if shows and self.account is None:
            self.account = ReconciliationCard(self._theme)
            self._stack.addWidget(self.account)
        if self.live is not None:
            self.live.set_account(shows)
        if self.account is not None:
            self.account.setVisible(shows)
            if shows:
                self.account.show_history(control.history)

    def _live_view(self) -> None:
        """The curves, made when a run is first seen: their library takes half a second to import."""
        if self.live is not None:
            return
        from workbench.panes.train.live.live import LiveView

        self.live = LiveView(self._theme, self._control)
        self._stack.addWidget(self.live, 1)
        self.live.clear()
        self.live.show_log(self._shows_log)
        self.arrange(self._is_wide)
        if self._reading is not None:
            self.live.set_prediction(self._reading.ledger, self._reading.room.free_bytes)

    def _ended_view(self) -> EndedView:
        if self.ended is None:
            self.ended = EndedView(self._theme)
            self.ended.resume_asked.connect(self.resume_asked)
            self.ended.remedy_asked.connect(self.remedy_asked)
            self.ended.go_to.connect(self.go_to)
            self.ended.left.connect(self._control.detach)
            self.ended.curves_asked.connect(self._show_curves)
            self._stack.insertWidget(2, self.ended)
        return self.ended

    # -- a refusal ----------------------------------------------------------------------------------------------------

    def refuse(self, error: UserError) -> None:
        """Says at the top what could not be done."""
        self.refusal.say_error(error)
        self.show_refusal(True)

    def show_refusal(self, is_shown: bool) -> None:
        self.refusal.setVisible(is_shown)

    def _close_refusal(self) -> None:
        self.show_refusal(False)
        if self.is_refused:
            self._control.detach()

    # -- the run ------------------------------------------------------------------------------------------------------

    def _read_run(self) -> None:
        """Asks for what was predicted of the run's recipe, once a run."""
        history, recipe = self._history, self._control.recipe
        if recipe is None or self._reading is not None:
            return
        self._reading = Reading(recipe, Room(False, 0, 0))

        def take_reading(reading: Reading) -> None:
            if history is not self._history:
                return  # another run is shown by now
            self._reading = reading
            if self.live is not None:
                self.live.set_prediction(reading.ledger, reading.room.free_bytes)
            self._show_memory()
            self.read.emit(reading)

        self._forecaster.read_for(recipe, take_reading)

    def _show_memory(self) -> None:
        """The picture and the remedies of a run that ran out of memory, as soon as its model's shape is known."""
        outcome, reading = self._control.outcome, self._reading
        if self.ended is None or outcome is None or not outcome.is_out_of_memory or reading is None:
            return
        if reading.ledger is None:
            return
        predicted = self._control.history.predicted
        self.ended.show_memory(ledger_of(predicted) if predicted else reading.ledger, reading.remedies, reading.room)
        self._show_curves()

    def _advance(self, _events: object = None) -> None:
        """One redraw a batch; none out of sight."""
        self._is_dirty = True
        self._redraw()

    def _redraw(self) -> None:
        if self._is_dirty and self.live is not None and self.live.isVisible():
            self._is_dirty = False
            self.live.refresh()

    def show_log(self, is_shown: bool) -> None:
        self._shows_log = is_shown
        if self.live is not None:
            self.live.show_log(is_shown)

    # -- the window ---------------------------------------------------------------------------------------------------

    def arrange(self, is_wide: bool) -> None:
        """The window became wide or narrow, or the projector went on or off."""
        self._is_wide = is_wide
        if self.live is not None:
            least = LEAST_AFAR_HEIGHT if self._theme.projector else LEAST_LIVE_HEIGHT
            self.live.setMinimumHeight(self._theme.px(least))
            self.live.set_wide(is_wide)
            self.live.set_projector()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._forecaster.set_awake(True)
        self.chats.look()
        if self.ended is not None and not self.ended.isHidden():
            self.ended.check_folder()
        self._show_curves()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._forecaster.set_awake(False)
