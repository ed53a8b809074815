"""From a spreadsheet that is dropped to rows that are used, by mouse and by keyboard."""

from pathlib import Path

from tests.panes.data.conftest import settle
from tests.panes.data.mapping.books import questions, workbook
from tests.panes.shown import shown
from workbench.bridge.recipe_store import RecipeStore
from workbench.panes.data.page import DataPage


def test_that_a_spreadsheet_opens_the_sheet_and_its_rows_are_used(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "questions.xlsx", questions())
    with shown(page):
        page.open_file(path)
        settle(page)
        assert page.mapping.view.isVisible()
        assert page.mapping.group.isVisible()
        assert page.mapping.use.text() == "Use these rows"
        assert page.mapping.use.isEnabled()
        page.mapping.use.click()
        settle(page)
        assert page.rows.isVisible()
        assert store.recipe.data.prompt_column == "Question"
        assert page.orders.prepare.text() == "Prepare 12 rows"
