"""The probabilities of an answer's tokens are those that plain transformers gives."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.fakes import tiny_recipe, tiny_tokenizer
from workbench.core.tokens import kept_tokenizer
from workbench.engine.chat import token_scores
from workbench.engine.job import devices
from workbench.engine.model import load

SENT = [1, 40, 77, 110, 9, 200]
IDS = [45, 46, 300, 12, 99, 150, 151, 2]


@pytest.mark.parametrize("family", ["llama", "gemma3", "gpt2", "falcon", "bloom"])
def test_that_they_are_those_of_the_plain_model_at_once_and_in_rounds(
    family: str, tiny_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_model(family)
    recipe = tiny_recipe(folder, folder, "model.precision=fp32", "model.compute_dtype=fp32")
    model = load.load_model(folder, recipe, devices.choose("cpu")).eval()
    tokenizer = kept_tokenizer.make(folder)
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([SENT + IDS])).logits[0, len(SENT) - 1 : -1].float()
    known = torch.log_softmax(logits, dim=-1)
    at_once = token_scores.token_scores(model, tokenizer, SENT, IDS, lambda: False)
    assert at_once is not None
    assert [score.id for score in at_once] == IDS
    assert [score.log_probability for score in at_once] == known[range(len(IDS)), IDS].tolist()
    for score, row in zip(at_once, known, strict=True):
        assert [likely.log_probability for likely in score.likeliest] == row.topk(10).values.tolist()
        assert [row[likely.id].item() for likely in score.likeliest] == row.topk(10).values.tolist()
    monkeypatch.setattr(token_scores, "AT_ONCE", 3)
    monkeypatch.setattr(token_scores, "PIECE", 2)
    in_rounds = token_scores.token_scores(model, tokenizer, SENT, IDS, lambda: False)
    assert in_rounds is not None
    assert [score.log_probability for score in in_rounds] == pytest.approx(
        [score.log_probability for score in at_once], abs=1e-5
    )
    assert token_scores.token_scores(model, tokenizer, SENT, IDS, lambda: True) is None


def test_that_the_pieces_spell_the_answer(tiny_model: Callable[[str], Path]) -> None:
    folder = tiny_model("llama")
    recipe = tiny_recipe(folder, folder, "model.precision=fp32", "model.compute_dtype=fp32")
    model = load.load_model(folder, recipe, devices.choose("cpu")).eval()
    ids = tiny_tokenizer()("a é, ü<|im_end|>")["input_ids"]
    found = token_scores.token_scores(model, kept_tokenizer.make(folder), SENT, ids, lambda: False)
    assert found is not None
    assert [score.text for score in found] == ["a", " ", "", "é", ",", " ", "", "ü", "<|im_end|>"]
    assert kept_tokenizer.make(folder).next_text(ids[:2], ids[2]) == "Ã", "half a letter is as the vocabulary spells it"
