"""The Model page: the precision and what it takes, and that the recipe alone holds what is chosen."""

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from safetensors.numpy import save_file

from tests.panes.model.pages import LLAMA_8B, Desk, desk
from workbench.core.recipe.recipe import Recipe
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme


@pytest.fixture
def page(cache: Path, theme: Theme) -> Iterator[Desk]:
    with desk(theme) as made:
        yield made


# -- the start ---------------------------------------------------------------------------------------------------------


def test_that_it_begins_with_the_starter_and_is_ready(page: Desk) -> None:
    shown = page.page
    assert shown.badge == "ready"
    assert shown.source.kind.value() == "starter"
    assert [entry.name for entry in shown.source.list.entries] == ["SmolLM2-135M-Instruct"]
    assert "Apache-2.0" in shown.source.list.entries[0].owner
    assert shown.tag.text == "Will be downloaded"
    assert "fetched once" in shown.source.note.text()
    assert "134.5 million" in shown.facts.text
    assert shown.shown.cards.cards["nf4"].isChecked()


def test_that_it_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, workbench.panes.model.page\n"
        "print([name for name in ('pyqtgraph', 'huggingface_hub', 'torch', 'transformers', 'datasets')"
        " if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_that_use_this_model_leads_to_the_data_and_the_link_to_the_memory(page: Desk) -> None:
    went: list[str] = []
    page.page.go_to.connect(went.append)
    QTest.keyClick(page.page.use, Qt.Key.Key_Space)
    QTest.keyClick(page.page.shown.link, Qt.Key.Key_Space)
    assert went == ["data", "memory"]


def test_that_an_adapter_is_said_to_be_trained_further(
    page: Desk, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    said = {"peft_type": "LORA", "base_model_name_or_path": str(tiny_model("llama")), "r": 2, "lora_alpha": 4}
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    save_file(
        {"model.layers.0.q_proj.lora_A.weight": np.zeros((2, 2), np.float32)}, adapter / "adapter_model.safetensors"
    )
    (adapter / "adapter_config.json").write_text(json.dumps(said))
    page.store.set("model.source", str(adapter))
    page.settle()
    note = page.page.source.note.text()
    assert "An adapter of" in note
    assert "trained further: rank 2, alpha 4, on q_proj." in note
    assert page.page.use.isEnabled()
    (adapter / "adapter_config.json").write_text(json.dumps({**said, "base_model_name_or_path": "org/base"}))
    page.store.set("model.source", "starter")
    page.store.set("model.source", str(adapter))
    page.settle()
    assert page.page.source.note.text() == "An adapter of a model that is downloaded when a run starts."
    assert page.page.use.isEnabled()


# -- the precision -----------------------------------------------------------------------------------------------------


def test_that_a_card_an_arrow_and_a_bar_choose_the_precision(page: Desk) -> None:
    shown = page.page.shown
    shown.cards.cards["int8"].click()
    assert page.store.recipe.value("model.precision") == "int8"
    QTest.keyClick(shown.cards.cards["int8"], Qt.Key.Key_Right)
    assert page.store.recipe.value("model.precision") == "nf4"
    QTest.keyClick(shown.chart, Qt.Key.Key_Down)
    assert page.store.recipe.value("model.precision") == "fp4"
    assert shown.cards.cards["fp4"].isChecked()
    assert shown.chart.value == "fp4"


def test_that_every_precision_is_chosen_without_a_problem_and_undone_in_one_step(page: Desk) -> None:
    for name, compute in product(FORMATS, ("fp32", "fp16", "bf16")):
        page.store.replace(Recipe())
        page.store.set("model.precision", "int8" if name != "int8" else "fp4")
        page.store.set("model.compute_dtype", compute)
        before = page.store.recipe
        page.page.shown.cards.cards[name].click()
        assert page.store.recipe.model.precision == name
        assert not [problem for problem in page.store.problems if problem.path == "model.compute_dtype"]
        page.store.undo()
        assert page.store.recipe == before


def test_that_the_compute_type_comes_back_after_a_half_precision(page: Desk) -> None:
    cards = page.page.shown.cards.cards
    page.store.set("model.compute_dtype", "fp32")
    for name, compute in (("fp16", "fp16"), ("bf16", "bf16"), ("nf4", "fp32")):
        cards[name].click()
        assert page.store.recipe.model.compute_dtype == compute


def test_that_changes_from_outside_are_followed_and_not_echoed(page: Desk) -> None:
    told: list[list[str]] = []
    page.store.changed.connect(told.append)
    page.store.set_many({"model.precision": "int8", "model.int8_threshold": 4.5, "model.attention": "eager"})
    assert len(told) == 1
    shown = page.page.shown
    assert shown.cards.cards["int8"].isChecked()
    assert shown.settings.rows["model.int8_threshold"].field.text() == "4.5"
    assert "llm_int8_threshold=4.5" in shown.code.code.toPlainText()
    assert page.page.more.fact.text() == "1 of 3 settings differ"
    page.store.undo()
    assert shown.cards.cards["nf4"].isChecked()
    assert len(told) == 2
    page.store.replace(Recipe())
    assert page.page.source.kind.value() == "starter"


def test_that_what_does_not_apply_is_greyed_and_keeps_its_place(page: Desk) -> None:
    settings = page.page.shown.settings
    switch, threshold = settings.rows["model.double_quant"].field, settings.rows["model.int8_threshold"].field
    QApplication.processEvents()
    places = [row.geometry() for row in settings.rows.values()]
    high = settings.height()
    for name, is_doubled, has_threshold in (("nf4", True, False), ("int8", False, True), ("bf16", False, False)):
        page.page.shown.cards.cards[name].click()
        QApplication.processEvents()
        assert (switch.isEnabled(), threshold.isEnabled()) == (is_doubled, has_threshold)
        assert switch.isVisible()
        assert threshold.isVisible()
        assert [row.geometry() for row in settings.rows.values()] == places
        assert settings.height() == high
    assert settings.words["model.int8_threshold"].text() == "Applies to INT8 alone."


def test_that_double_quantization_says_what_it_saves_here(llama_hub: None, page: Desk) -> None:
    settings = page.page.shown.settings
    page.look_up(LLAMA_8B)
    assert settings.words["model.double_quant"].text() == (
        "Quantizes the absmax constants too: 4.5 becomes 4.127 bits a weight, 325 MB less here."
    )
    QTest.mouseClick(settings.rows["model.double_quant"].field, Qt.MouseButton.LeftButton)
    assert page.store.recipe.model.double_quant is False
    assert page.page.shown.cards.cards["nf4"].facts.bits_per_weight == 4.5


def test_that_a_wrong_compute_type_is_said_in_the_place_of_its_sentence(page: Desk) -> None:
    settings = page.page.shown.settings
    page.store.set_many({"model.precision": "bf16", "model.compute_dtype": "fp32"})
    row, words = settings.rows["model.compute_dtype"], settings.words["model.compute_dtype"]
    assert "not in FP32" in row.problem_text()
    assert words.isHidden()
    page.store.undo()
    assert not row.problem_text()
    assert not words.isHidden()


def test_that_a_threshold_out_of_range_is_said_and_the_recipe_kept(page: Desk) -> None:
    page.page.shown.cards.cards["int8"].click()
    row = page.page.shown.settings.rows["model.int8_threshold"]
    for text in ("5000", "many"):
        row.field.setText(text)
        QTest.keyClick(row.field, Qt.Key.Key_Return)
        assert row.problem_text()
        assert page.store.recipe.model.int8_threshold == 6.0


def test_that_the_rule_about_adapters_is_shown_here_and_mended_here(page: Desk) -> None:
    rule = page.page.shown.rule
    assert rule.isHidden()
    page.store.set("lora.enabled", False)
    assert rule.isVisible()
    rule.mend.click()
    assert rule.isHidden()
    assert page.store.recipe.lora.enabled


def test_that_a_page_that_is_gone_leaves_nothing_listening(cache: Path, theme: Theme) -> None:
    with desk(theme) as page:
        store, gpu = page.store, page.gpu
    gc.collect()
    store.set("model.precision", "int8")
    gpu.changed.emit()
    theme.choose("dark")
