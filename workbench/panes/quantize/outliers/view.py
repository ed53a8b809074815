"""The Outliers view: the few features that grow large as a model reads, and what they do to 8-bit products."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex

from workbench.bridge.study_control import StudyControl
from workbench.bridge.tasks import run_task
from workbench.core.job.events import Event
from workbench.core.job.phases import how_far
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import ActivationsSeen, OutliersRequest, Request, model_path
from workbench.core.problems import UserError
from workbench.core.quantized.outliers import THRESHOLDS, Magnitudes, Seen, open_seen
from workbench.panes.look.theme import Theme
from workbench.panes.parts.study_view import StudyView
from workbench.panes.quantize.outliers.cards import OutlierCards
from workbench.panes.quantize.outliers.form import OutliersForm
from workbench.panes.quantize.outliers.reader import Place, ProductReader

FACTS = "The first 512 tokens at most, in a process of its own"


class OutliersView(StudyView):
    """A study at the left, what it saw at the right; the threshold is followed live."""

    name = "outliers"
    title = "Outliers"
    kind = "outliers"
    fields: OutliersForm

    def __init__(self, theme: Theme, control: StudyControl) -> None:
        super().__init__(theme, control)
        self.fields = OutliersForm(theme, self.form)
        self.seen: Seen | None = None
        self._model: Path | None = None  # what read the text that is shown
        self.magnitudes: Magnitudes | None = None
        self._opening: Path | None = None
        self.products = ProductReader(self)

        self.cards = OutlierCards(theme, self)
        self.cards.arrange(is_wide=self.is_wide)
        self._wire()
        self._say_action()
        self._show_threshold(self.fields.step)
        self._show_product()

    def _wire(self) -> None:
        fields = self.fields
        self._follow_study()
        fields.step_moved.connect(self._show_threshold)
        fields.site_chosen.connect(self._choose_site)
        fields.place_chosen.connect(lambda: self._go_to(self.fields.layer.value(), self.cards.map.feature))
        fields.model.picked.connect(lambda _path: self._say_action())
        self.cards.map.chosen.connect(self._go_to)
        self.cards.table.row_chosen.connect(self._choose_feature)
        self.cards.farther.clicked.connect(lambda: self.cards.map.zoom_by(-1))
        self.cards.closer.clicked.connect(lambda: self.cards.map.zoom_by(1))
        self.products.advanced.connect(self._show_product)

    # -- the view -----------------------------------------------------------------------------------------------------

    def _begin(self, request: Request | None) -> None:
        if isinstance(request, OutliersRequest):
            self.fields.model.open(model_path(request))
            self.fields.show_threshold(request.threshold)
            if request.text:
                self.fields.text.show_path(request.text)
        self.fields.model.look_around()

    def arranged(self) -> None:
        self.cards.arrange(is_wide=self.is_wide)

    # -- the study ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Has the chosen model read the chosen text."""
        path = self.fields.model.path
        if path is None:
            self.say(UserError("No model is chosen.", remedy="Choose one at the left."))
            return
        self.cards.message_card.hide()
        threshold = THRESHOLDS[self.fields.step]
        self._start(OutliersRequest(model=str(path), text=self.fields.text.path, threshold=threshold))

    def _advance(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, ActivationsSeen) and self._control.run is not None:
                self._open(self._control.run, event)
        self.refresh_in_sight()

    def _change(self) -> None:
        self._say_crash()
        self.refresh()

    def refresh(self) -> None:
        """The action bar, as the study is now."""
        control, fields = self._control, self.fields
        fields.show_busy(control.is_busy, is_cancelling=control.is_cancelling)
        self.cards.show_busy(is_busy=control.is_busy)
        self._say_action()

    def _say_action(self) -> None:
        phase = self._control.phase
        self.fields.start.setEnabled(self.fields.model.path is not None)
        self._say_state("Starting the engine" if phase is None else how_far(phase), FACTS)

    def say(self, error: UserError) -> None:
        self.cards.message_card.say_error(error)

    # -- what was seen ------------------------------------------------------------------------------------------------

    def _open(self, run: RunFolder, event: ActivationsSeen) -> None:
        path, request = run.path / Path(event.file).name, self._control.request
        assert request is not None
        self._opening = path

        def take_seen(found: tuple[Seen, Magnitudes]) -> None:
            if path == self._opening:
                self._model = model_path(request)
                self.seen, magnitudes = found
                self.fields.show_seen(self.seen)
                self._show_magnitudes(magnitudes)

        def read() -> tuple[Seen, Magnitudes]:
            seen = open_seen(path)
            return seen, seen.magnitudes(seen.about.sites[0])

        run_task(read, take_seen, self.say, parent=self)

    def _choose_site(self, key: str) -> None:
        seen = self.seen
        site = next((site for site in seen.about.sites if site.key == key), None) if seen else None
        if seen is not None and site is not None:

            def take_magnitudes(found: Magnitudes) -> None:
                if self.seen is seen and self.fields.site.currentData() == key:
                    self._show_magnitudes(found)

            run_task(lambda: seen.magnitudes(site), take_magnitudes, self.say, parent=self)

    def _show_magnitudes(self, magnitudes: Magnitudes) -> None:
        """Another site, from the layer on in which a feature grows largest."""
        self.magnitudes = magnitudes
        self.cards.map.show_seen(magnitudes)
        layer, feature = divmod(int(magnitudes.largest.argmax()), magnitudes.site.features)
        self._show_threshold(self.fields.step)
        self._go_to(layer, feature)

    def _go_to(self, layer: int, feature: int) -> None:
        """Another layer, whose product is shown, and a feature in it."""
        if self.magnitudes is None or self.seen is None:
            return
        site = self.magnitudes.site
        self.fields.show_place(site, layer)
        self.cards.show_cell(self.magnitudes, layer, feature, self.fields.step, self.seen.about.tokens)
        linear = self.fields.chosen_linear
        if linear is not None and self._model is not None:
            self.products.want(Place(self.seen, self._model, site, layer, linear))

    def _choose_feature(self, index: QModelIndex) -> None:
        if index.isValid() and self.magnitudes is not None:
            number = self.cards.features.rows[index.row()].number
            self._go_to(int(self.magnitudes.largest[:, number].argmax()), number)

    # -- the threshold ------------------------------------------------------------------------------------------------

    def _show_threshold(self, step: int) -> None:
        self.products.rest_on(step)
        self.cards.show_threshold(self.seen, self.magnitudes, step)
        self._show_product()

    def _show_product(self) -> None:
        self.cards.show_product(self.products, self.fields.step)
