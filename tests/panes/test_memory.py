"""The Memory page: the question answered in one look, every term with its formula, by mouse and by keyboard."""

import csv
import dataclasses
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from tests.panes.shown import in_every_look, shown
from tests.qt_waits import wait_until
from tests.window.clipping import clipped
from workbench.bridge.gpu_watch import NO_DRIVER, CardStatus, GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import catalogue, corrections, fitting, ledger
from workbench.core.ledger import NAMES, PARTS
from workbench.core.scenarios import FOUR_WAYS, STEPS
from workbench.panes.memory.bars_paint import LEAST_CONTRAST, contrast, on_color
from workbench.panes.memory.changes import ChangeRow
from workbench.panes.memory.curve import ENDS, points_of
from workbench.panes.memory.page import MemoryPage
from workbench.panes.memory.recipe import PATHS, completed
from workbench.panes.memory.source import OTHER, SIZES
from workbench.panes.motion import _kde_has_none
from workbench.panes.theme import Theme

GB = 10**9
CARD = CardStatus("NVIDIA GeForce RTX 4070", 0, 900_000_000, 12_900_000_000, 1, 41, 0)
Open = Callable[[], MemoryPage]


@pytest.fixture
def store(qapp: QApplication) -> RecipeStore:
    return RecipeStore()


@pytest.fixture
def gpu(qapp: QApplication) -> GpuWatch:
    return GpuWatch()


@pytest.fixture
def page(store: RecipeStore, gpu: GpuWatch, theme: Theme, cache: Path) -> Iterator[MemoryPage]:
    made = MemoryPage(store, gpu, theme)
    with shown(made):
        made.shown_first()
        settle(made)
        yield made


def settle(page: MemoryPage) -> None:
    assert wait_for_tasks(30)
    wait_until(lambda: not page.is_pending)
    QApplication.processEvents()


def key(widget: QWidget, *keys: Qt.Key) -> None:
    for each in keys:
        QTest.keyClick(widget, each)


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
    assert page.ways.facts.whole == "GB, one row of 2 048 tokens"
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
    for number, row in enumerate(page.model.reckoned()):
        rects = bars.block_rects(number)
        assert rects[-1].right() == pytest.approx(bars.scale.x(row.ledger.peak_bytes), abs=1.5)
        assert rects[0].left() == bars.scale.left
    limit = bars.scale.x(12 * GB)
    assert bars.block_rects(3)[-1].right() < limit < bars.block_rects(2)[-1].right()


def test_that_the_article_is_named_where_it_stops_short(page: MemoryPage) -> None:
    page.open_model("Llama-2-7B")
    naive, *others = page.ways.bars.bars
    row = page.model.reckoned()[0]
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


# -- the form ----------------------------------------------------------------------------------------------------------


def test_that_the_form_is_about_the_chosen_row(page: MemoryPage) -> None:
    form, model = page.controls, page.model
    key(page.ways.bars, Qt.Key.Key_Up)
    assert (model.title, form.precision.currentText(), form.double.switch.isEnabled()) == ("INT8 + LoRA", "INT8", False)
    key(page.ways.bars, Qt.Key.Key_Up, Qt.Key.Key_Up)
    assert (model.title, form.method.value(), form.rank.isEnabled()) == ("Naive FP32", "full", False)
    before = [way.recipe for way in model.ways]
    form.method.button_of("lora").click()
    assert model.title == "FP32 + LoRA"
    assert [way.recipe for way in model.ways][1:] == before[1:]


def test_that_a_sequence_goes_to_every_row_until_they_part(page: MemoryPage) -> None:
    page.controls.sequence.setValue(4096)
    assert {way.recipe.training.max_length for way in page.model.ways} == {4096}
    page.controls.together.click()
    page.controls.sequence.setValue(1024)
    assert [way.recipe.training.max_length for way in page.model.ways] == [4096, 4096, 4096, 1024]
    assert "1\u2009024 tokens" in page.ways.bars.bars[3].subtitle
    page.controls.together.click()
    assert {way.recipe.training.max_length for way in page.model.ways} == {1024}


def test_that_what_a_switch_saves_is_what_the_ledger_says(page: MemoryPage) -> None:
    shape, recipe = page.model.shape, page.model.recipe
    assert shape is not None
    for path, field in (
        ("model.double_quant", page.controls.double),
        ("training.gradient_checkpointing", page.controls.recompute),
    ):
        off = ledger.predict(shape, fitting.with_changes(recipe, {path: False}), device="cuda").peak_bytes
        on = ledger.predict(shape, recipe, device="cuda").peak_bytes
        assert field.words.text() == f"saves {(off - on) / 1e9:.2f} GB"
        field.switch.click()
        assert field.words.text() == f"would save {(off - on) / 1e9:.2f} GB"
        field.switch.click()
    page.controls.tiles.switch.click()
    whole = ledger.predict(shape, recipe, device="cuda", fused_head=False).peak_bytes
    assert page.model.row is not None
    assert page.model.row.ledger.peak_bytes == whole


def test_that_all_weights_are_never_trained_in_few_bits(page: MemoryPage) -> None:
    page.controls.method.button_of("full").click()
    assert (page.model.recipe.model.precision, page.model.title) == ("bf16", "BF16, full")
    precision = page.controls.precision
    precision.activated.emit(precision.findData("nf4"))
    assert page.model.recipe.lora.enabled
    assert page.controls.method.value() == "lora"


def test_that_a_wider_adapter_is_scaled_as_before() -> None:
    from workbench.core.recipe import Recipe

    assert completed(Recipe(), {"lora.rank": 64}).lora.alpha == 128


def test_that_gib_are_powers_of_two(page: MemoryPage) -> None:
    page.controls.card.units.button_of("GiB").click()
    assert page.tag.text.endswith("of 11.2 GiB")
    assert page.model.row is not None
    assert page.lines.table.lines.rows[-1][1] == f"{page.model.row.ledger.peak_bytes / 2**30:.2f}"
    assert "11.2 GiB" in page.ways.bars.limit_words


# -- the card ----------------------------------------------------------------------------------------------------------


def test_that_without_a_card_one_is_assumed_and_that_is_said(page: MemoryPage, gpu: GpuWatch) -> None:
    gpu.reason = NO_DRIVER
    gpu.changed.emit()
    assert page.controls.card.group.fact.text() == "none found here: 12 GB assumed"
    assert page.ways.bars.limit_words == "a card of 12.0 GB"
    assert "no run is known of a card that is assumed" in page.lines.detail.text()


def test_that_the_real_card_is_taken_and_what_others_hold_is_not_free(page: MemoryPage, gpu: GpuWatch) -> None:
    gpu.cards = (CARD,)
    gpu.changed.emit()
    assert page.controls.card.choice.currentText() == "RTX 4070, this one"
    assert page.controls.card.free.whole == "12.0 GB of 12.9"
    assert page.ways.bars.limit_words == "this card, 12.0 GB free"
    page.controls.card.choose("size", 24)
    gpu.cards = (dataclasses.replace(CARD, used_bytes=3 * GB),)
    gpu.changed.emit()
    assert page.model.card.free_bytes == 24 * GB, "a card that was chosen stays"
    page.controls.card.choose("card", 0)
    assert page.controls.card.free.whole == "9.9 GB of 12.9"
    gpu.cards = (dataclasses.replace(CARD, used_bytes=3 * GB + 1000),)
    gpu.changed.emit()
    assert page.model.card.free_bytes == 12_900_000_000 - 3 * GB, "a thousand bytes are no news"


def test_that_every_size_from_6_to_192_gb_can_be_chosen_and_the_computer_too(page: MemoryPage) -> None:
    choice = page.controls.card.choice
    sizes = [data[1] for data in (choice.itemData(row) for row in range(choice.count())) if data and data[0] == "size"]
    assert (min(sizes), max(sizes)) == (6, 192)
    for size in sizes:
        page.controls.card.choose("size", size)
        assert f"of {size}" in page.tag.text
    assert "beyond the right edge" not in page.ways.bars.limit_words
    for row in range(3):
        page.model.remove(row * 0)
    assert page.ways.bars.limit_words == "a card of 192 GB: beyond the right edge"
    page.controls.card.choose("cpu", 0)
    assert page.model.row is not None
    assert page.model.row.ledger == ledger.predict(page.model.shape, page.model.recipe, device="cpu")  # type: ignore[arg-type]
    assert not page.controls.tiles.switch.isEnabled()


def test_that_what_fits_at_most_is_what_the_account_book_answers(page: MemoryPage) -> None:
    shape = page.model.shape
    assert shape is not None
    for size in (6, 12, 48):
        page.controls.card.choose("size", size)
        settle(page)
        for name, ask in fitting.QUESTIONS.items():
            answer = ask(shape, page.model.recipe, "cuda", size * GB)
            words = "\u2013" if answer is None else str(answer).upper()
            assert page.most.figures[name].text().replace("\u2009", "") == words


# -- what would change it ----------------------------------------------------------------------------------------------


def test_that_changes_are_ranked_both_ways_and_a_click_does_one(page: MemoryPage) -> None:
    shown_changes = page.changes.shown
    saved = [change.saved_bytes for change in shown_changes]
    assert saved == sorted(saved, reverse=True)
    assert saved[0] > 0 > saved[-1]
    first, last = shown_changes[0], shown_changes[-1]
    rows = [row for row in page.changes.rows if not row.isHidden()]
    assert all(isinstance(row, ChangeRow) and row.accessibleName() for row in rows)
    rows[0].click()
    assert page.model.row is not None
    assert page.model.row.ledger.peak_bytes == first.peak_bytes
    settle(page)
    key(rows[-1], Qt.Key.Key_Space)
    assert page.model.recipe.lora.enabled is False
    assert last.changes["lora.enabled"] is False


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


# -- the model ---------------------------------------------------------------------------------------------------------


def test_that_every_model_of_the_catalogue_is_offered_and_reckoned_at_once(page: MemoryPage) -> None:
    source = page.controls.source
    for model in catalogue.catalogue():
        source.choose(model)
        assert page.model.shape == model.shape()
        assert page.tag.text
        assert "not known" not in page.lines.unknown.text()


def test_that_a_folder_is_read_and_what_is_none_is_a_sentence(
    page: MemoryPage, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    page.controls.source.open(str(tiny_model("llama")))
    settle(page)
    assert page.model.model_title == "llama"
    assert page.controls.source.choice.currentText() == "llama"
    assert page.model.shape is not None
    assert page.model.shape.layers == 2
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "config.json").write_text(json.dumps({"model_type": "llama", "hidden_size": -4}))
    page.controls.source.open(str(bad))
    settle(page)
    assert "hidden_size" in page.controls.source.note.text()
    assert page.model.model_title == "llama", "the last that could be read stays"


def test_that_an_id_that_is_typed_is_found_in_the_catalogue_without_a_network(page: MemoryPage) -> None:
    source = page.controls.source
    row = source.choice.findData(OTHER)
    source.choice.setCurrentIndex(row)
    source.choice.activated.emit(row)
    assert source.typed.isVisible()
    QTest.keyClicks(source.typed, "qwen/qwen3-8b")
    key(source.typed, Qt.Key.Key_Return)
    assert page.model.model_title == "Qwen3-8B"
    assert source.choice.currentText() == "Qwen3-8B"
    assert source.typed.isHidden()


def test_that_sizes_can_be_typed_in_and_nonsense_is_a_sentence(page: MemoryPage, store: RecipeStore) -> None:
    choice, sizes = page.controls.source.choice, page.controls.sizes
    choice.setCurrentIndex(choice.findData(SIZES))
    choice.activated.emit(choice.currentIndex())
    assert sizes.isVisible()
    assert page.model.shape is not None
    assert page.model.shape.parameters == catalogue.find("Llama-3-8B").parameters
    sizes.fields["num_hidden_layers"].setValue(16)
    assert page.model.shape.layers == 16
    sizes.fields["num_attention_heads"].setValue(33)
    assert "do not divide" in sizes.problem.text()
    assert page.model.shape.attention_heads == 32
    page.use.click()
    assert store.recipe.model.source == "starter", "sizes are no model: that of the recipe stays"


def test_that_the_recipes_model_is_taken_when_it_has_changed(
    page: MemoryPage, store: RecipeStore, tiny_model: Callable[[str], Path]
) -> None:
    store.set("model.source", str(tiny_model("gpt2")))
    page.shown_first()
    settle(page)
    assert page.model.model_title == "gpt2"
    page.open_model("GPT-2")
    page.shown_first()
    assert page.model.model_title == "GPT-2", "what is chosen here stays"


def test_that_what_is_not_known_of_a_family_is_said(page: MemoryPage, tmp_path: Path) -> None:
    config = {"model_type": "odd", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "config.json").write_text(json.dumps({**config, "vocab_size": 1000}))
    page.controls.source.open(str(odd))
    settle(page)
    assert page.lines.unknown.isVisible()
    assert "not known" in page.lines.unknown.text()


# -- the step ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", range(4))
def test_that_the_curve_goes_through_the_moments_and_no_higher_than_the_peak(page: MemoryPage, row: int) -> None:
    page.model.choose(row)
    told = page.model.reckoned()[row].ledger
    points, places = points_of(told)
    highest = max(points, key=lambda point: point.size_bytes)
    assert highest.size_bytes == told.peak_bytes
    reached = {tuple(sorted(point.parts.items())) for point in points}
    for moment in told.moments:
        assert tuple(sorted({part: float(size) for part, size in moment.parts.items()}.items())) in reached
    assert [point.x for point in points] == sorted(point.x for point in points)
    assert list(places) == list(ENDS)


def test_that_keys_go_through_the_step_and_the_peak_is_named(page: MemoryPage) -> None:
    curve = page.curve
    curve.setFocus(Qt.FocusReason.TabFocusReason)
    met = []
    for _ in ENDS:
        key(curve, Qt.Key.Key_Right)
        met.append(curve.moment)
    assert met == list(ENDS)
    assert page.model.row is not None
    peak = page.model.row.ledger.peak
    assert ", the peak." in curve.words_of(peak)
    assert curve.accessibleDescription().count(", the peak.") == 1
    key(curve, Qt.Key.Key_Escape)
    assert curve.moment == ""


# -- the story ---------------------------------------------------------------------------------------------------------


def test_that_the_story_goes_from_naive_fp32_to_qlora_by_itself(page: MemoryPage) -> None:
    story = page.ways.story
    assert story.duration == 600
    story._less_motion = lambda: False
    story._motion.setDuration(20)
    page.ways.play.click()
    assert story.is_playing
    wait_until(lambda: story.is_at_end)
    assert [bar.title for bar in page.ways.bars.bars] == [step.title for step in STEPS]
    totals = [bar.total_bytes for bar in page.ways.bars.bars]
    assert totals == sorted(totals, reverse=True)
    assert page.ways.bars.sentence.endswith(STEPS[-1].subtitle)
    assert page.ways.play.text() == "Again"
    key(page.ways.back, Qt.Key.Key_Space)
    assert [bar.title for bar in page.ways.bars.bars] == [way.title for way in FOUR_WAYS]


def test_that_a_bar_on_its_way_lies_between_the_two(page: MemoryPage) -> None:
    story = page.ways.story
    story._less_motion = lambda: False
    story.begin()
    story.go(1)
    story._motion.pause()
    story._move(0.5)
    first, second = (ledger_of(page, number).peak_bytes for number in (0, 1))
    assert story.bars()[1].total_bytes == pytest.approx((first + second) / 2)
    story.end()


def ledger_of(page: MemoryPage, step: int) -> ledger.Ledger:
    return page.model.reckon(STEPS[step].recipe(page.model.recipe))


def test_that_where_less_motion_is_wished_nothing_moves_by_itself(page: MemoryPage) -> None:
    story, bars = page.ways.story, page.ways.bars
    story._less_motion = lambda: True
    page.ways.play.click()
    assert (story.step, story.is_playing, len(bars.bars)) == (0, False, 1)
    assert bars.bars[0].total_bytes == ledger_of(page, 0).peak_bytes
    key(bars, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left)
    assert (story.step, len(bars.bars)) == (1, 2)
    page.ways.next.click()
    assert (story.step, len(bars.bars)) == (2, 3)
    for _ in STEPS:
        key(bars, Qt.Key.Key_Space)
    assert story.is_at_end
    assert not page.ways.next.isEnabled()


def test_that_a_story_nobody_sees_holds(page: MemoryPage) -> None:
    page.ways.story._less_motion = lambda: False
    page.ways.play.click()
    page.hide()
    assert not page.ways.story.is_playing
    page.show()


def test_that_kde_without_animations_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "kdeglobals"
    assert not _kde_has_none(file)
    file.write_text("[KDE]\nAnimationDurationFactor=0\n")
    assert _kde_has_none(file)
    file.write_text("[KDE]\nAnimationDurationFactor=much\n")
    assert not _kde_has_none(file)


# -- what runs have taught ---------------------------------------------------------------------------------------------


def test_that_a_figure_says_on_how_many_runs_it_rests_and_can_be_reset(page: MemoryPage, gpu: GpuWatch) -> None:
    gpu.cards = (CARD,)
    gpu.changed.emit()
    assert "no run of a Llama model on this card has finished" in page.lines.detail.text()
    plain = page.model.row
    assert plain is not None
    rows = [
        {
            "run": f"run-{number}",
            "formula": corrections.FORMULA,
            "card": CARD.name,
            "family": "Llama",
            "predicted_bytes": 1000,
            "measured_bytes": 1100,
        }
        for number in range(7)
    ]
    corrections.path().parent.mkdir(parents=True, exist_ok=True)
    corrections.path().write_text(json.dumps({"format": corrections.FORMAT, "runs": rows}))
    page.shown_first()
    row = page.model.row
    assert row is not None
    assert row.corrected.peak_bytes > plain.corrected.peak_bytes
    assert "7 runs" in page.lines.detail.text()
    assert page.lines.table.lines.rows[-2][0] == "Learned"
    assert page.ways.bars.bars[3].blocks[-1].part == "learned"
    assert page.tag.text.startswith(f"QLoRA fits: {row.corrected.peak_bytes / 1e9:.1f}")
    assert page.lines.forget.isVisible()
    key(page.lines.forget, Qt.Key.Key_Space)
    assert "Press again" in page.lines.detail.text()
    assert page.model.correction.runs == 7
    key(page.lines.forget, Qt.Key.Key_Space)
    assert page.model.correction.runs == 0
    assert page.lines.forget.isHidden()
    assert page.model.row == plain


def test_that_a_correction_downwards_hatches_what_was_not_needed(page: MemoryPage, gpu: GpuWatch) -> None:
    gpu.cards = (CARD,)
    gpu.changed.emit()
    row = {"run": "a", "formula": corrections.FORMULA, "card": CARD.name, "family": "Llama"}
    document = {"format": 1, "runs": [{**row, "predicted_bytes": 1000, "measured_bytes": 800}]}
    corrections.path().parent.mkdir(parents=True, exist_ok=True)
    corrections.path().write_text(json.dumps(document))
    page.shown_first()
    bar = page.ways.bars.bars[3]
    assert bar.total_bytes < sum(block.size_bytes for block in bar.blocks)
    assert not page.grab().isNull()


# -- taking it along ---------------------------------------------------------------------------------------------------


def test_that_lines_and_rows_are_copied_with_tabs(page: MemoryPage) -> None:
    page.lines.copy.click()
    text = QGuiApplication.clipboard().text()
    assert [line.split("\t")[0] for line in text.splitlines()][1:] == [*(part.capitalize() for part in PARTS), "Peak"]
    page.ways.save.menu().actions()[0].trigger()
    table = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert table[0][1:] == [way.title for way in FOUR_WAYS]
    assert {len(row) for row in table} == {5}


def test_that_the_csv_holds_bytes_and_formulas_and_nothing_that_a_spreadsheet_runs(
    page: MemoryPage, tmp_path: Path
) -> None:
    page.model.rename(3, "=cmd()")
    page.ways.menus.ask_csv()
    dialog = page.window().findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    target = tmp_path / "memory.csv"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))
    assert len(rows) == 4 * (len(PARTS) + 1)
    assert rows[-1]["way"] == "'=cmd()"
    for way, row in zip(range(4), page.model.reckoned(), strict=True):
        mine = rows[way * 10 : way * 10 + 10]
        assert [entry["line"] for entry in mine] == [*NAMES.values(), "peak"]
        assert sum(int(entry["bytes"]) for entry in mine[:-1]) == int(mine[-1]["bytes"]) == row.ledger.peak_bytes
    page.ways.menus.ask_csv()
    dialog = page.window().findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    (tmp_path / "file").touch()
    dialog.fileSelected.emit(str(tmp_path / "file" / "such.csv"))
    dialog.reject()
    assert "cannot be written" in page.header.sentence.whole


@pytest.mark.parametrize(("ending", "beginning"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_that_the_picture_is_saved(page: MemoryPage, tmp_path: Path, ending: str, beginning: bytes) -> None:
    page.ways.save.menu().actions()[-1].trigger()
    dialog = page.window().findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    target = tmp_path / f"memory.{ending}"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    assert target.read_bytes().startswith(beginning)


# -- how it looks ------------------------------------------------------------------------------------------------------


def test_that_every_look_has_room(page: MemoryPage, theme: Theme) -> None:
    for act in (page.ways.show_rows, page.ways.story.begin, lambda: page.ways.show_article(True)):
        act()
        in_every_look(theme, page)


@pytest.mark.parametrize("size", [(1366, 704), (1920, 1016), (1000, 600), (880, 526)])
def test_that_no_words_are_cut_and_no_card_lies_on_another(page: MemoryPage, size: tuple[int, int]) -> None:
    window = page.window()
    window.resize(*size)
    QApplication.processEvents()
    for act in (page.ways.show_rows, page.ways.story.begin, lambda: page.ways.show_article(True)):
        act()
        settle(page)
        QApplication.processEvents()
        assert clipped(page) == []
        cards = [card for card in (page.ways, page.lines, page.curve_card, page.changes) if card.isVisible()]
        places = [card.rect().translated(card.mapTo(page, QPoint(0, 0))) for card in cards]
        assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[:i])
        assert all(page.rect().contains(place) for place in places)
    assert page.lines.isVisible()
    page.ways.story.end()


def test_that_words_on_a_block_can_be_read(theme: Theme) -> None:
    for choice in ("light", "dark"):
        theme.choose(choice)
        for part in PARTS:
            ground = theme.color(f"memory.{part}")
            assert contrast(on_color(theme, ground), ground) >= LEAST_CONTRAST, (choice, part)


def test_that_long_names_and_html_are_harmless(page: MemoryPage) -> None:
    page.model.rename(3, "<img src=x> שלום " + "a-very-long-name-" * 12)
    page.model.show_model(catalogue.find("GPT-2").shape(), "<h1>" + "model" * 60, "x")
    settle(page)
    assert page.minimumSizeHint().width() <= 1218
    assert clipped(page) == []


def test_that_a_page_that_is_not_seen_draws_once_when_it_comes_up(page: MemoryPage) -> None:
    page.hide()
    page.controls.sequence.setValue(3000)
    assert page.is_pending
    page.show()
    settle(page)
    assert page.ways.facts.whole == "GB, one row of 3 000 tokens"


def test_that_tab_comes_to_all_and_everything_has_a_name(page: MemoryPage) -> None:
    stops: list[QWidget] = []
    page.controls.source.find_folder.setFocus(Qt.FocusReason.TabFocusReason)
    widget = QApplication.focusWidget()
    while widget is not None and widget not in stops:
        stops.append(widget)
        key(widget, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
    for wanted in (
        page.controls.source.choice,
        page.controls.precision,
        page.controls.sequence,
        page.controls.recompute.switch,
        page.controls.card.choice,
        page.ways.play,
        page.ways.bars,
        page.lines.table,
        page.curve,
        page.changes.rows[0],
        page.use,
    ):
        assert wanted in stops, wanted.accessibleName()
    for stop in stops:
        told = QAccessible.queryAccessibleInterface(stop)
        assert told.text(QAccessible.Text.Name).strip(), stop
    for chart in (page.ways.bars, page.curve):
        told = QAccessible.queryAccessibleInterface(chart)
        assert told.role() == QAccessible.Role.Chart
        assert told.text(QAccessible.Text.Description)
