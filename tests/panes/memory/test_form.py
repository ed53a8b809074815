"""The form of the Memory page: the chosen row, the card, the model, and what would change it."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.memory.pages import CARD, GB, key, settle
from workbench.bridge.gpu_watch import NO_DRIVER, GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.core.memory import fitting, ledger
from workbench.core.model import catalogue
from workbench.panes.memory.changes import ChangeRow
from workbench.panes.memory.page import MemoryPage
from workbench.panes.memory.recipe import completed
from workbench.panes.memory.source import OTHER, SIZES

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
    from workbench.core.recipe.recipe import Recipe

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


# -- the model ---------------------------------------------------------------------------------------------------------


def test_that_every_model_of_the_catalogue_is_offered_and_computed_at_once(page: MemoryPage) -> None:
    source = page.controls.source
    for model in catalogue.catalogue():
        source.choose_model(model)
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
