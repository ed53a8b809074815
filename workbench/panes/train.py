"""The Train page: the recipe's form, what it would do, the run as it goes on, and how it ended."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl, JobState
from workbench.bridge.recipe_store import RecipeStore
from workbench.core import preflight
from workbench.core.problems import UserError
from workbench.core.recipe import Recipe, settings
from workbench.core.run_folder import RunFolder, RunState
from workbench.core.units import bytes_in_words, grouped
from workbench.numerics.formats import FORMATS
from workbench.panes import remedies
from workbench.panes.cards import Message, Tag
from workbench.panes.controls import button
from workbench.panes.ended_view import EndedView
from workbench.panes.forecast_view import ForecastView
from workbench.panes.forecaster import Forecaster, Reading
from workbench.panes.form_rows import in_form_words
from workbench.panes.page import Page
from workbench.panes.recipe_menu import RecipeMenu
from workbench.panes.remedies import Remedy
from workbench.panes.run_words import model_in_words
from workbench.panes.theme import Theme
from workbench.panes.train_actions import TrainActions, state_in_words
from workbench.panes.train_form import TrainForm

if TYPE_CHECKING:
    from workbench.panes.live import LiveView


# Below this the curves could not be read: under a tall message they are scrolled to.
LEAST_LIVE_HEIGHT = 430


class TrainPage(Page):
    """Wires the store and the control to the form, the action bar and the picture; decides nothing of a run."""

    name = "train"
    title = "Train"
    sentence = "Watch the model learn: loss, memory and answers as they come."
    icon = "chart-line-up"

    def __init__(self, store: RecipeStore, control: JobControl, gpu: GpuWatch, theme: Theme) -> None:
        super().__init__(theme)
        assert self.form is not None
        self._store = store
        self._control = control
        self.forecaster = Forecaster(store, gpu, self)
        self.live: LiveView | None = None
        self._is_dirty = True
        self._has_opened_more = False
        self._shown_run: RunFolder | None = None
        self._run_reading: Reading | None = None
        self.tag = Tag(theme)
        self.log = button("Log", theme, "list", "flat")
        self.log.setCheckable(True)
        self.log.setToolTip("Show or hide what the run's libraries print")
        self.log.toggled.connect(self._show_log)
        self.recipes = button("Recipes", theme, "folder-open")
        self.menu = RecipeMenu(store, theme, self.recipes, self)
        self.recipes.clicked.connect(self._open_menu)
        for widget in (self.tag, self.log, self.recipes):
            self.header.add(widget)
        self.settings = TrainForm(store, theme, self.form)
        self.settings.wants_page.connect(self.go_to)
        self.orders = TrainActions(control, self.form.action_bar, theme)
        self.orders.wished.connect(self._wish)
        self._make_picture()
        self.menu.refused.connect(self.refuse)
        self.forecaster.changed.connect(self._show_forecast)
        store.changed.connect(self._show_train)
        control.state_changed.connect(self._state_changed)
        control.advanced.connect(self._advance)
        theme.changed.connect(self._state_changed)
        self._state_changed()

    def _make_picture(self) -> None:
        """What is tall scrolls inside the picture, so that no content can make the window grow."""
        self.refusal = Message(self.theme)
        self.to_model = button("Go to Model", self.theme, "arrow-right")
        self.to_data = button("Go to Data", self.theme, "arrow-right")
        close = button("Close", self.theme, "x", "flat")
        self.to_model.clicked.connect(lambda: self.go_to.emit("model"))
        self.to_data.clicked.connect(lambda: self.go_to.emit("data"))
        close.clicked.connect(self._close_refusal)
        for made in (self.to_model, self.to_data, close):
            self.refusal.add_button(made)
        self.refusal.fold_body(True)
        self.refusal.hide()
        self.forecast = ForecastView(self.theme)
        self.forecast.go_to.connect(self.go_to)
        self.forecast.train_asked.connect(self.train)
        self.ended: EndedView | None = None
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._stack = QVBoxLayout(inside)
        pad = self.theme.size("size.page_padding")
        self._stack.setContentsMargins(pad, 10, pad, 12)
        self._stack.setSpacing(self.theme.size("space.card_gap"))
        self._stack.addWidget(self.refusal)
        self._stack.addWidget(self.forecast, 1)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self.picture)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    # -- what a person asks for ---------------------------------------------------------------------------------------

    def train(self) -> None:
        """Starts a run of the form's recipe, or says what keeps it from being started."""
        if self._control.is_busy:
            return
        self._start(lambda: self._control.start(self._store.recipe))

    def _resume(self, extra_steps: int) -> None:
        run = self._control.run
        if run is not None and not self._control.is_busy:
            self._start(lambda: self._control.resume(run, extra_steps))

    def _apply(self, remedy: Remedy) -> None:
        """Puts a remedy into the form and tries again; a run of another recipe brings its own settings along."""
        assert self._control.recipe is not None
        changes: Mapping[str, Any] = remedy.changes
        if self._is_foreign(self._control.recipe):
            changes = {path: self._control.recipe.value(path) for path in settings()} | dict(remedy.changes)
        try:
            self._store.set_many(changes)
        except UserError as error:
            self.refuse(error)
            return
        self.train()

    def _is_foreign(self, recipe: Recipe) -> bool:
        """Whether the run that is shown was not one of the form's recipe."""
        return preflight.with_absolute_paths(self._store.recipe) != preflight.with_absolute_paths(recipe)

    def _start(self, start: Any) -> None:
        self._show_refusal(False)
        try:
            start()
        except UserError as error:
            self.refuse(error)

    def _wish(self, wish: str) -> None:
        acts = {
            "train": self.train,
            "pause": self._control.pause,
            "continue": self._control.go_on,
            "stop": self._control.stop,
            "cancel": self._control.cancel,
        }
        try:
            acts[wish]()
        except UserError as error:
            self.refuse(error)

    def refuse(self, error: UserError) -> None:
        """Says at the top of the picture what could not be done, with the page where it can be mended."""
        path, colon, text = error.what.partition(": ")
        what = f"{settings()[path].title}: {text}" if colon and path in settings() else error.what
        self._say_refusal(what, error.why, error.remedy, path if path in settings() else "")

    def _say_refusal(self, what: str, why: str, remedy: str, path: str = "") -> None:
        self.refusal.say("danger", what, why, in_form_words(remedy))
        recipe, said = self._store.recipe, f"{what} {why} {remedy}"
        in_data = any(_is_named(text, said) for text in (recipe.data.path, str(preflight.data_path(recipe.data.path))))
        is_data = path.startswith("data.") or in_data
        is_model = path.startswith("model.") or (not is_data and _is_named(recipe.model.source, said))
        self.to_data.setVisible(is_data)
        self.to_model.setVisible(is_model)
        self._show_refusal(True)

    def _show_refusal(self, is_shown: bool) -> None:
        self.refusal.setVisible(is_shown)
        self.forecast.set_short(is_shown or self.theme.projector)

    def _close_refusal(self) -> None:
        self._show_refusal(False)
        if self._is_refused:
            self._control.detach()

    def _open_menu(self) -> None:
        self.menu.popup(self.recipes.mapToGlobal(self.recipes.rect().bottomLeft()))

    def _show_log(self, is_shown: bool) -> None:
        if self.live is not None:
            self.live.show_log(is_shown)

    # -- the run ------------------------------------------------------------------------------------------------------

    @property
    def _is_refused(self) -> bool:
        """Whether the run ended before it began, with something to mend."""
        outcome = self._control.outcome
        return outcome is not None and outcome.is_refusal and not outcome.is_out_of_memory

    def _state_changed(self) -> None:
        control = self._control
        is_new = control.run is not self._shown_run
        if control.state is JobState.ENDED:
            self.forecaster.refresh()
        self._shown_run = control.run
        if is_new:
            self._run_reading = None
        self.settings.lock(control.recipe if control.is_busy else None)
        if not control.is_busy and self.forecaster.reading is not None:
            self.settings.show_reading(self.forecaster.reading)
        self.menu.set_can_change(not control.is_busy)
        words, state, icon = state_in_words(control)
        self.tag.show_state(words, state, icon)
        has_failed = control.outcome is not None and control.outcome.state == RunState.CRASHED
        self.set_badge("running" if control.is_busy else "ended badly" if has_failed else "")
        self._show_picture(is_new)
        self.orders.show_state()
        self._show_train()
        self._dress_header()
        self._is_dirty = True
        self._redraw()

    def _show_picture(self, is_new: bool) -> None:
        control = self._control
        has_run = control.run is not None and not self._is_refused
        has_ended = has_run and control.state is JobState.ENDED
        self.forecast.setVisible(not has_run)
        if has_run:
            self._live_view()
            if is_new and self.live is not None:
                self.live.clear()
            self._read_run()
        elif self._is_refused and control.outcome is not None:
            outcome = control.outcome
            self._say_refusal(outcome.what, outcome.why, outcome.remedy)
        if has_ended:
            self._ended_view().show_end(control)
            self._show_memory()
        if self.ended is not None:
            self.ended.setVisible(has_ended)
        self._show_curves()
        self.log.setEnabled(has_run)

    def _show_curves(self) -> None:
        """The run's curves stand under how it ended; where memory ran out the remedies take their place until asked."""
        if self.live is None:
            return
        has_run = self._control.run is not None and not self._is_refused
        hides = self.ended is not None and not self.ended.isHidden() and self.ended.hides_curves
        self.live.setVisible(has_run and not hides)
        self._is_dirty = True
        self._redraw()

    def _live_view(self) -> "LiveView":
        """The curves, made when a run is first shown: their library takes half a second to import."""
        if self.live is None:
            from workbench.panes.live import LiveView

            self.live = LiveView(self.theme, self._control)
            self._stack.addWidget(self.live, 1)
            self.live.setMinimumHeight(self.theme.px(LEAST_LIVE_HEIGHT))
            self.live.set_wide(self.is_wide)
            self.live.set_projector()
            self.live.show_log(self.log.isChecked())
        return self.live

    def _ended_view(self) -> EndedView:
        if self.ended is None:
            self.ended = EndedView(self.theme)
            self.ended.resume_asked.connect(self._resume)
            self.ended.remedy_asked.connect(self._apply)
            self.ended.go_to.connect(self.go_to)
            self.ended.left.connect(self._control.detach)
            self.ended.curves_asked.connect(self._show_curves)
            self._stack.insertWidget(1, self.ended)
        return self.ended

    def _read_run(self) -> None:
        """Asks for what was predicted of the run's recipe, once a run."""
        run, recipe = self._control.run, self._control.recipe
        if recipe is None or self._run_reading is not None:
            return
        self._run_reading = Reading(recipe, remedies.Room(False, 0, 0))

        def take(reading: Reading) -> None:
            if run is not self._control.run:
                return
            self._run_reading = reading
            self.settings.show_reading(reading)
            if self.live is not None:
                self.live.set_prediction(reading.ledger, reading.room.free_bytes)
            if self._control.state is JobState.ENDED and self.ended is not None:
                self._show_memory()

        self.forecaster.read_for(recipe, take)

    def _show_memory(self) -> None:
        """The picture and the remedies of a run that ran out of memory, as soon as its model's shape is known."""
        outcome, reading = self._control.outcome, self._run_reading
        if self.ended is None or outcome is None or not outcome.is_out_of_memory or reading is None:
            return
        if reading.shape is None or reading.ledger is None:
            return
        room = reading.room
        found = remedies.ranked(reading.shape, reading.recipe, reading.device, room.free_bytes)
        self.ended.show_memory(reading.ledger, found, room)
        self._show_curves()
        self._show_train()

    def _advance(self, _events: object) -> None:
        self._is_dirty = True
        self._redraw()

    def _redraw(self) -> None:
        if self._is_dirty and self.live is not None and self.live.isVisible():
            self._is_dirty = False
            self.live.refresh()

    # -- the form and the forecast ------------------------------------------------------------------------------------

    def _show_train(self, _paths: object = None) -> None:
        """What the Train button would do, or what keeps it from being done."""
        reading, recipe = self.forecaster.reading, self._store.recipe
        is_fresh = reading is not None and reading.recipe == recipe
        problem = self.settings.first_problem()
        words, facts = _train_in_words(recipe), ""
        if reading is not None and is_fresh:
            words, facts = reading.title or words, reading.facts
            looked = reading.forecast
            if looked is not None and looked.fits is False:
                facts = f"needs {bytes_in_words(looked.peak_bytes)}, {bytes_in_words(reading.room.free_bytes)} are free"
        elif not problem:
            facts = self.form.action_bar.facts.text() if self.form else ""
        has_better = self.ended is not None and not self.ended.isHidden() and self.ended.has_primary
        self.orders.show_train(words, in_form_words(problem) or facts, can_train=not problem, is_primary=not has_better)

    def _show_forecast(self) -> None:
        reading = self.forecaster.reading
        assert reading is not None
        self._show_train()
        problem = self.settings.first_problem()
        self.forecast.show_reading(reading, problem, self.orders.train.text())
        self.settings.show_reading(reading)

    # -- the window ---------------------------------------------------------------------------------------------------

    def arranged(self) -> None:
        if self.is_wide != self._has_opened_more:
            self._has_opened_more = self.is_wide
            self.settings.more.setChecked(self.is_wide)
        if self.live is not None:
            self.live.setMinimumHeight(self.theme.px(LEAST_LIVE_HEIGHT))
            self.live.set_wide(self.is_wide)
            self.live.set_projector()
        self._dress_header()

    def _dress_header(self) -> None:
        """Seen from afar the header has room for the run and its orders alone."""
        is_plain = not self.theme.projector
        self.tag.setVisible(is_plain and bool(self.tag.text))
        self.log.setVisible(is_plain)
        self.forecast.set_short(self.theme.projector or not self.refusal.isHidden())
        self.recipes.setVisible(is_plain)
        recipe = self._control.recipe
        sentence = self.sentence
        if recipe is not None and not is_plain:
            sentence = f"{model_in_words(recipe.model.source)} in {FORMATS[recipe.model.precision].title}"
        if self.header.sentence.whole != sentence:
            self.header.sentence.set_text(sentence)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.forecaster.set_awake(True)
        if self.ended is not None and not self.ended.isHidden():
            self.ended.check_folder()
        self._redraw()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.forecaster.set_awake(False)


def _train_in_words(recipe: Recipe) -> str:
    """What training would do, before the number of steps is known where epochs decide it."""
    if recipe.training.max_steps:
        return f"Train {grouped(recipe.training.max_steps)} step{'s' * (recipe.training.max_steps != 1)}"
    return f"Train {recipe.training.epochs:g} epoch{'s' * (recipe.training.epochs != 1)}"


def _is_named(path: str, text: str) -> bool:
    """Whether a text speaks of a file or a folder."""
    return bool(path) and (path in text or (len(PurePath(path).name) > 2 and PurePath(path).name in text))
