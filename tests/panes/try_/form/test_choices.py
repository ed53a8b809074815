"""What is to answer: what a choice comes to once it is looked up."""

import shutil

import pytest

from tests.qt_waits import wait_until
from workbench.bridge.run_list import RunList
from workbench.core.chat.speakers import BASE
from workbench.core.job.run_folder import RunFolder
from workbench.panes.try_.form.choices import Candidate, Choices
from workbench.panes.try_.form.who_answers import is_of_one_base

pytestmark = pytest.mark.usefixtures("qapp")


def test_that_a_run_that_has_come_to_no_end_answers_by_its_newest_checkpoint(run: RunFolder) -> None:
    shutil.rmtree(run.adapter)
    choices = Choices(RunList())
    told: list[str] = []
    choices.changed.connect(lambda: told.append(choices.model))
    choices.choose(str(run.path), (BASE,))
    wait_until(lambda: choices.known is not None)
    checkpoint = str(run.checkpoints / "step-00000020")
    assert told == [str(run.path), checkpoint]
    assert (choices.model, choices.beside, choices.problem) == (checkpoint, (BASE,), None)
    assert choices.checkpoint is not None
    assert choices.checkpoint.step == 20


def test_that_a_run_without_a_result_is_offered_by_itself_and_beside_nobody(run: RunFolder) -> None:
    runs = RunList()
    choices = Choices(runs)
    choices.look_around()
    runs.refresh()
    wait_until(lambda: choices.runs)
    (own,) = choices.runs
    assert own.has_result
    assert is_of_one_base(Candidate("another", "another", own.base), own)
    shutil.rmtree(run.adapter)
    (run.path / "notes.txt").write_text("so that the list is another")
    runs.refresh()
    wait_until(lambda: not choices.runs[0].has_result)
    assert not is_of_one_base(Candidate("another", "another", own.base, has_result=False), own)
