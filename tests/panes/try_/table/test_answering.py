"""The view Table with the real engine: its primary answers, Pause keeps the rest, and what is said meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.core.chat.test_speakers import prepared
from tests.fakes import save_tiny_adapter, write_rows
from tests.panes.shown import shown
from tests.panes.try_.table.workshop import opened, table_of
from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.core.job.run_folder import RunFolder
from workbench.core.model import fingerprint
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.try_.page import TryPage


@pytest.fixture
def run(tiny_model: Callable[[str], Path], tmp_path: Path) -> RunFolder:
    base, rows = tiny_model("llama"), write_rows(tmp_path / "rows.jsonl", 24)
    asked = [f"model.source={base}", f"data.path={rows}", f"evaluation.score_path={rows}", "model.precision=fp32"]
    asked += ["model.compute_dtype=fp32", "model.device=cpu"]
    made = RunFolder.create(recipe_text.with_overrides(Recipe(), asked))
    save_tiny_adapter(base, made.adapter)
    made.journal.write_text(prepared({"the model": fingerprint.of_model(base)}) + "\n")
    return made


@pytest.fixture
def page(theme: Theme) -> Iterator[TryPage]:
    chat = ChatControl()
    made = TryPage(chat, RunList(), JobControl(), GpuWatch(), theme)
    yield made
    made.window_closes()
    if chat.state is not ChatState.NONE:
        chat.let_go()
    wait_until(lambda: chat.state is ChatState.NONE)
    chat.close()


def test_that_held_out_rows_are_answered_paused_and_gone_on_with(page: TryPage, run: RunFolder) -> None:
    with shown(page):
        view = opened(page, run, None)
        actions, facts = view.actions_bar, view.form.action_bar.facts
        assert view.fields.prompts.fact.text() == "not seen in training"
        view.fields.longest.setValue(4)
        wait_until(lambda: view.control.settings.max_tokens == 4 and not view.control.is_reading)
        assert actions.primary.text() == "Answer 24 prompts"
        actions.primary.click()
        assert actions.pause.isVisible()
        assert not actions.primary.isVisible()
        assert facts.text() == "the model is being loaded"
        assert not view.fields.longest.isEnabled(), "what answers are made by is not changed meanwhile"
        table = table_of(view.control)
        wait_until(lambda: table.scores().answered >= 8 and view.tiles.rated.name == "Answered")
        wait_until(lambda: "left" in facts.text())
        assert view.tiles.rated.text.endswith("of 24 rows")
        actions.pause.click()
        left = len(table.open_rows())
        assert 0 < left < 24
        assert actions.primary.text() == f"Answer the other {left} prompts"
        assert view.fields.longest.isEnabled()
        assert page.view is not None
        assert page.view.act()
        wait_until(lambda: not view.control.is_running)
        assert table.open_rows() == []
        assert view.tiles.rated.name == "Rated"
        assert view.tiles.rated.text == "24 of 24 rows"
        assert facts.text().startswith("answered in")
        assert view.fields.who.fact.text(), "the memory that is held"
        wait_until(lambda: not view.control.is_keeping)
