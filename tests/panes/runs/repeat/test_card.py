"""A repetition with changes: what is typed, the runs that this makes, and where they go."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.runs.looks import look, settled
from tests.panes.runs.runs_made import made
from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.queue import RunQueue
from workbench.panes.runs.overview.view import OverviewView
from workbench.panes.runs.page import QUEUE, RunsPage


def opened(view: OverviewView, *rows: tuple[str, str]) -> None:
    """The card of the chosen run's repetition, with these settings and values."""
    settled(view)
    view.acts.repeat()
    assert wait_for_tasks(60)
    card = view.repeat
    for place, (path, text) in enumerate(rows):
        if place:
            card.adds.click()
        row = card.rows[place]
        row.setting.setCurrentIndex(row.setting.findData(path))
        row.setting.activated.emit(row.setting.currentIndex())
        row.values_field.setText(text)


def test_that_ctrl_d_opens_it_and_escape_closes_it(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    with shown(page) as frame:
        frame.activateWindow()
        wait_until(frame.isActiveWindow)
        view.table.setFocus()
        QTest.keyClick(view.table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        assert view.repeat.isVisible()
        assert wait_for_tasks(60)
        QTest.keyClick(view.repeat.rows[0].values_field, Qt.Key.Key_Escape)
        assert not view.repeat.isVisible()
        assert view.comparison.isVisible()


def test_that_there_is_a_run_for_each_choice_among_the_values(
    page: RunsPage, view: OverviewView, runs: RunList, queue: QueueControl
) -> None:
    made("2026-01-02-0304-a", "lora.rank=64")
    look(runs)
    with shown(page):
        opened(view, ("lora.rank", "8, 16"), ("training.learning_rate", "1e-4, 2e-4, 5e-4"))
        card = view.repeat
        assert card.rows[0].words.text() == "it had 64, takes 1 to 1024"
        assert card.queues.text() == "Queue 6 runs"
        assert card.facts.text() == "6 runs, each of 4 steps"
        assert not card.into_form.isEnabled()
        card.queues.click()
        wait_until(lambda: page.choice.value() == QUEUE)
        queue.hold()
        entries = RunQueue().entries()
        assert [(entry.recipe.lora.rank, entry.recipe.training.learning_rate) for entry in entries if entry.recipe] == [
            (8, 1e-4), (8, 2e-4), (8, 5e-4), (16, 1e-4), (16, 2e-4), (16, 5e-4),
        ]  # fmt: skip
        assert {entry.tags[0].partition(" ")[0] for entry in entries} == {"sweep"}


def test_that_what_is_wrong_stands_under_its_field_and_nothing_is_queued(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    with shown(page):
        opened(view, ("lora.rank", "0"))
        card = view.repeat
        assert "cannot be 0" in card.problem.text()
        assert not card.queues.isEnabled()
        card.rows[0].values_field.setText("8")
        assert card.queues.text() == "Queue 1 run"
        card.adds.click()
        second = card.rows[1]
        second.setting.setCurrentIndex(second.setting.findData("lora.rank"))
        second.values_field.setText("16")
        assert "stands above already" in second.words.text()
        assert not card.queues.isEnabled()
        second.removes.click()
        assert not second.isVisible()
        assert card.queues.isEnabled()


def test_that_one_recipe_can_go_into_the_form(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    wanted: list[Recipe] = []
    page.recipe_wanted.connect(wanted.append)
    with shown(page):
        opened(view, ("lora.rank", "8"))
        view.repeat.into_form.click()
    assert wanted[0].lora.rank == 8
    assert wanted[0].training.max_steps == 4


def test_that_why_they_cannot_be_queued_is_said_in_the_card(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    made("2026-01-02-0304-a", "data.path=/no/such/file.jsonl")
    look(runs)
    with shown(page):
        opened(view, ("lora.rank", "8"))
        view.repeat.queues.click()
        wait_until(lambda: view.repeat.problem.text().startswith("There is no folder /no/such"))
        assert RunQueue().entries() == ()
