"""The form of the Evaluation view: whose weights are measured, and on what."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core.evaluation.rows import HELD_OUT
from workbench.core.job.evaluation_kinds import EvaluateRequest, OwnTask
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Bar
from workbench.panes.parts.controls import Segmented, button, icon_button, label
from workbench.panes.parts.fields import IntegerField, TextField, put_fact, words_with
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.parts.tick_box import TickBox
from workbench.panes.try_.form.choices import Choices
from workbench.panes.try_.form.who_answers import WhoAnswers
from workbench.panes.try_.view import OnPage

MOST_ROWS = 100_000
FILES = "Rows (*.jsonl *.json *.csv *.tsv *.parquet *.arrow *.xlsx *.ods *.txt);;All files (*)"


class EvaluationForm(QWidget):
    """Fields that tell what was chosen.

    Signals:
        changed: Something is chosen otherwise.
        start_wanted, cancel_wanted: The two buttons.
    """

    changed = Signal()
    start_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, on_page: OnPage, form: FormColumn) -> None:
        super().__init__(form)
        self.hide()  # it holds the parts together, which lie in the form
        theme = on_page.theme
        self._choices: Choices = on_page.choices
        self.who = WhoAnswers(theme, on_page.choices, on_page.chat, has_beside=False, has_strength=False)
        form.add_group(self.who)
        form.add_group(self._held_out_group(theme))
        form.add_group(self._file_group(theme))
        form.add_group(self._known_group(theme))
        form.end()
        self.start = button("Measure", theme, "play", "primary")
        self.cancel = button("Cancel", theme, "x")
        self.cancel.hide()
        self.start.clicked.connect(self.start_wanted)
        self.cancel.clicked.connect(self.cancel_wanted)
        form.action_bar.add(self.start, stretch=1)
        form.action_bar.add(self.cancel, stretch=1)
        self.progress = Bar(theme)
        self.progress.hide()
        outer = form.action_bar.layout()
        assert outer is not None
        outer.addWidget(self.progress)

    def _held_out_group(self, theme: Theme) -> FormGroup:
        group = FormGroup(theme, "Rows it has not learned")
        self.held_out_fact = group.fact
        self.exact = TickBox(theme, "Exact match")
        self.exact.setChecked(True)
        self.perplexity = TickBox(theme, "Perplexity")
        self.perplexity.setChecked(True)
        for box in (self.exact, self.perplexity):
            box.toggled.connect(self.changed)
        group.add_row(label("Measured by", "label"), self.exact)
        group.add_row(label("", "label"), self.perplexity)
        self.limit = IntegerField()
        self.limit.setRange(0, MOST_ROWS)
        self.limit.setAccessibleName("Rows of each at most; 0 for all")
        self.limit.setSpecialValueText("all")
        self.limit.valueChanged.connect(self.changed)
        put_fact(self.limit, "rows")
        group.add_row(label("At most", "label"), self.limit)
        return group

    def _file_group(self, theme: Theme) -> FormGroup:
        group = FormGroup(theme, "A file", "questions of your own")
        self.file = TextField()
        self.file.setAccessibleName("File of rows")
        self.file.setPlaceholderText("none")
        self.file.edited.connect(lambda _path: self.changed.emit())
        find = icon_button("Find a file of rows", theme, "file")
        find.clicked.connect(self._find)
        group.add_row(words_with("File", find), self.file)
        self.kind = Segmented([("exact", "Exact"), ("choice", "Choice"), ("perplexity", "Loss")], "Measured by")
        self.kind.set_value("exact")
        self.kind.chosen.connect(lambda _kind: self.changed.emit())
        self.kind_words = label("", "small", wraps=True)
        field = QWidget()
        in_column(self.kind, self.kind_words, gap=2, of=field)
        group.add_row(label("Measured by", "label"), field)
        self.kind.chosen.connect(lambda _kind: self._say_kind())
        self._say_kind()
        return group

    def _known_group(self, theme: Theme) -> FormGroup:
        group = FormGroup(theme, "Tasks of lm-eval", "data fetched before")
        self.tasks = TextField()
        self.tasks.setAccessibleName("Names of lm-eval's tasks, with commas between them")
        self.tasks.setPlaceholderText("such as arc_easy, hellaswag")
        self.tasks.edited.connect(lambda _names: self.changed.emit())
        group.add_row(label("Names", "label"), self.tasks)
        return group

    def _say_kind(self) -> None:
        words: dict[OwnTask, str] = {
            "exact": "The answer is what the row says, word by word",
            "choice": "Rows with choices, one of which is the answer",
            "perplexity": "How little the answers surprise it",
        }
        self.kind_words.setText(next(text for kind, text in words.items() if kind == self.kind.value()))

    def _find(self) -> None:
        found, _kind = QFileDialog.getOpenFileName(self.window(), "Find a file of rows", str(Path.home()), FILES)
        if found:
            self.file.show_text(found)
            self.changed.emit()

    # -- what was chosen -----------------------------------------------------------------------------------------------

    @property
    def has_held_out(self) -> bool:
        """Whether the chosen run has rows that it has not learned."""
        known = self._choices.known
        return known is not None and known.run is not None and bool(self._choices.held_out)

    def request(self) -> EvaluateRequest | None:
        """What is to be measured; None where nothing is chosen."""
        path = self.file.text().strip()
        own: dict[str, list[str]] = {"exact": [], "choice": [], "perplexity": []}
        if self.has_held_out:
            for box, kind in ((self.exact, "exact"), (self.perplexity, "perplexity")):
                if box.isChecked():
                    own[kind].append(HELD_OUT)
        if path:
            own[self.kind.value()].append(str(Path(path).expanduser()))
        tasks = tuple(name.strip() for name in self.tasks.text().split(",") if name.strip())
        if not self._choices.model or not (tasks or any(own.values())):
            return None
        return EvaluateRequest(
            model=self._choices.model,
            tasks=tasks,
            limit=self.limit.value(),
            exact=tuple(own["exact"]),
            choice=tuple(own["choice"]),
            perplexity=tuple(own["perplexity"]),
        )

    # -- what is shown -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        count = len(self._choices.held_out)
        self.held_out_fact.setText(f"{count} held out" if self.has_held_out else "none held out")
        for box in (self.exact, self.perplexity):
            box.setEnabled(self.has_held_out)

    def show_busy(self, is_busy: bool, *, is_cancelling: bool = False) -> None:
        self.start.setVisible(not is_busy)
        self.start.setEnabled(self.request() is not None)
        self.cancel.setVisible(is_busy)
        self.cancel.setEnabled(not is_cancelling)
        self.progress.setVisible(is_busy)
