"""The card of one run: its recipe in words, how it ended, where it lies, and what can be done with it."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from workbench.bridge.outcome import Outcome, outcome_of
from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.job import checkpoints
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.row import RunRow
from workbench.core.ticks import clock
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import ElidedLabel, button, label
from workbench.panes.parts.fields import IntegerField, put_fact
from workbench.panes.parts.form_rows import choice_in_words
from workbench.panes.parts.run_words import (
    TAG_OF_STATE,
    day_in_words,
    memory_in_words,
    model_in_words,
    now_in_words,
    recipe_in_words,
    steps_in_words,
)

MORE_STEPS = 50
# Facts that are shortened in the middle; the others are wrapped.
NAMES = ("Model", "Data", "Folder", "Result")
# Arrow keys go through a list faster than a long journal is read.
PATIENCE_MS = 120


@dataclass(frozen=True)
class RunDetails:
    """What a row of the list does not hold; `outcome` is None while the run lives, `checkpoint_step` 0 without one."""

    recipe: Recipe | None
    outcome: Outcome | None
    checkpoint_step: int
    weights: str = ""  # how they were stored, in words
    memory: str = ""  # what training took beside its prediction, in words

    @classmethod
    def read(cls, path: Path) -> "RunDetails":
        run = RunFolder(path)
        try:
            recipe = run.recipe()
        except UserError:
            recipe = None  # the row says what is wrong with it
        history = run.history()
        is_alive = run.state(history).is_alive
        saved = checkpoints.steps(run.checkpoints)
        return cls(
            recipe=recipe,
            outcome=None if is_alive else outcome_of(run, history, None, False),
            checkpoint_step=saved[-1][0] if saved else 0,
            weights=history.planned.stored_as if history.planned is not None else "",
            memory=memory_in_words(history),
        )


class RunDetailsCard(Card):
    """Shows the run it is given; what is done with it is the page's.

    Signals:
        open_wanted, resume_wanted (with how many more steps), recipe_wanted, folder_wanted, copy_wanted.
    """

    open_wanted = Signal()
    resume_wanted = Signal(int)
    recipe_wanted = Signal()
    folder_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Run")
        self.row: RunRow | None = None
        self._details: RunDetails | None = None
        self._hindrance = ""
        self._asked = 0
        self._answered = 0
        self._patience = once_after(self, PATIENCE_MS, self._read)
        self.tag = Tag(theme)
        self.add_to_head(self.tag)
        self._name = ElidedLabel("", "heading")
        self.what = label("", "medium", wraps=True)
        self.why = label("", "sentence", wraps=True)
        self.remedy = label("", "sentence", wraps=True)
        for words in (self.what, self.why, self.remedy):
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts: dict[str, QLabel] = {}
        self._fact_words: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(10))
        self._grid.setVerticalSpacing(theme.px(5))
        self._grid.setColumnStretch(1, 1)
        for title in (
            *("Model", "Precision", "Adapter", "Data", "Length", "Batch", "Learning rate", "Reached", "Last loss"),
            *("Memory", "Started", "Elapsed", "Folder", "Result"),
        ):
            self._add_fact(title)
        self._build_scroll()
        self._build_buttons()
        theme.follow(self._restyle)
        self.show_run(None)

    # -- building -----------------------------------------------------------------------------------------------------

    def _add_fact(self, title: str) -> None:
        number = len(self._facts)
        self._fact_words[title] = label(title, "label")
        self._facts[title] = ElidedLabel() if title in NAMES else label("", wraps=True)
        self._grid.addWidget(self._fact_words[title], number, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._facts[title], number, 1)

    def _build_scroll(self) -> None:
        inside = QWidget()
        rows = in_column(self._name, gap=self.theme.px(3), of=inside)
        rows.addSpacing(self.theme.px(5))
        for words in (self.what, self.why, self.remedy):
            rows.addWidget(words)
        rows.addSpacing(self.theme.px(9))
        rows.addLayout(self._grid)
        rows.addStretch(1)
        self._scroll = in_scroll(inside)
        self._none = label("Choose a run to see what became of it.", "sentence", wraps=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self._none, 1)
        self.body.addWidget(self._scroll, 1)

    def _build_buttons(self) -> None:
        theme = self.theme
        self.opens = button("Show on Train", theme, "chart-line-up", "primary")
        self.resumes = button("Resume", theme, "play")
        self.steps = IntegerField()
        self.steps.setRange(1, 1_000_000)
        self.steps.setValue(MORE_STEPS)
        self.steps.setAccessibleName("Steps to go on for")
        put_fact(self.steps, "steps")
        self.steps.valueChanged.connect(self._say_resume)
        self.reason = label("", "fact", wraps=True)
        self.uses = button("Use its recipe", theme, "sliders")
        self.uses.setToolTip("Puts this run's settings into the form")
        self.folder = button("Open folder", theme, "folder-open")
        self.copies = button("Copy path", theme, "copy")
        self.opens.clicked.connect(self.open_wanted)
        self.resumes.clicked.connect(lambda: self.resume_wanted.emit(self.extra_steps))
        self.uses.clicked.connect(self.recipe_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        self.copies.clicked.connect(self.copy_wanted)
        going_on = in_row(self.steps, (self.resumes, 1), gap=theme.px(4))
        others = in_row((self.folder, 1), (self.copies, 1), gap=theme.px(4))
        for part in (self.opens, self.uses):
            part.setSizePolicy(self.resumes.sizePolicy().Policy.Expanding, self.resumes.sizePolicy().verticalPolicy())
        self.body.addWidget(self.opens)
        self.body.addLayout(going_on)
        self.body.addWidget(self.reason)
        self.body.addWidget(self.uses)
        self.body.addLayout(others)

    def _restyle(self) -> None:
        self.steps.setFixedWidth(self.theme.px(128))
        widest = max(map(self.fontMetrics().horizontalAdvance, self._facts))
        self._grid.setColumnMinimumWidth(0, widest + self.theme.px(4))

    # -- showing ------------------------------------------------------------------------------------------------------

    @property
    def extra_steps(self) -> int:
        """How many steps Resume asks for beyond those planned."""
        return self.steps.value() if self.row is not None and self.row.state is RunState.FINISHED else 0

    def show_run(self, row: RunRow | None) -> None:
        """Shows a run as the list has it now; the rest is read where it is another run or in another state."""
        before, self.row = self.row, row
        is_other = row is None or before is None or row.path != before.path
        if is_other:
            self._details = None
            self.steps.setValue(MORE_STEPS)
            self._scroll.verticalScrollBar().setValue(0)
        if row is not None and before is not None and not is_other and row == before:
            return
        if row is not None and (is_other or row.state is not before.state or row.error != before.error):  # type: ignore[union-attr]
            self._asked += 1
            self._patience.start()
        self._draw()

    @property
    def is_reading(self) -> bool:
        """Whether what the list does not hold of the run is still to come."""
        return self.row is not None and self._answered < self._asked

    def set_hindrance(self, words: str) -> None:
        """Says why no run may start now; no words where one may."""
        if words != self._hindrance:
            self._hindrance = words
            self._say_resume()

    def _read(self) -> None:
        if self.row is None:
            return
        path, asked = self.row.path, self._asked

        def show_details(details: RunDetails) -> None:
            self._answered = asked
            if asked == self._asked:
                self._details = details
                self._draw()

        def leave_out(_error: UserError) -> None:
            self._answered = asked  # the row says what is wrong

        run_task(lambda: RunDetails.read(path), show_details, leave_out, parent=self)

    def _draw(self) -> None:
        row, details = self.row, self._details
        self._none.setVisible(row is None)
        self._scroll.setVisible(row is not None)
        self.tag.show_state(*(TAG_OF_STATE[row.state] if row else ("", "none", "")))
        for part in (self.opens, self.uses, self.folder, self.copies):
            part.setVisible(row is not None)
        if row is not None:
            self._name.set_text(row.name)
            self._say_outcome(row, details.outcome if details else None)
            self._say_facts(row, details)
            self.uses.setEnabled(not row.error)
            self.opens.setText("Follow on Train" if row.state.is_alive else "Show on Train")
        self._say_resume()

    def _say_outcome(self, row: RunRow, outcome: Outcome | None) -> None:
        if row.error:
            what, why, remedy = "Its recipe cannot be read.", row.error, ""
        elif outcome is not None and not row.state.is_alive:
            what, why, remedy = outcome.what, outcome.why, outcome.remedy
        else:
            what, why, remedy = now_in_words(row), "", ""
        for words, text in ((self.what, what), (self.why, why), (self.remedy, remedy)):
            words.setText(text[:1000])
            words.setVisible(bool(text))
        self.setAccessibleDescription(f"{row.name}. {what}")

    def _say_facts(self, row: RunRow, details: RunDetails | None) -> None:
        lines = {
            "Model": row.model if row.model != "starter" else model_in_words(row.model),
            "Precision": choice_in_words(row.precision) if row.precision else "",
            "Data": row.data,
            "Reached": f"step {steps_in_words(row)}" if row.step else "",
            "Last loss": f"{row.loss_last:.4f}" if row.loss_last is not None else "",
            "Memory": details.memory if details else "",
            "Started": day_in_words(row.started_at),
            "Elapsed": clock(row.elapsed_seconds) if row.elapsed_seconds else "",
            "Folder": str(row.path),
            "Result": row.adapter,
        }
        if details is not None and details.recipe is not None:
            lines |= recipe_in_words(details.recipe, details.weights)
        for title, value in self._facts.items():
            text = lines.get(title, "")
            if isinstance(value, ElidedLabel):
                value.set_text(text)
            else:
                value.setText(text)
            value.setVisible(bool(text))
            self._fact_words[title].setVisible(bool(text))

    def _say_resume(self) -> None:
        row, details = self.row, self._details
        is_over = row is not None and not row.state.is_alive
        is_finished = is_over and row is not None and row.state is RunState.FINISHED
        self.resumes.setVisible(is_over)
        self.steps.setVisible(is_finished)
        reason = ""
        if row is not None and row.error:
            reason = "It cannot go on: its recipe cannot be read."
        elif is_over:
            reason = self._hindrance
        self.resumes.setEnabled(is_over and not reason)
        self.steps.setEnabled(is_over and not reason)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason) and is_over)
        step = details.checkpoint_step if details else 0
        if is_finished:
            self.resumes.setText(f"Go on for {grouped(self.steps.value())} more steps")
        else:
            self.resumes.setText(f"Go on from step {grouped(step)}" if step else "Start it again")
        polish(self.resumes)
