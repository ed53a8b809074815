"""How a run ended: its message, its buttons, the memory and the remedies."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from tests.panes.train.pages import Shown, checkpoint, out_of_memory, steps, train_page, written
from workbench.core.job.events import CheckpointSaved, Ended, Scored
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.panes.train.ended.ended_view import EXTRA_STEPS, EndedView

pytestmark = pytest.mark.usefixtures("qapp")


def recipe(*changes: str) -> Recipe:
    return recipe_text.with_overrides(Recipe(), ["training.max_steps=60", *changes])


@pytest.fixture
def shown() -> Iterator[Shown]:
    with train_page(recipe("training.batch_size=8", "training.gradient_checkpointing=false")) as page:
        yield page


def ended(shown: Shown) -> EndedView:
    assert shown.page.view.ended is not None
    return shown.page.view.ended


def test_that_a_finished_run_says_what_it_came_to_and_goes_on_to_try(shown: Shown) -> None:
    scores = [Scored(step=0, when="before", rows=100, right=3), Scored(step=60, when="after", rows=100, right=88)]
    run = written(recipe(), *steps(60), *scores, Ended(state="finished", step=60, train_seconds=125.0))
    run.adapter.mkdir()
    (run.adapter / "adapter_config.json").write_text("{}")
    shown.follow(run)
    view = ended(shown)
    assert view.message.what.text() == "Finished after 60 steps."
    assert view.message.why.text() == "Loss 3 to 0.05, exact matches 3 to 88 of 100."
    assert str(run.adapter) in view.kept.whole
    assert str(run.adapter) in view.open_folder.toolTip()
    assert view.try_it.property("kind") == "primary"
    assert shown.page.orders.train.property("kind") != "primary"
    asked: list[Path] = []
    shown.page.try_wanted.connect(asked.append)
    view.try_it.click()
    assert asked == [run.path]


def test_that_a_finished_run_can_be_taken_further(shown: Shown) -> None:
    shown.follow(written(recipe(), *steps(60), Ended(state="finished", step=60)))
    view = ended(shown)
    asked: list[int] = []
    view.resume_asked.disconnect()
    view.resume_asked.connect(asked.append)
    view.extend.click()
    assert asked == [EXTRA_STEPS]
    assert view.resume.isHidden()


def test_that_a_stopped_run_offers_its_newest_checkpoint(shown: Shown) -> None:
    run = written(
        recipe(),
        *steps(40),
        CheckpointSaved(step=40, folder="step-00000040", size_bytes=1),
        Ended(state="stopped", step=40),
    )
    checkpoint(run, 20)
    checkpoint(run, 40)
    shown.follow(run)
    view = ended(shown)
    assert view.resume.text() == "Go on from step 40"
    assert view.has_primary
    assert view.details.isHidden()
    assert shown.page.tag.text == "Stopped at step 40"


def test_that_a_cancelled_run_without_a_checkpoint_offers_no_way_on(shown: Shown) -> None:
    shown.follow(written(recipe(), *steps(3), Ended(state="cancelled", step=3)))
    view = ended(shown)
    assert "nothing more was saved" in view.message.what.text()
    assert view.resume.isHidden()
    assert not view.has_primary
    assert shown.page.orders.train.property("kind") == "primary"


def test_that_a_crash_has_its_console_one_click_away(shown: Shown) -> None:
    console = "\n".join(f"line {number} <b>not bold</b>" for number in range(60))
    run = written(recipe(), *steps(5), Ended(state="crashed", step=5, what="It broke.", why="Why."), console=console)
    shown.follow(run)
    view = ended(shown)
    assert view.details.lines.isHidden()
    view.details.opener.click()
    assert view.details.lines.toPlainText().splitlines()[0] == "line 20 <b>not bold</b>"
    view.details.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("It broke.\nWhy.")
    assert str(run.path) in copied
    assert "line 59" in copied
    assert shown.page.badge == "ended badly"


def test_that_words_of_a_library_are_not_read_as_html(shown: Shown) -> None:
    bad = "<img src=x onerror=y> " + "long" * 80
    shown.follow(written(recipe(), *steps(1), Ended(state="crashed", step=1, what=bad, why=bad)))
    assert ended(shown).message.what.text().replace("\u200b", "") == bad
    assert shown.window.width() == 1366


@pytest.mark.parametrize(
    ("free", "words"),
    [("40 MB", " and had 40 MB free."), ("3.00 GB", "; 3.00 GB are free, so a limit is set for the process.")],
)
def test_that_without_a_card_the_free_memory_is_said_and_a_limit_beside_it(shown: Shown, free: str, words: str) -> None:
    said = f"can't allocate memory: you tried to allocate 87033344 bytes. The machine has {free} free."
    what = "The memory was not enough."
    shown.follow(written(recipe(), *steps(2), Ended(state="crashed", step=2, is_mendable=True, what=what, why=said)))
    assert ended(shown).message.what.text() == f"Out of memory at step 3: the memory was asked for 87 MB more{words}"


def test_that_running_out_of_memory_says_its_numbers(shown: Shown) -> None:
    shown.follow(written(shown.store.recipe, *steps(2), out_of_memory(2)))
    view = ended(shown)
    assert view.message.what.text() == (
        "Out of memory at step 3: the card was asked for 2.15 GB more and had 537 MB free."
    )
    assert "2 steps are lost, nothing else." in view.message.why.text()
    assert shown.page.tag.text == "Ended: out of memory"
    assert view.bar.total_bytes > 0
    assert not view.bar.isHidden()


def test_that_remedies_are_ranked_and_the_first_is_the_pages_primary(shown: Shown) -> None:
    shown.follow(written(shown.store.recipe, *steps(2), out_of_memory(2)))
    view = ended(shown)
    found = view.remedies.shown
    fitting = [remedy for remedy in found if remedy.fits]
    assert found == fitting + [remedy for remedy in found if not remedy.fits]
    assert [remedy.saved_bytes for remedy in fitting] == sorted((r.saved_bytes for r in fitting), reverse=True)
    assert view.remedies.buttons[0].property("kind") == "primary"
    assert shown.page.orders.train.property("kind") != "primary"
    batch = next(remedy for remedy in found if "training.batch_size" in remedy.changes)
    assert batch.changes["training.batch_size"] * batch.changes["training.accumulation"] == 8


def test_that_a_remedy_is_applied_to_the_form_and_tried(shown: Shown, tmp_path: object) -> None:
    del tmp_path
    shown.follow(written(shown.store.recipe, *steps(2), out_of_memory(2)))
    view = ended(shown)
    started: list[Recipe] = []
    shown.control.start = lambda recipe, _refused: started.append(recipe)  # type: ignore[method-assign]
    view.remedies.buttons[0].click()
    changes = view.remedies.shown[0].changes
    assert all(started[0].value(path) == value for path, value in changes.items())
    assert shown.store.recipe == started[0]
    shown.store.undo()
    assert shown.store.recipe.training.batch_size == 8


def test_that_a_remedy_for_another_recipes_run_brings_that_recipe_along(shown: Shown) -> None:
    other = recipe("training.batch_size=4", "lora.rank=64", "training.gradient_checkpointing=false")
    shown.follow(written(other, *steps(2), out_of_memory(2)))
    started: list[Recipe] = []
    shown.control.start = lambda recipe, _refused: started.append(recipe)  # type: ignore[method-assign]
    ended(shown).remedies.buttons[0].click()
    changes = ended(shown).remedies.shown[0].changes
    assert started[0].lora.rank == changes.get("lora.rank", 64)


def test_that_the_curves_take_the_place_of_the_remedies_when_asked(shown: Shown) -> None:
    shown.follow(written(shown.store.recipe, *steps(2), out_of_memory(2)))
    view = ended(shown)
    assert shown.page.view.live is not None
    assert shown.page.view.live.isHidden()
    view.curves.click()
    assert not shown.page.view.live.isHidden()
    assert view.remedies.isHidden()
    view.curves.click()
    assert shown.page.view.live.isHidden()
    assert not view.remedies.isHidden()


def test_that_a_folder_deleted_under_the_window_is_said(shown: Shown) -> None:
    run = written(recipe(), *steps(60), Ended(state="finished", step=60))
    shown.follow(run)
    shutil.rmtree(run.path)
    shown.page.hide()
    shown.page.show()
    view = ended(shown)
    assert view.message.why.text() == "Its folder is gone: it was deleted, moved or renamed."
    assert view.open_folder.isHidden()
    assert view.try_it.isHidden()
    assert not view.to_runs.isHidden()


def test_that_closing_it_leads_back_to_the_forecast(shown: Shown) -> None:
    shown.follow(written(recipe(), *steps(60), Ended(state="finished", step=60)))
    assert shown.page.view.forecast.isHidden()
    ended(shown).leave.click()
    assert not shown.page.view.forecast.isHidden()
    assert ended(shown).isHidden()
    assert shown.page.badge == ""


def test_that_what_was_ended_by_force_is_said(shown: Shown) -> None:
    from workbench.bridge.outcome import Outcome
    from workbench.core.job.history import History
    from workbench.core.job.run_folder import RunState
    from workbench.panes.train.ended.ended_words import ended_in_words

    _, why, _ = ended_in_words(Outcome(RunState.CANCELLED, "Cancelled.", was_forced=True), History())
    assert "ended by force" in why
