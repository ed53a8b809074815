"""All runs: what is empty, what is kept from one time to the next, and what is done with a run."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.bridge.engines import command
from tests.panes.runs.looks import look, names, settled, texts
from tests.panes.runs.runs_made import made
from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobControl, JobState
from workbench.bridge.run_list import RunList
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job import launch
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.recipe.recipe import Recipe
from workbench.panes.runs.overview.delete_question import DeleteQuestion
from workbench.panes.runs.overview.view import OverviewView
from workbench.panes.runs.page import RunsPage


def question(view: OverviewView) -> DeleteQuestion:
    """The one that is asked now."""
    assert wait_for_tasks(60)
    found = view.window().findChildren(DeleteQuestion)
    return found[-1]


def test_that_no_runs_are_a_sentence_and_a_button_that_goes_on(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        look(runs)
        assert view.onward.isVisible()
        assert not view.table.isVisible()
        view.onward.click()
        run = made("2026-01-02-0304-a")
        look(runs)
        assert view.table.isVisible()
        assert view.chosen is not None
        assert view.chosen.name == run.name
    assert went == ["train"]


def test_that_runs_that_cannot_be_listed_are_a_message(
    page: RunsPage, view: OverviewView, runs: RunList, home: Path
) -> None:
    home.mkdir(exist_ok=True)
    (home / "runs").write_text("in the way")
    with shown(page):
        look(runs)
        assert view.message.isVisible()
        assert "cannot be listed" in view.message.why.text()


def test_that_the_edge_between_table_and_comparison_is_kept(
    page: RunsPage, view: OverviewView, runs: RunList, settings: Settings
) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    with shown(page):
        top, below = view.split.sizes()
        view.split.moveSplitter(top - 60, 1)
        wait_until(lambda: settings.load()[0].runs_share > 0)
        moved = view.split.sizes()
        assert moved[0] < top
        assert settings.load()[0].runs_share == pytest.approx(moved[0] / (top + below), abs=0.02)


# -- going on ----------------------------------------------------------------------------------------------------------


def test_that_enter_and_the_button_follow_the_run_on_the_train_page(
    page: RunsPage, view: OverviewView, runs: RunList, control: JobControl
) -> None:
    run = made("2026-01-02-0304-a")
    look(runs)
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        QTest.keyClick(view.table, Qt.Key.Key_Return)
        assert went == ["train"]
        assert control.run is not None
        assert control.run.path == run.path
        wait_until(lambda: control.state is JobState.ENDED)
        view.details.ways.buttons["open"].click()
    assert went == ["train", "train"]


def test_that_resume_goes_on_and_another_is_refused_meanwhile(
    page: RunsPage, view: OverviewView, runs: RunList, control: JobControl
) -> None:
    made("2026-01-02-0304-a", end="stopped", checkpoint=4)
    other = made("2026-01-01-0304-b")
    look(runs)
    went: list[str] = []
    page.go_to.connect(went.append)
    resumes = view.details.ways.buttons["resume"]
    with shown(page):
        settled(view)
        assert resumes.text() == "Resume from step 4"
        assert resumes.property("kind") == "primary"
        resumes.click()
        wait_until(lambda: went == ["train"], 60)
        wait_until(lambda: control.state is JobState.RUNNING)
        view.choose(other.path)
        assert not resumes.isEnabled()
        assert "2026-01-02-0304-a" in resumes.toolTip()
        control.cancel()
        wait_until(lambda: not control.is_busy)
        assert resumes.isEnabled()


def test_that_a_finished_run_goes_on_for_as_many_steps_as_are_asked(
    page: RunsPage, view: OverviewView, runs: RunList, control: JobControl
) -> None:
    run = made("2026-01-02-0304-a", steps=4)
    look(runs)
    ways = view.details.ways
    with shown(page):
        assert ways.buttons["resume"].text() == "Resume, 50 more"
        words = [action.text() for action in ways.steps_menu().actions()]
        assert "4 more steps, as long again" in words
        ways.set_steps(6)
        assert ways.buttons["resume"].text() == "Resume, 6 more"
        ways.buttons["resume"].click()
        wait_until(lambda: not control.is_checking, 60)
        assert run.read_orders()[0] == [Order(order="extend", steps=10)]
        wait_until(lambda: control.state is JobState.RUNNING)


def test_that_a_resume_that_is_refused_is_a_message_and_the_page_stays(
    page: RunsPage, view: OverviewView, runs: RunList, control: JobControl
) -> None:
    run = made("2026-01-02-0304-a", end="stopped")
    look(runs)
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        settled(view)
        run.job.write_text("no recipe any more")
        view.details.ways.buttons["resume"].click()
        view.details.ways.buttons["resume"].click()
        wait_until(lambda: not control.is_checking, 60)
        assert view.message.isVisible()
        assert "job.toml" in view.message.what.text()
        shutil.rmtree(run.path)
        view.details.ways.buttons["open"].click()
        assert "not a run folder" in view.message.what.text()
    assert (went, control.run) == ([], None)


@pytest.mark.parametrize("moves_on", [False, True])
def test_that_a_refused_resume_leaves_the_focus_where_it_was_asked_for_or_taken(
    moves_on: bool, page: RunsPage, view: OverviewView, runs: RunList, control: JobControl
) -> None:
    run = made("2026-01-02-0304-a", steps=4)
    (run.path / "orders.jsonl").mkdir()
    look(runs)
    resumes = view.details.ways.buttons["resume"]
    with shown(page):
        settled(view)
        page.activateWindow()
        wait_until(page.isActiveWindow)
        resumes.setFocus()
        for _ in range(2):
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
            assert control.is_checking
            assert view.table.hasFocus()
        if moves_on:
            view.search.setFocus()
        wait_until(lambda: not control.is_checking, 60)
        assert "No order can be given" in view.message.what.text()
        assert resumes.isEnabled()
        assert QApplication.focusWidget() is (view.search if moves_on else resumes)


def test_that_a_living_run_is_followed_and_nothing_else(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    run = RunFolder.create(Recipe())
    process = launch.start(run, command("waits"))
    look(runs)
    buttons = view.details.ways.buttons
    with shown(page):
        wait_until(lambda: (view.chosen is not None and view.chosen.step > 0) or runs.refresh())
        assert buttons["open"].property("kind") == "primary"
        assert [name for name, made_ in buttons.items() if made_.isEnabled()] == ["open"]
        assert not view.details.deletes.isEnabled()
        run.give(Order(order="stop"))
        process.wait(60)
        look(runs)
        settled(view)
        assert buttons["resume"].isEnabled()


def test_that_its_recipe_goes_into_the_form_and_its_path_is_copied(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    run = made("2026-01-02-0304-a")
    look(runs)
    wanted: list[object] = []
    page.recipe_wanted.connect(wanted.append)
    with shown(page):
        settled(view)
        words = {action.text(): action for action in view.acts.menu().actions()}
        words["Use its recipe in the form"].trigger()
        words["Copy its path"].trigger()
    assert wanted == [run.path]
    assert QGuiApplication.clipboard().text() == str(run.path)


# -- words of a person -------------------------------------------------------------------------------------------------


def test_that_f2_renames_and_escape_gives_it_up(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    run = made("2026-01-02-0304-a")
    look(runs)
    with shown(page) as frame:
        frame.activateWindow()
        wait_until(frame.isActiveWindow)
        view.table.setFocus()
        field = view.details.name_field
        for typed, key, name in (
            ("The <b>first</b>", Qt.Key.Key_Return, "The <b>first</b>"),
            ("another", Qt.Key.Key_Escape, "The <b>first</b>"),
            ("", Qt.Key.Key_Return, run.name),
        ):
            QTest.keyClick(view.table, Qt.Key.Key_F2)
            assert field.isVisible()
            field.setText(typed)
            QTest.keyClick(field, key)
            assert not field.isVisible()
            wait_until(lambda: not view.changes.is_busy)
            look(runs)
            assert names(view) == [name]
            view.table.setFocus()
        assert "name" not in (run.path / "label.toml").read_text() if (run.path / "label.toml").exists() else True


# -- the bin -----------------------------------------------------------------------------------------------------------


def test_that_a_run_goes_to_the_bin_and_comes_back(
    page: RunsPage, view: OverviewView, runs: RunList, bin_folder: Path
) -> None:
    run, other = made("2026-01-03-0304-a", checkpoint=4), made("2026-01-02-0304-b")
    look(runs)
    said: list[str] = []
    view.said.connect(said.append)
    with shown(page):
        settled(view)
        assert view.details.deletes.text().startswith("Delete, ")
        view.details.deletes.click()
        asked = question(view)
        assert str(run.path) in " ".join(texts(asked)).replace("\u200b", "")
        asked.reject()
        assert run.job.is_file()
        view.details.deletes.click()
        question(view).delete.click()
        wait_until(lambda: not run.path.exists())
        wait_until(lambda: not view.changes.is_busy)
        look(runs)
        assert names(view) == [other.name]
        assert (bin_folder / "files" / run.name / "job.toml").is_file()
        assert "in the bin" in said[-1]
        page.undo()
        wait_until(lambda: not view.changes.is_busy)
        look(runs)
        assert names(view) == [run.name, other.name]
        assert not list((bin_folder / "info").iterdir())


def test_that_the_adapter_alone_can_stay(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    run = made("2026-01-03-0304-a", checkpoint=4, has_adapter=True)
    look(runs)
    with shown(page):
        settled(view)
        view.details.deletes.click()
        asked = question(view)
        assert asked.thin.text() == "Only the adapter stays: 5 kB of checkpoints go"
        asked.thin.click()
        wait_until(lambda: not view.changes.is_busy)
        assert not run.checkpoints.exists()
        assert (run.adapter / "adapter_config.json").is_file()
        settled(view)
        page.undo()
        wait_until(lambda: not view.changes.is_busy)
        assert (run.checkpoints / "step-00000004").is_dir()


def test_that_del_asks_of_the_chosen_run_and_the_menu_of_all_that_are_ticked(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    for day in (1, 2, 3):
        made(f"2026-01-0{day}-0304-a")
    look(runs)
    with shown(page) as frame:
        frame.activateWindow()
        wait_until(frame.isActiveWindow)
        for row in view.model.rows[:2]:
            view.turn(row)
        view.table.setFocus()
        QTest.keyClick(view.table, Qt.Key.Key_Delete)
        asked = question(view)
        assert "2026-01-03-0304-a" in texts(asked)[0]
        asked.reject()
        next(action for action in view.acts.menu().actions() if action.text() == "Delete 2").trigger()
        question(view).delete.click()
        wait_until(lambda: not view.changes.is_busy)
        look(runs)
        assert len(names(view)) == 1
        assert view.letters.letters == {}
        page.undo()
        wait_until(lambda: not view.changes.is_busy)
        look(runs)
        assert len(names(view)) == 3


def test_that_a_run_folder_from_elsewhere_is_taken_in_and_chosen(
    page: RunsPage, view: OverviewView, runs: RunList, tmp_path: Path
) -> None:
    made("2026-05-02-0304-a")
    came = made("2026-01-02-0304-b")
    elsewhere = tmp_path / "elsewhere" / came.name
    elsewhere.parent.mkdir()
    shutil.move(came.path, elsewhere)
    look(runs)
    with shown(page):
        view.changes.import_run(elsewhere)
        wait_until(lambda: not view.changes.is_busy)
        look(runs)
        assert view.chosen is not None
        assert view.chosen.name == came.name
        view.changes.import_run(elsewhere / "nothing")
        wait_until(lambda: not view.changes.is_busy)
        assert "not a run folder" in view.message.what.text()


def test_that_a_report_is_of_the_chosen_run_or_of_what_is_compared(
    page: RunsPage, view: OverviewView, runs: RunList, tmp_path: Path
) -> None:
    first, second = made("2026-01-02-0304-a"), made("2026-01-03-0304-b")
    look(runs)
    said: list[str] = []
    view.said.connect(said.append)
    with shown(page):
        view.acts.write_report([first.path], tmp_path / "one.html")
        view.acts.write_report([first.path, second.path], tmp_path / "two.html")
        wait_until(lambda: len(said) == 2)
        assert "2 runs compared" in (tmp_path / "two.html").read_text()
        assert first.name in (tmp_path / "one.html").read_text()
        view.acts.write_report([first.path], tmp_path / "no" / "such" / "one.html")
        wait_until(lambda: view.message.isVisible())
