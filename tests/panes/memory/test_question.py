"""The question answered in one look, and the rows: every term with its formula, by mouse and by keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.memory.pages import GB, key
from workbench.bridge.recipe_store import RecipeStore
from workbench.core.memory import ledger
from workbench.core.memory.ledger import PARTS
from workbench.core.memory.scenarios import FOUR_WAYS
from workbench.core.model import catalogue
from workbench.panes.memory.page import MemoryPage
from workbench.panes.memory.recipe import PATHS

# -- the question ------------------------------------------------------------------------------------------------------


def test_that_will_llama_3_8b_fit_in_12_gb_at_2048_tokens_is_answered_in_one_look(page: MemoryPage) -> None:
    recipe = page.model.recipe
    assert (page.model.model_title, recipe.training.max_length, page.model.card.free_bytes) == (
        "Llama-3-8B",
        2048,
        12 * GB,
    )
    told = ledger.predict(catalogue.find("Llama-3-8B").shape(), recipe, device="cuda")
    assert page.tag.text == f"QLoRA fits: {told.peak_bytes / 1e9:.1f} of 12.0 GB"
    assert page.tag.state == "success"
    assert page.ways.title.text() == "Four ways to train Llama-3-8B"
    assert page.ways.scope.whole == "GB, one row of 2 048 tokens"
    assert [bar.title for bar in page.ways.bars.bars] == [way.title for way in FOUR_WAYS]
    assert [bar.verdict.startswith("fits") for bar in page.ways.bars.bars] == [False, False, False, True]
    assert all(bar.figure and bar.verdict for bar in page.ways.bars.bars)


def test_that_every_term_is_on_show_with_its_formula_and_they_sum_to_the_peak(page: MemoryPage) -> None:
    table, row = page.lines.table, page.model.row
    assert row is not None
    assert table.lines.rowCount() == len(PARTS) + 1
    bottom = table.visualRect(table.lines.index(len(PARTS), 0)).bottom()
    assert 0 < bottom <= table.viewport().height(), "every term is in sight without scrolling"
    assert sum(line.size_bytes for line in row.ledger.lines) == row.ledger.peak_bytes
    for number, line in enumerate(row.ledger.lines):
        assert table.lines.rows[number][2] == line.formula
        page.lines.show_part(line.part)
        assert line.formula[1:] in page.lines.detail.text()


def test_that_a_block_tells_its_formula_by_pointer_and_by_keyboard(page: MemoryPage) -> None:
    bars, row = page.ways.bars, page.model.row
    assert row is not None
    bars.setFocus(Qt.FocusReason.TabFocusReason)
    key(bars, Qt.Key.Key_Home)
    assert bars.block == 0
    assert row.ledger.lines[0].formula in bars.words_of(bars.chosen, 0)
    assert page.lines.part == "weights"
    key(bars, Qt.Key.Key_Right)
    assert page.lines.part == "unquantized"
    key(bars, Qt.Key.Key_End)
    assert page.lines.part == "overhead"
    rects = bars.block_rects(0)
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=rects[0].center().toPoint())
    assert (page.model.chosen, page.lines.part) == (0, "weights")


def test_that_bars_are_as_long_as_their_bytes(page: MemoryPage) -> None:
    bars = page.ways.bars
    for number, row in enumerate(page.model.predicted_ways()):
        rects = bars.block_rects(number)
        assert rects[-1].right() == pytest.approx(bars.scale.x(row.ledger.peak_bytes), abs=1.5)
        assert rects[0].left() == bars.scale.left
    limit = bars.scale.x(12 * GB)
    assert bars.block_rects(3)[-1].right() < limit < bars.block_rects(2)[-1].right()


def test_that_the_article_is_named_where_it_stops_short(page: MemoryPage) -> None:
    page.open_model("Llama-2-7B")
    naive, *others = page.ways.bars.bars
    row = page.model.predicted_ways()[0]
    parts = row.ledger.parts
    held = parts["weights"] + parts["unquantized"] + parts["gradients"] + parts["optimizer"]
    assert naive.mark_bytes == held - parts["optimizer"] / 2
    assert naive.note == "the article's way of counting stops at 80.9; Adam keeps two states, so 108"
    assert not any(bar.note for bar in others)


def test_that_the_focus_goes_to_what_takes_the_place_of_a_button(page: MemoryPage) -> None:
    page.window().activateWindow()
    page.ways.article.setFocus()
    page.ways.article.click()
    assert page.ways.back.hasFocus()
    page.ways.back.click()
    assert page.ways.bars.hasFocus()


def test_that_the_articles_own_sums_stand_beside_the_right_ones(page: MemoryPage) -> None:
    page.ways.article.click()
    figures = [bar.figure for bar in page.ways.bars.bars]
    assert figures[0].endswith("84 GB")
    assert figures[1].endswith("112 GB")
    assert figures[2] == "less than 4 GB"
    assert figures[3].startswith("3.34 + 0.52")
    assert "two states" in page.ways.sentences.text()
    assert not page.ways.sentences.isHidden()
    page.ways.back.click()
    assert page.ways.bars.bars[3].title == "QLoRA"
    assert page.ways.sentences.isHidden()


# -- rows --------------------------------------------------------------------------------------------------------------


def test_that_rows_are_added_named_and_removed(page: MemoryPage) -> None:
    model, bars = page.model, page.ways.bars
    assert not page.ways.add.isEnabled(), "four rows are all there is room for"
    bars.setFocus(Qt.FocusReason.TabFocusReason)
    key(bars, Qt.Key.Key_Delete)
    assert [bar.title for bar in bars.bars] == ["Naive FP32", "BF16 + LoRA", "INT8 + LoRA"]
    assert page.ways.add.isEnabled()
    copy = page.ways.add.menu().actions()[0]
    copy.trigger()
    assert model.titles == ["Naive FP32", "BF16 + LoRA", "INT8 + LoRA", "INT8 + LoRA 2"]
    assert model.chosen == 3
    key(bars, Qt.Key.Key_F2)
    edit = QApplication.focusWidget()
    assert edit is not None
    QTest.keyClicks(edit, "<b>mine</b>")
    key(edit, Qt.Key.Key_Return)
    assert bars.bars[3].title == "<b>mine</b>"
    assert page.tag.text.startswith("<b>mine</b> ")
    key(bars, Qt.Key.Key_F2)
    key(edit, Qt.Key.Key_Escape)
    assert bars.bars[3].title == "<b>mine</b>"
    page.ways.more.menu().actions()[-1].trigger()
    assert model.titles == [way.title for way in FOUR_WAYS]
    for _ in range(6):
        key(bars, Qt.Key.Key_Delete)
    assert len(model.ways) == 1, "the last row stays"


def test_that_the_recipe_on_train_can_be_a_row(page: MemoryPage, store: RecipeStore) -> None:
    store.set("lora.rank", 7)
    page.model.remove(0)
    page.ways.add.menu().actions()[1].trigger()
    assert page.model.recipe == store.recipe


def test_that_use_in_train_puts_the_row_into_the_recipe_and_goes_there(page: MemoryPage, store: RecipeStore) -> None:
    went: list[str] = []
    page.go_to.connect(went.append)
    store.set("training.learning_rate", 1e-5)
    page.controls.rank.setValue(48)
    QTest.keyClick(page.use, Qt.Key.Key_Space)
    assert went == ["train"]
    assert store.recipe.model.source == "meta-llama/Meta-Llama-3-8B"
    assert all(store.recipe.value(path) == page.model.recipe.value(path) for path in PATHS)
    assert store.recipe.training.learning_rate == 1e-5, "what memory does not depend on is left alone"
    store.undo()
    assert store.recipe.model.source == "starter"
