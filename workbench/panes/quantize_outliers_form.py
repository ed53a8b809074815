"""The form of the Outliers view: which model reads which text, the threshold, and whose product is shown."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QWidget

from workbench.core.outliers import LEAST_LAYERS, LEAST_TOKENS, THRESHOLDS, Linear, Seen, Site, nearest_step
from workbench.core.problems import UserError, shortened
from workbench.core.units import grouped
from workbench.numerics.llm_int8 import OUTLIER_THRESHOLD
from workbench.panes.cards import Bar
from workbench.panes.controls import breakable, button, icon_button, label, plain_tip
from workbench.panes.fields import ChoiceBox, IntegerField, put_fact
from workbench.panes.model_field import ModelField, add_model_row
from workbench.panes.page import FormColumn, FormGroup
from workbench.panes.slider import Slider
from workbench.panes.theme import Theme, polish

LONGEST_NAME = 24
OURS = "The program\u2019s own"
PAPER_STEP = THRESHOLDS.index(OUTLIER_THRESHOLD)
TITLE_OF_INPUT = "Choose what goes into which layers"


class OutliersForm(QObject):
    """Fields that tell what was chosen; what follows from it is the view's.

    Signals:
        step_moved: The threshold, by its place among THRESHOLDS.
        site_chosen: Another input is to be shown, by its key.
        place_chosen: Another layer or matrix.
        read_wanted, cancel_wanted: The two buttons.
    """

    step_moved = Signal(int)
    site_chosen = Signal(str)
    place_chosen = Signal()
    read_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, theme: Theme, form: FormColumn) -> None:
        super().__init__(form)
        self._theme = theme
        self.source = FormGroup(theme, "Model and text")
        self.model = ModelField(theme)
        add_model_row(self.source, self.model)
        self.text = ChoiceBox(theme)
        self.text.setAccessibleName("Text")
        self.text.addItem(OURS, "")
        self.text.activated.connect(lambda _row: self.say_text(None))
        self.find_text = icon_button("Find a text file", theme, "file")
        self.find_text.clicked.connect(self._find_text)
        self.source.add_row(_words_with("Text", self.find_text), self.text)
        self._text_problem = label("", "problem", wraps=True)
        self._text_problem.hide()
        self.source.add_wide(self._text_problem)

        self.threshold = FormGroup(theme, "Threshold")
        self.slider = Slider(theme, "Threshold")
        self.slider.setRange(0, len(THRESHOLDS) - 1)
        self.slider.setPageStep(10)
        self.slider.set_marks([PAPER_STEP])
        self.slider.setToolTip("From 0.5 to 100; the mark is at 6.0, the paper\u2019s threshold")
        self.value = label("", "medium")
        self.threshold.add_row(label("Magnitude", "label"), _side_by_side(self.slider, self.value))
        self.back = button("Back to 6.0", theme, kind="link")
        self.back.clicked.connect(lambda: self.slider.setValue(PAPER_STEP))
        self.threshold.add_row(label("", "label"), _side_by_side(self.back, QWidget()))
        self.rule = label(
            f"The paper\u2019s rule for an outlier feature: {OUTLIER_THRESHOLD:.1f} or more in at least "
            f"{LEAST_LAYERS:.0%} of the layers and {LEAST_TOKENS:.0%} of the tokens.".replace("%", "\u2009%"),
            "small",
            wraps=True,
        )
        self.threshold.add_wide(self.rule)

        self.product = FormGroup(theme, "Product")
        self.site = ChoiceBox(theme)
        self.site.setAccessibleName("Input")
        self.site.setToolTip(TITLE_OF_INPUT)
        self.layer = IntegerField()
        self.layer.setAccessibleName("Layer")
        self.linear = ChoiceBox(theme)
        self.linear.setAccessibleName("Matrix")
        self.product.add_row(label("Input", "label"), self.site)
        self.product.add_row(label("Layer", "label"), self.layer)
        self.product.add_row(label("Matrix", "label"), self.linear)
        for group in (self.source, self.threshold, self.product):
            form.add_group(group)
        form.end()

        bar = form.action_bar
        self.read = button("Read the text", theme, "play", "primary")
        self.cancel = button("Cancel", theme, "x")
        self.cancel.hide()
        bar.add(self.read, stretch=1)
        bar.add(self.cancel, stretch=1)
        self.progress = Bar(theme)
        self.progress.hide()
        outer = bar.layout()
        assert outer is not None
        outer.addWidget(self.progress)
        self.read.clicked.connect(self.read_wanted)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.slider.valueChanged.connect(self._move)
        self.site.activated.connect(lambda _row: self.site_chosen.emit(self.site.currentData()))
        self.layer.valueChanged.connect(lambda _layer: self._choose_layer())
        self.linear.activated.connect(lambda _row: self._choose_linear())
        self._site: Site | None = None
        self.show_seen(None)
        self.slider.setValue(PAPER_STEP)
        self._say_value()
        theme.changed.connect(self._say_value)

    # -- what was chosen ----------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        return self.slider.value()

    @property
    def text_path(self) -> str:
        """The chosen file; nothing for the program's own."""
        return str(self.text.currentData())

    @property
    def chosen_linear(self) -> Linear | None:
        if self._site is None or self.linear.currentIndex() < 0:
            return None
        return self._site.linears[self.layer.value()][self.linear.currentIndex()]

    def show_text(self, path: str) -> None:
        """Shows a text as the chosen one."""
        if self.text.findData(path) < 0:
            self.text.addItem(shortened(Path(path).name, LONGEST_NAME), path)
        self.text.setCurrentIndex(self.text.findData(path))
        self.text.setToolTip(plain_tip(path))
        self.say_text(None)

    def say_text(self, error: UserError | None) -> None:
        """Says below the field what is wrong with the text; None takes it back."""
        self._text_problem.setText(breakable(str(error)) if error else "")
        self._text_problem.setVisible(error is not None)
        polish(self.text, state="" if error is None else "danger")

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
            self.product.fact.setText("after reading")
            self.source.fact.setText("")
            return
        self.product.fact.setText("")
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
        self.read.setVisible(not is_busy)
        self.cancel.setVisible(is_busy)
        self.cancel.setEnabled(not is_cancelling)
        self.progress.setVisible(is_busy)
        self.model.setEnabled(not is_busy)
        self.text.setEnabled(not is_busy)
        for made in (self.model.find_folder, self.model.find_file, self.find_text):
            made.setEnabled(not is_busy)

    # -- hands --------------------------------------------------------------------------------------------------------

    def _move(self, step: int) -> None:
        self._say_value()
        self.step_moved.emit(step)

    def _say_value(self) -> None:
        self.value.setText(threshold_in_words(self.step))
        self.value.setFixedWidth(self._theme.px(44))
        self.back.setVisible(self.step != PAPER_STEP)

    def _choose_layer(self) -> None:
        self._say_shape()
        self.place_chosen.emit()

    def _choose_linear(self) -> None:
        self._say_shape()
        self.place_chosen.emit()

    def _say_shape(self) -> None:
        linear = self.chosen_linear
        assert self._site is not None
        self.linear.show_fact(f"{grouped(linear.rows)} \u00d7 {grouped(self._site.features)}" if linear else "")

    def _find_text(self) -> None:
        start = str(Path(self.text_path).parent) if self.text_path else str(Path.home())
        kinds = "Text (*.txt *.md);;All files (*)"
        found, _kind = QFileDialog.getOpenFileName(self.text.window(), "Find a text file", start, kinds)
        if found:
            self.show_text(found)


def threshold_in_words(step: int) -> str:
    """A threshold with at least one decimal: "6.0", "0.55", "100"."""
    value = THRESHOLDS[step]
    return f"{value:g}" if value >= 100 or round(value, 1) != value else f"{value:.1f}"


def _words_with(words: str, made: QWidget) -> QWidget:
    """A row's label with a button beside it."""
    both = QWidget()
    line = QHBoxLayout(both)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(0)
    line.addWidget(label(words, "label"), 1)
    line.addWidget(made)
    return both


def _side_by_side(field: QWidget, beside: QWidget) -> QWidget:
    both = QWidget()
    line = QHBoxLayout(both)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    line.addWidget(field, 0 if isinstance(beside, QLabel) is False else 1)
    line.addWidget(beside, 1 if not isinstance(beside, QLabel) else 0)
    return both
