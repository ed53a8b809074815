"""A view whose picture is what a study found: it starts one, follows it, and finds the newest again."""

from abc import abstractmethod

from PySide6.QtGui import QShowEvent

from workbench.bridge.study_control import StudyControl
from workbench.core.job.run_folder import RunState
from workbench.core.job.study_kinds import Request, StudyKind
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.lab_view import LabView


class StudyView(LabView):
    """What views of studies share; one that is hidden is drawn anew when it shows."""

    kind: StudyKind

    def __init__(self, theme: Theme, control: StudyControl) -> None:
        super().__init__(theme)
        self._control = control
        self._has_asked = False
        self._is_dirty = True

    def shown_first(self) -> None:
        if self._has_asked:
            return
        self._has_asked = True
        try:
            self._control.find(self.kind)
        except UserError as error:
            self.say(error)
        self._begin(self._control.request)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_dirty:
            self._refresh()

    def cancel(self) -> None:
        """Ends the study; nothing of it is kept."""
        try:
            self._control.cancel()
        except UserError as error:
            self.say(error)

    def _say_crash(self) -> None:
        """Why the study came to no end, where it did not."""
        outcome = self._control.outcome
        if outcome is not None and outcome.state is RunState.CRASHED:
            self.say(UserError(outcome.what, why=outcome.why, remedy=outcome.remedy))

    @abstractmethod
    def say(self, error: UserError) -> None:
        """Puts what went wrong above the picture."""

    @abstractmethod
    def _begin(self, request: Request | None) -> None:
        """Fills the form when the view first comes up, with what the study found was asked."""

    @abstractmethod
    def _refresh(self) -> None:
        """Shows the study as it is now."""
