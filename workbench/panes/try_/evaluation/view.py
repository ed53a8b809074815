"""The view Evaluation: a run and its base measured on the same rows, with how sure what is between them is."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from workbench.bridge.study_control import StudyControl
from workbench.bridge.tasks import run_task
from workbench.core.evaluation.kept import FOLDER, Evaluation, kept_evaluations
from workbench.core.evaluation.needs import refuse_without_harness
from workbench.core.job.evaluation_kinds import EvaluateRequest, TaskMeasured, TaskRefused
from workbench.core.job.events import Event
from workbench.core.job.phases import how_far
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError, in_a_row
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Message, ScopedCard
from workbench.panes.parts.controls import button, label
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.parts.in_sight import RefreshedInSight
from workbench.panes.try_.evaluation.figures_table import FiguresTable, between_in_words, told
from workbench.panes.try_.evaluation.form import EvaluationForm
from workbench.panes.try_.view import OnPage, TryView

NOTHING = "Nothing has been measured of it yet: choose at the left on what, then Measure."
HOW = (
    "Both are asked the same rows. Where the whole interval lies on one side of the dotted line, the rows tell them "
    "apart; where it crosses the line, they do not."
)


class EvaluationView(RefreshedInSight, TryView):
    """A study at the left; what it and earlier ones have found of the chosen run at the right."""

    name = "evaluation"
    title = "Evaluation"

    def __init__(self, on_page: OnPage) -> None:
        super().__init__(on_page)
        theme = on_page.theme
        self.control = StudyControl(self)
        self.fields = EvaluationForm(on_page, self.form)
        self.kept: list[Evaluation] = []
        self._kept_of: Path | None = None
        self._measured_of = ""  # the model that the study at work, or the last one, is about
        self._has_found = False
        self.problem = Message(theme)
        self.problem.add_close()
        self.problem.hide()
        self.card = ScopedCard(theme, "Measured")
        self.card.set_margins(0, 0, 0, 0)
        self.times = ChoiceBox(theme)
        self.times.setAccessibleName("Measured when")
        self.times.activated.connect(lambda _place: self.refresh())
        self.copy = button("Copy table", theme, "copy", "flat")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.as_text()))
        self.card.add_to_head(self.times)
        self.card.add_to_head(self.copy)
        self.table = FiguresTable(theme)
        self.table.empty_words = NOTHING
        self.table.row_chosen.connect(self._tell)
        self.detail = label("", "small", wraps=True)
        self.card.body.addWidget(self.table, 1)
        self.foot = ScopedCard(theme, "How to read it")
        self.foot.body.addWidget(label(HOW, "", wraps=True))
        self.foot.body.addWidget(self.detail)
        self._outer = in_column(self.problem, (self.card, 1), self.foot, of=self)
        self.reveal = button("Open folder", theme, "folder-open")
        self.reveal.clicked.connect(self._reveal)
        self.tools_line.addWidget(self.reveal)
        self.fields.changed.connect(self.refresh)
        self.fields.start_wanted.connect(self.start)
        self.fields.cancel_wanted.connect(self.cancel)
        self.choices.changed.connect(self._model_changed)
        self.choices.known_changed.connect(self._model_changed)
        self.control.advanced.connect(self._advance)
        self.control.state_changed.connect(self._change)
        theme.follow(self._restyle)
        self.refresh()

    def _restyle(self) -> None:
        keep_edge(self._outer, self.theme)
        self._outer.setSpacing(self.theme.size("space.card_gap"))

    def shown_first(self) -> None:
        self.choices.look_around()
        if self._has_found:
            return
        self._has_found = True
        try:
            self.control.find("evaluate")
        except UserError as error:
            self.say(error)
        request = self.control.request
        if isinstance(request, EvaluateRequest):
            self._measured_of = request.model
        self._model_changed()

    # -- measuring -----------------------------------------------------------------------------------------------------

    def act(self) -> bool:
        if self.control.is_busy or self.fields.request() is None:
            return False
        self.start()
        return True

    def start(self) -> None:
        """Measures what the form asks for; the chat gives its memory back first, since the study loads the model."""
        request = self.fields.request()
        if request is None:
            return
        self.problem.hide()
        try:
            refuse_without_harness()
            if self.chat.is_there:
                self.chat.let_go()
                self.message.emit("The chat gave its memory back: the evaluation loads the model itself.")
            self.control.start(request)
        except UserError as error:
            self.say(error)
            return
        self._measured_of = request.model
        self.times.setCurrentIndex(-1)
        self.refresh()

    def cancel(self) -> None:
        try:
            self.control.cancel()
        except UserError as error:
            self.say(error)

    def say(self, error: UserError) -> None:
        self.problem.say_error(error)

    def _advance(self, _events: Sequence[Event]) -> None:
        self.refresh_in_sight()

    def _change(self) -> None:
        outcome = self.control.outcome
        if outcome is not None and outcome.state is RunState.CRASHED:
            self.say(UserError(outcome.what, why=outcome.why, remedy=outcome.remedy))
        elif outcome is not None:
            refused = [event for event in self.control.findings if isinstance(event, TaskRefused)]
            if refused:
                words = " ".join(f"{event.task}: {in_a_row(event.what, event.why, event.remedy)}" for event in refused)
                self.problem.say("warn", "Not everything could be measured.", words)
                self.problem.show()
            self.look_again()
        self.refresh()

    def look_again(self) -> None:
        """Reads anew what is kept with the chosen run."""
        self._kept_of = None
        self._model_changed()

    # -- what there is -------------------------------------------------------------------------------------------------

    def _model_changed(self) -> None:
        run = self._run
        if run is None:
            self.kept, self._kept_of = [], None
        elif run.path != self._kept_of:
            self.kept, self._kept_of = [], run.path
            run_task(lambda: (run.path, kept_evaluations(run)), self._take_kept, self.say, parent=self)
        self.refresh()

    @property
    def _run(self) -> RunFolder | None:
        known = self.choices.known
        return known.run if known is not None else None

    def _take_kept(self, found: tuple[Path, tuple[list[Evaluation], list[str]]]) -> None:
        path, (kept, problems) = found
        if path != self._kept_of:
            return
        self.kept = list(reversed(kept))
        self.times.clear()
        for place, evaluation in enumerate(self.kept):
            self.times.addItem(f"{evaluation.made_at:%Y-%m-%d %H:%M}", place)
        if problems:
            self.problem.say("warn", "Something that was kept cannot be read.", " ".join(problems))
            self.problem.show()
        self.refresh()

    @property
    def shown(self) -> list[TaskMeasured]:
        """What the table shows: of the study at work, else of the evaluation that is chosen, the newest at first."""
        if self.control.is_busy or (self._run is None and self._is_ours):
            return [event for event in self.control.findings if isinstance(event, TaskMeasured)]
        place = self.times.currentData()
        return self.kept[place or 0].tasks if self.kept else []

    @property
    def _is_ours(self) -> bool:
        return bool(self._measured_of) and self._measured_of == self.choices.model

    # -- what is shown -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        control = self.control
        self.fields.refresh()
        self.fields.show_busy(control.is_busy, is_cancelling=control.is_cancelling)
        shown = self.shown
        if list(self.table.figures.rows) != shown:
            self.table.figures.show_rows(shown)
            self.detail.setText("")
        self.table.empty_words = "Measuring; each figure stands here when it is there." if control.is_busy else NOTHING
        self.times.setVisible(len(self.kept) > 1 and not control.is_busy)
        self.copy.setEnabled(bool(shown))
        self.reveal.setEnabled(self._run is not None and bool(self.kept))
        self.card.scope.set_text(self._scope())
        self._say_action()

    def _scope(self) -> str:
        if self.control.is_busy:
            return f"{Path(self._measured_of).name}, at work"
        if not self.kept:
            return ""
        evaluation = self.kept[self.times.currentData() or 0]
        versions = evaluation.versions.get("lm-eval", "")
        return f"{evaluation.title}, {evaluation.made_at:%Y-%m-%d %H:%M}, lm-eval {versions}"

    def _say_action(self) -> None:
        control, bar = self.control, self.form.action_bar
        if control.is_busy:
            phase = control.phase
            self.fields.progress.set_share(phase.done / phase.total if phase and phase.total else 0.0)
            bar.say(
                "Cancels now; nothing is kept" if control.is_cancelling else how_far(phase) if phase else "Starting"
            )
        elif control.outcome is not None and control.outcome.state is RunState.CANCELLED:
            bar.say("Cancelled; nothing was kept")
        elif self.fields.request() is None:
            bar.say("Choose what is measured")
        else:
            bar.say("In a process of its own; what comes of it is kept with the run")

    def _tell(self, index: QModelIndex) -> None:
        self.detail.setText(told(self.table.figures.rows[index.row()]) if index.isValid() else "")

    def as_text(self) -> str:
        """The table with tabs between its cells, as spreadsheets take it."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter="\t", lineterminator="\n")
        writer.writerow(["measured", "by", "rows", "base", "tuned", "between, 95 %", "verdict"])
        for task in self.shown:
            figures = [f"{side.figure.value:.6g}" for side in task.sides]
            cells = [*figures, ""][:2] if len(figures) < 2 else figures[:2]
            writer.writerow([task.task, task.metric, task.rows, *cells, between_in_words(task), task.verdict])
        return text.getvalue()

    def _reveal(self) -> None:
        run = self._run
        if run is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.path / FOLDER))):
            self.message.emit(f"No file manager answered: the folder is {run.path / FOLDER}")

    def window_closes(self) -> None:
        self.control.close()
