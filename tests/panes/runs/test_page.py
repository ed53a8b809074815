"""The page of runs: its views, and what it says of runs at work and in the queue."""

from pathlib import Path

from tests.bridge.engines import command
from tests.panes.runs.looks import look, names
from tests.panes.runs.runs_made import made
from tests.panes.shown import in_every_look, shown
from tests.qt_waits import wait_until
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.core.job import launch
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.queue import RunQueue
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Tag
from workbench.panes.runs.page import ALL, EXPORT, QUEUE, RunsPage


def test_that_the_header_switches_between_the_views(page: RunsPage, runs: RunList) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    with shown(page):
        assert page.view is page.overview
        assert page.overview.reports.isVisible()
        for name in (QUEUE, EXPORT):
            page.choice.button_of(name).click()
            assert page.view is page.views[name]
            assert not page.overview.reports.isVisible()
        page.choice.button_of(ALL).click()
        assert page.view is page.overview


def test_that_the_export_button_brings_the_chosen_run_to_its_view(page: RunsPage, runs: RunList) -> None:
    run = made("2026-01-02-0304-a", has_adapter=True)
    look(runs)
    with shown(page):
        page.overview.details.ways.buttons["export"].click()
        assert page.choice.value() == EXPORT
        assert page.overview.chosen is not None
        assert page.overview.chosen.path == run.path


def test_that_trying_it_asks_for_the_run(page: RunsPage, runs: RunList) -> None:
    run = made("2026-01-02-0304-a", has_adapter=True)
    look(runs)
    wanted: list[Path] = []
    page.try_wanted.connect(wanted.append)
    with shown(page):
        page.overview.details.ways.buttons["try"].click()
    assert wanted == [run.path]


def test_that_a_page_out_of_sight_draws_nothing_until_it_is_shown(page: RunsPage, runs: RunList) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    assert names(page.overview) == []
    with shown(page):
        assert names(page.overview) == ["2026-01-02-0304-a"]


def test_that_the_header_counts_runs_at_work_and_those_that_wait(
    page: RunsPage, runs: RunList, queue: QueueControl
) -> None:
    RunQueue().add([Recipe(), Recipe()])
    run = RunFolder.create(Recipe())
    process = launch.start(run, command("waits"))
    wait_until(run.is_held)
    with shown(page):
        look(runs)
        queue.look()
        wait_until(lambda: "1 at work, 2 wait" in [tag.text for tag in page.header.findChildren(Tag)])
        run.give(Order(order="stop"))
        process.wait(60)


def test_that_every_look_has_room_for_it(page: RunsPage, runs: RunList, theme: Theme) -> None:
    for name in ("2026-01-02-0304-a", "2026-01-03-0304-שלום 😀", "2026-01-04-0304-" + "long" * 40):
        made(name)
    look(runs)
    with shown(page):
        page.overview.turn(page.overview.model.rows[0])
        in_every_look(theme, page)
        for name in (QUEUE, ALL):
            page.show_view(name)
            in_every_look(theme, page)
