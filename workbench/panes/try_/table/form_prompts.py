"""The group "Prompts" of the form: where they come from, and how many of them are asked."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.bridge.prompt_table import PromptTableControl
from workbench.core.chat.table.lists import ListWanted, Origin
from workbench.core.units import counted, grouped
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import breakable, icon_button, label, plain_tip
from workbench.panes.parts.fields import ChoiceBox, IntegerField, LinesField, TextField, lock, put_fact, words_with
from workbench.panes.parts.page import FormGroup
from workbench.panes.try_.form.choices import Choices

ORIGINS: tuple[tuple[Origin, str], ...] = (
    ("held out", "Held-out rows"),
    ("typed", "Typed or pasted"),
    ("file", "A file"),
)
KINDS = "Prompts (*.txt *.csv *.tsv *.jsonl *.json *.parquet *.xlsx *.ods);;All files (*)"
MOST_ROWS = 1_000_000


class PromptsGroup(FormGroup):
    """Shows the control's list and changes it."""

    def __init__(self, theme: Theme, control: PromptTableControl, choices: Choices) -> None:
        super().__init__(theme, "Prompts")
        self._control, self._choices = control, choices
        self.origin = ChoiceBox(theme)
        self.origin.setAccessibleName("Prompts from")
        for origin, words in ORIGINS:
            self.origin.addItem(words, origin)
        self.origin.activated.connect(lambda place: self._want(origin=self.origin.itemData(place)))
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        field = QWidget()
        in_column(self.origin, self.problem, gap=2, of=field)
        self.add_row(label("From", "label"), field)
        self.typed = LinesField(theme)
        self.typed.MOST_LINES = 8
        self.typed.setAccessibleName("Prompts, one on each line")
        self.typed.setPlaceholderText("One on each line; behind a tab its expected answer")
        self.typed.edited.connect(lambda text: self._want(text=text))
        self._typed_words = label("Lines", "label")
        self.add_row(self._typed_words, self.typed)
        self.path = TextField()
        self.path.setAccessibleName("File of prompts")
        self.path.setPlaceholderText("a line each, or rows")
        self.path.edited.connect(lambda path: self._want(path=path, expected=None))
        self.find_file = icon_button("Find a file of prompts", theme, "folder-open")
        self.find_file.clicked.connect(self._ask)
        self._path_words = words_with("File", self.find_file)
        self.add_row(self._path_words, self.path)
        self.most = IntegerField()
        self.most.setAccessibleName("How many prompts")
        self.most.valueChanged.connect(self._take_most)
        self.add_row(label("How many", "label"), self.most)
        control.changed.connect(self.refresh)
        control.state_changed.connect(self.refresh)
        choices.known_changed.connect(self._take_run)
        self.refresh()

    # -- what is wanted ------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Reads what is wanted from the start, once it is known of which run."""
        self._take_run()

    def _take_run(self) -> None:
        known = self._choices.known
        if known is None:
            return
        run = known.run.path if known.run is not None else None
        wanted = self._control.wanted
        if run != wanted.run or (self._control.listed is None and self._control.list_trouble is None):
            self._want(run=run)

    def _want(self, **changes: object) -> None:
        wanted: ListWanted = replace(self._control.wanted, **changes)  # type: ignore[arg-type]
        if wanted.origin == "typed" and "origin" in changes:
            wanted = replace(wanted, text=self.typed.text())
        self._control.set_most(0)
        self._control.list_prompts(wanted)
        self.refresh()

    def _ask(self) -> None:
        path = self._control.wanted.path
        start = str(Path(path).parent) if path else str(Path.home())
        found, _kind = QFileDialog.getOpenFileName(self.window(), "Find a file of prompts", start, KINDS)
        if found:
            self._want(path=found, expected=None)

    def expect(self, column: str | None) -> None:
        """Takes the expected answers from a column of the file; None takes what its rows learn, an empty name none."""
        self._want(expected=column)

    def take_file(self, path: str) -> None:
        """Asks the prompts of a file."""
        self._want(origin="file", path=path, expected=None)

    def _take_most(self, most: int) -> None:
        listed = self._control.listed
        self._control.set_most(0 if listed is not None and most >= len(listed.prompts) else most)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Shows what is wanted, and what was found."""
        control = self._control
        wanted, listed, trouble = control.wanted, control.listed, control.list_trouble
        self.origin.setCurrentIndex(self.origin.findData(wanted.origin))
        self.typed.setVisible(wanted.origin == "typed")
        self._typed_words.setVisible(wanted.origin == "typed")
        self.path.setVisible(wanted.origin == "file")
        self._path_words.setVisible(wanted.origin == "file")
        if self.path.text() != wanted.path and not self.path.hasFocus():
            self.path.show_text(wanted.path)
            self.path.end(False)  # the file's name is what tells it from others
        self.path.setToolTip(plain_tip(wanted.path))
        words = f"{trouble.what} {trouble.remedy}" if trouble is not None else ""
        if listed is not None and listed.left_out:
            words = f"{counted(listed.left_out, 'row')} that cannot be asked left out."
        self.problem.setText(breakable(words))
        polish(self.problem, state="danger" if trouble is not None else "warn")
        self.problem.setVisible(bool(words))
        count = len(listed.prompts) if listed is not None else 0
        self.most.blockSignals(True)
        self.most.setRange(1 if count else 0, max(1, count))
        self.most.setValue(min(control.most or count, count))
        self.most.blockSignals(False)
        self.most.setEnabled(count > 0)
        put_fact(self.most, f"of {grouped(count)}" if count else "")
        is_unseen = wanted.origin == "held out" and listed is not None
        self.fact.setText("not seen in training" if is_unseen else "")
        self.fact.setToolTip(listed.source if listed is not None else "")

    def set_locked(self, is_locked: bool) -> None:
        """While answers come nothing of it is changed."""
        for field in (self.origin, self.path):
            lock(field, is_locked)
        self.typed.setEnabled(not is_locked)
        self.find_file.setEnabled(not is_locked)
        lock(self.most, is_locked)
        self.most.setEnabled(not is_locked and self._control.listed is not None)
