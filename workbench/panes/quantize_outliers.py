"""The Outliers view: the few features that grow large as a model reads, and what they do to 8-bit products."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout

from workbench.bridge.study_control import StudyControl
from workbench.bridge.tasks import run_task
from workbench.core.events import ActivationsSeen, Event
from workbench.core.outliers import THRESHOLDS, Feature, Magnitudes, Seen, Site, open_seen
from workbench.core.phases import how_far
from workbench.core.problems import UserError
from workbench.core.run_folder import RunFolder, RunState
from workbench.core.study import OutliersRequest, model_path
from workbench.core.units import grouped
from workbench.panes.cards import Card, Message
from workbench.panes.controls import ElidedLabel, button, icon_button
from workbench.panes.lab_view import LabView
from workbench.panes.quantize_outliers_features import FeaturesModel, FeaturesTable
from workbench.panes.quantize_outliers_form import PAPER_STEP, OutliersForm, threshold_in_words
from workbench.panes.quantize_outliers_legend import OutlierLegend
from workbench.panes.quantize_outliers_map import OutlierMap, magnitude
from workbench.panes.quantize_outliers_matrices import MatricesPicture, Shapes
from workbench.panes.quantize_outliers_products import ProductErrors
from workbench.panes.quantize_outliers_reader import Place, ProductReader
from workbench.panes.theme import Theme

FACTS = "The first 512 tokens at most, in a process of its own"
NOTHING_YET = "Read the text, and every feature of every layer is drawn here."
NO_SHAPES = "The two products, with the real shapes of the chosen layer, come after reading."
WIDE_COLUMN = 392


class OutliersView(LabView):
    """A study at the left, what it saw at the right; the threshold is followed live."""

    name = "outliers"
    title = "Outliers"

    def __init__(self, theme: Theme, control: StudyControl) -> None:
        super().__init__(theme)
        self._control = control
        self.fields = OutliersForm(theme, self.form)
        self.seen: Seen | None = None
        self._model: Path | None = None  # what read the text that is shown
        self.magnitudes: Magnitudes | None = None
        self.passing: tuple[Feature, ...] = ()
        self._opening: Path | None = None
        self._has_asked = False
        self._is_dirty = True
        self.products = ProductReader(self)

        self.message_card = Message(theme)
        self._close = button("Close", theme, "x", "flat")
        self._close.clicked.connect(self.message_card.hide)
        self.message_card.add_button(self._close)
        self.message_card.hide()
        self.map_card = Card(theme, "Largest magnitudes", "by layer and feature")
        self.map_card.set_margins(10, 0, 12, 6)
        self.map_card.body.setSpacing(2)
        self.map = OutlierMap(theme)
        self.map.words = NOTHING_YET
        self.legend = OutlierLegend(theme)
        self.farther = icon_button("Farther", theme, "magnifying-glass-minus")
        self.closer = icon_button("Closer", theme, "magnifying-glass-plus")
        for made in (self.legend, self.farther, self.closer):
            self.map_card.add_to_head(made)
        self.cell = ElidedLabel("", "small", Qt.TextElideMode.ElideRight)
        self.map_card.body.addWidget(self.map, 1)
        self.map_card.body.addWidget(self.cell)
        self.features = FeaturesModel()
        self.table = FeaturesTable(theme, self.features)
        self.table_card = Card(theme, "Features that reach 6.0")
        self.table_card.set_margins(0, 0, 0, 8)
        self.rule = ElidedLabel("", "small", Qt.TextElideMode.ElideRight)
        self.rule.setContentsMargins(14, 0, 14, 0)
        self.table_card.body.addWidget(self.table, 1)
        self.table_card.body.addWidget(self.rule)
        self.product_card = Card(theme, "Error of the product")
        self.product_card.set_margins(0, 0, 0, 1)
        self.errors = ProductErrors(theme)
        self.product_card.body.addWidget(self.errors)
        self.matrices_card = Card(theme, "Two products, then one sum")
        self.matrices_card.set_margins(14, 0, 14, 6)
        self.matrices = MatricesPicture(theme)
        self.matrices_card.body.addWidget(self.matrices)
        self.grid = QGridLayout(self)
        self._place_cards()
        self._wire()
        self._say_action()
        self._show_threshold(self.fields.step)
        self._show_product()

    def _wire(self) -> None:
        fields, control = self.fields, self._control
        fields.read_wanted.connect(self.start)
        fields.cancel_wanted.connect(self._cancel)
        fields.step_moved.connect(self._show_threshold)
        fields.site_chosen.connect(self._choose_site)
        fields.place_chosen.connect(lambda: self._go_to(self.fields.layer.value(), self.map.feature))
        fields.model.picked.connect(lambda _path: self._say_action())
        self.map.chosen.connect(self._go_to)
        self.table.row_chosen.connect(self._choose_feature)
        self.farther.clicked.connect(lambda: self.map.zoom_by(-1))
        self.closer.clicked.connect(lambda: self.map.zoom_by(1))
        self.products.advanced.connect(self._show_product)
        control.advanced.connect(self._advance)
        control.state_changed.connect(self._change)
        self.theme.changed.connect(self._place_cards)

    # -- the view -----------------------------------------------------------------------------------------------------

    def shown_first(self) -> None:
        if self._has_asked:
            return
        self._has_asked = True
        try:
            self._control.find("outliers")
        except UserError as error:
            self._say(error)
        request = self._control.request
        if isinstance(request, OutliersRequest):
            self.fields.model.open(model_path(request))
            self.fields.show_threshold(request.threshold)
            if request.text:
                self.fields.show_text(request.text)
        self.fields.model.look_around()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_dirty:
            self._refresh()

    def arranged(self) -> None:
        self._place_cards()

    def _place_cards(self) -> None:
        """Three rows; in a wide window the table is a column of its own, and the projector does without it."""
        theme = self.theme
        side, gap = theme.size("size.page_padding"), theme.px(11)
        self.grid.setContentsMargins(side, gap, side, gap)
        self.grid.setSpacing(theme.size("space.card_gap"))
        cards = (self.message_card, self.map_card, self.table_card, self.product_card, self.matrices_card)
        for card in cards:
            self.grid.removeWidget(card)
        is_wide, projector = self.is_wide, theme.projector
        self.table_card.setVisible(not projector)
        self.grid.addWidget(self.message_card, 0, 0, 1, 2)
        if is_wide:
            self.grid.addWidget(self.map_card, 1, 0)
            self.grid.addWidget(self.product_card, 2, 0)
            self.grid.addWidget(self.matrices_card, 3, 0)
            self.grid.addWidget(self.table_card, 1, 1, 3, 1)
        elif projector:
            self.grid.addWidget(self.map_card, 1, 0, 1, 2)
            self.grid.addWidget(self.product_card, 2, 0)
            self.grid.addWidget(self.matrices_card, 2, 1)
        else:
            self.grid.addWidget(self.map_card, 1, 0, 1, 2)
            self.grid.addWidget(self.table_card, 2, 0)
            self.grid.addWidget(self.product_card, 2, 1)
            self.grid.addWidget(self.matrices_card, 3, 0, 1, 2)
        self.table_card.setMaximumWidth(theme.px(WIDE_COLUMN) if is_wide else 16_777_215)
        self.grid.setColumnStretch(0, 1 if is_wide or projector else 42)
        self.grid.setColumnStretch(1, 0 if is_wide else 1 if projector else 58)
        for row, stretch in enumerate((0, 32, 36, 0 if projector else 30)):
            self.grid.setRowStretch(row, stretch)

    # -- the study ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Has the chosen model read the chosen text."""
        path = self.fields.model.path
        if path is None:
            self._say(UserError("No model is chosen.", remedy="Choose one at the left."))
            return
        self.message_card.hide()
        threshold = THRESHOLDS[self.fields.step]
        try:
            self._control.start(OutliersRequest(model=str(path), text=self.fields.text_path, threshold=threshold))
        except UserError as error:
            self._say(error)

    def _cancel(self) -> None:
        try:
            self._control.cancel()
        except UserError as error:
            self._say(error)

    def _advance(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, ActivationsSeen) and self._control.run is not None:
                self._open(self._control.run, event)
        self._is_dirty = True
        if self.isVisible():
            self._refresh()

    def _change(self) -> None:
        outcome = self._control.outcome
        if outcome is not None and outcome.state is RunState.CRASHED:
            self._say(UserError(outcome.what, why=outcome.why, remedy=outcome.remedy))
        self._is_dirty = True
        self._refresh()

    def _refresh(self) -> None:
        """The action bar, as the study is now."""
        self._is_dirty = False
        control, fields = self._control, self.fields
        fields.show_busy(control.is_busy, is_cancelling=control.is_cancelling)
        self._say_action()

    def _say_action(self) -> None:
        control, bar = self._control, self.form.action_bar
        self.fields.read.setEnabled(self.fields.model.path is not None)
        if control.is_cancelling and control.is_busy:
            bar.say("Cancels now; nothing is kept")
        elif control.is_busy:
            phase = control.phase
            bar.say("Starting the engine" if phase is None else how_far(phase))
            self.fields.progress.set_share(phase.done / phase.total if phase and phase.total else 0.0)
        elif control.outcome is not None and control.outcome.state is RunState.CANCELLED:
            bar.say("Cancelled; nothing was kept")
        else:
            bar.say(FACTS)

    def _say(self, error: UserError) -> None:
        self.message_card.say("danger", error.what, error.why, error.remedy)
        self.message_card.show()

    # -- what was seen ------------------------------------------------------------------------------------------------

    def _open(self, run: RunFolder, event: ActivationsSeen) -> None:
        path, request = run.path / Path(event.file).name, self._control.request
        assert request is not None
        self._opening = path

        def take(found: tuple[Seen, Magnitudes]) -> None:
            if path == self._opening:
                self._model = model_path(request)
                self.seen, magnitudes = found
                self.fields.show_seen(self.seen)
                self._show_magnitudes(magnitudes)

        def read() -> tuple[Seen, Magnitudes]:
            seen = open_seen(path)
            return seen, seen.magnitudes(seen.about.sites[0])

        run_task(read, take, self._say, parent=self)

    def _choose_site(self, key: str) -> None:
        seen = self.seen
        site = next((site for site in seen.about.sites if site.key == key), None) if seen else None
        if seen is not None and site is not None:

            def take(found: Magnitudes) -> None:
                if self.seen is seen and self.fields.site.currentData() == key:
                    self._show_magnitudes(found)

            run_task(lambda: seen.magnitudes(site), take, self._say, parent=self)

    def _show_magnitudes(self, magnitudes: Magnitudes) -> None:
        """Another site, from the layer on in which a feature grows largest."""
        self.magnitudes = magnitudes
        self.map.show_seen(magnitudes)
        layer, feature = divmod(int(magnitudes.largest.argmax()), magnitudes.site.features)
        self._show_threshold(self.fields.step)
        self._go_to(layer, feature)

    def _go_to(self, layer: int, feature: int) -> None:
        """Another layer, whose product is shown, and a feature in it."""
        if self.magnitudes is None or self.seen is None:
            return
        site = self.magnitudes.site
        self.map.choose(layer, feature)
        self.fields.show_place(site, layer)
        self.cell.set_text(self.map.told(layer, feature, self.seen.about.tokens))
        linear = self.fields.chosen_linear
        if linear is not None and self._model is not None:
            self.products.want(Place(self.seen, self._model, site, layer, linear))

    def _choose_feature(self, index: QModelIndex) -> None:
        if index.isValid() and self.magnitudes is not None:
            number = self.features.features[index.row()].number
            self._go_to(int(self.magnitudes.largest[:, number].argmax()), number)

    # -- the threshold ------------------------------------------------------------------------------------------------

    def _show_threshold(self, step: int) -> None:
        value = threshold_in_words(step)
        self.table_card.title.setText(f"Features that reach {value}")
        self.products.rest_on(step)
        self.legend.show_scale(self.map.limit if self.magnitudes else None, value)
        if self.magnitudes is None or self.seen is None:
            self.table.empty_words = "Nothing has been read yet."
            self._show_product()
            return
        about, site = self.seen.about, self.magnitudes.site
        self.passing = tuple(self.magnitudes.passing(step))
        top = magnitude(self.magnitudes.top)
        self.table.empty_words = f"No feature reaches {value} here: the largest magnitude is {top}. Go lower."
        self.features.show(self.passing)
        self.table_card.scope.setText(f"{grouped(len(self.passing))} of {grouped(site.features)}")
        self.map.show_step(step, self.passing)
        self.map_card.scope.setText(
            f"{about.layers} layers, {grouped(site.features)} features, {grouped(len(about.tokens))} tokens"
        )
        self.rule.set_text(_rule_in_words(self.magnitudes))
        self.cell.set_text(self.map.told(self.map.layer, self.map.feature, about.tokens))
        self._show_product()

    def _show_product(self) -> None:
        products, place, factors = self.products, self.products.place, self.products.factors
        columns = products.columns
        self.errors.show_errors(products.errors, None if columns is None else len(columns))
        if place is None or factors is None or columns is None:
            self.matrices.words = NO_SHAPES if products.error is None else str(products.error)
            self.matrices.show_shapes(None)
            self.product_card.scope.setText("" if place is None else f"layer {place.layer}, {place.linear.name}")
            return
        outputs = len(factors.weight)
        cut = f", the first {grouped(outputs)} outputs" if outputs < factors.all_rows else ""
        self.product_card.scope.setText(f"layer {place.layer}, {place.linear.name}{cut}")
        tokens, features = factors.inputs.shape
        threshold = THRESHOLDS[self.fields.step]
        self.matrices.show_shapes(Shapes(tokens, features, outputs, columns, threshold))
        self.matrices_card.scope.setText(f"the first {tokens} tokens through layer {place.layer}, {place.linear.name}")


def _rule_in_words(magnitudes: Magnitudes) -> str:
    """How many outlier features there are by the paper's rule, at its threshold."""
    systematic = [feature for feature in magnitudes.passing(PAPER_STEP) if feature.is_systematic]
    if not systematic:
        return "By the paper\u2019s rule, none is an outlier here"
    names = ", ".join(str(feature.number) for feature in systematic[:6]) + (", \u2026" if len(systematic) > 6 else "")
    return f"By the paper\u2019s rule: {len(systematic)} outlier{'s' * (len(systematic) != 1)} ({names})"
