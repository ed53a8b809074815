"""Ways to train side by side, and the article's sums."""

import pytest

from workbench.core.memory import ledger
from workbench.core.memory.ledger import Ledger
from workbench.core.memory.scenarios import FOUR_WAYS, STEPS, Scenario, article_sums
from workbench.core.model import catalogue
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.rules import check
from workbench.core.recipe.text import with_overrides

LLAMA_2_7B = catalogue.find("Llama-2-7B").shape()
BASE = with_overrides(Recipe(), ["training.max_length=2048", "training.packing=false", "lora.rank=16"])


def of(scenario: Scenario) -> Ledger:
    return ledger.predict(LLAMA_2_7B, scenario.recipe(BASE), device="cuda", fused_head=False)


def test_that_four_ways_go_from_naive_to_qlora() -> None:
    assert [way.title for way in FOUR_WAYS] == ["Naive FP32", "BF16 + LoRA", "INT8 + LoRA", "QLoRA"]
    peaks = [of(way).peak_bytes for way in FOUR_WAYS]
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[0] > 107.8e9, "16 bytes a parameter"
    assert peaks[-1] / 1e9 == pytest.approx(6.7, rel=0.02)
    for way in FOUR_WAYS:
        assert not [problem for problem in check(way.recipe(BASE)) if not problem.is_warning]
        assert way.recipe(BASE).training.max_length == 2048, "the rest is the recipe's own"


def test_that_int8_layers_hold_their_inputs_though_all_else_is_recomputed() -> None:
    # 2 bytes of both norms, of attention's output and of the MLP's, a token and layer.
    held = 2048 * 32 * 2 * (3 * 4096 + 11008)
    int8, bf16 = (of(way).moments[0].parts["activations"] for way in (FOUR_WAYS[2], FOUR_WAYS[1]))
    assert int8 - bf16 == held


def test_that_every_step_of_the_way_changes_one_thing_and_saves() -> None:
    assert (STEPS[0].title, len(STEPS)) == ("Naive FP32", 8)
    peaks = [of(step).peak_bytes for step in STEPS]
    assert peaks == sorted(peaks, reverse=True)
    assert len(set(peaks)) == len(peaks)
    for step in STEPS:
        assert not [problem for problem in check(step.recipe(BASE)) if not problem.is_warning]
        assert step.subtitle.endswith(".")


def test_that_the_articles_sums_stand_as_printed_and_corrected() -> None:
    naive, qlora = article_sums()
    assert (naive.printed_bytes, naive.our_bytes) == (84_000_000_000, 112_000_000_000)
    assert naive.ours == "28 + 28 + 2 \u00d7 28 = 112 GB"
    assert dict(naive.our_parts) == {"weights": 28e9, "gradients": 28e9, "optimizer": 56e9}
    assert qlora.ours == "3.34 + 0.52 GB of weights; a step needs 4.9 to 6.0 GB"
    assert sum(size for _, size in qlora.our_parts) == qlora.our_bytes > qlora.printed_bytes
