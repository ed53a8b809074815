"""A study that a page is about: started, followed, cancelled."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.job.study import create_study, latest_study, read_request
from workbench.core.job.study_base import Finding
from workbench.core.job.study_kinds import Request, StudyKind
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.bridge.job_thread import JobThread
    from workbench.bridge.outcome import Outcome
    from workbench.core.job.events import Event, Paused, Phase

# A cancelled study has nothing to save: its pages promise an end within 2 s where the engine asks often enough.
CANCEL_SECONDS = 8.0


class StudyControl(QObject):
    """One study at a time; call `close` before it goes, which leaves the study running.

    Signals:
        advanced: The new events, once `findings`, `phase` and `paused` hold them.
        state_changed: A study began, ended, or is about to be cancelled.
    """

    advanced = Signal(object)  # a list, as JobThread's
    state_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: JobThread | None = None
        self._leaving: list[JobThread] = []
        self._forget()

    def _forget(self) -> None:
        self.run: RunFolder | None = None
        self.request: Request | None = None
        self.phase: Phase | None = None
        self.findings: list[Finding] = []
        self.outcome: Outcome | None = None
        self.is_cancelling = False
        self.paused: Paused | None = None  # held, and why where it held itself

    @property
    def is_busy(self) -> bool:
        return self._thread is not None and self.outcome is None

    def start(self, request: Request) -> RunFolder:
        """Makes a study and starts it. Raises UserError, and then nothing has been made."""
        if self.is_busy:
            raise UserError("A study is under way.", remedy="Cancel it, or wait for its end.")
        run = create_study(request)
        self._attach(run, request, starts=True)
        return run

    def follow(self, run: RunFolder) -> None:
        """Shows a study that is there, and goes on with it where it is alive. Raises UserError."""
        self._attach(run, read_request(run), starts=False)

    def find(self, kind: StudyKind) -> None:
        """Follows the newest study of a kind that is alive or has finished, where none is followed yet."""
        if self.run is None:
            found = latest_study(kind)
            if found is not None:
                self.follow(found)

    def cancel(self) -> None:
        """Ends the study; nothing is left of it. Raises UserError where no order can be given."""
        if self.is_busy and self._thread is not None and not self.is_cancelling:
            self._thread.order(Order(order="cancel"))
            self.is_cancelling = True
            self.state_changed.emit()

    def pause(self) -> None:
        """Holds a study that can be held, as a fetch. Raises UserError where no order can be given."""
        self._order_unless_cancelling("pause")

    def go_on(self) -> None:
        """Lets a study that is held go on. Raises UserError where no order can be given."""
        self._order_unless_cancelling("continue")

    def _order_unless_cancelling(self, order: Literal["pause", "continue"]) -> None:
        if not self.is_cancelling:
            self.order(Order(order=order))

    def order(self, order: Order) -> None:
        """Gives an order to a study that is under way. Raises UserError where none can be given."""
        if self.is_busy and self._thread is not None:
            self._thread.order(order)

    def close(self) -> None:
        """Stops following."""
        self._leave()
        for thread in self._leaving:
            thread.wait()

    def _attach(self, run: RunFolder, request: Request, *, starts: bool) -> None:
        # With the first study: the first paint has none.
        from workbench.bridge.job_thread import Graces, JobThread

        self._leave()
        self._forget()
        self.run, self.request = run, request
        self._thread = JobThread(run, starts=starts, graces=Graces(cancel_seconds=CANCEL_SECONDS))
        self._thread.advanced.connect(self._advance)
        self._thread.ended.connect(self._end)
        self._thread.start()
        self.state_changed.emit()

    def _leave(self) -> None:
        if self._thread is not None:
            self._thread.detach()
            self._leaving = [thread for thread in self._leaving if not thread.isFinished()]
            self._leaving.append(self._thread)
            self._thread = None

    def _advance(self, events: "Sequence[Event]") -> None:
        if self.sender() is not self._thread:
            return  # it was on its way when its thread was left
        for event in events:
            if event.kind == "phase":
                self.phase = event
            elif event.kind == "paused":
                self.paused = event
            elif event.kind in ("continued", "started"):
                self.paused = None
            elif isinstance(event, Finding):
                self.findings.append(event)
        self.advanced.emit(events)

    def _end(self, outcome: "Outcome") -> None:
        if self.sender() is not self._thread or self.run is None:
            return
        self.outcome = outcome
        if outcome.state is RunState.CANCELLED or outcome.is_refusal or outcome.was_forced:
            self.run.remove()
        self.state_changed.emit()
