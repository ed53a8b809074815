"""How a run ended, in the picture of the Train page: what happened, why, and the buttons that go on from there."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from workbench.bridge.job_control import JobControl
from workbench.bridge.outcome import Outcome
from workbench.core.job import checkpoints
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.memory.fitting import Change
from workbench.core.memory.ledger import Ledger
from workbench.core.units import bytes_in_words, grouped
from workbench.panes.charts.memory_bar import MemoryBar
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Card, Message
from workbench.panes.parts.controls import ElidedLabel, button, label, plain_tip
from workbench.panes.parts.disclosure import Disclosure
from workbench.panes.parts.room import Room
from workbench.panes.train.before.remedy_table import RemedyTable
from workbench.panes.train.ended.ended_words import ended_in_words, largest_part_in_words

# How far a finished run is taken on by its button.
EXTRA_STEPS = 50
# A narrower message has no line to spare for where the result is: the button that opens its folder says it.
LEAST_WIDTH_FOR_PATH = 1000
STATES = {
    RunState.FINISHED: "success",
    RunState.STOPPED: "info",
    RunState.CANCELLED: "info",
    RunState.CRASHED: "danger",
}


class EndedView(QWidget):
    """A message with what can be done, the memory and its remedies where that ran out, and the details.

    Signals:
        resume_asked: Go on with the run, for this many more steps; 0 for those it was planned for.
        remedy_asked: Apply a remedy and try again.
        go_to: A page to go to.
        left: Away from this run, back to what the form would do.
        curves_asked: Show the run's curves in place of the remedies, or the remedies again.
    """

    resume_asked = Signal(int)
    remedy_asked = Signal(object)
    go_to = Signal(str)
    left = Signal()
    curves_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._run: RunFolder | None = None
        self._history = History()
        self._has_memory = False
        self.message = Message(theme)
        self.resume = self._button("Go on", "play", lambda: self.resume_asked.emit(0))
        self.try_it = self._button("Try it", "chat-circle-text", lambda: self.go_to.emit("try"))
        self.extend = self._button(f"{EXTRA_STEPS} more steps", "play", lambda: self.resume_asked.emit(EXTRA_STEPS))
        self.extend.setToolTip(f"Go on with this run for {EXTRA_STEPS} more steps")
        self.to_runs = self._button("Runs", "clock-counter-clockwise", lambda: self.go_to.emit("runs"))
        self.open_folder = self._button("Open folder", "folder-open", self._open_folder)
        self.leave = self._button("Close", "x", self.left.emit, kind="flat")
        self.leave.setToolTip("Back to what the form would do; the run stays among the runs.")
        self.kept = ElidedLabel("", "small")
        self.message.add_line(self.kept)
        self.bar = MemoryBar(theme, bar_height=44)
        self._bar_words = label("", "small", wraps=True)
        self.message.body.addWidget(self._bar_words)
        self.message.body.addWidget(self.bar)
        self.remedies = RemedyTable(theme, "Apply and retry", has_primary=True)
        self.remedies.chosen.connect(self.remedy_asked)
        self.details = Details(theme)
        self.curves = button("Curves", theme, "chart-line-up")
        self.curves.setCheckable(True)
        self.curves.setToolTip("Show the run's curves in place of what would help")
        self.curves.toggled.connect(self._turn)
        self.details.head.insertWidget(self.details.head.count() - 2, self.curves)
        self._layout = in_column(self.message, self.remedies, self.details, 1, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.size("space.card_gap"))

    def _button(self, words: str, icon: str, act: object, kind: str = "") -> QPushButton:
        made = button(words, self._theme, icon, kind)
        made.clicked.connect(lambda: act())  # type: ignore[operator]
        self.message.add_button(made)
        return made

    # -- showing ------------------------------------------------------------------------------------------------------

    def show_end(self, control: JobControl) -> None:
        """Shows how the run of a control ended."""
        run, outcome = control.run, control.outcome
        assert run is not None
        assert outcome is not None
        self._run, self._history = run, control.history
        is_there = run.job.is_file()
        step = _newest_step(run) if is_there else 0
        what, why, remedy = ended_in_words(outcome, control.history)
        if not is_there and not outcome.is_refusal and "folder of this run is gone" not in outcome.what:
            why = f"{why} Its folder is gone: it was deleted, moved or renamed.".strip()
        self.message.say(STATES.get(outcome.state, "danger"), what, why, remedy)
        has_failed = outcome.state == RunState.CRASHED
        can_resume = is_there and step > 0 and outcome.state != RunState.FINISHED
        self.resume.setText(f"Go on from step {grouped(step)}")
        self.resume.setVisible(can_resume)
        is_whole = is_there and outcome.state == RunState.FINISHED
        self.extend.setVisible(is_whole)
        self.try_it.setVisible(is_whole)
        self.to_runs.setVisible(not is_there)
        self.open_folder.setVisible(is_there and not has_failed)
        self.leave.setVisible(True)
        kept = run.adapter if run.has_adapter else run.model if run.has_model else None
        self.kept.set_text(f"{'The adapter' if kept == run.adapter else 'The model'} is in {kept}" if kept else "")
        self.open_folder.setToolTip(plain_tip(f"Open the folder of this run. {self.kept.whole}".strip()))
        self._make_primary(self.try_it if is_whole else self.resume if can_resume else None)
        self.details.setVisible(has_failed)
        self.details.show_lines(run, outcome, is_there)
        self.show_memory(None, [], None)

    def show_memory(self, ledger: Ledger | None, remedies: Sequence[Change], room: Room | None) -> None:
        """The picture of a run that ran out of memory, and what would help it; the ledger is None where it did not."""
        self._has_memory = ledger is not None and room is not None
        self.remedies.show_remedies(remedies, room)
        self.curves.setChecked(False)
        self.curves.setVisible(self._has_memory and bool(self._history.steps))
        self._arrange()
        if ledger is None or room is None:
            return
        self.message.why.setText(largest_part_in_words(ledger, self._history))
        self.message.why.setVisible(True)
        if remedies:
            self.message.remedy.hide()  # the table says it with numbers
        whose = "the card ends" if room.is_card else "this machine's memory ends"
        self.bar.show_ledger(
            ledger,
            limit_bytes=room.total_bytes,
            limit_words=f"{whose} here, {bytes_in_words(room.total_bytes)}",
            others_bytes=room.others_bytes,
        )
        spare = room.free_bytes - ledger.peak_bytes
        self._bar_words.setText(
            f"Predicted at its peak, the {ledger.moment}: {bytes_in_words(ledger.peak_bytes)}"
            + (f", {bytes_in_words(-spare)} too much." if spare < 0 else ".")
        )
        if remedies:
            self._make_primary(None)

    @property
    def hides_curves(self) -> bool:
        """Whether the memory and its remedies take the place of the run's curves."""
        return self._has_memory and not self.curves.isChecked()

    def _turn(self) -> None:
        self._arrange()
        self.curves_asked.emit()

    def _arrange(self) -> None:
        shows = self.hides_curves
        self.remedies.setVisible(shows and bool(self.remedies.shown))
        for widget in (self.bar, self._bar_words):
            widget.setVisible(shows)
        self.message.fold_body(not shows)
        self._show_kept()

    def _show_kept(self) -> None:
        is_wide = self.width() >= self._theme.px(LEAST_WIDTH_FOR_PATH)
        self.kept.setVisible(is_wide and bool(self.kept.whole) and not self._has_memory)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_kept()

    @property
    def has_primary(self) -> bool:
        """Whether one of its buttons is the page's primary."""
        if not self.remedies.isHidden():
            return True
        return any(made.property("kind") == "primary" and not made.isHidden() for made in (self.resume, self.try_it))

    def _make_primary(self, chosen: QPushButton | None) -> None:
        for made in (self.resume, self.try_it):
            is_primary = made is chosen
            made.setProperty("iconColor", "text.on_accent" if is_primary else "text.primary")
            made.setIcon(self._theme.icon(str(made.property("iconName")), str(made.property("iconColor"))))
            polish(made, kind="primary" if is_primary else "")

    def check_folder(self) -> None:
        """Says so where the run's folder went away in the meantime."""
        if self._run is None or self._run.job.is_file() or (self.open_folder.isHidden() and self.resume.isHidden()):
            return
        self.message.why.setText("Its folder is gone: it was deleted, moved or renamed.")
        self.message.why.show()
        self.message.remedy.hide()
        for made in (self.open_folder, self.resume, self.extend, self.try_it):
            made.hide()
        self.to_runs.show()
        self.details.folder.hide()

    def _open_folder(self) -> None:
        self.check_folder()
        if self._run is not None and self._run.path.is_dir():
            open_folder(self._run.path)


class Details(Card):
    """The last lines of the console, one click away, with a button that copies them and all that was said."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._run: RunFolder | None = None
        self._said = ""
        self.set_margins(10, 6, 10, 6)
        line = self.head
        line.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(line)
        self.title.hide()
        self.scope.hide()
        self.opener = Disclosure(theme, "Details")
        self.about = label("", "small")
        self.copy = button("Copy", theme, "copy")
        self.folder = button("Open run folder", theme, "folder-open")
        self.copy.clicked.connect(self._copy)
        self.folder.clicked.connect(self._open_folder)
        line.insertWidget(0, self.opener)
        line.insertWidget(1, self.about)
        line.addWidget(self.copy)
        line.addWidget(self.folder)
        self.lines = QPlainTextEdit()
        self.lines.setProperty("role", "code")
        self.lines.setReadOnly(True)
        self.lines.setAccessibleName("The last lines of the console")
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setMinimumHeight(theme.px(150))
        self.lines.hide()
        self.body.addWidget(self.lines)
        self.opener.toggled.connect(self.lines.setVisible)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.lines.setFont(self.theme.font("small", mono=True))
        self.lines.setMinimumHeight(self.theme.px(150))

    def show_lines(self, run: RunFolder, outcome: Outcome, is_there: bool) -> None:
        self._run = run
        count = len(outcome.last_lines)
        self.about.setText(
            f"The last {count} lines of the console" if count > 1 else "What was said, and where it is kept"
        )
        self._said = "\n".join(part for part in (outcome.what, outcome.why, outcome.remedy) if part)
        self.lines.setPlainText("\n".join(outcome.last_lines) or self._said)
        self.opener.setChecked(False)
        self.folder.setVisible(is_there)

    def _copy(self) -> None:
        where = f"\n{self._run.path}" if self._run else ""
        QGuiApplication.clipboard().setText(f"{self._said}{where}\n\n{self.lines.toPlainText()}")

    def _open_folder(self) -> None:
        if self._run is not None and self._run.path.is_dir():
            open_folder(self._run.path)


def open_folder(path: Path) -> None:
    """Shows a folder in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _newest_step(run: RunFolder) -> int:
    """The step of the newest checkpoint, 0 where there is none; whether it is whole is asked when it is used."""
    try:
        return max((step for step, _ in checkpoints.steps(run.checkpoints)), default=0)
    except OSError:
        return 0
