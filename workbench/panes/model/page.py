"""The Model page: what to fine-tune, and in how many bits it is held."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from workbench.bridge.arrival import arrivals_in_words
from workbench.bridge.fetch_queue import FetchQueue
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import run_task
from workbench.core.model import shape as model_shape
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError, shortened
from workbench.core.units import bytes_in_words
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme
from workbench.panes.model.config_facts import ConfigFacts
from workbench.panes.model.conversion import Conversion
from workbench.panes.model.list import offered
from workbench.panes.model.picture import ModelPicture
from workbench.panes.model.source import KINDS, STARTER, ModelSource, kind_of
from workbench.panes.model.weights_words import said_of_weights
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.controls import button
from workbench.panes.parts.disclosure import Folded
from workbench.panes.parts.form_rows import SettingRows
from workbench.panes.parts.model_reading import in_words, read_shape
from workbench.panes.parts.page import FormGroup, Page

if TYPE_CHECKING:
    from workbench.panes.model.hub.view import HubView

PRECISION, COMPUTE = "model.precision", "model.compute_dtype"
MORE = ("model.revision", "model.attention", "model.device")
# Weights stored in these are multiplied as they are stored (core/recipe/rules.py).
HALF = ("fp16", "bf16")
MOST_RECENT = 8
# From the page's coming up until there is time for what a click on "Manage models" would wait for, 20 ms.
IDLE_MILLISECONDS = 400


class ModelPage(Page):
    """Chooses model, precision and compute type; says what each would take.

    Attributes:
        hub: The view that "Manage models" lays over the precisions; None until it is first wanted.
    """

    sentence = "Choose what to fine-tune, and in how many bits it is held."

    def __init__(
        self,
        store: RecipeStore,
        gpu: GpuWatch,
        theme: Theme,
        settings: Settings,
        fetches: FetchQueue,
    ) -> None:
        super().__init__(theme)
        self._store, self._gpu = store, gpu
        self._settings, self._fetches = settings, fetches
        self.hub: HubView | None = None
        self.shape: ModelShape | None = None
        self.error: UserError | None = None
        self._told: dict[tuple[str, str], ModelShape] = {}  # what the Hub said, by id and revision
        self._key = ("", "")
        self._turn = 0  # counts readings: an answer to an earlier one is dropped
        self._doing = ""  # the tag's word while something is read
        self._free_compute = ""  # the compute type as it was before a half precision brought its own
        self._is_stale = False
        self.tag = Tag(theme)
        self.header.add(self.tag)
        self.manage = button("Manage models", theme, "hard-drives", "flat")
        self.manage.setCheckable(True)
        self.manage.setToolTip("Find models on the Hub, download and delete them; Esc goes back")
        self.manage.clicked.connect(self._turn_hub)
        self.header.add(self.manage)
        self._build_form()
        self._layers = QStackedLayout(self.picture)
        self._precisions = QWidget()
        self._layers.addWidget(self._precisions)
        self.shown = ModelPicture(store, gpu, theme, self._precisions)
        self.shown.precision_chosen.connect(self._choose_precision)
        self.shown.memory_wanted.connect(lambda: self.go_to.emit("memory"))
        store.changed.connect(self._store_changed)
        gpu.changed.connect(self._mark)
        fetches.changed.connect(self._say_state)
        fetches.arrived.connect(self._take_arrived)
        theme.changed.connect(self._restyle)
        self._read()
        self._is_new = True

    # -- building -----------------------------------------------------------------------------------------------------

    def _build_form(self) -> None:
        assert self.form is not None
        self._own_form = self.form
        self.source = ModelSource(self.theme)
        self.source.chosen.connect(self._choose_source)
        self.source.asked.connect(lambda _id: self._read(asks=True))
        self.form.add_group(self.source)
        self.conversion = Conversion(self.theme)
        self.conversion.converted.connect(self._choose_source)
        self.form.add_group(self.conversion)
        self.facts = ConfigFacts(self.theme)
        self.form.add_group(self.facts)
        self.rows = SettingRows(self._store, self.theme)
        rows = FormGroup(self.theme, "")
        self.rows.add(rows, *MORE)
        self.more = Folded(self.theme, "More", self.form, rows)
        self.form.end()
        self.use = button("Use this model", self.theme, "arrow-right", "primary")
        self.use.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands after the words
        self.use.clicked.connect(lambda: self.go_to.emit("data"))
        self.form.action_bar.add(self.use, stretch=1)

    def window_closes(self) -> None:
        self.conversion.close_study()

    def undo(self) -> None:
        self._store.undo()

    def redo(self) -> None:
        self._store.redo()

    def arranged(self) -> None:
        """A wide window shows what is folded in a narrow one."""
        self.more.show_wide(self.is_wide)
        self.source.set_wide(self.is_wide)
        self._arrange_picture()
        if self.hub is not None:
            self.hub.arrange(is_folded=self._folds())

    def _restyle(self) -> None:
        self._say_state()
        self._say_facts()

    def _arrange_picture(self) -> None:
        assert self.form is not None
        taken = 0 if self.form.isHidden() else self.form.width()
        room = QSize(self.width() - taken, self.height() - self.header.height())
        self.shown.arrange(room, is_wide=self.is_wide)

    # -- the Hub's view -----------------------------------------------------------------------------------------------

    @property
    def is_on_hub(self) -> bool:
        """Whether the Hub's view lies over the precisions."""
        return self.manage.isChecked()

    def show_hub(self) -> None:
        """Lays the Hub's view over the precisions."""
        self.manage.setChecked(True)
        self._turn_hub(True)

    def leave_hub(self) -> None:
        """Back to the precisions."""
        if self.is_on_hub:
            self.manage.setChecked(False)
            self._turn_hub(False)
            self.manage.setFocus(Qt.FocusReason.OtherFocusReason)

    def _turn_hub(self, is_on: bool) -> None:
        hub = self.hub or self._make_hub()
        self.use_form(hub.form if is_on else self._own_form)
        self._layers.setCurrentWidget(hub.picture if is_on else self._precisions)
        if is_on:
            hub.come_up()
            hub.form.search.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._offer()
            self._read_again()
        self._say_state()
        self._say_facts()

    def _make_hub(self) -> "HubView":
        from workbench.panes.model.hub.view import HubView  # no part of the first paint

        hub = HubView(self._store, self._gpu, self.theme, self._settings, self._fetches, KINDS, self)
        self.hub = hub
        self._layers.addWidget(hub.picture)
        hub.use_wanted.connect(self._use_kept)
        hub.source_wanted.connect(self._leave_for)
        hub.form_wanted.connect(self.open_drawer)
        for keys, slot in (
            (QKeySequence.StandardKey.Find, hub.to_search),
            (QKeySequence.StandardKey.Refresh, hub.ask_again),
        ):
            # Where the precisions are shown neither means anything.
            shortcut = QShortcut(QKeySequence(keys), self, slot, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.setEnabled(True)
            self.manage.toggled.connect(shortcut.setEnabled)
        return hub

    def _use_kept(self, source: str) -> None:
        self._choose_source(source)
        self.leave_hub()

    def _leave_for(self, kind: str) -> None:
        self.leave_hub()
        self.source.kind.button_of(kind).click()

    def _take_arrived(self, name: str) -> None:
        """A model is here now; it may be the recipe's."""
        if name == self._key[0]:
            self._read()
        self._offer()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_on_hub:
            self.leave_hub()
        else:
            super().keyPressEvent(event)

    @property
    def is_pending(self) -> bool:
        return self.hub is not None and self.hub.is_pending

    # -- reading ------------------------------------------------------------------------------------------------------

    def shown_first(self) -> None:
        self._offer()
        if self.is_on_hub and self.hub is not None:
            self.hub.come_up()
        is_new, self._is_new = self._is_new, False
        if not is_new:
            self._read_again()
        QTimer.singleShot(IDLE_MILLISECONDS, self, _import_hub)

    def _read_again(self) -> None:
        """A model that was not here may have been fetched, or mended, meanwhile."""
        if not self._doing and (self.shape is None or not self.shape.is_local):
            self._read()

    def _offer(self) -> None:
        """Looks what models are at hand."""
        recent = self._settings.load()[0].recent_models
        run_task(partial(offered, recent), self.source.show_offered, lambda _error: None, parent=self)

    def _read(self, *, asks: bool = False) -> None:
        """Reads the shape of the recipe's model; with `asks`, of the Hub where it is not on this machine."""
        model = self._store.recipe.model
        self._turn += 1
        self._key = key = (model.source, model.revision)
        self.source.show_source(model.source)
        self.conversion.look(model.source)
        self.shape, self.error = self._told.get(key), None
        if model.source == STARTER:  # at once: it is a small file, and the first that a person sees
            self._doing = ""
            self._show_read(self._turn, model_shape.starter())
            return
        self._doing = "Asking the Hub" if asks else "Reading"
        self.source.set_busy(asks)
        self._show()
        run_task(
            partial(read_shape, *key, asks=asks),
            partial(self._show_read, self._turn),
            partial(self._fail, self._turn),
            parent=self,
            asks=asks,
        )

    def _show_read(self, turn: int, shape: ModelShape | None) -> None:
        if turn != self._turn:
            return
        self._doing = ""
        self.source.set_busy(False)
        if shape is not None:
            self.shape = shape
            source = self._key[0]
            self.source.know(source, shape)
            if source != STARTER:
                if not shape.is_local:
                    self._told[self._key] = shape
                self._remember(source)
        self._show()

    def _fail(self, turn: int, error: UserError) -> None:
        if turn == self._turn:
            self._doing, self.error = "", error
            self.source.set_busy(False)
            self._show()

    def _remember(self, source: str) -> None:
        """Keeps a model that could be read among the recent ones; loaded anew, for others keep settings there too."""
        if self._settings is None:
            return
        known, _ = self._settings.load()
        recent = [source, *(other for other in known.recent_models if other != source)][:MOST_RECENT]
        if recent != known.recent_models:
            self._settings.change(recent_models=recent)
            self._offer()

    # -- choosing -----------------------------------------------------------------------------------------------------

    def open_folder(self, path: Path) -> None:
        """Takes a model folder that was dropped on the window."""
        self._choose_source(str(path.absolute()))

    def _choose_source(self, source: str) -> None:
        try:
            self._store.set("model.source", source)
        except UserError as error:
            self.source.show_problem(in_words(error, source))

    def _choose_precision(self, name: str) -> None:
        """One step to undo: a half precision brings its compute type, and what was there comes back after it."""
        model = self._store.recipe.model
        values = {PRECISION: name}
        if name in HALF:
            if model.precision not in HALF:
                self._free_compute = model.compute_dtype
            values[COMPUTE] = name
        elif model.precision in HALF and self._free_compute:
            values[COMPUTE] = self._free_compute
        self._store.set_many(values)

    # -- showing ------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._show()

    def _store_changed(self, paths: list[str]) -> None:
        model = self._store.recipe.model
        if (model.source, model.revision) != self._key:
            self._read()
        else:
            self._mark(paths)

    def _mark(self, _paths: object = None) -> None:
        """What is not in sight waits."""
        if self.isVisible():
            self._show()
        else:
            self._is_stale = True

    def _show(self) -> None:
        self._is_stale = False
        self.source.show_problem(in_words(self.error, self._key[0]) if self.error is not None else "")
        self.source.show_note(self._note())
        self.facts.show_shape(self.shape)
        self.shown.show_shape(self.shape)
        self._arrange_picture()  # the rule may have come or gone
        differing = sum(not self._store.is_default(path) for path in MORE)
        self.more.show_differing(differing, len(MORE))
        self._say_state()
        self._say_facts()

    def _say_state(self) -> None:
        is_folder = kind_of(self._key[0]) == "folder"
        arrival = self._fetches.arrival_of(self._key[0])
        if self.is_on_hub:
            self.tag.show_state(arrivals_in_words(self._fetches.arrivals), "info", "download-simple")
        elif self._doing:
            self.tag.show_state(self._doing, "info", "hourglass")
        elif self.error is not None:
            self.tag.show_state("Cannot be read" if is_folder else "Not known yet", "danger" if is_folder else "warn")
        elif self.shape is not None and self.shape.is_local:
            self.tag.show_state("On this machine", "success")
        elif arrival is not None:
            self.tag.show_state(arrivals_in_words([arrival]), "info", "download-simple")
        else:
            self.tag.show_state("Will be downloaded", "info", "download-simple")
        is_refused = is_folder and self.error is not None
        self.use.setEnabled(not is_refused)
        self.use.setToolTip("The model folder has to be read without a problem first." if is_refused else "")
        self.set_badge("ready" if self._key[0] == STARTER or self.shape is not None else "")

    def _note(self) -> str:
        source, shape = self._key[0], self.shape
        if self._doing and kind_of(source) == "hub":
            return f"{self._doing} about {shortened(source)}." if self._doing != "Reading" else ""
        if source == STARTER and shape is not None:
            fetched = "" if shape.is_local else f" It is fetched once, at most {bytes_in_words(shape.stored_bytes)}."
            return f"Small enough to be trained on a CPU in minutes.{fetched}"
        if shape is not None and (said := said_of_weights(shape, self._store.recipe.model.precision)):
            return said
        if kind_of(source) == "folder" and shape is None and self.error is None and not self._doing:
            return "An adapter of a model that is downloaded when a run starts."
        if kind_of(source) == "hub" and self.error is None:
            if shape is None:
                return "Look it up to see what it would take; it is downloaded when a run starts."
            return "" if shape.is_local else "It is downloaded when a run starts."
        return ""

    def _say_facts(self) -> None:
        """In one line: what does not fit is left out, and then the name is shortened."""
        bar = self._own_form.action_bar
        model = self._store.recipe.model
        name = (self.shape.name if self.shape is not None else model.source).rstrip("/").rpartition("/")[2]
        title = FORMATS[model.precision].title
        size, place = self.shown.chosen_size(), self.shown.place
        takes = f" in {title}" + (f", {bytes_in_words(size)}" if size else "")
        room = self._own_form.width() - self.theme.px(40)
        metrics = bar.facts.fontMetrics()
        for words in (f"{name}{takes} {place}" if size else f"{name}{takes}", f"{name}{takes}"):
            if metrics.horizontalAdvance(words) <= room:
                bar.say(words)
                return
        shortened = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room - metrics.horizontalAdvance(takes))
        bar.say(f"{shortened}{takes}")


def _import_hub() -> None:
    from workbench.panes.model.hub import view  # noqa: F401
