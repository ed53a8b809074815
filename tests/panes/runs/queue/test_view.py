"""The view Queue: what waits, in which order, and what came of a sweep."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.runs.looks import look
from tests.panes.runs.runs_made import made
from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job.label import change_label
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.queue import RunQueue
from workbench.panes.runs.page import ALL, QUEUE, RunsPage
from workbench.panes.runs.queue.view import QueueView
from workbench.panes.runs.queue.waiting import ASKED


def opened(page: RunsPage) -> QueueView:
    page.show_view(QUEUE)
    assert wait_for_tasks(60)
    view = page.view
    assert isinstance(view, QueueView)
    return view


def test_that_an_empty_queue_says_how_runs_come_there(page: RunsPage, queue: QueueControl) -> None:
    with shown(page):
        view = opened(page)
        assert "Repeat with changes" in view.table.empty_words
        assert not view.works.isEnabled()


def test_that_what_waits_is_told_by_what_differs_and_keys_change_the_order(page: RunsPage, queue: QueueControl) -> None:
    recipes = [recipe_text.with_overrides(Recipe(), [f"lora.rank={rank}"]) for rank in (8, 16, 32)]
    RunQueue().add(recipes, ["class"])
    with shown(page):
        view = opened(page)

        def asked() -> list[str]:
            return [view.model.cell_text(row, ASKED) for row in view.model.rows]

        wait_until(lambda: asked() == ["Rank 8", "Rank 16", "Rank 32"])
        view.table.setCurrentIndex(view.model.index(2, 0))
        assert not view.later.isEnabled()
        QTest.keyClick(view.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        wait_until(lambda: asked() == ["Rank 8", "Rank 32", "Rank 16"])
        assert view.chosen is not None
        assert view.chosen.recipe is not None
        assert view.chosen.recipe.lora.rank == 32
        view.later.click()
        wait_until(lambda: asked() == ["Rank 8", "Rank 16", "Rank 32"])
        QTest.keyClick(view.table, Qt.Key.Key_Delete)
        wait_until(lambda: asked() == ["Rank 8", "Rank 16"])
        assert "2 runs wait" in view.card.scope.whole


def test_that_what_this_version_cannot_read_is_told_in_its_row(page: RunsPage, queue: QueueControl) -> None:
    RunQueue().add([Recipe()])
    RunQueue().path.write_text(RunQueue().path.read_text().replace('"rank": 16', '"rank": 0'))
    with shown(page):
        view = opened(page)
        wait_until(lambda: len(view.model.rows) == 1)
        assert "cannot be 0" in view.model.cell_text(view.model.rows[0], ASKED)


def test_that_a_sweep_has_its_table_and_its_plot(page: RunsPage, runs: RunList) -> None:
    for rank in (8, 16):
        for rate in ("1e-4", "2e-4"):
            run = made(
                f"2026-01-02-0304-{rank}-{rate}",
                f"lora.rank={rank}",
                f"training.learning_rate={rate}",
                evaluated=(rank * float(rate) * 100,),
            )
            change_label(run.path, lambda label: label.tagged("sweep 2026-01-02"))
    other = made("2026-01-03-0304-other")
    change_label(other.path, lambda label: label.tagged("alone"))
    look(runs)
    with shown(page):
        view = opened(page)
        sweeps = view.sweeps
        wait_until(lambda: len(sweeps.sweep.points) == 4)
        assert [sweeps.tags.itemData(place) for place in range(sweeps.tags.count())] == ["sweep 2026-01-02"]
        assert [column.title for column in sweeps.model.columns][:3] == ["run", "Rank", "Learning rate"]
        assert sweeps.sweep.best is not None
        assert sweeps.sweep.best.values == (8, 1e-4)
        assert sweeps.plot.along in ("Rank", "Learning rate")
        assert sweeps.plot.values_at(0.0) is not None
        assert len(sweeps.plot.table()[1][0]) == 4
        assert sweeps.text().splitlines()[0].startswith("run\tRank\tLearning rate")
        assert not sweeps.grab().isNull()
        sweeps.table.opened.emit(sweeps.model.index(0, 0))
        assert page.choice.value() == ALL
        assert wait_for_tasks(60)
        assert page.overview.chosen is not None
        assert page.overview.chosen.name == "2026-01-02-0304-8-1e-4"
