"""The card of a repetition: one to three settings with other values, and the runs that this makes."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from workbench.bridge.tasks import run_task
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe import rules
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.row import RunRow
from workbench.core.runs.sweep import MOST_SETTINGS, sweep_tag, variations
from workbench.core.units import counted
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import breakable, button, label
from workbench.panes.parts.fields import TextField
from workbench.panes.runs.repeat.row import VariedRow

# What is offered first, in this order, as far as it means something in the recipe.
LIKELY = ("training.learning_rate", "lora.rank", "training.max_steps", "model.precision", "training.batch_size")
ABOUT = "Each way to choose among the values is a run of its own; they wait in the queue and run one after the other."


class RepeatCard(ScopedCard):
    """Begins with the recipe of a run.

    Signals:
        queue_wanted: The recipes, and their tags.
        form_wanted: The one recipe that is to go into the form.
        closed: Nobody wants it any more.
    """

    queue_wanted = Signal(object, object)
    form_wanted = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Repeat with changes")
        self._path: Path | None = None
        self._recipe: Recipe | None = None
        self.recipes: list[Recipe] = []
        self.problem = label("", "problem", wraps=True)
        self.rows = [VariedRow(theme, number) for number in range(1, MOST_SETTINGS + 1)]
        self.adds = button("Another setting", theme, "plus", "flat")
        self.tag = TextField()
        self.tag.setAccessibleName("Tag of these runs")
        self.queues = button("Queue", theme, "play", "primary")
        self.into_form = button("Into the form", theme, "sliders-horizontal")
        self.into_form.setToolTip("Puts the one recipe that this makes into the form of Train")
        self.facts = label("", "fact", wraps=True)
        close = button("Close", theme, "x", "flat")
        self.add_to_head(close)
        inside = QWidget()
        rows = in_column(label(ABOUT, "sentence", wraps=True), gap=theme.px(8), of=inside)
        rows.setContentsMargins(theme.px(14), 0, theme.px(14), theme.px(6))
        for row in self.rows:
            rows.addWidget(row)
            row.changed.connect(self._work_out)
            row.removed.connect(lambda row=row: self._remove(row))
        polish(self.adds, align="left")
        rows.addLayout(in_row(self.adds, 1))
        tagged = in_row(label("Tag", "label"), (self.tag, 1), gap=theme.px(10))
        rows.addLayout(tagged)
        rows.addWidget(self.problem)
        rows.addStretch(1)
        self.set_margins(0, 2, 0, 10)
        self.body.addWidget(in_scroll(inside), 1)
        foot = in_row((self.facts, 1), self.into_form, self.queues, gap=theme.px(8))
        foot.setContentsMargins(theme.px(14), 0, theme.px(14), 0)
        self.body.addLayout(foot)
        close.clicked.connect(self.closed)
        self.adds.clicked.connect(self._add)
        self.queues.clicked.connect(self._queue)
        self.into_form.clicked.connect(lambda: self.form_wanted.emit(self.recipes[0]))

    # -- which run ----------------------------------------------------------------------------------------------------

    def begin(self, row: RunRow) -> None:
        """Reads the run's recipe and shows one setting to change."""
        self._path = row.path
        self.scope.set_text(row.called)

        def take(recipe: Recipe) -> None:
            if self._path == row.path:
                self._take(recipe)

        run_task(lambda: RunFolder(row.path).recipe(), take, self._refuse, parent=self)

    def show_run(self, row: RunRow | None) -> None:
        """Where it is open, it is about the run that is chosen."""
        if self.isVisible() and row is not None and row.path != self._path and not row.error:
            self.begin(row)

    def _take(self, recipe: Recipe) -> None:
        self._recipe = None  # until all rows are about this one
        likely = [path for path in LIKELY if recipe.applies(path)]
        for place, row in enumerate(self.rows):
            row.setVisible(place == 0)
            row.begin(recipe, likely[min(place, len(likely) - 1)])
        self._recipe = recipe
        self.tag.show_text(sweep_tag(datetime.now()))
        self.rows[0].values_field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._work_out()

    def _refuse(self, error: UserError) -> None:
        self._recipe = None
        self._say(str(error))

    def _add(self) -> None:
        row = next((row for row in self.rows if not row.isVisibleTo(self)), None)
        if row is not None:
            row.show()
            row.setting.setFocus(Qt.FocusReason.OtherFocusReason)
        self._work_out()

    def _remove(self, row: VariedRow) -> None:
        row.values_field.setText("")
        if sum(other.isVisibleTo(self) for other in self.rows) > 1:
            row.hide()
        self._work_out()

    # -- what it makes ------------------------------------------------------------------------------------------------

    def _work_out(self) -> None:
        """Makes the recipes, or says what is in the way."""
        self.recipes = []
        shown = [row for row in self.rows if row.isVisibleTo(self)]
        self.adds.setVisible(len(shown) < len(self.rows))
        for row in self.rows:
            row.removes.setEnabled(len(shown) > 1 or bool(row.text))
        if self._recipe is None:
            return
        values: dict[str, list[str]] = {}
        for row in shown:
            found = row.values()
            if found and row.path in values:
                row.say("It stands above already: name all of its values there.")
                self._say("")
                return
            if found:
                values[row.path] = found
        if any(row.problem for row in shown):
            self._say("")
            return
        try:
            made = variations(self._recipe, values)
            for recipe in made:
                rules.refuse(rules.check(recipe))
        except UserError as error:
            self._say(str(error))
            return
        self.recipes = made
        self._say("")

    def _say(self, problem: str) -> None:
        many = len(self.recipes)
        self.problem.setText(breakable(problem))
        self.problem.setVisible(bool(problem))
        self.queues.setText(f"Queue {counted(many, 'run')}" if many else "Queue")
        self.queues.setEnabled(bool(many))
        self.into_form.setEnabled(many == 1)
        steps = {recipe.training.max_steps for recipe in self.recipes}
        each = f", each of {counted(steps.pop(), 'step')}" if len(steps) == 1 and 0 not in steps else ""
        self.facts.setText(f"{counted(many, 'run')}{each}" if many else "")

    def _queue(self) -> None:
        if self.recipes:
            self.queues.setEnabled(False)
            tags: Sequence[str] = [self.tag.text().strip()] if self.tag.text().strip() else []
            self.queue_wanted.emit(self.recipes, tags)

    def show_refused(self, error: UserError) -> None:
        """Says why they are not in the queue."""
        self._say(str(error))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._queue()
        else:
            super().keyPressEvent(event)
