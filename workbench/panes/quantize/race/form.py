"""The form of the Race view: the model, the text and the prompts, the precisions, and a short training."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from workbench.bridge.tasks import run_task
from workbench.core.data import texts
from workbench.core.job.study_kinds import MeasureRequest
from workbench.core.problems import UserError
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import breakable, icon_button, label
from workbench.panes.parts.disclosure import Disclosure
from workbench.panes.parts.fields import lock
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.parts.study_form import StudyForm, TextChoice, add_text_row
from workbench.panes.quantize.race.precisions import PrecisionList
from workbench.panes.quantize.race.training import TrainingGroup
from workbench.panes.quantize.race.words import precisions_in_words

PROMPT_LINES = 6


class RaceForm(StudyForm):
    """A model, a text and prompts, the precisions, and a short training.

    Signals:
        changed: Something else is asked for now.
    """

    changed = Signal()

    def __init__(self, theme: Theme, form: FormColumn) -> None:
        super().__init__(theme, form, "Model and text", "Race")
        self.text_error: UserError | None = None
        self._our_prompts: tuple[str, ...] = ()
        self._is_wide = False
        self._fill_source()
        self._make_precisions()
        self._make_more()
        self._add_groups(form, self.source, self._precision_group, self.more, self.training)
        self.keep_room_for_progress(True)
        self._show_more()
        theme.follow(self._restyle)
        self._change()

    def _fill_source(self) -> None:
        theme, group = self._theme, self.source
        self.text = TextChoice(
            theme, "Perplexity is taken over it, and the distributions of the next token are compared"
        )
        self.text.shown.connect(lambda _path: self._count_words())
        add_text_row(group, self.text)
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
        head = in_row(self._prompt_words, self._prompt_fact, 1, self.our_prompts, gap=8)
        both = QWidget()
        in_column(head, self.prompts, gap=2, of=both)
        group.add_wide(both)

    def _make_precisions(self) -> None:
        group = self._precision_group = FormGroup(self._theme, "Precisions", "bits a weight")
        self.precisions = PrecisionList(self._theme)
        self.precisions.chosen.connect(self._change)
        group.add_wide(self.precisions)

    def _make_more(self) -> None:
        self.more = Disclosure(self._theme, "More")
        self.more.toggled.connect(lambda _is_open: self._show_more())
        self.training = TrainingGroup(self._theme)
        self.training.changed.connect(self._change)

    def _restyle(self) -> None:
        lines = PROMPT_LINES * self.prompts.fontMetrics().lineSpacing() + self._theme.px(20)
        self.prompts.setMaximumHeight(lines)

    # -- what was chosen ----------------------------------------------------------------------------------------------

    def request(self, model: str) -> MeasureRequest:
        """What is asked for of a model."""
        typed = tuple(line.strip() for line in self.prompts.toPlainText().splitlines() if line.strip())
        return MeasureRequest(
            model=model,
            precisions=self.precisions.names,
            text=self.text.path,
            prompts=() if typed == self._our_prompts else typed,
            seed=self.training.seed.value(),
            train_steps=self.training.train_steps,
            data=self.training.chosen_data,
        )

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
        self.training.show_request(request)
        if request.text:
            self.text.show_path(request.text)
        self._change()

    def say_text(self, error: UserError | None) -> None:
        """Says below the field what is wrong with the text; None takes it back."""
        self.text_error = error
        self.text_problem.setText(breakable(str(error)) if error else "")
        self.text_problem.setVisible(error is not None)
        polish(self.text, state="" if error is None else "danger")

    def show_busy(self, is_busy: bool, *, is_cancelling: bool = False) -> None:
        super().show_busy(is_busy, is_cancelling=is_cancelling)
        for field in (self.model.choice, self.text):
            lock(field, is_busy)
        for made in (self.text.find_file, self.our_prompts, self.precisions):
            made.setEnabled(not is_busy)
        self.prompts.setReadOnly(is_busy)
        self.training.show_busy(is_busy)

    def arrange(self, *, is_wide: bool) -> None:
        """A wide window has room for what stands under More."""
        self._is_wide = is_wide
        self._show_more()

    # -- hands --------------------------------------------------------------------------------------------------------

    def _change(self) -> None:
        self.more.setText(f"More: {self.training.words}")
        self.start.setText(f"Race {precisions_in_words(len(self.precisions.names))}")
        self.changed.emit()

    def _show_more(self) -> None:
        self.more.setVisible(not self._is_wide)
        self.training.setVisible(self._is_wide or self.more.isChecked())

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
        path = self.text.path
        self.say_text(None)

        def take_word_count(words: int) -> None:
            if path == self.text.path:
                self.source.fact.setText(f"{grouped(words)} words in the text")

        def fail(error: UserError) -> None:
            if path == self.text.path:
                self.source.fact.setText("")
                self.say_text(error)

        run_task(lambda: len(texts.read_text(path).text.split()), take_word_count, fail, parent=self)
        self.changed.emit()
