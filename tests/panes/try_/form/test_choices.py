"""What is to answer: what a choice comes to once it is looked up."""

import shutil

import pytest

from tests.qt_waits import wait_until
from workbench.bridge.run_list import RunList
from workbench.core.chat.speakers import BASE
from workbench.core.job.run_folder import RunFolder
from workbench.panes.try_.form.choices import Choices

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
