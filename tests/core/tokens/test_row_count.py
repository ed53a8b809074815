"""Rows that are being written are counted as they will be learned."""

import pytest

from tests.core.tokens.tokenizers_made import CHATML, byte_backend
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.row_count import RowCounter, copy_mapping
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts


@pytest.fixture
def tokenizer() -> TextTokenizer:
    named = {"bos_token": "<s>", "eos_token": "<|im_end|>", "pad_token": "<pad>"}
    return TextTokenizer(byte_backend(), TokenizerFacts(named, templates={"default": CHATML}))


def pair(prompt: str, completion: str) -> dict[str, str]:
    return {"prompt": prompt, "completion": completion}


def test_that_every_token_of_a_row_is_counted_once(tokenizer: TextTokenizer) -> None:
    (count,) = RowCounter("pair", Recipe(), tokenizer).count([pair("How?", "So.")])
    assert count.read == 4
    assert count.learned >= 4
    assert count.template > 0
    assert count.cut == 0
    assert count.total == count.read + count.template + count.learned
    assert not count.is_left_out


def test_that_what_is_beyond_the_longest_row_is_cut_and_told(tokenizer: TextTokenizer) -> None:
    recipe = Recipe()
    short = recipe.model_copy(update={"training": recipe.training.model_copy(update={"max_length": 40})})
    whole, cut = (RowCounter("pair", each, tokenizer).count([pair("How?", "So. " * 30)])[0] for each in (recipe, short))
    assert cut.total == whole.total
    assert cut.cut == whole.total - 40
    assert [kind for kind, _ in cut.told] == ["cut at the end"]


def test_that_a_row_that_would_be_left_out_says_why(tokenizer: TextTokenizer) -> None:
    (count,) = RowCounter("pair", Recipe(), tokenizer).count([pair("How?", "")])
    assert count.is_left_out
    assert count.why_left_out == 'empty: "completion" is empty.'


def test_that_without_a_tokenizer_tokens_are_about_a_quarter_of_the_characters() -> None:
    (count,) = RowCounter("pair", Recipe(), None).count([pair("abcd" * 2, "abcd" * 5)])
    assert (count.read, count.learned, count.is_estimate) == (2, 5, True)


def test_that_an_estimate_is_cut_where_the_answer_stands() -> None:
    for too_long, expected in (("cut_end", (2, 2)), ("cut_start", (0, 4))):
        recipe = Recipe()
        data = recipe.data.model_copy(update={"too_long": too_long})
        training = recipe.training.model_copy(update={"max_length": 4})
        short = recipe.model_copy(update={"data": data, "training": training})
        (count,) = RowCounter("pair", short, None).count([pair("abcd" * 2, "abcd" * 5)])
        assert (count.read, count.learned, count.cut, count.total) == (*expected, 3, 7)


@pytest.mark.parametrize("spelling", ["pair", "messages", "text"])
def test_that_a_copy_is_read_by_its_own_names(spelling: str) -> None:
    mapping = copy_mapping(spelling, "topic")  # type: ignore[arg-type]
    assert mapping.columns["group"] == "topic"
    assert not mapping.is_guess
