"""The Race view: one model in several precisions, what each takes and what each knows."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from workbench.bridge.study_control import StudyControl
from workbench.bridge.tasks import run_task
from workbench.core import places
from workbench.core.data import texts
from workbench.core.job.events import Event
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.job.study_kinds import PRECISIONS, MeasureRequest, PrecisionMeasured, Request
from workbench.core.memory.ledger import weights_bytes
from workbench.core.model import shape as model_shape
from workbench.core.problems import UserError
from workbench.core.race.measures import in_order
from workbench.core.race.race import STARTER, Race, read_race
from workbench.core.race.report import report_html
from workbench.panes.look.theme import Theme
from workbench.panes.parts import save_as
from workbench.panes.parts.study_view import StudyView
from workbench.panes.quantize.race.cards import RaceCards
from workbench.panes.quantize.race.form import RaceForm
from workbench.panes.quantize.race.words import RaceRow, csv_text, now_in_words, share_done, table_text

FACTS = "One after the other, each in a process of its own"
NO_PRECISION = "Tick a precision to race"
REPORT = "report.html"


class RaceView(StudyView):
    """A study at the left, its rows and its picture at the right, which fill as each precision ends."""

    name = "race"
    title = "Race"
    kind = "measure"
    fields: RaceForm

    def __init__(self, theme: Theme, control: StudyControl) -> None:
        super().__init__(theme, control)
        self.fields = RaceForm(theme, self.form)
        self.cards = RaceCards(theme, self)
        self.race: Race | None = None
        self._sizes: dict[str, int] = {}  # of the chosen model, computed before it is measured
        self._share = 0.0
        self._wire()
        self.arranged()
        self.refresh()

    def _wire(self) -> None:
        fields, cards = self.fields, self.cards
        self._follow_study()
        fields.changed.connect(self._show_plan)
        fields.model.picked.connect(self._estimate_sizes)
        cards.copy.clicked.connect(self._copy)
        cards.csv.clicked.connect(self._ask_csv)
        cards.report.clicked.connect(self.open_report)
        cards.save_report.clicked.connect(self._ask_report)
        self.theme.changed.connect(self.arranged)

    # -- the view -----------------------------------------------------------------------------------------------------

    def _begin(self, request: Request | None) -> None:
        if isinstance(request, MeasureRequest):
            self.fields.show_request(request)
            if request.model != STARTER:
                self.fields.model.open(Path(request.model))
        self.fields.look_around()

    def arranged(self) -> None:
        self.cards.arrange(is_wide=self.is_wide)
        self.fields.arrange(is_wide=self.is_wide)

    def _estimate_sizes(self, path: Path | None) -> None:
        """How large the chosen model will be in each precision, before it is measured."""
        self._sizes = {}
        self.fields.precisions.show_bits_of_int8(0.0)
        self._show_plan()
        if path is None:
            return

        def take_sizes(found: tuple[dict[str, int], float]) -> None:
            if path == self.fields.model.path:
                self._sizes, bits = found
                self.fields.precisions.show_bits_of_int8(bits)
                self.refresh()

        def fail(error: UserError) -> None:
            if path == self.fields.model.path:
                self.fields.model.say(error)

        run_task(lambda: _sizes_of(path), take_sizes, fail, parent=self)

    # -- the study ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Races the chosen model; the starter is fetched where no model is kept here."""
        path = self.fields.model.path
        if self.fields.text_error is not None:
            self.say(self.fields.text_error)
            return
        self.cards.message_card.hide()
        self._share = 0.0
        self._start(self.fields.request(str(path) if path else STARTER))

    def _advance(self, events: Sequence[Event]) -> None:
        if any(isinstance(event, PrecisionMeasured) for event in events) or not self.isVisible():
            self.refresh_in_sight()
        else:
            self._say_action()

    def _change(self) -> None:
        self._say_crash()
        self.refresh()

    def refresh(self) -> None:
        """Everything, as the study is now."""
        control = self._control
        self.race = self._race_now()
        is_busy = control.is_busy
        self.fields.show_busy(is_busy, is_cancelling=control.is_cancelling)
        request = self.race.request if self.race else self.fields.request("")
        prompts = request.prompts or texts.our_prompts()
        steps = request.train_steps
        self.cards.show_race(self.race, self._rows(), prompts, is_busy=is_busy, train_steps=steps)
        self._say_action()

    def _race_now(self) -> Race | None:
        """The race that is shown; one that was cancelled or refused has left nothing."""
        control = self._control
        outcome, request = control.outcome, control.request
        if not isinstance(request, MeasureRequest):
            return None
        if outcome and (outcome.state is RunState.CANCELLED or outcome.is_refusal or outcome.was_forced):
            return None
        return Race.of(request, control.findings)

    def _rows(self) -> list[RaceRow]:
        race, is_busy = self.race, self._control.is_busy
        names = self._names() or PRECISIONS
        if race and not is_busy and race.rows and self._control.outcome is not None:
            names = tuple(row.precision for row in race.rows)
        found = {row.precision: row for row in race.rows} if race else {}
        running = next((name for name in names if name not in found), "") if is_busy else ""
        return [
            RaceRow(
                name,
                found.get(name),
                is_running=name == running,
                waits=is_busy and name not in found and name != running,
                size_bytes=self._sizes.get(name, 0),
            )
            for name in names
        ]

    def _names(self) -> tuple[str, ...]:
        """The precisions that are raced, or that would be."""
        return in_order(self.race.request.precisions) if self.race else self.fields.precisions.names

    def _show_plan(self) -> None:
        """What was chosen changed: it shows where no race does."""
        if self.race is None:
            self.refresh()
        else:
            self._say_action()

    def _say_action(self) -> None:
        control, fields = self._control, self.fields
        fields.start.setEnabled(bool(fields.precisions.names))
        if not control.is_busy and not fields.precisions.names:
            self.form.action_bar.say(NO_PRECISION)
            return
        names, done = self._names(), len(control.findings)
        if control.is_busy:
            trains = isinstance(control.request, MeasureRequest) and control.request.train_steps > 0
            self._share = max(self._share, share_done(names, done, control.phase, trains=trains))
        idle = FACTS if fields.model.path is not None else f"{places.STARTER} is fetched first"
        self._say_state(now_in_words(names, done, control.phase), idle, self._share)

    def say(self, error: UserError) -> None:
        self.cards.message_card.say_error(error)

    # -- what is taken away -------------------------------------------------------------------------------------------

    def _copy(self) -> None:
        if self.race is not None:
            QGuiApplication.clipboard().setText(table_text(self.race))
            self.message.emit("The table is on the clipboard.")

    def save_csv(self, path: Path) -> None:
        """Writes the figures in full, and says how that went."""
        race = self.race
        if race is not None:
            run_task(lambda: save_as.save(path, csv_text(race)), self.message.emit, self.say, parent=self)

    def open_report(self) -> None:
        """Writes the report into the study's folder, and opens it as the desktop does."""
        run = self._control.run
        if run is not None:
            path = run.path / REPORT
            self._write_report(run, path, lambda _: self._open(path))

    def save_report(self, path: Path) -> None:
        run = self._control.run
        if run is not None:
            self._write_report(run, path, self.message.emit)

    def _write_report(self, run: RunFolder, path: Path, then: Callable[[str], None]) -> None:
        run_task(lambda: save_as.save(path, report_html(read_race(run))), then, self.say, parent=self)

    def _open(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.message.emit(f"No program opens it here: the report is {path}.")

    def _ask_csv(self) -> None:
        save_as.ask_where(self, "Save the figures", "race.csv", save_as.CSV, self.save_csv)

    def _ask_report(self) -> None:
        save_as.ask_where(self, "Save the report", "race.html", {".html": "Web page (*.html)"}, self.save_report)


def _sizes_of(path: Path) -> tuple[dict[str, int], float]:
    """Bytes of a model in each precision, and the bits of a weight in INT8. Raises UserError."""
    shape = model_shape.from_folder(path)
    sizes = {}
    for name in PRECISIONS:
        precision, _, doubled = name.partition("-")
        sizes[name] = sum(weights_bytes(shape, precision, double_quant=bool(doubled)))
    weights = shape.linear_parameters
    return sizes if weights else {}, 8 + 32 * shape.linear_rows / weights if weights else 0.0
