"""The page of runs: what it says of each, what it does with one, and that it keeps still while others work."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.bridge.engines import command, planned, step
from tests.panes.shown import forget, in_every_look, shown
from tests.qt_waits import wait_until
from workbench.bridge.export_control import ExportControl
from workbench.bridge.job_control import JobControl, JobState
from workbench.bridge.job_thread import Graces
from workbench.bridge.run_list import RunList
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.job import launch
from workbench.core.job.events import CheckpointSaved, Ended, Event, Started
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.controls import ElidedLabel
from workbench.panes.parts.run_words import LOSS, NAME, PRECISION, STATE, STEP, TAG_OF_STATE
from workbench.panes.parts.tables import TAG
from workbench.panes.runs.page import RunsPage

KEPT = Path(__file__).parents[2] / "data" / "journals"
QUICK = Graces(stop_seconds=0.3, cancel_seconds=0.2, gone_seconds=0.2)


@pytest.fixture
def runs() -> Iterator[RunList]:
    made = RunList()
    yield made
    made.stop()
    assert wait_for_tasks(60)


@pytest.fixture
def control() -> Iterator[JobControl]:
    made = JobControl(command=command("waits"), graces=QUICK)
    yield made
    made.cancel()
    if made.is_busy:
        wait_until(lambda: not made.is_busy)
    made.close()


@pytest.fixture
def page(runs: RunList, control: JobControl, theme: Theme) -> Iterator[RunsPage]:
    exports = ExportControl()
    made = RunsPage(runs, control, exports, theme)
    yield made
    assert wait_for_tasks(60)
    forget(made)


def made(name: str, end: str = "finished", steps: int = 4, checkpoint: int = 0, what: str = "") -> RunFolder:
    """A run folder by hand, over and done."""
    recipe = Recipe.model_validate({"model": {"precision": "int8"}, "training": {"max_steps": steps}})
    first = RunFolder.create(recipe)
    run = RunFolder(first.path.with_name(name))
    first.path.rename(run.path)
    events: list[Event] = [Started(attempt=1, pid=1, versions={}), planned(steps)]
    events += [step(number, steps) for number in range(1, steps + 1)]
    if checkpoint:
        events.append(CheckpointSaved(step=checkpoint, folder=f"step-{checkpoint:08d}", size_bytes=1))
        (run.checkpoints / f"step-{checkpoint:08d}").mkdir(parents=True)
    events.append(Ended.model_validate({"state": end, "step": steps, "what": what, "train_seconds": 65.0}))
    run.journal.write_text("".join(event.model_dump_json() + "\n" for event in events))
    return run


def look(runs: RunList) -> None:
    runs.refresh()
    assert wait_for_tasks(60)


def names(page: RunsPage) -> list[str]:
    model = page.overview.table.model()
    return [str(model.index(row, NAME).data()) for row in range(model.rowCount())]


def details(page: RunsPage) -> str:
    """All that the card of the chosen run says, once it has been read."""
    wait_until(lambda: page.overview.details.row is not None and not page.overview.details.is_reading)
    return " ".join(texts(page.overview.details))


def texts(widget: QWidget) -> list[str]:
    """What its labels say that can be seen."""
    return [words.text() for words in widget.findChildren(QLabel) if not words.isHidden()]


def whole_texts(widget: QWidget) -> list[str]:
    """What its labels say that shorten where there is no room, whole."""
    return [words.whole for words in widget.findChildren(ElidedLabel) if not words.isHidden()]


# -- what is listed ----------------------------------------------------------------------------------------------------


def test_that_no_runs_are_a_sentence_and_a_button_that_goes_on(page: RunsPage, runs: RunList) -> None:
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        look(runs)
        assert page.overview.onward.isVisible()
        assert not page.overview.table.isVisible()
        page.overview.onward.click()
        run = made("2026-01-02-0304-a")
        look(runs)
        assert page.overview.table.isVisible()
        assert page.overview.chosen is not None
        assert page.overview.chosen.name == run.name
    assert went == ["train"]


def test_that_a_row_says_state_steps_loss_and_precision(page: RunsPage, runs: RunList) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    with shown(page, 1920):
        model = page.overview.table.model()
        assert model.index(0, STATE).data(TAG) == ("Finished", "success", "check")
        assert model.index(0, STATE).data(Qt.ItemDataRole.AccessibleTextRole) == "Finished"
        assert model.index(0, STEP).data() == "4 of 4"
        assert model.index(0, LOSS).data() == "1.000"
        assert model.index(0, PRECISION).data() == "INT8"


def test_that_a_runs_memory_stands_beside_its_prediction(page: RunsPage, runs: RunList) -> None:
    run = made("2026-01-02-0304-a")
    look(runs)
    with shown(page):
        assert "the prediction" not in details(page)
    shutil.copytree(KEPT / "finished", run.path.with_name("2026-01-03-0304-b"))
    look(runs)
    with shown(page):
        page.overview.table.selectRow(0)
        wait_until(lambda: "2.39 GB, 3\u2009% above the prediction" in details(page))


def test_that_each_state_has_a_word_an_icon_and_a_colour() -> None:
    assert len({tag for tag in TAG_OF_STATE.values()}) == len(TAG_OF_STATE)
    assert all(word and state and icon for word, state, icon in TAG_OF_STATE.values())


def test_that_the_newest_comes_first_and_columns_can_be_sorted(page: RunsPage, runs: RunList) -> None:
    for name, steps in (("2026-01-02-0304-a", 5), ("2026-03-02-0304-a", 10), ("2026-02-02-0304-z", 2)):
        made(name, steps=steps)
    look(runs)
    with shown(page):
        assert names(page) == ["2026-03-02-0304-a", "2026-02-02-0304-z", "2026-01-02-0304-a"]
        page.overview.table.sortByColumn(STEP, Qt.SortOrder.AscendingOrder)
        assert names(page) == ["2026-02-02-0304-z", "2026-01-02-0304-a", "2026-03-02-0304-a"]


def test_that_the_filter_takes_words_of_name_state_and_precision(page: RunsPage, runs: RunList) -> None:
    made("2026-01-02-0304-apples")
    made("2026-01-03-0304-pears", end="stopped")
    look(runs)
    with shown(page):
        page.overview.filter.setText("STOPPED int8")
        assert names(page) == ["2026-01-03-0304-pears"]
        assert "1 of 2" in texts(page)
        assert page.overview.chosen is not None
        assert page.overview.chosen.name == "2026-01-03-0304-pears"
        page.overview.filter.setText("<b>nothing")
        assert names(page) == []
        page.overview.filter.clear()
        assert len(names(page)) == 2


def test_that_a_run_started_elsewhere_leaves_selection_and_sight_where_they_are(page: RunsPage, runs: RunList) -> None:
    for number in range(60):
        made(f"2026-01-02-{number:04d}-run")
    look(runs)
    with shown(page):
        page.overview.choose(places.runs() / "2026-01-02-0020-run")
        QApplication.processEvents()
        bar = page.overview.table.verticalScrollBar()
        assert bar.value() > 0
        before = page.overview.table.visualRect(page.overview.table.currentIndex()).top()
        made("2026-05-02-0000-new")
        look(runs)
        assert page.overview.chosen is not None
        assert page.overview.chosen.name == "2026-01-02-0020-run"
        assert page.overview.table.visualRect(page.overview.table.currentIndex()).top() == before
        shutil.rmtree(places.runs() / "2026-01-02-0020-run")
        look(runs)
        assert page.overview.chosen is not None
        assert page.overview.chosen.name != "2026-01-02-0020-run"


def test_that_a_page_out_of_sight_draws_nothing_until_it_is_shown(page: RunsPage, runs: RunList) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    assert names(page) == []
    with shown(page):
        assert names(page) == ["2026-01-02-0304-a"]


# -- what is said of the chosen one ------------------------------------------------------------------------------------


def test_that_the_details_tell_recipe_end_and_folder(page: RunsPage, runs: RunList) -> None:
    run = made("2026-01-02-0304-a", end="crashed", what="The memory was not enough.", checkpoint=3)
    look(runs)
    with shown(page):
        said = details(page)
        for words in ("The memory was not enough.", "INT8", "LoRA, rank 16, alpha 32", "4 steps", "2e-4", "1:05"):
            assert words in said
        assert str(run.path) in whole_texts(page.overview.details)
        assert page.overview.details.resumes.text() == "Go on from step 3"


def test_that_a_broken_recipe_shows_its_sentence_and_offers_nothing_that_needs_it(
    page: RunsPage, runs: RunList
) -> None:
    run = made("2026-01-02-0304-a")
    run.job.write_text("[lora]\nrank = 0\n")
    look(runs)
    with shown(page):
        assert "lora.rank cannot be 0" in details(page)
        assert not page.overview.details.resumes.isEnabled()
        assert not page.overview.details.uses.isEnabled()
        assert "recipe cannot be read" in page.overview.details.reason.text()


def test_that_names_are_text_whatever_they_hold(page: RunsPage, runs: RunList, theme: Theme) -> None:
    made("2026-01-02-0304-<b>bold<i>")
    made("2026-01-03-0304-شراء שלום 😀")
    made("2026-01-04-0304-" + "long" * 40)
    look(runs)
    with shown(page):
        for name in names(page):
            page.overview.choose(places.runs() / name)
            wait_until(lambda: not page.overview.details.is_reading)
            assert name in whole_texts(page.overview.details)
            tip = page.overview.table.currentIndex().data(Qt.ItemDataRole.ToolTipRole)
            assert "<b>" not in tip
        in_every_look(theme, page)


# -- what is done with it ----------------------------------------------------------------------------------------------


def test_that_enter_and_the_button_follow_the_run_on_the_train_page(
    page: RunsPage, runs: RunList, control: JobControl
) -> None:
    run = made("2026-01-02-0304-a")
    look(runs)
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        QTest.keyClick(page.overview.table, Qt.Key.Key_Return)
        assert went == ["train"]
        assert control.run is not None
        assert control.run.path == run.path
        wait_until(lambda: control.state is JobState.ENDED)
        page.overview.details.opens.click()
    assert went == ["train", "train"]


def test_that_arrows_choose_and_tab_leaves_the_table(page: RunsPage, runs: RunList) -> None:
    made("2026-01-02-0304-a")
    made("2026-01-03-0304-b")
    look(runs)
    with shown(page) as frame:
        frame.activateWindow()
        page.overview.table.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(page.overview.table, Qt.Key.Key_Down)
        assert page.overview.chosen is not None
        assert page.overview.chosen.name == "2026-01-02-0304-a"
        QTest.keyClick(page.overview.table, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is not page.overview.table


def test_that_resume_goes_on_and_another_is_refused_meanwhile(
    page: RunsPage, runs: RunList, control: JobControl
) -> None:
    made("2026-01-02-0304-a", end="stopped", checkpoint=4)
    other = made("2026-01-01-0304-b", end="finished")
    look(runs)
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        details(page)
        page.overview.details.resumes.click()
        wait_until(lambda: went == ["train"], 60)
        wait_until(lambda: control.state is JobState.RUNNING)
        page.overview.choose(other.path)
        assert not page.overview.details.resumes.isEnabled()
        assert "2026-01-02-0304-a" in page.overview.details.reason.text()
        control.cancel()
        wait_until(lambda: not control.is_busy)
        assert page.overview.details.resumes.isEnabled()


def test_that_a_finished_run_goes_on_for_as_many_steps_as_are_asked(
    page: RunsPage, runs: RunList, control: JobControl
) -> None:
    run = made("2026-01-02-0304-a", steps=4)
    look(runs)
    with shown(page):
        assert page.overview.details.resumes.text() == "Go on for 50 more steps"
        page.overview.details.steps.setValue(6)
        assert page.overview.details.resumes.text() == "Go on for 6 more steps"
        page.overview.details.resumes.click()
        wait_until(lambda: not control.is_checking, 60)
        assert run.read_orders()[0] == [Order(order="extend", steps=10)]
        wait_until(lambda: control.state is JobState.RUNNING)


def test_that_a_refusal_is_a_message_with_its_remedy(page: RunsPage, runs: RunList) -> None:
    run = made("2026-01-02-0304-a", end="stopped")
    look(runs)
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        details(page)
        shutil.rmtree(run.path)
        page.overview.details.opens.click()
        assert page.overview.message.isVisible()
        assert "not a run folder" in page.overview.message.what.text()
    assert went == []


def test_that_a_resume_that_is_refused_is_a_message_and_the_page_stays(
    page: RunsPage, runs: RunList, control: JobControl
) -> None:
    run = made("2026-01-02-0304-a", end="stopped")
    look(runs)
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        details(page)
        run.job.write_text("no recipe any more")
        page.overview.details.resumes.click()
        page.overview.details.resumes.click()
        wait_until(lambda: not control.is_checking, 60)
        assert page.overview.message.isVisible()
        assert "job.toml" in page.overview.message.what.text()
    assert (went, control.run) == ([], None)


def test_that_nothing_else_goes_on_while_a_start_is_checked(page: RunsPage, runs: RunList, control: JobControl) -> None:
    made("2026-01-02-0304-a", end="stopped", checkpoint=4)
    look(runs)
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        details(page)
        control.start(Recipe(), page.overview.message.say_error)
        assert not page.overview.details.resumes.isEnabled()
        assert page.overview.details.reason.isVisible()
        assert "about to start" in page.overview.details.reason.text()
        page.overview.details.resumes.click()
        control.cancel()
        assert page.overview.details.resumes.isEnabled()
        assert not page.overview.details.reason.isVisible()
        assert wait_for_tasks(60)
    assert (went, control.run) == ([], None)


@pytest.mark.parametrize("moves_on", [False, True])
def test_that_a_refused_resume_leaves_the_focus_where_it_was_asked_for_or_taken(
    moves_on: bool, page: RunsPage, runs: RunList, control: JobControl
) -> None:
    run = made("2026-01-02-0304-a", steps=4)
    (run.path / "orders.jsonl").mkdir()
    look(runs)
    used: list[object] = []
    page.recipe_wanted.connect(used.append)
    with shown(page):
        details(page)
        page.activateWindow()
        wait_until(page.isActiveWindow)
        page.overview.details.resumes.setFocus()
        for _ in range(2):
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
            assert control.is_checking
            assert page.overview.table.hasFocus()
        if moves_on:
            page.overview.filter.setFocus()
        wait_until(lambda: not control.is_checking, 60)
        assert "No order can be given" in page.overview.message.what.text()
        assert page.overview.details.resumes.isEnabled()
        assert QApplication.focusWidget() is (page.overview.filter if moves_on else page.overview.details.resumes)
    assert used == []


def test_that_a_living_run_is_followed_and_not_resumed(page: RunsPage, runs: RunList) -> None:
    run = RunFolder.create(Recipe())
    process = launch.start(run, command("waits"))
    look(runs)
    with shown(page):
        wait_until(lambda: (page.overview.chosen is not None and page.overview.chosen.step > 0) or runs.refresh())
        assert page.overview.details.opens.text() == "Follow on Train"
        assert not page.overview.details.resumes.isVisible()
        assert "1 at work" in [tag.text for tag in page.header.findChildren(Tag)]
        run.give(Order(order="stop"))
        process.wait(60)
        look(runs)
        assert page.overview.details.resumes.isVisible()
        wait_until(lambda: "Stopped after step" in page.overview.details.what.text())


def test_that_its_recipe_is_asked_for_and_its_path_copied(page: RunsPage, runs: RunList) -> None:
    run = made("2026-01-02-0304-a")
    look(runs)
    wanted: list[Path] = []
    page.recipe_wanted.connect(wanted.append)
    with shown(page):
        details(page)
        page.overview.details.uses.click()
        page.overview.details.copies.click()
    assert wanted == [run.path]
    assert QGuiApplication.clipboard().text() == str(run.path)


def test_that_runs_that_cannot_be_listed_are_a_message(page: RunsPage, runs: RunList, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "runs").write_text("in the way")
    with shown(page):
        look(runs)
        assert page.overview.message.isVisible()
        assert "cannot be listed" in page.overview.message.why.text()
