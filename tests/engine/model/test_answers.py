"""Answers cost no more memory than the model and its cache."""

from collections.abc import Callable
from pathlib import Path

import torch
from transformers import AutoTokenizer

from tests.fakes import tiny_recipe
from workbench.engine.job import devices
from workbench.engine.model import answers, load


def test_that_the_head_is_given_rows_without_gaps(tiny_model: Callable[[str], Path], rows: Path) -> None:
    # With gaps, torch copies the head's weight for each row: 2.7 GB for 50 rows of the starter.
    folder = tiny_model("llama")
    recipe = tiny_recipe(folder, rows, "model.compute_dtype=bf16", "samples.max_new_tokens=3")
    model = load.load_model(folder, recipe, devices.choose("cpu"))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    seen: list[tuple[torch.Size, bool]] = []
    multiply = model.lm_head.forward
    model.lm_head.forward = lambda given: (seen.append((given.shape, given.is_contiguous())), multiply(given))[1]
    texts = ("one two three four", "five six seven eight")
    prompts = [answers.Prompt(text, tokenizer(text)["input_ids"]) for text in texts]
    assert len(list(answers.answer(model, tokenizer, prompts, recipe, lambda _: None))) == 2
    assert seen[0][0][:2] == (2, 1)
    assert all(is_contiguous for _, is_contiguous in seen)
