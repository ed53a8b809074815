"""Evaluation, with a run and the real engine: measured, cancelled, kept, found again, and copied as a table."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from tests.core.evaluation.test_kept import AT, evaluation, measured
from tests.fakes import save_tiny_adapter, write_rows
from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatControl
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.core.evaluation.kept import keep, kept_evaluations
from workbench.core.evaluation.rows import HELD_OUT
from workbench.core.job.evaluation_kinds import Measured
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.try_.evaluation.figures_table import between_in_words, told, verdict_of
from workbench.panes.try_.evaluation.view import EvaluationView
from workbench.panes.try_.page import TryPage


@pytest.fixture
def run(tiny_model: Callable[[str], Path], tmp_path: Path) -> RunFolder:
    """A run of a tiny model with an adapter and rows that it has not learned."""
    base = tiny_model("llama")
    rows = write_rows(tmp_path / "rows.jsonl", 8)
    asked = [f"model.source={base}", f"data.path={rows}", f"evaluation.score_path={rows}", "model.precision=fp32"]
    made = RunFolder.create(
        recipe_text.with_overrides(Recipe(), [*asked, "model.compute_dtype=fp32", "model.device=cpu"])
    )
    save_tiny_adapter(base, made.adapter)
    return made


@pytest.fixture
def page(theme: Theme, run: RunFolder) -> Iterator[TryPage]:
    made = TryPage(ChatControl(), RunList(), JobControl(), GpuWatch(), theme)
    yield made
    view = made.views.get("evaluation")
    if isinstance(view, EvaluationView):
        view.cancel()
        wait_until(lambda: not view.control.is_busy)
    made.window_closes()


def opened(page: TryPage) -> EvaluationView:
    """The view once it knows what there is to measure."""
    page.show_view("evaluation")
    view = page.view
    assert isinstance(view, EvaluationView)
    view.on_page.runs.refresh()
    wait_until(lambda: view.choices.held_out)
    return view


@pytest.mark.slow
def test_that_a_run_is_measured_beside_its_base_and_the_figures_stay_with_it(page: TryPage, run: RunFolder) -> None:
    with shown(page):
        view = opened(page)
        assert view.table.empty_words.startswith("Nothing has been measured")
        assert view.fields.held_out_fact.text() == "8 held out"
        view.fields.exact.setChecked(False)
        view.fields.limit.setValue(4)
        assert view.act()
        assert view.fields.cancel.isVisible()
        wait_until(lambda: not view.control.is_busy, 120)
        assert view.control.outcome is not None
        assert view.control.outcome.state is RunState.FINISHED, view.control.outcome
        wait_until(lambda: view.kept)
        (kept,), _ = kept_evaluations(run)
        assert view.shown == kept.tasks
        assert [view.table.text(0, column) for column in (0, 1)] == [f"{HELD_OUT}, perplexity", "4"]
        assert run.name in view.card.scope.whole


@pytest.mark.slow
def test_that_what_is_cancelled_leaves_nothing(page: TryPage, run: RunFolder) -> None:
    with shown(page):
        view = opened(page)
        view.start()
        view.cancel()
        wait_until(lambda: not view.control.is_busy)
        assert view.control.outcome is not None
        assert view.control.outcome.state is RunState.CANCELLED
        assert kept_evaluations(run) == ([], [])
        assert view.form.action_bar.facts.text() == "Cancelled; nothing was kept"


def test_that_earlier_evaluations_are_chosen_by_their_time_and_copied_as_a_table(page: TryPage, run: RunFolder) -> None:
    first, second = evaluation(AT), evaluation(AT + timedelta(hours=1))
    keep(run, "one", first, [])
    keep(run, "two", second.model_copy(update={"tasks": [*second.tasks, *first.tasks]}), [])
    with shown(page):
        view = opened(page)
        wait_until(lambda: len(view.kept) == 2)
        assert len(view.shown) == 2, "the newest is shown"
        view.times.setCurrentIndex(1)
        view.times.activated.emit(1)
        assert view.shown == first.tasks
        view.table.setCurrentIndex(view.table.figures.index(0, 0))
        assert "no adapter" in view.detail.text()
        view.copy.click()
        head, row = QGuiApplication.clipboard().text().splitlines()
        assert head.split("\t")[:3] == ["measured", "by", "rows"]
        assert row.split("\t") == [
            "t",
            "accuracy",
            "40",
            "0.5",
            "0.5",
            "+0.2 (0.1 to 0.3)",
            "tuned is better than base",
        ]


def test_that_nothing_to_measure_is_said_and_cannot_be_started(page: TryPage) -> None:
    with shown(page):
        view = opened(page)
        view.fields.exact.setChecked(False)
        view.fields.perplexity.setChecked(False)
        assert not view.fields.start.isEnabled()
        assert view.form.action_bar.facts.text() == "Choose what is measured"
        assert not view.act()
        view.fields.tasks.show_text("arc_easy, hellaswag")
        view.fields.changed.emit()
        request = view.fields.request()
        assert request is not None
        assert request.tasks == ("arc_easy", "hellaswag")


def test_that_figures_are_told_in_few_words_and_in_full() -> None:
    ratio = measured(Measured(value=0.5, low=0.4, high=0.9), higher_is_better=False, comparison="ratio")
    assert between_in_words(ratio) == "\u00d7\u20090.5 (0.4 to 0.9)"
    assert verdict_of(ratio) == "tuned is better"
    unsure = measured(Measured(value=-0.1, low=-0.3, high=0.1))
    assert between_in_words(unsure) == "\u22120.1 (\u22120.3 to 0.1)"
    assert verdict_of(unsure) == "not told apart"
    cut = unsure.model_copy(update={"left_out": 2, "why_left_out": "a row is too long"})
    assert "2 rows left out: a row is too long" in told(cut)
