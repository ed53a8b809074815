"""The form of the Race view: the model, the text and the prompts, the precisions, and a short training."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from workbench.bridge.tasks import run_task
from workbench.core import places, texts
from workbench.core.problems import UserError, shortened
from workbench.core.study import MeasureRequest
from workbench.core.units import grouped
from workbench.panes.cards import Bar
from workbench.panes.controls import Switch, breakable, button, icon_button, label, plain_tip
from workbench.panes.disclosure import Disclosure
from workbench.panes.fields import ChoiceBox, IntegerField, lock, put_fact
from workbench.panes.model_field import ModelField, add_model_row
from workbench.panes.page import FormColumn, FormGroup
from workbench.panes.quantize_race_precisions import PrecisionList
from workbench.panes.quantize_race_words import precisions_in_words
from workbench.panes.theme import Theme, polish

OURS = "The program\u2019s own"
LONGEST_NAME = 24
LARGEST_SEED = 2_147_483_647
USUAL_STEPS, MOST_STEPS = 20, 10_000
PROMPT_LINES = 6


class RaceForm(QObject):
    """Fields that tell what was chosen.

    Signals:
        changed: Something else is asked for now.
        race_wanted, cancel_wanted: The two buttons.
    """

    changed = Signal()
    race_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, theme: Theme, form: FormColumn) -> None:
        super().__init__(form)
        self._theme = theme
        self.text_error: UserError | None = None
        self._our_prompts: tuple[str, ...] = ()
        self._is_wide = self._is_busy = False
        self._add_source(form)
        self._add_precisions(form)
        self._add_more(form)
        form.end()
        self._add_actions(form)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._change()

    def _add_source(self, form: FormColumn) -> None:
        theme = self._theme
        group = self._source = FormGroup(theme, "Model and text")
        self.model = ModelField(theme)
        add_model_row(group, self.model)
        self.text = ChoiceBox(theme)
        self.text.setAccessibleName("Text")
        self.text.setToolTip("Perplexity is taken over it, and the distributions of the next token are compared")
        self.text.addItem(OURS, "")
        self.text.activated.connect(lambda _row: self._count_words())
        self.find_text = icon_button("Find a text file", theme, "file")
        self.find_text.clicked.connect(self._find_text)
        group.add_row(_words_with("Text", self.find_text), self.text)
        self.text_problem = label("", "problem", wraps=True)
        self.text_problem.hide()
        group.add_wide(self.text_problem)
        self.prompts = QPlainTextEdit()
        self.prompts.setAccessibleName("Prompts, one a line")
        self.prompts.setPlaceholderText("One prompt a line")
        self.prompts.setTabChangesFocus(True)
        self.prompts.textChanged.connect(self._change_prompts)
        self.our_prompts = icon_button("Back to the program\u2019s own prompts", theme, "arrow-counter-clockwise")
        self.our_prompts.clicked.connect(self._take_our_prompts)
        self._prompt_words = label("Prompts", "label")
        self._prompt_fact = label("one a line", "fact")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._prompt_words)
        head.addWidget(self._prompt_fact)
        head.addStretch(1)
        head.addWidget(self.our_prompts)
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.prompts)
        group.add_wide(both)
        form.add_group(group)

    def _add_precisions(self, form: FormColumn) -> None:
        group = FormGroup(self._theme, "Precisions", "bits a weight")
        self.precisions = PrecisionList(self._theme)
        self.precisions.chosen.connect(self._change)
        group.add_wide(self.precisions)
        form.add_group(group)

    def _add_more(self, form: FormColumn) -> None:
        theme = self._theme
        self.more = Disclosure(theme, "More")
        self.more.toggled.connect(lambda _is_open: self._show_more())
        self._more_group = FormGroup(theme, "A short training")
        self.trains = Switch(theme)
        self.trains.setAccessibleName("Train in each precision")
        self.trains.setToolTip(
            "Trains a LoRA in each precision from the same seed, and lays the losses over each other"
        )
        self.trains.clicked.connect(self._change)
        self.steps = IntegerField()
        self.steps.setAccessibleName("Steps of training")
        self.steps.setRange(1, MOST_STEPS)
        self.steps.setValue(USUAL_STEPS)
        put_fact(self.steps, "in each precision")
        self.steps.valueChanged.connect(self._change)
        self.data = ChoiceBox(theme)
        self.data.setAccessibleName("Data to train on")
        for name in places.built_in_datasets():
            self.data.addItem(name, name)
        self.find_data = icon_button("Find a dataset file", theme, "file")
        self.find_data.clicked.connect(self._find_data)
        self.seed = IntegerField()
        self.seed.setAccessibleName("Seed")
        self.seed.setRange(0, LARGEST_SEED)
        self.seed.setValue(1)
        put_fact(self.seed, "for all of them")
        group = self._more_group
        group.add_row(label("Train", "label"), self.trains)
        group.add_row(label("Steps", "label"), self.steps)
        group.add_row(_words_with("Data", self.find_data), self.data)
        group.add_row(label("Seed", "label"), self.seed)
        form.add_group(self.more)
        form.add_group(group)
        self._show_more()

    def _add_actions(self, form: FormColumn) -> None:
        bar, theme = form.action_bar, self._theme
        self.race = button("Race", theme, "play", "primary")
        self.cancel = button("Cancel", theme, "x")
        self.cancel.hide()
        bar.add(self.race, stretch=1)
        bar.add(self.cancel, stretch=1)
        self.progress = Bar(theme)
        keeps = self.progress.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)  # nothing moves where it comes or goes
        self.progress.setSizePolicy(keeps)
        self.progress.hide()
        outer = bar.layout()
        assert outer is not None
        outer.addWidget(self.progress)
        self.race.clicked.connect(self.race_wanted)
        self.cancel.clicked.connect(self.cancel_wanted)

    def _restyle(self) -> None:
        lines = PROMPT_LINES * self.prompts.fontMetrics().lineSpacing() + self._theme.px(20)
        self.prompts.setFixedHeight(lines)

    # -- what was chosen ----------------------------------------------------------------------------------------------

    def request(self, model: str) -> MeasureRequest:
        """What is asked for of a model."""
        typed = tuple(line.strip() for line in self.prompts.toPlainText().splitlines() if line.strip())
        return MeasureRequest(
            model=model,
            precisions=self.precisions.names,
            text=self.text_path,
            prompts=() if typed == self._our_prompts else typed,
            seed=self.seed.value(),
            train_steps=self.steps.value() if self.trains.isChecked() else 0,
            data=str(self.data.currentData()) if self.trains.isChecked() else "shopping",
        )

    @property
    def text_path(self) -> str:
        """The chosen file; nothing for the program's own."""
        return str(self.text.currentData())

    @property
    def has_prompts(self) -> bool:
        return bool(self.prompts.toPlainText().strip())

    def look_around(self) -> None:
        """Reads what the form begins with."""
        self._our_prompts = texts.our_prompts()
        if not self.has_prompts:
            self._take_our_prompts()
        self._count_words()
        self.model.look_around()

    def show_request(self, request: MeasureRequest) -> None:
        """Shows what was asked for, all but the model."""
        self.precisions.show_names(request.precisions)
        self._our_prompts = texts.our_prompts()
        self.prompts.setPlainText("\n".join(request.prompts or self._our_prompts))
        self.seed.setValue(request.seed)
        self.trains.setChecked(request.train_steps > 0)
        if request.train_steps:
            self.steps.setValue(request.train_steps)
            self._show_data(request.data)
        if request.text:
            self.show_text(request.text)
        self._change()

    def show_text(self, path: str) -> None:
        """Shows a text as the chosen one."""
        _choose(self.text, path, shortened(Path(path).name, LONGEST_NAME))
        self._count_words()

    def say_text(self, error: UserError | None) -> None:
        """Says below the field what is wrong with the text; None takes it back."""
        self.text_error = error
        self.text_problem.setText(breakable(str(error)) if error else "")
        self.text_problem.setVisible(error is not None)
        polish(self.text, state="" if error is None else "danger")

    def show_busy(self, is_busy: bool, *, is_cancelling: bool = False) -> None:
        self.race.setVisible(not is_busy)
        self.cancel.setVisible(is_busy)
        self.cancel.setEnabled(not is_cancelling)
        self.progress.setVisible(is_busy)
        for field in (self.model.choice, self.text, self.seed, self.steps, self.data):
            lock(field, is_busy)
        finders = (self.model.find_folder, self.model.find_file, self.find_text)
        for made in (*finders, self.our_prompts, self.precisions, self.trains):
            made.setEnabled(not is_busy)
        self.prompts.setReadOnly(is_busy)
        self._is_busy = is_busy
        self._follow_training()

    def arrange(self, *, is_wide: bool) -> None:
        """A wide window has room for what stands under More."""
        self._is_wide = is_wide
        self._show_more()

    # -- hands --------------------------------------------------------------------------------------------------------

    def _change(self) -> None:
        self._follow_training()
        self.race.setText(f"Race {precisions_in_words(len(self.precisions.names))}")
        self.changed.emit()

    def _follow_training(self) -> None:
        trains = self.trains.isChecked() and not self._is_busy
        for made in (self.steps, self.data, self.find_data):
            made.setEnabled(trains)
        others = []
        if self.trains.isChecked():
            others.append(f"{grouped(self.steps.value())} steps of training")
        if self.seed.value() != 1:
            others.append(f"seed {grouped(self.seed.value())}")
        self.more.setText(f"More: {', '.join(others)}" if others else "More: no training, seed 1")

    def _show_more(self) -> None:
        self.more.setVisible(not self._is_wide)
        self._more_group.setVisible(self._is_wide or self.more.isChecked())

    def _change_prompts(self) -> None:
        lines = [line for line in self.prompts.toPlainText().splitlines() if line.strip()]
        is_ours = tuple(line.strip() for line in lines) == self._our_prompts
        self._prompt_fact.setText("ours, one a line" if is_ours else f"{len(lines)}, one a line")
        self.our_prompts.setVisible(not is_ours)
        self.changed.emit()

    def _take_our_prompts(self) -> None:
        self.prompts.setPlainText("\n".join(self._our_prompts))

    def _count_words(self) -> None:
        """How many words the chosen text has, or what is wrong with it."""
        path = self.text_path
        self.text.setToolTip(plain_tip(path))
        self.say_text(None)

        def take(words: int) -> None:
            if path == self.text_path:
                self._source.fact.setText(f"{grouped(words)} words in the text")

        def fail(error: UserError) -> None:
            if path == self.text_path:
                self._source.fact.setText("")
                self.say_text(error)

        run_task(lambda: len(texts.read_text(path).text.split()), take, fail, parent=self)
        self.changed.emit()

    def _find_text(self) -> None:
        start = str(Path(self.text_path).parent) if self.text_path else str(Path.home())
        kinds = "Text (*.txt *.md);;All files (*)"
        found, _kind = QFileDialog.getOpenFileName(self.text.window(), "Find a text file", start, kinds)
        if found:
            self.show_text(found)

    def _find_data(self) -> None:
        kinds = "Datasets (*.jsonl *.json *.csv *.parquet);;All files (*)"
        found, _kind = QFileDialog.getOpenFileName(self.data.window(), "Find a dataset", str(Path.home()), kinds)
        if found:
            self._show_data(found)

    def _show_data(self, data: str) -> None:
        _choose(self.data, data, shortened(Path(data).name, LONGEST_NAME))
        self.data.setToolTip(plain_tip(data))


def _choose(box: ChoiceBox, value: str, words: str) -> None:
    if box.findData(value) < 0:
        box.addItem(words, value)
    box.setCurrentIndex(box.findData(value))


def _words_with(words: str, made: QWidget) -> QWidget:
    """A row's label with a button beside it."""
    both = QWidget()
    line = QHBoxLayout(both)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(0)
    line.addWidget(label(words, "label"), 1)
    line.addWidget(made)
    return both
