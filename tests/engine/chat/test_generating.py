"""Answers in a batch are those that transformers gives to each prompt alone, in every family."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, GenerationConfig

from tests.fakes import FAMILIES
from workbench.core.job.question import AnswerSettings
from workbench.engine.chat.generating import Growing, generate
from workbench.engine.model import answers, tokenizer_file
from workbench.engine.model.answers import Prompt

PROMPTS = ([5, 17, 40], [9, 9, 120, 33, 200, 7, 64], [250])
MOST = (8, 5, 8)


@pytest.mark.parametrize("family", FAMILIES)
def test_that_answers_of_a_batch_are_those_of_each_alone(family: str, tiny_model: Callable[[str], Path]) -> None:
    folder = tiny_model(family)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = tokenizer_file.load_tokenizer(folder)
    own = model.generation_config
    own.repetition_penalty = 3.0  # which nobody has asked for
    told: list[tuple[int, int]] = []

    def note(place: int, _text: str, token: int, _answer: Growing) -> None:
        told.append((place, token))

    prompts = [Prompt("", ids) for ids in PROMPTS]
    found = generate(model, tokenizer, prompts, MOST, AnswerSettings(), note, lambda: False)
    assert model.generation_config is own
    ends = answers.ends_of(model, tokenizer)
    own.repetition_penalty = None
    for place, (answer, ids, most) in enumerate(zip(found, PROMPTS, MOST, strict=True)):
        config = GenerationConfig(do_sample=False, max_new_tokens=most, eos_token_id=ends, pad_token_id=0)
        with torch.inference_mode():
            output = model.generate(input_ids=torch.tensor([ids]), generation_config=config)
        assert answer.ids == output[0, len(ids) :].tolist()
        assert [token for row, token in told if row == place] == answer.ids
        assert answer.finish == ("end" if answer.ids[-1] in ends else "length")


def test_that_an_interrupt_ends_every_answer_of_a_batch(tiny_model: Callable[[str], Path]) -> None:
    folder = tiny_model("llama")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = tokenizer_file.load_tokenizer(folder)
    steps: list[int] = []

    def is_interrupted() -> bool:
        steps.append(1)
        return len(steps) == 3

    prompts = [Prompt("", ids) for ids in PROMPTS]
    found = generate(model, tokenizer, prompts, (50, 2, 50), AnswerSettings(), lambda *_: None, is_interrupted)
    assert len(steps) == 3
    assert [answer.finish for answer in found] == ["end", "length", "interrupted"]
    assert [len(answer.ids) for answer in found] == [1, 2, 3]
