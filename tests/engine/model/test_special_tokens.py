"""A tokenizer ends its texts and pads them with tokens that the model has an embedding for, and says what it took."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe, tiny_tokenizer
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.engine.model.tokenizer_file import load_tokenizer

Train = Callable[[Recipe], tuple[RunFolder, History]]


@pytest.fixture
def narrow(tmp_path: Path) -> Path:
    """A model whose embedding has exactly the rows of the tiny tokenizer, 260."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=260,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    folder = tmp_path / "narrow"
    LlamaForCausalLM(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def write_data(path: Path, completion: str) -> Path:
    rows = [{"prompt": f"Number {number}?", "completion": completion} for number in range(6)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_that_a_token_without_an_embedding_is_named_before_weights_are_loaded(
    narrow: Path, tmp_path: Path, train_here: Train
) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<tool>", "<think>"]})
    tokenizer.save_pretrained(narrow)
    data = write_data(tmp_path / "think.jsonl", "<think>hm</think>4")
    run, history = train_here(tiny_recipe(narrow, data, "training.max_length=64"))
    assert history.ended is not None
    assert history.ended.is_refusal
    assert "6 rows hold tokens that the model has no embedding for" in history.ended.what
    assert "261 of 260 embeddings: '<think>'" in history.ended.why
    assert "resize_token_embeddings" in history.ended.remedy
    assert '"after load"' not in run.journal.read_text()
    # Rows that have none of them are trained on: the tokenizer may know more than it needs.
    plain = write_data(tmp_path / "plain.jsonl", "4")
    ended = train_here(tiny_recipe(narrow, plain, "training.max_length=64"))[1].ended
    assert ended is not None
    assert ended.state == "finished", ended


def test_that_a_padding_token_without_an_embedding_is_replaced_and_told(
    narrow: Path, tmp_path: Path, train_here: Train
) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_special_tokens({"pad_token": "[PAD]"})
    tokenizer.save_pretrained(narrow)
    notices: list[str] = []
    assert load_tokenizer(narrow, notices.append).pad_token == "<|im_end|>"
    assert notices == [
        'The padding token "[PAD]" has the number 260, and the embedding 260 rows: rows are padded with "<|im_end|>" '
        "instead, which is masked as all padding is."
    ]
    changes = ["training.packing=false", "training.batch_size=3", "training.max_length=64", "training.max_steps=2"]
    _, history = train_here(tiny_recipe(narrow, write_data(tmp_path / "rows.jsonl", "4"), *changes))
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    assert notices[0] in [notice.text for notice in history.notices]


def test_that_an_end_that_config_json_alone_knows_is_taken_and_told(narrow: Path) -> None:
    settings = json.loads((narrow / "tokenizer_config.json").read_text())
    settings.pop("eos_token")
    (narrow / "tokenizer_config.json").write_text(json.dumps(settings))
    notices: list[str] = []
    assert load_tokenizer(narrow, notices.append).eos_token == "<|im_end|>"
    assert notices == ['The tokenizer names no end of text: "<|im_end|>" is taken, as config.json says.']


def test_that_a_tokenizer_without_any_end_is_refused(narrow: Path) -> None:
    for name, key in (("tokenizer_config.json", "eos_token"), ("config.json", "eos_token_id")):
        said = json.loads((narrow / name).read_text())
        said.pop(key)
        (narrow / name).write_text(json.dumps(said))
    (narrow / "generation_config.json").unlink()
    with pytest.raises(UserError, match="has no special token that ends a text"):
        load_tokenizer(narrow)


def test_that_an_end_without_an_embedding_is_refused_with_both_numbers(narrow: Path) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_special_tokens({"eos_token": "</s>"})
    tokenizer.save_pretrained(narrow)
    with pytest.raises(UserError, match=r'"</s>", which ends a text, has the number 260, .* has 260 rows'):
        load_tokenizer(narrow)


def test_that_rows_beyond_the_positions_are_refused_and_cut_ones_are_not(
    narrow: Path, tmp_path: Path, train_here: Train
) -> None:
    data = write_data(tmp_path / "long.jsonl", "long " * 20)
    changes = ["training.max_length=128", "training.packing=false", "data.chat_template=false"]
    recipe = tiny_recipe(narrow, data, *changes, "data.most_bad_share=1")  # that all are cut is meant
    ended = train_here(recipe)[1].ended
    assert ended is not None
    assert ended.is_refusal
    assert ended.what.startswith("6 rows are longer than the 64 positions of narrow: the longest has ")
    shorter = recipe.training.model_copy(update={"max_length": 64})
    ended = train_here(recipe.model_copy(update={"training": shorter}))[1].ended
    assert ended is not None
    assert ended.state == "finished", ended
