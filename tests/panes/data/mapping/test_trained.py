"""From a workbook that is dropped to the trainer's batch, which holds what three rows have shown token by token."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.batches import in_the_batch
from tests.engine.prepare.test_seen_is_trained import as_trained
from tests.fakes import tiny_recipe
from tests.panes.data.conftest import settle
from tests.panes.data.mapping.books import questions, workbook
from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.core.tokens import kept_tokenizer
from workbench.panes.data.page import DataPage
from workbench.panes.look.theme import Theme

PATIENCE_SECONDS = 120


@pytest.mark.slow
@pytest.mark.parametrize("joins", [False, True], ids=["by names", "joined"])
def test_that_the_batch_holds_what_the_rows_of_a_dropped_workbook_have_shown(
    store: RecipeStore, theme: Theme, tiny_model: Callable[[str], Path], tmp_path: Path, joins: bool
) -> None:
    model = tiny_model("llama")
    kept_tokenizer.make(model)
    store.replace(tiny_recipe(model, tmp_path / "none.jsonl", "training.max_length=280", "training.packing=true"))
    rows = questions(3)
    path = workbook(tmp_path / "questions.xlsx", [*rows, rows[0]])
    page = DataPage(store, theme, Settings())
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        page.open_file(path)
        settle(page)
        assert page.fields.shape.text() == "“Question” is the prompt, “Answer” the completion"
        if joins:
            page.mapping.group.choice_changed.emit(page.mapping.choice.joining("prompt", "Channel"))
            settle(page)
        seen = page.mapping.view.seen
        seen.views.button_of("tokens").click()
        looked = []
        for _ in range(3):
            assert seen.tokens is not None
            looked.append(as_trained(seen.tokens))
            seen.after.click()
            settle(page)
        page.mapping.use.click()
        settle(page)
        page.orders.prepare.click()
        wait_until(lambda: page.preparing.prepared is not None and not page.preparing.is_busy, PATIENCE_SECONDS)
        settle(page)
        page.orders.train.click()
        assert went == ["train"]
    page.window_closes()
    assert sorted(looked) == in_the_batch(store.recipe, model, tmp_path / "out")
