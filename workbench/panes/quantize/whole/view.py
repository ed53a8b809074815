"""The Whole model view: what each format loses of every matrix, measured by a study and found again."""

from collections.abc import Sequence
from pathlib import Path

from workbench.bridge.study_control import StudyControl
from workbench.bridge.tasks import run_task
from workbench.core.job.events import Event
from workbench.core.job.run_folder import RunState
from workbench.core.job.study_kinds import LayersRequest, MatrixMeasured, Request, model_path
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.problems import UserError
from workbench.core.quantized.matrix_errors import schemes_of
from workbench.core.quantized.model import matrices
from workbench.core.quantized.model_errors import ModelErrors
from workbench.core.units import bytes_in_words, count_in_words, grouped
from workbench.numerics.quantization_scheme import SchemeError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.study_view import StudyView
from workbench.panes.quantize.whole.form import WholeForm
from workbench.panes.quantize.whole.picture import Opened, WholePicture

NO_MODEL = "Choose a model at the left: each of its matrices becomes a cell here."
NO_MATRIX = "This model holds no matrix of floating-point numbers."
WHERE = "In a process of its own, on the processor alone"


class WholeView(StudyView):
    """A study at the left; its map fills while it works, and is found again when the view comes up."""

    name = "whole"
    title = "Whole model"
    kind = "layers"
    fields: WholeForm

    def __init__(self, theme: Theme, control: StudyControl) -> None:
        super().__init__(theme, control)
        self.fields = WholeForm(theme, self.form)
        self.picture = WholePicture(theme)
        self.picture.map.words = NO_MODEL
        self.opened: Opened | None = None
        self.errors = ModelErrors()
        self._taken = 0  # of the study's findings
        in_column(self.picture, of=self)
        self._follow_study()
        self.fields.formats_changed.connect(self.refresh)
        self.fields.model.picked.connect(self._pick)
        self.picture.said.connect(self.message)
        self.refresh()

    # -- the view -----------------------------------------------------------------------------------------------------

    def _begin(self, request: Request | None) -> None:
        if isinstance(request, LayersRequest):
            self.fields.show_request(request)
            self.fields.model.open(model_path(request))
        self.fields.model.look_around()

    def arranged(self) -> None:
        self.fields.keep_room_for_progress(self.form.action_bar.parent() is self.form)
        self.picture.place_cards(is_wide=self.is_wide)

    # -- the model ----------------------------------------------------------------------------------------------------

    def _pick(self, path: Path | None) -> None:
        self.opened = None
        self._begin_errors()
        self.refresh()
        if path is None:
            return

        def take_opened(opened: Opened) -> None:
            if self.fields.model.path == path:
                self.opened = opened
                self.picture.map.words = NO_MODEL if opened.tensors else NO_MATRIX
                self._begin_errors()
                self.refresh()

        def fail(error: UserError) -> None:
            if self.fields.model.path == path:
                self.fields.model.say(error)

        run_task(lambda: Opened(path, tuple(matrices(open_tensors(path)))), take_opened, fail, parent=self)

    def _is_ours(self) -> bool:
        """Whether the study is about the model that is open."""
        request = self._control.request
        return request is not None and model_path(request) == self.fields.model.path

    def _begin_errors(self) -> None:
        """Another model or another study: the grid as it is known, and what is found already."""
        self.errors = ModelErrors(tensor.name for tensor in (self.opened.tensors if self.opened else ()))
        self._taken = 0
        self._take_findings()

    def _take_findings(self) -> None:
        if self._is_ours():
            new = self._control.findings[self._taken :]
            self._taken = len(self._control.findings)
            self.errors.add(event.facts for event in new if isinstance(event, MatrixMeasured))

    # -- the study ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Measures every matrix of the chosen model in the chosen formats."""
        request = self.fields.request()
        if request is None:
            self.picture.say(UserError("No model or no format is chosen.", remedy="Choose both at the left."))
            return
        self.picture.message_card.hide()
        if self._start(request):
            self._begin_errors()
            self.refresh()

    def say(self, error: UserError) -> None:
        self.picture.say(error)

    def _advance(self, _events: Sequence[Event]) -> None:
        self._take_findings()
        self.refresh_in_sight()

    def _change(self) -> None:
        outcome = self._control.outcome
        self._say_crash()
        if outcome is not None and outcome.state is not RunState.FINISHED:
            self._control.findings.clear()  # nothing is kept of what has no end
            self._begin_errors()
        self.refresh()

    def refresh(self) -> None:
        control, fields = self._control, self.fields
        fields.show_busy(control.is_busy, is_cancelling=control.is_cancelling)
        study = self._study()
        try:
            schemes = schemes_of(study) if study else []
        except SchemeError:
            schemes = []  # a format of another version
        formats = study.formats if study else fields.names
        self.picture.show_errors(self.errors, formats, schemes, can_export=not control.is_busy)
        self.picture.show_sizes(self.opened, fields.schemes, fields.size)
        self._say_action()

    def _study(self) -> LayersRequest | None:
        """What was asked, where something of it is shown."""
        request = self._control.request
        has_results = self._control.is_busy or bool(self.errors.formats)
        return request if isinstance(request, LayersRequest) and self._is_ours() and has_results else None

    def _say_action(self) -> None:
        fields, opened = self.fields, self.opened
        count = len(opened.tensors) if opened else 0
        fields.start.setText(f"Quantize {grouped(count)} matri{'x' if count == 1 else 'ces'}" if count else "Quantize")
        fields.start.setEnabled(bool(count and fields.names))
        fields.source.fact.setText(
            f"{count_in_words(opened.numbers)} weights in {bytes_in_words(opened.stored_bytes)}" if opened else ""
        )
        measured = f"{grouped(self.errors.count)} of {grouped(count)} matrices measured"
        at_work = measured if self._control.phase is not None and count else "Starting the engine"
        self._say_state(at_work, WHERE if fields.names else "Choose a format")
