"""A study of the laboratory is what it is asked and finds, what the engine does, and a view with its place."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tests.house.scratch import Scratch

KINDS = "workbench/core/job/study_kinds.py"
JOB = "workbench/engine/study/widths.py"
VIEW = "workbench/panes/quantize/widths/view.py"
PAGE = "workbench/panes/quantize/page.py"
ASKED_AND_FOUND = '''class WidthsRequest(_Request):
    """How wide the matrices of a model are."""

    needs_torch = False

    kind: Literal["widths"] = "widths"
    least: int = 1


class WidthSeen(Finding):
    """One matrix and its width."""

    kind: Literal["width"] = "width"
    name: str
    width: int

    def in_words(self) -> str:
        return f"{self.name} is {self.width} wide"


'''
DONE = '''
"""The widths study."""

from workbench.core.job.events import Ended
from workbench.core.job.study_kinds import WidthSeen, model_path
from workbench.core.model.stored_tensor import open_tensors


def run(job) -> Ended:
    job.phase("measure")
    for tensor in open_tensors(model_path(job.request)):
        if tensor.shape[-1] >= job.request.least:
            job.emit(WidthSeen(name=tensor.name, width=tensor.shape[-1]))
    return Ended(state="finished")
'''
SHOWN = '''
"""The view of widths."""

from PySide6.QtWidgets import QLabel

from workbench.panes.parts.study_view import StudyView


class WidthsView(StudyView):
    name = "widths"
    title = "Widths"
    kind = "widths"

    def __init__(self, theme, control):
        super().__init__(theme, control)
        self.words = QLabel(self)
        self.control = control
        control.state_changed.connect(self._refresh)

    def say(self, error):
        self.words.setText(str(error))

    def _begin(self, request):
        self._refresh()

    def _refresh(self):
        self.words.setText(", ".join(found.in_words() for found in self._control.findings))
'''
CASE = """            case "widths":
                from workbench.panes.quantize.widths.view import WidthsView

                return WidthsView(self.theme, self._study(name))
"""
FOLLOWED = """
import json, sys, time
from PySide6.QtWidgets import QApplication
from workbench.core.job.event_words import in_words
from workbench.core.job.study_kinds import WidthsRequest
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.page import QuantizePage

def followed(start):
    page = QuantizePage(theme)
    view = page.view_of("widths")
    start(view)
    deadline = time.monotonic() + 60
    while view.control.outcome is None and time.monotonic() < deadline:
        application.processEvents()
        time.sleep(0.01)
    said = [view.words.text(), str(view.control.outcome.state), view.control.run.name]
    page.window_closes()
    return said, view.control.run.history()

application = QApplication([])
theme = Theme("light")
started, history = followed(lambda view: view.control.start(WidthsRequest(model=sys.argv[1], least=4)))
found, _ = followed(lambda view: view.shown_first())
log = [in_words(event) for event in history.findings]
print(json.dumps({"started": started, "found": found, "log": log, "kept": len(history.findings)}))
"""


def test_that_a_study_with_a_finding_is_four_files(scratch: Scratch, tmp_path: Path) -> None:
    scratch.replace(KINDS, '"outliers", "measure"]', '"outliers", "measure", "widths"]')
    scratch.before(KINDS, "Request = (\n    LayersRequest\n", ASKED_AND_FOUND)
    scratch.replace(KINDS, "Request = (\n    LayersRequest\n", "Request = (\n    WidthsRequest\n    | LayersRequest\n")
    scratch.replace(KINDS, "AnyFinding = MatrixMeasured |", "AnyFinding = WidthSeen | MatrixMeasured |")
    scratch.after(KINDS, '    "measure": MeasureRequest,\n', '    "widths": WidthsRequest,\n')
    scratch.create(JOB, DONE)
    scratch.create(VIEW, SHOWN)
    scratch.replace(PAGE, '"race": "Race"}', '"race": "Race", "widths": "Widths"}')
    scratch.before(PAGE, '            case "race":\n', CASE)
    model = tmp_path / "model.safetensors"
    save_file({"narrow": np.zeros((4, 2), np.float32), "wide": np.zeros((4, 8), np.float32)}, model)
    seen = json.loads(scratch.evaluate(FOLLOWED, str(model)))
    words, state, name = seen["started"]
    assert (words, state) == ("wide is 8 wide", "finished")
    assert name.endswith("-widths-model.safetensors")
    assert seen["found"] == seen["started"]
    assert seen["log"] == ["wide is 8 wide"]
    assert scratch.touched == {KINDS, JOB, VIEW, PAGE}
