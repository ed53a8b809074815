"""Runs laid over each other: their curves, what hinders it, what differs and what came of each."""

import numpy as np
from PySide6.QtGui import QGuiApplication

from tests.bridge.engines import command
from tests.panes.runs.looks import cells, look, settled
from tests.panes.runs.runs_made import made
from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.run_list import RunList
from workbench.core.job import launch
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.runs.compared.plot import spread
from workbench.panes.runs.overview.view import OverviewView
from workbench.panes.runs.page import RunsPage


def compare(view: OverviewView, *folders: RunFolder) -> None:
    for run in folders:
        view.turn(next(row for row in view.model.rows if row.path == run.path))
    settled(view)


def test_that_nothing_ticked_shows_the_chosen_run_with_what_was_set(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    made("2026-01-02-0304-a", "lora.rank=64", evaluated=(0.5,))
    look(runs)
    with shown(page):
        settled(view)
        differences = view.comparison.differences
        assert differences.title.text() == "What was set"
        assert ("Rank", "64") in cells(view)
        (line,) = view.comparison.loss.plot.lines
        assert (line.letter, list(line.x), list(line.rings)) == ("", [1, 2, 3, 4], [0.5])
        shown_before = len(cells(view))
        assert differences.shows.text() == "Show them"
        compare(view, RunFolder(view.model.rows[0].path))  # the only one with a letter
        assert differences.title.text() == "What was set"
        assert differences.model.letters == ("A",)
        assert len(cells(view)) == shown_before
        differences.shows.click()
        assert len(cells(view)) > shown_before + 40
        assert differences.shows.text() == "Hide them"


def test_that_only_what_differs_is_listed_and_who_stands_alone_or_is_better_is_bold(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    first = made("2026-01-02-0304-a", evaluated=(0.5,))
    second = made("2026-01-03-0304-b", "lora.rank=64", evaluated=(0.25,))
    third = made("2026-01-04-0304-c", evaluated=(0.75,))
    look(runs)
    with shown(page):
        compare(view, first, second, third)
        differences = view.comparison.differences
        assert differences.title.text() == "Only what differs"
        assert differences.model.letters == ("A", "B", "C")
        assert ("Rank", "16", "64", "16") in cells(view)
        assert ("Evaluation", "0.500", "0.250", "0.750") in cells(view)
        rows = {row.title: row for row in differences.model.rows}
        assert rows["Rank"].strong == (False, True, False)
        assert rows["Evaluation"].strong == (False, True, False)
        assert "are the same in all three" in differences.foot.whole
        text = differences.text()
        assert "Rank\t16\t64\t16\n" in text
        place = next(at for at, row in enumerate(differences.model.rows) if row.title == "Rank")
        differences.table.opened.emit(differences.model.index(place, 0))
        assert QGuiApplication.clipboard().text() == "lora.rank = 16, 64, 16"


def test_that_other_data_or_another_template_is_a_warning_over_the_plot(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    first, same = made("2026-01-02-0304-a"), made("2026-01-03-0304-b", "lora.rank=64")
    other = made("2026-01-04-0304-c", "data.system_prompt=Be brief.")
    look(runs)
    with shown(page):
        compare(view, first, same)
        warning = view.comparison.loss.warning
        assert not warning.isVisible()
        compare(view, other)
        assert warning.isVisible()
        assert "losses cannot be compared" in warning.words.text()


def test_that_the_axis_changes_and_the_data_does_not(
    page: RunsPage, view: OverviewView, runs: RunList, theme: Theme
) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    with shown(page):
        settled(view)
        loss = view.comparison.loss
        by_step = loss.plot.lines[0]
        for axis in ("tokens", "time"):
            loss.axes.button_of(axis).click()
            (line,) = loss.plot.lines
            assert np.array_equal(line.loss, by_step.loss)
            assert np.all(np.diff(line.x) > 0)
            assert line.x[-1] != by_step.x[-1]
            assert loss.plot.x_ticks(0.0, float(line.x[-1]), 5)
            assert not loss.grab().isNull()
        menu = {action.text(): action for action in loss.plot.menu().actions()}
        menu["Smoothed"].setChecked(False)
        menu["Logarithmic scale"].setChecked(True)
        assert loss.plot.is_log
        assert not loss.plot.is_smoothed
        assert not loss.grab().isNull()


def test_that_a_running_run_grows_in_the_comparison(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    run = RunFolder.create(Recipe())
    process = launch.start(run, command("waits"))
    wait_until(run.is_held)
    look(runs)
    with shown(page):
        compare(view, run)
        wait_until(lambda: len(view.comparison.loss.plot.lines[0].x) > 0, 60)
        before = len(view.comparison.loss.plot.lines[0].x)
        assert view.comparison.loss.plot.lines[0].is_alive
        wait_until(lambda: len(view.comparison.loss.plot.lines[0].x) > before, 60)
        run.give(Order(order="stop"))
        process.wait(60)
        wait_until(lambda: not view.comparison.loss.plot.lines[0].is_alive, 60)


def test_that_marks_that_would_touch_are_put_apart() -> None:
    assert spread([], 10, 0, 100) == []
    assert spread([10, 50], 10, 0, 100) == [10, 50]
    assert spread([10, 12, 13], 10, 0, 100) == [10, 20, 30]
    assert spread([95, 97, 99], 10, 0, 100) == [80, 90, 100]
