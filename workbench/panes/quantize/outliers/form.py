"""The form of the Outliers view: which model reads which text, the threshold, and whose product is shown."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from workbench.core.figures import percent
from workbench.core.problems import shortened
from workbench.core.quantized.outliers import LEAST_LAYERS, LEAST_TOKENS, THRESHOLDS, Linear, Seen, Site, nearest_step
from workbench.core.units import grouped
from workbench.numerics.llm_int8 import OUTLIER_THRESHOLD
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import icon_button, label
from workbench.panes.parts.fields import ChoiceBox, IntegerField, put_fact, side_by_side, words_with
from workbench.panes.parts.page import ActionBar, FormColumn, FormGroup
from workbench.panes.parts.slider import Slider
from workbench.panes.parts.study_form import LONGEST_NAME, StudyForm, TextChoice, add_text_row
from workbench.panes.quantize.outliers.words import PAPER_STEP, threshold_in_words


class OutliersForm(StudyForm):
    """A model, a text, a threshold, and whose product is shown.

    Signals:
        step_moved: The threshold, by its place among THRESHOLDS.
        site_chosen: Another input is to be shown, by its key.
        place_chosen: Another layer or matrix.
    """

    step_moved = Signal(int)
    site_chosen = Signal(str)
    place_chosen = Signal()

    def __init__(self, theme: Theme, form: FormColumn) -> None:
        super().__init__(theme, form, "Model and text", "Read the text")
        self.text = TextChoice(theme)
        add_text_row(self.source, self.text)

        self.threshold = FormGroup(theme, "Threshold")
        self.slider = Slider(theme, "Threshold")
        self.slider.setRange(0, len(THRESHOLDS) - 1)
        self.slider.setPageStep(10)
        self.slider.set_marks([PAPER_STEP])
        self.slider.setToolTip("From 0.5 to 100; the mark is at 6.0, the paper\u2019s threshold")
        self.value = label("", "medium")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = icon_button("Put the threshold back to 6.0", theme, "arrow-counter-clockwise")
        keeps = self.back.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)  # nothing moves when it comes
        self.back.setSizePolicy(keeps)
        self.back.clicked.connect(lambda: self.slider.setValue(PAPER_STEP))
        self.threshold.add_row(
            words_with("Magnitude", self.back), side_by_side(self.slider, self.value, stretches=True)
        )
        self.rule = label(
            f"The paper\u2019s rule for an outlier feature: {OUTLIER_THRESHOLD:.1f} or more in at least "
            f"{percent(LEAST_LAYERS)} of the layers and {percent(LEAST_TOKENS)} of the tokens.",
            "small",
            wraps=True,
        )
        self.threshold.add_wide(self.rule)

        self.place = FormGroup(theme, "Shown")
        self.site = ChoiceBox(theme)
        self.site.setAccessibleName("Input")
        self.site.setToolTip("Which hidden states are shown, by the linear layers that they go into")
        self.layer = IntegerField()
        self.layer.setAccessibleName("Layer")
        self.linear = ChoiceBox(theme)
        self.linear.setAccessibleName("Matrix")
        self.place.add_row(label("Input", "label"), self.site)
        self.place.add_row(label("Layer", "label"), self.layer)
        self.place.add_row(label("Matrix", "label"), self.linear)
        self._add_groups(form, self.source, self.threshold, self.place)

        self.slider.valueChanged.connect(self._move)
        self.site.activated.connect(lambda _row: self.site_chosen.emit(self.site.currentData()))
        self.layer.valueChanged.connect(lambda _layer: self._choose_place())
        self.linear.activated.connect(lambda _row: self._choose_place())
        self._site: Site | None = None
        self.show_seen(None)
        self.slider.setValue(PAPER_STEP)
        theme.follow(self._say_value)

    # -- what was chosen ----------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        return self.slider.value()

    @property
    def chosen_linear(self) -> Linear | None:
        if self._site is None or self.linear.currentIndex() < 0:
            return None
        return self._site.linears[self.layer.value()][self.linear.currentIndex()]

    def show_threshold(self, threshold: float) -> None:
        self.slider.setValue(nearest_step(threshold))

    # -- what was read ------------------------------------------------------------------------------------------------

    def show_seen(self, seen: Seen | None) -> None:
        """Offers the sites of what was read."""
        self.site.clear()
        for site in seen.about.sites if seen else ():
            self.site.addItem(site.title, site.key)
        for field in (self.site, self.layer, self.linear):
            field.setEnabled(seen is not None)
        if seen is None:
            self._site = None
            self.linear.clear()
            self.linear.show_fact("")
            self.layer.setRange(0, 0)
            put_fact(self.layer, "")
            self.place.fact.setText("after reading")
            self.source.fact.setText("")
            return
        self.place.fact.setText("")
        self.source.fact.setText(f"{grouped(len(seen.about.tokens))} tokens read")

    def show_place(self, site: Site, layer: int) -> None:
        """Shows a site, and a layer with its matrices, without telling it."""
        is_other = site != self._site
        self._site = site
        self.site.setCurrentIndex(self.site.findData(site.key))
        before = self.layer.blockSignals(True)
        self.layer.setRange(0, len(site.linears) - 1)
        self.layer.setValue(layer)
        put_fact(self.layer, f"of 0 to {len(site.linears) - 1}")
        self.layer.blockSignals(before)
        if is_other:
            self.linear.clear()
            for linear in site.linears[layer]:
                self.linear.addItem(shortened(linear.name, LONGEST_NAME))
        self._say_shape()

    def show_busy(self, is_busy: bool, *, is_cancelling: bool = False) -> None:
        super().show_busy(is_busy, is_cancelling=is_cancelling)
        for made in (self.model, self.text, self.text.find_file):
            made.setEnabled(not is_busy)

    def _place_progress(self, bar: ActionBar) -> None:
        """In the margin below the action bar's facts, so that nothing moves when it comes."""
        self.progress.setParent(bar)
        bar.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            left, _, right, bottom = ActionBar.MARGINS
            top = watched.height() - (bottom + self.progress.height()) // 2
            self.progress.setGeometry(left, top, watched.width() - left - right, self.progress.height())
        return False

    # -- hands --------------------------------------------------------------------------------------------------------

    def _move(self, step: int) -> None:
        self._say_value()
        self.step_moved.emit(step)

    def _say_value(self) -> None:
        self.value.setText(threshold_in_words(self.step))
        self.value.setFixedWidth(self._theme.px(38))
        self.back.setVisible(self.step != PAPER_STEP)

    def _choose_place(self) -> None:
        self._say_shape()
        self.place_chosen.emit()

    def _say_shape(self) -> None:
        linear = self.chosen_linear
        assert self._site is not None
        self.linear.show_fact(f"{grouped(linear.rows)} \u00d7 {grouped(self._site.features)}" if linear else "")
