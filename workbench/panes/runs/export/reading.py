"""What can be made of a run, what a choice of it takes, and what the Hub says of its base, each read in a task."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.export import offered
from workbench.core.export.offered import Offered
from workbench.core.job.export_kinds import ExportPlanned, ExportRequest
from workbench.core.problems import UserError, in_a_row
from workbench.panes.runs.export.choice import Choice


class ExportReading(QObject):
    """Of what is read only the newest answer counts.

    Attributes:
        offered: What can be made; None until that is read.
        planned: What the choice takes; None until that is worked out.
        room_problem: Why it cannot be made where it is to lie.

    Signals:
        found: What can be made is there.
        failed: It could not be read (a UserError).
        changed: Whatever else was read.
    """

    found = Signal()
    failed = Signal(object)
    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.offered: Offered | None = None
        self.planned: ExportPlanned | None = None
        self.room_problem = ""
        self._asked = 0  # counts what is read, so that only the newest answer is taken
        self._waiting = 0
        self._licences: dict[str, str] = {}  # of bases on the Hub, as it says

    @property
    def is_pending(self) -> bool:
        return self._waiting > 0

    def forget(self) -> None:
        """Another run is shown, of which nothing is read yet."""
        self.offered = self.planned = None
        self.room_problem = ""

    def read(self, choice: Choice) -> None:
        """Reads what can be made."""
        self._asked += 1
        self._waiting += 1
        asked = self._asked
        request = ExportRequest(run=str(choice.run), items=("adapter",), out=str(choice.out), name=choice.name)

        def take(found: Offered) -> None:
            self._waiting -= 1
            if asked == self._asked:
                self.offered = found
                self.found.emit()

        def fail(error: UserError) -> None:
            self._waiting -= 1
            if asked == self._asked:
                self.offered = None
                self.failed.emit(error)

        run_task(partial(offered.offered, request), take, fail, parent=self)

    def plan(self, request: ExportRequest | None) -> None:
        """Works out what a request takes; None where there is nothing to work out."""
        self.planned, self.room_problem = None, ""
        if request is None:
            return
        self._asked += 1
        self._waiting += 1
        asked = self._asked

        def take(found: offered.Planned) -> None:
            self._waiting -= 1
            if asked == self._asked:
                self.planned, self.room_problem = found.plan, found.problem
                self.changed.emit()

        def fail(error: UserError) -> None:
            self._waiting -= 1
            if asked == self._asked:
                self.room_problem = in_a_row(error.what, error.why, error.remedy)
                self.changed.emit()

        run_task(partial(offered.planned, request), take, fail, parent=self)

    def ask_for_licence(self, can: Offered) -> None:
        """Asks the Hub where the base's own folder does not say it; without an answer it is not known."""
        base = can.base_id
        if base and not can.licence and base not in self._licences:
            self._licences[base] = ""

            def take(licence: str) -> None:
                self._licences[base] = licence
                self.changed.emit()

            run_task(partial(_licence_of, base), take, lambda _error: None, parent=self, asks=True)

    def licence(self, can: Offered) -> str:
        """Of the base, as its folder or the Hub says; empty where that is not known."""
        return can.licence or self._licences.get(can.base_id, "")


def _licence_of(base: str) -> str:
    from workbench.core.hub.listing import listed  # huggingface_hub takes 0.3 s to import

    return listed(base).licence
