"""The real starter model, trained from the window: the button is clicked, and its events come."""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobState
from workbench.core.job.events import Ended, Event, Phase, Planned, Sample, Step
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import RunState
from workbench.core.memory import reconcile
from workbench.panes.train.page import TrainPage
from workbench.window.main_window import MainWindow

pytestmark = [pytest.mark.starter, pytest.mark.usefixtures("starter_of_the_session")]

# Four steps of the starter's recipe, without the scoring that takes minutes.
SHORT = {
    "training.max_steps": 4,
    "training.warmup": 0.0,
    "training.save_steps": 0,
    "evaluation.score_path": "",
    "evaluation.score_group": "",
    "samples.count": 1,
    "samples.every_steps": 0,
    "samples.max_new_tokens": 12,
}
HEAVY = {"torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "datasets"}


def test_that_a_click_on_train_trains_the_starter_and_shows_its_events(open_window: Callable[[], MainWindow]) -> None:
    imported = HEAVY & set(sys.modules)
    window = open_window()
    window.store.set_many(SHORT)
    window.show_page("train")
    page = window.pages["train"]
    assert isinstance(page, TrainPage)
    events: list[Event] = []
    window.control.advanced.connect(events.extend)
    train = page.orders.train
    wait_until(lambda: train.isEnabled() and "Train 4 steps" in train.text())

    QTest.mouseClick(train, Qt.MouseButton.LeftButton)
    wait_until(lambda: window.control.state is JobState.RUNNING, 60)
    assert page.orders.pause.isVisible()
    assert not train.isVisible()
    wait_until(lambda: window.control.state is JobState.ENDED, 400)
    QApplication.processEvents()

    run = window.control.run
    assert run is not None
    assert run.state() is RunState.FINISHED, window.control.outcome
    assert [event.step for event in events if isinstance(event, Step)] == [1, 2, 3, 4]
    losses = [event.loss for event in events if isinstance(event, Step)]
    assert losses[-1] < 0.8 * losses[0]
    planned = next(event for event in events if isinstance(event, Planned))
    assert (planned.parameters, planned.trainable_parameters) == (134_515_008, 4_884_480)
    assert any(isinstance(event, Phase) for event in events)
    assert isinstance(events[-1], Ended)
    # What the window was told is what the folder holds.
    assert events == list(JournalReader(run.journal).read())

    after = next(event for event in events if isinstance(event, Sample) and event.when == "after")
    assert page.view.live is not None
    shown = page.view.live.samples.blocks[0].tuned.text.toPlainText()
    assert after.answer.strip() in shown

    account = page.view.account
    assert account is not None
    assert account.isVisible()
    told = {row[0]: row[1:] for row in account.lines.texts()}
    for line in ("Weights", "Unquantized", "Adapters", "Gradients", "Optimizer"):
        assert told[line][2:] == ("0 bytes", "0.0\u2009%"), (line, told[line])
    peak = next(row for row in reconcile.milestones(window.control.history) if row.name == "peak")
    assert abs(peak.difference_share or 1.0) < 0.2
    assert "learned from 1 run" in account.lesson.text()
    assert page.view.live.tiles.step.text.startswith("4 ")
    assert any(row.name == run.name and row.state is RunState.FINISHED for row in window.run_list.rows)
    assert HEAVY & set(sys.modules) == imported
