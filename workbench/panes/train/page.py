"""The Train page: the recipe's form, what it would do, the run as it goes on, and how it ended."""

from collections.abc import Mapping
from typing import Any

from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl, JobState
from workbench.bridge.recipe_store import RecipeStore
from workbench.core.job.run_folder import RunState
from workbench.core.memory.fitting import Change
from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.units import bytes_in_words, counted
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.controls import button
from workbench.panes.parts.form_rows import in_form_words
from workbench.panes.parts.page import Page
from workbench.panes.parts.run_words import model_in_words
from workbench.panes.train.actions import TrainActions, state_in_words
from workbench.panes.train.before.forecaster import Forecaster, Reading
from workbench.panes.train.form import TrainForm
from workbench.panes.train.picture import TrainPicture
from workbench.panes.train.recipe_menu import RecipeMenu


class TrainPage(Page):
    """Wires the store and the control to the form, the action bar and the picture; decides nothing of a run."""

    sentence = "Watch the model learn: loss, memory and answers as they come."

    def __init__(self, store: RecipeStore, control: JobControl, gpu: GpuWatch, theme: Theme) -> None:
        super().__init__(theme)
        assert self.form is not None
        self._store = store
        self._control = control
        self._has_opened_more = False
        self.forecaster = Forecaster(store, gpu, self)
        self.tag = Tag(theme)
        self.log = button("Log", theme, "list", "flat")
        self.log.setCheckable(True)
        self.log.setToolTip("Show or hide what the run's libraries print")
        self.recipes = button("Recipes", theme, "folder-open")
        self.menu = RecipeMenu(store, theme, self.recipes, self)
        self.recipes.clicked.connect(self._open_menu)
        for widget in (self.tag, self.log, self.recipes):
            self.header.add(widget)
        self.settings = TrainForm(store, theme, self.form)
        self.settings.wants_page.connect(self.go_to)
        self.orders = TrainActions(control, self.form.action_bar, theme)
        self.orders.wished.connect(self._wish)
        self.view = TrainPicture(store, control, self.forecaster, theme)
        self.view.go_to.connect(self._go_to)
        self.view.train_asked.connect(self.train)
        self.view.resume_asked.connect(self._resume)
        self.view.remedy_asked.connect(self._retry)
        self.view.change_asked.connect(lambda change: self._apply(change.changes))
        self.view.read.connect(self._take_run_reading)
        in_column(self.view, of=self.picture)
        self.log.toggled.connect(self.view.show_log)
        self.menu.refused.connect(self.view.refuse)
        self.forecaster.changed.connect(self._show_forecast)
        store.changed.connect(self._show_train)
        control.state_changed.connect(self._state_changed)
        control.checking_changed.connect(self._show_orders)
        self._state_changed()

    # -- what a person asks for ---------------------------------------------------------------------------------------

    def undo(self) -> None:
        self.menu.undo.trigger()

    def redo(self) -> None:
        self.menu.redo.trigger()

    def train(self) -> None:
        """Starts a run of the form's recipe as it is now, or says what keeps it from being started.

        The form can be edited while that is checked: the recipe that was checked is the one that starts.
        """
        if not self._control.can_start:
            return
        had_focus = self.orders.train.hasFocus()

        def refuse(error: UserError) -> None:
            self.view.refuse(error)
            if had_focus:
                self.orders.train.setFocus()  # it was hidden while the recipe was checked

        self.view.show_refusal(False)
        self._control.start(self._store.recipe, refuse)

    def _resume(self, extra_steps: int) -> None:
        run = self._control.run
        if run is not None and self._control.can_start:
            self.view.show_refusal(False)
            self._control.resume(run, extra_steps, self.view.refuse)

    def _retry(self, remedy: Change) -> None:
        """Puts a remedy into the form and tries again; a run of another recipe brings its own settings along."""
        assert self._control.recipe is not None
        changes: Mapping[str, Any] = remedy.changes
        if self._is_foreign(self._control.recipe):
            changes = {path: self._control.recipe.value(path) for path in settings()} | dict(remedy.changes)
        if self._apply(changes):
            self.train()

    def _apply(self, changes: Mapping[str, Any]) -> bool:
        """Puts changes into the form; says so where they cannot be."""
        try:
            self._store.set_many(changes)
        except UserError as error:
            self.view.refuse(error)
            return False
        return True

    def _is_foreign(self, recipe: Recipe) -> bool:
        """Whether the run that is shown was not one of the form's recipe."""
        return preflight.with_absolute_paths(self._store.recipe) != preflight.with_absolute_paths(recipe)

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
            self.view.refuse(error)

    def _go_to(self, page: str) -> None:
        """Goes to a page; to Try with the run that is shown."""
        if page == "try" and self._control.run is not None:
            self.try_wanted.emit(self._control.run.path)
        else:
            self.go_to.emit(page)

    def _open_menu(self) -> None:
        self.menu.popup(self.recipes.mapToGlobal(self.recipes.rect().bottomLeft()))

    # -- the run ------------------------------------------------------------------------------------------------------

    def _state_changed(self) -> None:
        control = self._control
        if control.state is JobState.ENDED:
            self.forecaster.refresh()
        self.settings.lock(control.recipe if control.is_busy else None)
        if not control.is_busy and self.forecaster.reading is not None:
            self.settings.show_reading(self.forecaster.reading)
        self.menu.set_can_change(not control.is_busy)
        has_failed = control.outcome is not None and control.outcome.state == RunState.CRASHED
        self.set_badge("running" if control.is_busy else "ended badly" if has_failed else "")
        self.view.show_state()
        self.log.setEnabled(self.view.has_run)
        self._show_orders()

    def _show_orders(self) -> None:
        """What the run does, and what may be asked of it."""
        self.tag.show_state(*state_in_words(self._control))
        self.orders.show_state()
        self._show_train()
        self._dress_header()

    def _take_run_reading(self, reading: Reading) -> None:
        self.settings.show_reading(reading)
        self._show_train()

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
            elif reading.verdict is not None and reading.verdict.word == "tight":
                facts = f"{facts}: tight"
        elif not problem:
            facts = self.form.action_bar.facts.text() if self.form else ""
        is_primary = not self.view.has_primary
        self.orders.show_train(words, in_form_words(problem) or facts, can_train=not problem, is_primary=is_primary)

    def _show_forecast(self) -> None:
        reading = self.forecaster.reading
        assert reading is not None
        self._show_train()
        problem = self.settings.first_problem()
        self.view.forecast.show_reading(reading, problem, self.orders.train.text())
        self.settings.show_reading(reading)

    # -- the window ---------------------------------------------------------------------------------------------------

    @property
    def is_pending(self) -> bool:
        return self.forecaster.is_pending

    def arranged(self) -> None:
        if self.is_wide != self._has_opened_more:
            self._has_opened_more = self.is_wide
            self.settings.more.opener.setChecked(self.is_wide)
        self.view.arrange(self.is_wide)
        self._dress_header()

    def _dress_header(self) -> None:
        """Seen from afar the header has room for the run and its orders alone."""
        is_plain = not self.theme.projector
        self.tag.setVisible(is_plain and bool(self.tag.text))
        self.log.setVisible(is_plain)
        self.recipes.setVisible(is_plain)
        recipe = self._control.recipe
        sentence = self.sentence
        if recipe is not None and not is_plain:
            sentence = f"{model_in_words(recipe.model.source)} in {FORMATS[recipe.model.precision].title}"
        if self.header.sentence.whole != sentence:
            self.header.sentence.set_text(sentence)


def _train_in_words(recipe: Recipe) -> str:
    """What training would do, before the number of steps is known where epochs decide it."""
    if recipe.training.max_steps:
        return f"Train {counted(recipe.training.max_steps, 'step')}"
    return f"Train {recipe.training.epochs:g} epoch{'s' * (recipe.training.epochs != 1)}"
