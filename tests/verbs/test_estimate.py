"""`workbench estimate`: every line of the memory a run will take, whether it fits, and what would."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.runs import workbench

NAMES = [
    "frozen_weights",
    "unquantized_weights",
    "adapters",
    "gradients",
    "optimizer",
    "activations",
    "logits",
    "workspace",
    "overhead",
]
CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 384,
}
QUESTION = ("estimate", "--model", "Llama-3-8B", "--precision", "nf4", "--double-quant", "--rank", "16", "--batch", "1")


def told(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(workbench(*words, "--json").stdout)
    return found


def config(tmp_path: Path, **changes: object) -> str:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**CONFIG, **changes}), encoding="utf-8")
    return str(path)


def test_that_one_question_has_one_answer_with_every_line() -> None:
    answer = told(*QUESTION, "--sequence", "2048", "--card-gb", "12")
    assert [line["name"] for line in answer["lines"]] == NAMES
    assert all(line["formula"] for line in answer["lines"])
    assert answer["fits"] is True
    assert sum(line["bytes"] for line in answer["lines"]) == answer["total_bytes"]
    overhead = answer["lines"][-1]["bytes"]
    assert answer["peak_allocated_bytes"] == answer["total_bytes"] - overhead
    assert answer["peak_allocated_bytes"] == pytest.approx(10.6e9, abs=0.15e9)
    assert answer["peak_moment"]


def test_that_a_smaller_card_does_not_hold_it_and_without_a_card_nothing_is_said() -> None:
    assert told(*QUESTION, "--sequence", "2048", "--card-gb", "8")["fits"] is False
    assert told(*QUESTION, "--sequence", "2048")["fits"] is None


def test_that_full_training_takes_more_than_an_adapter(tmp_path: Path) -> None:
    path = config(tmp_path)
    totals = [
        told("estimate", "--config", path, "--method", method, "--precision", "fp32")["peak_allocated_bytes"]
        for method in ("full", "lora")
    ]
    assert totals[0] > totals[1]


@pytest.mark.parametrize("what", ["batch", "sequence", "rank"])
def test_that_what_fits_is_found_and_one_more_does_not(what: str) -> None:
    most = told(*QUESTION, "--sequence", "512", "--card-gb", "12", "--fit", what)["fitted"]["value"]
    assert isinstance(most, int)
    words = {"batch": "--batch", "sequence": "--sequence", "rank": "--rank"}[what]
    asked = ["estimate", "--model", "Llama-3-8B", "--precision", "nf4", "--double-quant", "--card-gb", "12"]
    others = {"--rank": "16", "--batch": "1", "--sequence": "512"}

    def fits(value: int) -> bool:
        given = {**others, words: str(value)}
        return bool(told(*asked, *(word for pair in given.items() for word in pair))["fits"])

    assert fits(most)
    if most < {"batch": 4096, "sequence": 1_048_576, "rank": 1024}[what]:
        assert not fits(most + max(1, most // 50))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hidden_size": None}, "hidden_size"),
        ({"num_hidden_layers": -3}, "num_hidden_layers"),
        ({"vocab_size": "many"}, "vocab_size"),
        ({"hidden_size": 10**15}, "hidden_size"),
        ({"model_type": "bert"}, "BERT"),
    ],
)
def test_that_a_config_of_nonsense_is_a_sentence(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    path = config(tmp_path, **changes)
    refused = workbench("estimate", "--config", path, "--json", code=2)
    assert refused.stdout == ""
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_that_a_model_nobody_knows_is_a_sentence() -> None:
    assert "Llama-3-8B" in workbench("estimate", "--model", "Llama-3-8C", code=2).stderr
