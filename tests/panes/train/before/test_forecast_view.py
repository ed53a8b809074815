"""The idle picture: three steps, the forecast, the predicted memory, axes that wait."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.panes.train.pages import CARD, steps, train_page, written
from workbench.bridge.gpu_watch import CardStatus
from workbench.core.job.events import Ended, Memory, Milestone, Predicted
from workbench.core.memory import corrections
from workbench.core.memory.corrections import FORMULA
from workbench.core.memory.line_names import by_line
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.panes.train.before.forecast_view import MOST_REMEDIES

pytestmark = pytest.mark.usefixtures("qapp")
SMALL_CARD = CardStatus("small", 0, 100_000_000, 900_000_000, 1, 41, 0)


def recipe(*changes: str) -> Recipe:
    return recipe_text.with_overrides(Recipe(), ["training.max_steps=40", *changes])


def test_that_a_ready_recipe_has_two_ticks_and_one_thing_to_do() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        view = shown.page.view.forecast
        assert [view.model_step.state, view.data_step.state, view.train_step.state] == ["done", "done", "next"]
        assert "134.5 million parameters" in view.model_step.words
        assert view.data_step.words.startswith("500 rows to train")
        assert view.train_step.button.text() == "Train 40 steps"


def test_that_rows_held_out_are_counted() -> None:
    with train_page(recipe("evaluation.fraction=0.2")) as shown:
        shown.settle()
        assert shown.page.view.forecast.data_step.words == "400 rows to train, 100 held out, no problems found"


@pytest.mark.parametrize(
    ("setting", "state", "words"),
    [
        ("leave_out", "done", "9 rows to train, 1 left out"),
        ("refuse", "open", "1 problem was found in it"),
    ],
)
def test_that_a_bad_row_is_left_out_or_keeps_a_run_from_starting(
    setting: str, state: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"prompt": "How?", "completion": "So."}\n' * 9 + "{broken\n")
    with train_page(recipe(f"data.path={path}", f"data.bad_rows={setting}")) as shown:
        shown.settle()
        step = shown.page.view.forecast.data_step
        assert (step.state, step.words) == (state, words)


def test_that_columns_that_are_unclear_are_said_in_a_line_that_leads_to_data(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("a,b,c\n" + "".join(f"Left {n} of it,Right {n} of it,Third {n}\n" for n in range(9)), "utf-8")
    with train_page(recipe(f"data.path={path}")) as shown:
        shown.settle()
        step = shown.page.view.forecast.data_step
        assert step.state == "open"
        assert step.words == (
            "What the columns of notes.csv are for is not clear. Choose on the Data page what they hold."
        )


def test_that_data_that_is_missing_is_said_with_the_page_for_it(tmp_path: Path) -> None:
    with train_page(recipe(f"data.path={tmp_path / 'gone.jsonl'}")) as shown:
        shown.settle()
        view = shown.page.view.forecast
        asked: list[str] = []
        shown.page.go_to.connect(asked.append)
        assert view.data_step.state == "open"
        assert "gone.jsonl" in view.data_step.words
        view.data_step.button.click()
        assert asked == ["data"]


def test_that_a_model_folder_that_is_missing_is_said_with_the_page_for_it(tmp_path: Path) -> None:
    with train_page(recipe(f"model.source={tmp_path / 'no model'}")) as shown:
        shown.settle()
        view = shown.page.view.forecast
        asked: list[str] = []
        shown.page.go_to.connect(asked.append)
        assert view.model_step.state == "open"
        assert shown.page.settings.model.problem_text()
        view.model_step.button.click()
        assert asked == ["model"]


def test_that_a_model_of_the_hub_may_come_when_training_starts() -> None:
    with train_page(recipe("model.source=org/never-downloaded")) as shown:
        shown.settle()
        view = shown.page.view.forecast
        assert view.model_step.state == "done"
        assert "downloaded when training starts" in view.model_step.words
        assert view.bar.isHidden()


def test_that_a_known_model_is_predicted_before_it_is_here() -> None:
    with train_page(recipe("model.source=meta-llama/Meta-Llama-3-8B", "training.max_length=2048")) as shown:
        shown.settle()
        view = shown.page.view.forecast
        assert "8.03 billion parameters, downloaded when training starts" in view.model_step.words
        assert view.verdict.text.startswith("Fits: ")
        shown.store.set("model.precision", "bf16")
        shown.settle()
        assert view.verdict.text.startswith("Does not fit: ")


def test_that_the_memory_is_predicted_with_a_verdict() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        assert shown.page.view.forecast.verdict.text.startswith("Fits: ")
        assert shown.page.view.forecast.verdict.state == "success"
        assert shown.page.view.forecast.bar.total_bytes > 300_000_000


def test_that_a_card_that_is_too_small_is_said_before_anything_starts() -> None:
    with train_page(recipe("training.batch_size=16"), cards=(SMALL_CARD,)) as shown:
        shown.settle()
        assert shown.page.view.forecast.verdict.text.startswith("Does not fit: ")
        assert shown.page.form is not None
        assert shown.page.form.action_bar.facts.text().startswith("needs ")
        assert shown.page.orders.train.isEnabled()


def test_that_what_would_help_is_a_button_each_and_changes_the_form() -> None:
    with train_page(recipe("training.batch_size=2", "training.gradient_checkpointing=false"), cards=(CARD,)) as shown:
        shown.settle()
        view = shown.page.view.forecast
        assert view.verdict.state == "success"
        assert view.remedies.isHidden()
        shown.gpu.cards = (SMALL_CARD,)
        shown.gpu.changed.emit()
        shown.settle()
        before = shown.page.forecaster.reading
        assert before is not None
        assert before.corrected is not None
        assert view.remedies.isVisible()
        assert 0 < len(view.remedies.shown) <= MOST_REMEDIES
        first = view.remedies.shown[0]
        assert view.remedies.buttons[0].accessibleName() == f"Apply: {first.title}"
        view.remedies.buttons[0].click()
        shown.settle()
        after = shown.page.forecaster.reading
        assert after is not None
        assert after.corrected is not None
        assert before.corrected.peak_bytes - after.corrected.peak_bytes == first.saved_bytes
        assert all(shown.store.recipe.value(path) == value for path, value in first.changes.items())
        assert not shown.control.is_busy  # it changes the form, and starts nothing


def test_that_a_narrow_margin_is_tight() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        reading = shown.page.forecaster.reading
        assert reading is not None
        assert reading.corrected is not None
        total = round(reading.corrected.peak_bytes * 1.1)
        shown.gpu.cards = (CardStatus(CARD.name, 0, 0, total, 1, 41, 0),)
        shown.gpu.changed.emit()
        shown.settle()
        view = shown.page.view.forecast
        assert view.verdict.text.startswith("Tight: ")
        assert view.verdict.text.endswith("to spare, 9 %")
        assert view.remedies.isVisible()


def test_that_it_says_on_how_many_runs_the_figure_rests() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        view = shown.page.view.forecast
        reading = shown.page.forecaster.reading
        assert reading is not None
        assert reading.ledger is not None
        assert "learned" not in view.memory_card.scope.text()
        parts = by_line(reading.ledger.parts)
        told = Predicted(
            formula=FORMULA, device="cuda", card=CARD.name, family="Llama", lines=parts, after_load_bytes=1,
            peak_bytes=reading.ledger.peak_bytes, moment="", sequence_tokens=1, micro_batch=1,
        )  # fmt: skip
        peak = round(reading.ledger.allocated_bytes * 1.5)
        measured = Milestone(name="peak", memory=Memory(allocated_peak_bytes=peak, card_total_bytes=1))
        finished = written(recipe(), *steps(2), told, measured, Ended(state="finished", step=2))
        assert corrections.add("run", finished.history())
        shown.page.forecaster.refresh()
        shown.settle()
        corrected = shown.page.forecaster.reading
        assert corrected is not None
        assert corrected.corrected is not None
        assert view.memory_card.scope.text().endswith("learned from 1 run: 50 % more")
        assert corrected.corrected.peak_bytes == pytest.approx(peak + reading.ledger.parts["overhead"], abs=2)
        assert corrected.forecast is not None
        assert corrected.forecast.peak_bytes == corrected.corrected.peak_bytes


def test_that_without_a_card_the_machines_memory_is_what_counts() -> None:
    with train_page(recipe(), cards=()) as shown:
        shown.settle()
        reading = shown.page.forecaster.reading
        assert reading is not None
        assert not reading.room.is_card
        assert reading.room.total_bytes > reading.room.free_bytes > 0


def test_that_less_free_memory_is_news_and_a_little_less_is_not() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        first = shown.page.forecaster.reading
        assert first is not None
        shown.gpu.cards = (CardStatus(CARD.name, 0, CARD.used_bytes + 1_000_000, CARD.total_bytes, 1, 41, 0),)
        shown.gpu.changed.emit()
        assert not shown.page.forecaster.is_pending
        shown.gpu.cards = (CardStatus(CARD.name, 0, CARD.used_bytes + 2_000_000_000, CARD.total_bytes, 1, 41, 0),)
        shown.gpu.changed.emit()
        assert shown.page.forecaster.is_pending


def test_that_the_answers_to_come_are_announced() -> None:
    with train_page(recipe("samples.count=1")) as shown:
        shown.settle()
        assert shown.page.view.forecast.sentence.text().startswith("The answer to one prompt is taken")
        shown.store.set("samples.count", 0)
        shown.settle()
        assert shown.page.view.forecast.sentence.text().startswith("Everything is kept in one run folder.")


def test_that_after_a_run_it_no_longer_says_that_nothing_was_trained() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        assert shown.page.view.forecast.steps.title.text() == "Nothing has been trained yet"
        written(recipe(), *steps(2), Ended(state="finished", step=2))
        shown.page.forecaster.refresh()
        shown.settle()
        QApplication.processEvents()
        assert shown.page.view.forecast.steps.title.text() == "Ready for another run"


def test_that_a_page_out_of_sight_works_nothing_out() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        shown.page.hide()
        shown.store.set("lora.rank", 8)
        assert not shown.page.forecaster.is_pending
        shown.page.show()
        shown.settle()
