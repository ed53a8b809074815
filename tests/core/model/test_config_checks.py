"""What a config.json may say, and the sentence where it may not."""

from typing import Any

import pytest

from workbench.core.model.config_checks import check_config
from workbench.core.problems import UserError

GOOD: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 1000,
    "max_position_embeddings": 512,
}


def refusal(config: object) -> str:
    with pytest.raises(UserError) as error:
        check_config(config, "config.json")
    return str(error.value)


def test_that_a_good_one_is_given_back() -> None:
    assert check_config(GOOD, "config.json") is GOOD
    assert check_config({**GOOD, "text_config": {"hidden_size": 128}}, "config.json")


@pytest.mark.parametrize("config", [None, 3, "llama", [], [GOOD]])
def test_that_what_is_no_table_is_refused(config: object) -> None:
    assert "holds no table of settings" in refusal(config)


@pytest.mark.parametrize("name", ["hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"])
def test_that_a_missing_size_is_named(name: str) -> None:
    for config in ({key: value for key, value in GOOD.items() if key != name}, {**GOOD, name: None}):
        assert f"does not say {name} (" in refusal(config)


@pytest.mark.parametrize("name", [key for key in GOOD if key != "model_type"])
@pytest.mark.parametrize("value", [0, -3, 10**18, 64.5, float("nan"), float("inf"), True, "64", "many", [64], {"a": 1}])
def test_that_no_size_but_a_whole_number_in_its_range_is_taken(name: str, value: object) -> None:
    said = refusal({**GOOD, name: value})
    assert said.startswith(f"config.json: {name}, the ")
    assert "a whole number belongs there" in said or "it has to be between 1 and" in said


def test_that_a_size_under_a_name_that_its_family_does_not_read_is_missing() -> None:
    said = {("n_embd" if key == "hidden_size" else key): value for key, value in GOOD.items()}
    assert "does not say hidden_size (hidden size)" in refusal(said)
    assert check_config({**said, "model_type": "newest"}, "config.json")
    bloom = {**GOOD, "model_type": "bloom"}
    del bloom["hidden_size"]
    assert check_config({**bloom, "n_embed": 64}, "config.json")
    assert "n_embed, the hidden size, is -1" in refusal({**bloom, "n_embed": -1})
    assert "does not say hidden_size (hidden size)" in refusal(bloom)


def test_that_sizes_by_layer_are_left_to_families_that_may_have_them() -> None:
    assert check_config({**GOOD, "model_type": "openelm", "intermediate_size": [64, 128]}, "config.json")
    assert "intermediate_size" in refusal({**GOOD, "intermediate_size": [64, 128]})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"num_attention_heads": 5}, "5 attention heads do not divide a hidden size of 64"),
        ({"num_key_value_heads": 3}, "3 heads for keys and values do not divide 4 attention heads"),
        ({"num_experts": 4, "num_experts_per_tok": 5}, "a token cannot go to 5 of 4 experts"),
    ],
)
def test_that_sizes_have_to_go_together(changes: dict[str, int], said: str) -> None:
    assert said in refusal({**GOOD, **changes})
    assert check_config({**GOOD, "num_attention_heads": 5, "num_key_value_heads": 5, "head_dim": 16}, "config.json")


@pytest.mark.parametrize(
    ("kind", "name"), [("bert", "BERT"), ("t5", "T5"), ("roberta", "RoBERTa"), ("whisper", "Whisper")]
)
def test_that_a_model_that_reads_and_does_not_write_on_is_refused_by_its_name(kind: str, name: str) -> None:
    said = refusal({**GOOD, "model_type": kind})
    assert f"describes {name}, which reads text" in said
    assert "Take a model such as Llama" in said
    assert "some_new_encoder, which reads text" in refusal(
        {**GOOD, "model_type": "some_new_encoder", "is_encoder_decoder": True}
    )


@pytest.mark.parametrize("kind", [None, "", 3, ["llama"]])
def test_that_a_config_of_no_kind_is_refused(kind: object) -> None:
    assert "does not say its model_type" in refusal({**GOOD, "model_type": kind})
