"""Which run the window is about: the one that is alive, else the one that was shown last; others are offered."""

from PySide6.QtCore import QObject, Signal

from workbench.bridge.job_control import JobControl, JobState
from workbench.bridge.run_list import RunList
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.window.status_bar import StatusBar


class FollowedRun(QObject):
    """Takes up a run that someone else started where nothing is shown, else offers it.

    Signals:
        taken: A run that was offered is followed now.
    """

    taken = Signal()

    def __init__(self, control: JobControl, run_list: RunList, status: StatusBar, parent: QObject) -> None:
        super().__init__(parent)
        self._control = control
        self._run_list = run_list
        self._status = status
        self._offered: RunFolder | None = None
        run_list.changed.connect(self._runs_changed)
        status.offer_clicked.connect(self._follow_offered)

    def find(self, last: str) -> None:
        """Follows the run that is alive, else the one of the name `last`."""
        if self._control.run is not None or self._control.is_checking:
            return
        try:
            runs = RunFolder.all()
        except UserError:
            return  # the list of runs says it
        recent = [run for run in reversed(runs) if run.name == last or run is runs[-1]]
        chosen = next((run for run in recent if run.is_held()), None) or next(
            (run for run in recent if run.name == last), None
        )
        if chosen is not None:
            self._control.follow(chosen)

    def _runs_changed(self) -> None:
        alive = next((row for row in self._run_list.rows if row.state.is_alive), None)
        shown = self._control.run.path if self._control.run else None
        if alive is None or alive.path == shown or not self._control.can_start:
            self._offered = None
            self._status.offer("")
        elif self._control.state == JobState.IDLE and shown is None:
            self._control.follow(RunFolder(alive.path))
        else:
            self._offered = RunFolder(alive.path)
            self._status.offer("Another run is going on: show it")

    def _follow_offered(self) -> None:
        if self._offered is not None:
            self._control.follow(self._offered)
            self._status.offer("")
            self.taken.emit()
