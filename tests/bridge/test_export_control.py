"""The export that the window follows: found again, changed by orders, and one of them at a time."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.exports import STEPS, exportable_run, held_export
from tests.qt_waits import wait_until
from workbench.bridge.export_control import ExportControl
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job.events import Ended, Phase, RunEnd
from workbench.core.job.export_kinds import ExportRequest
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.job.study import create_study
from workbench.core.problems import UserError


@pytest.fixture
def control(qapp: QApplication) -> Iterator[ExportControl]:
    made = ExportControl()
    yield made
    assert wait_for_tasks(60)
    made.close()


@pytest.fixture
def run() -> RunFolder:
    return exportable_run()


def find(control: ExportControl) -> None:
    control.find()
    wait_until(lambda: control.seen().at_work is not None)


def ordered(study: RunFolder) -> list[tuple[str, str]]:
    return [(order.order, order.name) for order in study.read_orders()[0]]


def test_that_nothing_goes_on_before_anything_was_asked(control: ExportControl) -> None:
    assert not control.is_busy
    assert (control.request, control.outcome, control.elapsed_seconds) == (None, None, None)
    assert control.seen().steps == ()
    control.find()
    assert wait_for_tasks(60)
    assert not control.is_busy


def test_that_an_export_is_found_changed_and_stopped_by_orders(
    control: ExportControl, run: RunFolder, tmp_path: Path
) -> None:
    with held_export(run, tmp_path / "out") as study:
        find(control)
        assert control.is_exporting
        control.remove("ollama")
        control.add("adapter-gguf")
        control.stop()
        wait_until(lambda: ordered(study) == [("remove", "ollama"), ("add", "adapter-gguf"), ("stop", "")])
        assert control.stops_after == STEPS[2].item
        with pytest.raises(UserError, match="An export is under way"):
            control.start(ExportRequest(run=str(run.path), items=("adapter",), out=str(tmp_path / "other")))
    wait_until(lambda: not control.is_busy)
    assert control.stops_after == ""


@pytest.mark.parametrize(("end", "is_found"), [("finished", True), ("stopped", True), ("crashed", True)])
def test_that_an_export_that_is_over_is_found_with_what_it_made(
    control: ExportControl, run: RunFolder, tmp_path: Path, end: RunEnd, is_found: bool
) -> None:
    with held_export(run, tmp_path / "out", end):
        pass
    control.find()
    wait_until(lambda: control.outcome is not None)
    assert control.outcome is not None
    assert control.outcome.state == RunState(end)
    assert [step.state for step in control.seen().steps][:2] == ["done", "done"]


def test_that_a_measurement_is_found_while_it_goes_on_alone(control: ExportControl, run: RunFolder) -> None:
    study = create_study(ExportRequest(run=str(run.path), items=("measure",)))
    with closing(JournalWriter(study.journal)) as writer, study.hold():
        writer.write(Phase(name="measure"))
        control.find()
        wait_until(lambda: control.is_measuring)
        assert not control.is_exporting
        control.cancel()
        wait_until(lambda: ordered(study) == [("cancel", "")])
        writer.write(Ended(state="cancelled"))
    wait_until(lambda: not control.is_busy)
    other = ExportControl()
    other.find()
    assert wait_for_tasks(60)
    assert other.measured_request is None
    other.close()


def test_that_what_is_written_of_an_item_never_goes_back(
    control: ExportControl, run: RunFolder, tmp_path: Path
) -> None:
    with held_export(run, tmp_path / "out") as study:
        find(control)
        wait_until(lambda: (now := control.seen().at_work) is not None and now.share > 0.6)
        with closing(JournalWriter(study.journal)) as writer:
            writer.write(Phase(name="check", file=STEPS[2].item, done=1, total=100))
        wait_until(
            lambda: (now := control.seen().at_work) is not None and now.phase is not None and now.phase.name == "check"
        )
        now = control.seen().at_work
        assert now is not None
        assert now.share > 0.6
    wait_until(lambda: not control.is_busy)
