"""A view whose picture is what a study found: it starts one, follows it, and finds the newest again."""

from abc import abstractmethod
from collections.abc import Sequence

from workbench.bridge.study_control import StudyControl
from workbench.core.job.events import Event
from workbench.core.job.run_folder import RunState
from workbench.core.job.study_kinds import Request, StudyKind
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.in_sight import RefreshedInSight
from workbench.panes.parts.lab_view import LabView
from workbench.panes.parts.study_form import StudyForm


class StudyView(RefreshedInSight, LabView):
    """What views of studies share; one that is hidden is drawn anew when it shows."""

    kind: StudyKind
    fields: StudyForm

    def __init__(self, theme: Theme, control: StudyControl) -> None:
        super().__init__(theme)
        self._control = control
        self._has_asked = False

    def shown_first(self) -> None:
        if self._has_asked:
            return
        self._has_asked = True
        try:
            self._control.find(self.kind)
        except UserError as error:
            self.say(error)
        self._begin(self._control.request)

    def _follow_study(self) -> None:
        """Has the form's buttons start and cancel, and follows what comes of it; done once, when the form is there."""
        self.fields.start_wanted.connect(self.start)
        self.fields.cancel_wanted.connect(self.cancel)
        self._control.advanced.connect(self._advance)
        self._control.state_changed.connect(self._change)

    def _start(self, request: Request) -> bool:
        """Starts a study; says why where it cannot."""
        try:
            self._control.start(request)
        except UserError as error:
            self.say(error)
            return False
        return True

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

    def _say_state(self, at_work: str, idle: str, share: float | None = None) -> None:
        """In the action bar what the study does; `share` is how far it is, that of its phase where none is given."""
        control, bar = self._control, self.form.action_bar
        if control.is_busy:
            phase = control.phase
            of_phase = phase.done / phase.total if phase and phase.total else 0.0
            self.fields.progress.set_share(of_phase if share is None else share)
            bar.say("Cancels now; nothing is kept" if control.is_cancelling else at_work)
        elif control.outcome is not None and control.outcome.state is RunState.CANCELLED:
            bar.say("Cancelled; nothing was kept")
        else:
            bar.say(idle)

    @abstractmethod
    def start(self) -> None:
        """Starts the study that the form asks for, or says what it lacks."""

    @abstractmethod
    def _advance(self, events: Sequence[Event]) -> None:
        """The study went on."""

    @abstractmethod
    def _change(self) -> None:
        """A study began, ended, or is about to be cancelled."""

    @abstractmethod
    def say(self, error: UserError) -> None:
        """Puts what went wrong above the picture."""

    @abstractmethod
    def _begin(self, request: Request | None) -> None:
        """Fills the form when the view first comes up, with what the study found was asked."""
