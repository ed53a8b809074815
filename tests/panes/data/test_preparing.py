"""Rows prepared from the page: by the engine in a process of its own, followed, and known again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.panes.data.conftest import settle
from tests.panes.shown import forget, shown
from tests.qt_waits import wait_until
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.panes.data.page import DataPage
from workbench.panes.data.rows.prepared import PreparedRows
from workbench.panes.data.rows.table import LINE, TEXT
from workbench.panes.look.theme import Theme
from workbench.panes.parts.tables import TAG

PATIENCE_SECONDS = 120


def rows(count: int) -> str:
    good = ({"prompt": f"What is {n} and {n}?", "completion": f"It is {2 * n}."} for n in range(count))
    return "".join(json.dumps(row) + "\n" for row in good)


@pytest.mark.slow
def test_that_all_rows_are_prepared_followed_and_known_again(
    store: RecipeStore, theme: Theme, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(rows(3000) + '{"prompt": "cut\n' + rows(1), encoding="utf-8")
    store.set_many(
        {
            "model.source": str(tiny_model("llama")),
            "data.path": str(path),
            "evaluation.rows": 100,
            "training.max_length": 64,
        }
    )
    page = DataPage(store, theme, Settings())
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        settle(page)
        assert page.rows.scope.text() == "the first 2\u2009000"
        page.orders.prepare.click()
        assert page.preparing.is_busy
        assert page.badge == "running"
        assert page.orders.cancel.isVisible()
        wait_until(lambda: page.preparing.prepared is not None and not page.preparing.is_busy, PATIENCE_SECONDS)
        settle(page)
        assert isinstance(page.rows.shown.listing, PreparedRows)
        assert page.rows.scope.text() == "3\u2009002"
        assert page.orders.train.isVisible()
        assert page.report.scope.text() == "2\u2009900 of 3\u2009002 rows are used, 100 held out"
        assert page.form is not None
        assert "to learn from" in page.form.action_bar.facts.text()
        page.rows.parts.button_of("held out").click()
        wait_until(lambda: len(page.rows.shown) == 100)
        assert page.rows.table.rows_model.index(0, TEXT).data(TAG)[0] == "held out"
        page.rows.show_kind("duplicate")
        wait_until(lambda: page.rows.filter.text() == "duplicate" and len(page.rows.shown) == 1)
        assert page.table_cell(0, LINE) == "3\u2009002"
        assert page.rows.go_to(2500)
        settle(page)
        assert page.seen.scope.text() == "line 2\u2009500"
        assert "What is 2499 and 2499?" in page.seen.chat.words
        page.rows.search.setText("is 1234 AND")
        wait_until(lambda: len(page.rows.shown) == 1)
        page.orders.train.click()
        assert went == ["train"]
        store.set("training.max_length", 60)
        settle(page)
        assert page.rows.scope.text().endswith("of the first 2\u2009000")
        assert page.orders.prepare.isVisible()
        store.set("training.max_length", 64)
        settle(page)
        assert page.preparing.prepared is not None
    page.window_closes()
    forget(page)
    again = DataPage(store, theme, Settings())
    with shown(again):
        again.shown_first()
        wait_until(lambda: again.preparing.prepared is not None, PATIENCE_SECONDS)
        assert again.rows.scope.text() == "3\u2009002"
    again.window_closes()


@pytest.mark.slow
def test_that_a_row_of_a_held_out_file_is_shown_as_that_file_has_it(
    store: RecipeStore, theme: Theme, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    path, held_out = tmp_path / "rows.jsonl", tmp_path / "held out.jsonl"
    path.write_text(rows(3), encoding="utf-8")
    held_out.write_text('{"prompt": "Which tree?", "completion": "An elder."}\n', encoding="utf-8")
    store.set_many({"model.source": str(tiny_model("llama")), "data.path": str(path), "evaluation.path": str(held_out)})
    page = DataPage(store, theme, Settings())
    with shown(page):
        settle(page)
        page.orders.prepare.click()
        wait_until(lambda: page.preparing.prepared is not None and not page.preparing.is_busy, PATIENCE_SECONDS)
        settle(page)
        page.rows.parts.button_of("held out").click()
        wait_until(lambda: len(page.rows.shown) == 1)
        assert page.table_cell(0, TEXT) == "Which tree?"
        wait_until(lambda: "Which tree?" in page.seen.chat.words)
        assert "An elder." in page.seen.chat.words
    page.window_closes()


@pytest.mark.slow
def test_that_what_cannot_be_prepared_is_said(
    store: RecipeStore, theme: Theme, tmp_path: Path, kept_model: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(rows(3), encoding="utf-8")
    store.set("data.path", str(path))
    page = DataPage(store, theme, Settings())
    with shown(page):
        settle(page)
        page.orders.prepare.click()
        wait_until(lambda: page.preparing.error is not None, PATIENCE_SECONDS)
        assert page.tag.text == "Not prepared"
        assert page.notice.isVisible()
        assert page.rows.isVisible()
        assert page.orders.prepare.isEnabled()
        path.unlink()
        page.hide()
        page.show()
        settle(page)
        assert page.trouble.isVisible()
        assert not page.notice.isVisible(), "the same is said twice"
    page.window_closes()
