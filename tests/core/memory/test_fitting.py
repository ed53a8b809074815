"""What fits into so much memory, and what each change would save or cost."""

from typing import Any

import pytest

from workbench.core.memory import fitting, ledger
from workbench.core.memory.fitting import changes, savings, verdict, with_changes
from workbench.core.model import catalogue
from workbench.core.model.block_traits import UNKNOWN
from workbench.core.model.shape import from_config
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.rules import check
from workbench.core.recipe.text import with_overrides

LLAMA_3_8B = catalogue.find("Llama-3-8B").shape()
CARD = 12_000_000_000


def recipe(*assignments: str) -> Recipe:
    return with_overrides(Recipe(), ["training.max_length=2048", "training.packing=false", *assignments])


def peak(asked: Recipe, **how: Any) -> int:
    return ledger.predict(LLAMA_3_8B, asked, device="cuda", **how).peak_bytes


@pytest.mark.parametrize("is_tiled", [True, False])
@pytest.mark.parametrize(
    ("question", "path"),
    [("sequence", "training.max_length"), ("batch", "training.batch_size"), ("rank", "lora.rank")],
)
def test_that_one_more_would_not_fit(question: str, path: str, is_tiled: bool) -> None:
    answer = fitting.QUESTIONS[question](LLAMA_3_8B, recipe(), "cuda", CARD, fused_head=is_tiled)
    assert isinstance(answer, int)
    assert peak(with_changes(recipe(), {path: answer}), fused_head=is_tiled) <= CARD
    at_its_end = path == "training.max_length" and answer == LLAMA_3_8B.max_positions
    if not at_its_end:
        assert peak(with_changes(recipe(), {path: answer + 1}), fused_head=is_tiled) > CARD


def test_that_llama_3_8b_fits_12_gb_at_2048_tokens() -> None:
    whole = peak(recipe(), fused_head=False)
    assert whole / 1e9 == pytest.approx(11.6, rel=0.02)
    assert verdict(whole, CARD).word == "tight"
    assert verdict(peak(recipe()), CARD).word == "fits", "with logits in tiles"
    assert verdict(peak(recipe("model.precision=int8")), CARD).word == "does not fit"


def test_that_nothing_fits_where_not_even_the_least_does() -> None:
    for question in ("sequence", "batch", "rank", "precision"):
        assert fitting.QUESTIONS[question](LLAMA_3_8B, recipe(), "cuda", 1_000_000_000) is None
    full = recipe("lora.enabled=false", "model.precision=bf16")
    assert fitting.largest_rank(LLAMA_3_8B, full, "cuda", 10**12) is None, "there is no adapter"


def test_that_a_large_card_takes_all_that_a_setting_and_a_model_allow() -> None:
    assert fitting.longest_sequence(LLAMA_3_8B, recipe(), "cuda", 10**15) == LLAMA_3_8B.max_positions == 8192
    assert fitting.largest_batch(LLAMA_3_8B, recipe(), "cuda", 10**15) == 4096
    assert fitting.largest_rank(LLAMA_3_8B, recipe(), "cuda", 10**15) == 1024


@pytest.mark.parametrize(
    ("card_gb", "is_adapter", "precision"),
    [
        (8, True, None),
        (9, True, "nf4"),
        (17, True, "int8"),
        (26, True, "bf16"),
        (60, True, "fp32"),
        (200, False, "fp32"),
        (80, False, "bf16"),
        (40, False, None),
    ],
)
def test_that_the_highest_precision_is_found(card_gb: int, is_adapter: bool, precision: str | None) -> None:
    asked = recipe(f"lora.enabled={is_adapter}", "model.precision=bf16")
    assert fitting.highest_precision(LLAMA_3_8B, asked, "cuda", card_gb * 10**9) == precision


@pytest.mark.parametrize(
    ("share", "word"), [(0.5, "fits"), (0.8, "fits"), (0.81, "tight"), (1.0, "tight"), (1.01, "does not fit")]
)
def test_that_a_verdict_goes_by_what_is_to_spare(share: float, word: str) -> None:
    told = verdict(round(share * 10**9), 10**9)
    assert (told.word, told.spare_bytes) == (word, 10**9 - round(share * 10**9))


RECIPES = [
    (),
    ("lora.enabled=false", "model.precision=bf16"),
    ("model.precision=int8", "lora.upcast=true", "training.batch_size=4"),
    ("model.double_quant=false", "training.optimizer=paged_adamw_8bit", "model.attention=eager"),
    ("model.precision=fp32", "training.gradient_checkpointing=false", "lora.rank=1"),
]


@pytest.mark.parametrize("assignments", RECIPES)
def test_that_changes_are_ranked_both_ways_and_do_what_they_say(assignments: tuple[str, ...]) -> None:
    asked = recipe(*assignments)
    found = changes(LLAMA_3_8B, asked, "cuda", CARD)
    saved = [change.saved_bytes for change in found]
    assert saved == sorted(saved, reverse=True)
    assert min(saved) < 0 < max(saved), "some would cost more"
    assert len({change.title for change in found}) == len(found)
    for change in found:
        changed = with_changes(asked, change.changes)
        assert not [problem for problem in check(changed) if not problem.is_warning]
        assert peak(changed) == change.peak_bytes == peak(asked) - change.saved_bytes
        assert change.fits == (change.peak_bytes <= CARD)


def test_that_savings_go_as_far_as_they_must() -> None:
    asked = recipe("training.batch_size=16")
    assert peak(asked) > CARD
    found = savings(LLAMA_3_8B, asked, "cuda", CARD)
    assert all(change.saved_bytes > 0 for change in found)
    assert [change.fits for change in found] == sorted((change.fits for change in found), reverse=True)
    rows = next(change for change in found if "training.batch_size" in change.changes)
    assert rows.fits
    twice = with_changes(asked, {**rows.changes, "training.batch_size": 2 * rows.changes["training.batch_size"]})
    assert peak(twice) > CARD, "the mildest that is enough"


def test_that_a_model_of_unknown_layers_has_answers_all_the_same() -> None:
    shape = from_config({"model_type": "nothing_known"}, "x")
    assert shape.block == UNKNOWN
    assert fitting.largest_batch(shape, recipe(), "cuda", CARD) == 4096
    assert all(change.saved_bytes for change in changes(shape, recipe(), "cuda", CARD))
