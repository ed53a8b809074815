"""The Train page: form, actions, run, refusals, menu, badge, widths."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.bridge.engines import command
from tests.fakes import tiny_recipe
from tests.panes.train.pages import Shown, checkpoint, steps, train_page, written
from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobState
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job.events import Ended
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe, settings

pytestmark = pytest.mark.usefixtures("qapp")


def recipe(*changes: str) -> Recipe:
    return recipe_text.with_overrides(Recipe(), ["training.max_steps=40", *changes])


def bar_text(shown: Shown) -> str:
    assert shown.page.form is not None
    return shown.page.form.action_bar.facts.text()


def reach(shown: Shown, state: JobState) -> None:
    wait_until(lambda: shown.control.state is state)


# -- the form ----------------------------------------------------------------------------------------------------------


def test_that_every_setting_has_a_place() -> None:
    with train_page(recipe()) as shown:
        form = shown.page.settings
        form.more.opener.click()
        assert {*form.rows.rows, "model.source", "data.path"} == set(settings())


def test_that_more_counts_what_differs_from_the_defaults() -> None:
    with train_page(recipe()) as shown:
        form = shown.page.settings
        count = len(settings()) - 16
        assert form.more.opener.accessibleName() == f"More: {count} settings at their defaults"
        shown.store.set("training.seed", 7)
        assert form.more.opener.accessibleName() == f"More: 1 of {count} settings differ"


def test_that_an_edit_goes_into_the_store_and_back() -> None:
    with train_page(recipe()) as shown:
        rank = shown.page.settings.rows.rows["lora.rank"].field
        rank.setValue(64)
        assert shown.store.recipe.lora.rank == 64
        shown.store.undo()
        assert rank.value() == 16


def test_that_epochs_are_asked_for_only_where_steps_are_none() -> None:
    with train_page(recipe()) as shown:
        epochs = shown.page.settings.rows.rows["training.epochs"]
        assert epochs.isHidden()
        shown.store.set("training.max_steps", 0)
        assert not epochs.isHidden()
        shown.settle()
        assert shown.page.orders.train.text().startswith("Train ")


def test_that_model_and_data_lead_to_their_pages() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        asked: list[str] = []
        shown.page.go_to.connect(asked.append)
        form = shown.page.settings
        form.model.field.click()
        form.data.field.click()
        assert asked == ["model", "data"]
        assert form.data.field.fact == "500 rows"
        assert "SmolLM2" in form.model.field.whole


def test_that_names_of_two_hundred_characters_do_not_widen_the_form(tmp_path: Path) -> None:
    name = "אבג<b>" + "x" * 180
    with train_page(recipe(f"data.path={tmp_path / name}.jsonl")) as shown:
        shown.settle()
        field = shown.page.settings.data.field
        assert field.width() < 220
        assert name in field.whole
        assert shown.window.width() == 1366


def test_that_the_broken_rule_has_its_notice_with_the_button_that_mends_it() -> None:
    with train_page(recipe("lora.enabled=false")) as shown:
        notice = shown.page.settings.notice
        assert notice.what.text() == "NF4 weights cannot be trained without an adapter"
        assert not shown.page.orders.train.isEnabled()
        assert bar_text(shown) == "NF4 weights cannot be trained without an adapter"
        notice.mend.click()
        assert shown.store.recipe.lora.enabled
        assert notice.isHidden()
        assert shown.page.orders.train.isEnabled()


def test_that_any_other_problem_stands_under_its_row() -> None:
    with train_page(recipe("model.precision=bf16", "model.compute_dtype=fp32")) as shown:
        form = shown.page.settings
        form.more.opener.click()
        assert "not in FP32" in form.rows.rows["model.compute_dtype"].problem_text()
        assert not shown.page.orders.train.isEnabled()


def test_that_gradient_checkpointing_says_what_it_saves() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        fact = shown.page.settings.rows.rows["training.gradient_checkpointing"].fact
        assert fact.text().startswith("saves ")
        shown.store.set("training.gradient_checkpointing", False)
        shown.settle()
        assert fact.text() == ""


# -- the button --------------------------------------------------------------------------------------------------------


def test_that_the_button_says_what_it_will_do() -> None:
    with train_page(recipe()) as shown:
        shown.settle()
        assert shown.page.orders.train.text() == "Train 40 steps"
        assert "GB" in bar_text(shown) or "MB" in bar_text(shown)
        shown.store.set("training.max_steps", 41)
        assert shown.page.orders.train.text() == "Train 41 steps"


@pytest.mark.slow
def test_that_what_cannot_start_is_said_with_the_page_for_it(tmp_path: Path) -> None:
    with train_page(recipe(f"data.path={tmp_path / 'gone.jsonl'}"), command=command("waits")) as shown:
        shown.train()
        assert not shown.page.view.refusal.isHidden()
        assert "gone.jsonl" in shown.page.view.refusal.what.text()
        assert not shown.page.view.refusal.to_data.isHidden()
        assert shown.page.view.refusal.to_model.isHidden()
        assert RunFolder.all() == []
        shown.store.set("data.path", "shopping")
        shown.train()
        assert shown.page.view.refusal.isHidden()


def test_that_a_start_is_checked_with_its_buttons_out_of_the_way_and_can_be_cancelled() -> None:
    with train_page(recipe(), command=command("waits")) as shown:
        shown.settle()
        actions = shown.page.orders
        said = bar_text(shown)
        actions.train.click()
        assert shown.control.is_checking
        assert actions.train.isHidden()
        assert not actions.pause.isEnabled()
        assert (bar_text(shown), shown.page.tag.text) == ("Checks that it can start", "Starting")
        shown.page.train()  # by its key, once more
        actions.cancel.click()
        assert not shown.control.is_checking
        assert not actions.train.isHidden()
        assert (bar_text(shown), shown.page.tag.text) == (said, "")
        assert wait_for_tasks(60)
        assert (shown.control.state, RunFolder.all()) == (JobState.IDLE, [])


def test_that_the_recipe_that_was_checked_is_the_one_that_starts() -> None:
    with train_page(recipe(), command=command("waits")) as shown:
        shown.page.train()
        shown.store.set("training.max_steps", 99)
        wait_until(lambda: not shown.control.is_checking, 60)
        assert shown.control.run is not None
        assert shown.control.run.recipe().training.max_steps == 40
        assert shown.store.recipe.training.max_steps == 99


def test_that_a_refused_start_leaves_the_focus_on_its_button(tmp_path: Path) -> None:
    with train_page(recipe(f"data.path={tmp_path / 'gone.jsonl'}")) as shown:
        shown.window.activateWindow()
        wait_until(shown.window.isActiveWindow)
        shown.page.orders.train.setFocus()
        shown.train()
        assert not shown.page.view.refusal.isHidden()
        assert shown.page.orders.train.hasFocus()


def test_that_a_run_that_ended_stays_as_it_was_while_the_next_is_checked_and_refused(tmp_path: Path) -> None:
    with train_page(recipe(f"data.path={tmp_path / 'gone.jsonl'}")) as shown:
        shown.follow(written(recipe(), *steps(3), Ended(state="finished", step=3)))
        shown.page.train()
        assert shown.page.view.ended is not None
        assert not shown.page.view.ended.isHidden()
        wait_until(lambda: not shown.control.is_checking, 60)
        assert not shown.page.view.refusal.isHidden()
        assert not shown.page.view.ended.isHidden()
        assert shown.page.tag.text == "Finished"


def test_that_the_key_for_training_does_not_pass_a_broken_rule() -> None:
    with train_page(recipe("lora.enabled=false")) as shown:
        shown.train()
        assert shown.page.view.refusal.what.text().startswith("Adapter: NF4 weights cannot be trained")
        assert shown.control.state is JobState.IDLE


# -- a run -------------------------------------------------------------------------------------------------------------


def test_that_a_run_is_paused_continued_and_stopped_from_the_bar() -> None:
    with train_page(recipe(), command=command("waits")) as shown:
        actions = shown.page.orders
        shown.train()
        assert shown.page.badge == "running"
        assert not actions.pause.isEnabled()
        reach(shown, JobState.RUNNING)
        assert shown.page.tag.text == "Running"
        assert actions.train.isHidden()
        actions.pause.click()
        assert bar_text(shown) in ("Pauses after this step", "Paused after step 1; its memory is kept")
        reach(shown, JobState.PAUSED)
        assert actions.pause.text() == "Continue"
        assert "its memory is kept" in bar_text(shown)
        actions.pause.click()
        reach(shown, JobState.RUNNING)
        actions.stop.click()
        assert bar_text(shown) == "Stops after this step and saves"
        assert not actions.stop.isEnabled()
        assert actions.cancel.isEnabled()
        reach(shown, JobState.ENDED)
        assert shown.page.tag.text.startswith("Stopped at step ")
        assert shown.page.badge == ""


def test_that_a_run_is_cancelled_from_the_bar() -> None:
    with train_page(recipe(), command=command("waits")) as shown:
        shown.train()
        reach(shown, JobState.RUNNING)
        shown.page.orders.cancel.click()
        assert bar_text(shown) == "Cancels now; nothing more is saved"
        reach(shown, JobState.ENDED)
        assert shown.page.tag.text == "Cancelled"


def test_that_the_form_is_the_runs_while_it_goes_on_and_the_persons_afterwards() -> None:
    with train_page(recipe(), command=command("waits")) as shown:
        rows = shown.page.settings.rows.rows
        shown.train()
        reach(shown, JobState.RUNNING)
        shown.store.set("lora.rank", 99)  # as another page might
        assert rows["lora.rank"].field.value() == 16
        assert not rows["lora.rank"].field.isEnabled()
        assert not shown.page.settings.model.field.isEnabled()
        shown.control.stop()
        reach(shown, JobState.ENDED)
        assert shown.store.recipe.lora.rank == 99
        assert rows["lora.rank"].field.value() == 99
        assert rows["lora.rank"].field.isEnabled()


def test_that_rows_made_during_a_run_are_locked_too() -> None:
    with train_page(recipe(), command=command("waits")) as shown:
        shown.train()
        reach(shown, JobState.RUNNING)
        shown.page.settings.more.opener.click()
        seed = shown.page.settings.rows.rows["training.seed"].field
        assert not seed.isEnabled()
        shown.control.cancel()
        reach(shown, JobState.ENDED)
        assert seed.isEnabled()


def test_that_a_refusal_of_the_engine_leaves_the_form_to_be_mended() -> None:
    with train_page(recipe(), command=command("refuses")) as shown:
        shown.train()
        reach(shown, JobState.ENDED)
        assert shown.page.view.refusal.what.text() == "The rows are empty."
        assert not shown.page.view.forecast.isHidden()
        assert shown.page.settings.rows.rows["lora.rank"].field.isEnabled()
        assert shown.page.tag.text == "Not started"


@pytest.mark.slow
def test_that_an_engine_that_does_not_obey_is_said_to_be_ended_by_force() -> None:
    with train_page(recipe(), command=command("hangs")) as shown:
        shown.train()
        reach(shown, JobState.RUNNING)
        shown.page.orders.cancel.click()
        reach(shown, JobState.ENDED)
        assert shown.page.view.ended is not None
        assert "by force" in shown.page.view.ended.message.what.text()


@pytest.mark.slow
def test_that_a_real_run_goes_from_the_button_to_its_end(tiny_model: Callable[[str], Path], rows: Path) -> None:
    with train_page(tiny_recipe(tiny_model("llama"), rows), cards=()) as shown:
        shown.settle()
        assert shown.page.orders.train.text() == "Train 4 steps"
        shown.page.orders.train.click()
        wait_until(lambda: shown.control.state is JobState.ENDED, 120)
        assert shown.control.outcome is not None
        assert shown.control.outcome.state is RunState.FINISHED, shown.control.outcome
        assert shown.page.view.ended is not None
        assert shown.page.view.ended.message.what.text() == "Finished after 4 steps."
        assert "adapter" in shown.page.view.ended.kept.whole
        assert len(shown.control.history.steps) == 4
        account = shown.page.view.account
        assert account is not None
        assert [row[0] for row in account.moments.texts()] == ["After loading", "First full step", "In training"]
        exact = [row for row in account.lines.texts() if row[3] == "0 bytes"]
        assert [row[0] for row in exact] == ["Weights", "Unquantized", "Adapters", "Gradients", "Optimizer"]
        assert "learned from 1 run" in account.lesson.text()


@pytest.mark.slow
def test_that_a_stopped_run_is_resumed_by_its_button() -> None:
    with train_page(recipe(), command=command("waits")) as shown:
        run = written(recipe(), *steps(5), Ended(state="stopped", step=5))
        checkpoint(run, 5)
        shown.follow(run)
        assert shown.page.view.ended is not None
        shown.page.view.ended.resume.click()
        reach(shown, JobState.RUNNING)
        assert shown.page.view.ended.isHidden()
        assert shown.page.badge == "running"


@pytest.mark.slow
def test_that_no_plot_is_imported_before_a_run_is_shown() -> None:
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "import workbench.panes.train.page; assert 'pyqtgraph' not in sys.modules;"
        "heavy = {'torch', 'transformers', 'peft', 'datasets', 'bitsandbytes'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


# -- the menu ----------------------------------------------------------------------------------------------------------


def test_that_a_preset_replaces_the_recipe_and_undo_brings_it_back() -> None:
    with train_page(recipe()) as shown:
        shown.page.menu.presets[0].trigger()
        assert shown.store.recipe != recipe()
        shown.page.menu.undo.trigger()
        assert shown.store.recipe == recipe()
        shown.page.menu.redo.trigger()
        assert shown.store.recipe != recipe()


def test_that_a_recipe_is_saved_and_opened(tmp_path: Path) -> None:
    with train_page(recipe()) as shown:
        shown.page.menu.save_recipe(tmp_path / "mine")
        assert shown.store.file == tmp_path / "mine.toml"
        assert shown.page.menu.save.text() == "Save mine.toml"
        shown.store.set("lora.rank", 8)
        shown.page.menu.open_recipe(str(tmp_path / "mine.toml"))
        assert shown.store.recipe.lora.rank == 16
        shown.page.menu.undo.trigger()
        assert shown.store.recipe.lora.rank == 8


def test_that_a_file_that_is_no_recipe_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[lora]\nrank = 'many'\n", encoding="utf-8")
    with train_page(recipe()) as shown:
        shown.page.menu.open_recipe(str(tmp_path / "bad.toml"))
        assert not shown.page.view.refusal.isHidden()
        assert shown.store.recipe == recipe()


def test_that_everything_goes_back_to_the_defaults_and_undo_knows_it() -> None:
    with train_page(recipe()) as shown:
        shown.page.menu.reset.trigger()
        assert shown.store.recipe == Recipe()
        QTest.keyClick(shown.page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        shown.page.menu.undo.trigger()
        assert shown.store.recipe == recipe()


def test_that_the_menu_leaves_the_form_alone_during_a_run() -> None:
    with train_page(recipe(), command=command("waits")) as shown:
        shown.store.set("lora.rank", 8)
        shown.train()
        menu = shown.page.menu
        assert not menu.undo.isEnabled()
        assert not menu.presets[0].isEnabled()
        assert menu.save.isEnabled()


# -- widths ------------------------------------------------------------------------------------------------------------


def test_that_a_wide_window_opens_what_stood_under_more() -> None:
    with train_page(recipe(), width=1920) as shown:
        QApplication.processEvents()
        assert shown.page.settings.more.opener.isChecked()
        shown.window.resize(1366, 704)
        QApplication.processEvents()
        assert not shown.page.settings.more.opener.isChecked()


def test_that_a_narrow_window_has_its_train_button_in_the_header() -> None:
    with train_page(recipe(), width=1024) as shown:
        QApplication.processEvents()
        assert shown.page.form is not None
        assert not shown.page.form.isVisible()
        assert shown.page.orders.train.isVisible()


@pytest.mark.slow
def test_that_the_projector_shows_the_run_in_place_of_the_sentence() -> None:
    with train_page(recipe()) as shown:
        shown.follow(written(recipe(), *steps(40), Ended(state="finished", step=40)))
        shown.theme.set_projector(True)
        QApplication.processEvents()
        assert shown.page.header.sentence.whole == "SmolLM2-135M-Instruct in NF4"
        assert shown.page.recipes.isHidden()
        shown.theme.set_projector(False)
        QApplication.processEvents()
        assert not shown.page.recipes.isHidden()
        assert shown.page.header.sentence.whole == shown.page.sentence


def test_that_an_error_of_an_order_is_said_at_the_top() -> None:
    with train_page(recipe()) as shown:
        shown.page.view.refuse(
            UserError("training.max_steps: No.", why="Because.", remedy="Set training.max_steps = 3.")
        )
        assert shown.page.view.refusal.what.text() == "Steps: No."
        assert shown.page.view.refusal.remedy.text() == "Set Steps to 3."


def test_that_a_run_followed_out_of_sight_makes_no_plots_until_the_page_is_seen() -> None:
    with train_page(recipe()) as shown:
        shown.page.hide()
        shown.follow(written(recipe(), *steps(3), Ended(state="finished", step=3)))
        assert shown.page.view.live is None
        assert shown.page.tag.text == "Finished"
        shown.page.show()
        assert shown.page.view.live is not None
        assert not shown.page.view.live.isHidden()


@pytest.mark.slow
def test_that_another_theme_leaves_the_details_as_they_were() -> None:
    with train_page(recipe()) as shown:
        shown.follow(written(recipe(), *steps(3), Ended(state="crashed", step=3, what="It broke.")))
        assert shown.page.view.ended is not None
        shown.page.view.ended.details.opener.click()
        shown.theme.choose("dark")
        assert shown.page.view.ended.details.opener.isChecked()


def test_that_a_refusal_is_gone_with_the_next_run() -> None:
    with train_page(recipe()) as shown:
        shown.page.view.refuse(UserError("No."))
        shown.follow(written(recipe(), *steps(3), Ended(state="finished", step=3)))
        assert shown.page.view.refusal.isHidden()
