"""A form's rows of several lines, their facts and what is said of them where nothing is wrong."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.shown import forget
from tests.window.clipping import clipped
from workbench.bridge.recipe_store import RecipeStore
from workbench.core.problems import Problem
from workbench.panes.look.theme import Theme
from workbench.panes.parts.form_rows import SettingRow

SYSTEM, LENGTH, PACKING = "data.system_prompt", "training.max_length", "training.packing"


@pytest.fixture
def store(qapp: QApplication) -> RecipeStore:
    return RecipeStore()


@pytest.fixture
def row(store: RecipeStore, theme: Theme) -> Iterator[SettingRow]:
    made = SettingRow(store, theme, SYSTEM, has_lines=True)
    yield made
    forget(made)


def test_that_several_lines_are_kept_when_they_are_left_or_with_ctrl_enter(row: SettingRow, store: RecipeStore) -> None:
    row.field.setPlainText("Answer briefly.\nAlways with the price.")
    QTest.keyClick(row.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert store.recipe.data.system_prompt == "Answer briefly.\nAlways with the price."
    store.set(SYSTEM, "Another.")
    row.refresh()
    assert row.field.toPlainText() == "Another."


@pytest.mark.parametrize("text", ["", "Answer briefly.", "Answer briefly.\nAlways with the price.", "Be kind. " * 60])
def test_that_a_field_of_lines_shows_its_whole_frame(row: SettingRow, text: str) -> None:
    row.resize(240, 30)
    row.show()
    row.field.setPlainText(text)
    QApplication.processEvents()
    row.resize(row.width(), row.sizeHint().height())
    QApplication.processEvents()
    assert not clipped(row)
    assert not row.field.horizontalScrollBar().isVisible()
    lines = row.field.document().size().height()
    assert row.field.viewport().height() >= row.fontMetrics().lineSpacing() * min(lines, row.field.MOST_LINES)


def test_that_a_notice_stands_where_nothing_is_wrong_and_gives_way_to_a_problem(
    store: RecipeStore, theme: Theme
) -> None:
    row = SettingRow(store, theme, LENGTH)
    row.show_notice(Problem(LENGTH, "31 rows are cut.", is_warning=True))
    assert row.problem_text() == "31 rows are cut."
    row.show_problems([Problem(LENGTH, "It is too long for the model.")])
    assert row.problem_text() == "It is too long for the model."
    row.show_problems([])
    assert row.problem_text() == "31 rows are cut."
    row.show_notice(None)
    assert row.problem_text() == ""
    forget(row)


def test_that_a_fact_stands_beside_a_switch(store: RecipeStore, theme: Theme) -> None:
    row = SettingRow(store, theme, PACKING)
    row.show_fact("93 % full")
    assert row.fact.text() == "93 % full"
    forget(row)
