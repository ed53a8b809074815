"""What tokens a model can take is read of its folder, family by family, and said with both numbers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tensors import fp32, write_tensors
from workbench.core.model.families import known as families
from workbench.core.model.limits import ModelLimits, limits_of
from workbench.core.problems import UserError


@pytest.mark.parametrize(
    ("config", "positions"),
    [
        ({"model_type": "llama", "max_position_embeddings": 2048}, 2048),
        ({"model_type": "gpt2"}, 1024),
        ({"model_type": "gpt2", "n_positions": 128}, 128),
        ({"model_type": "opt", "max_position_embeddings": 512}, 512),
        ({"model_type": "bloom", "seq_length": 2048}, 0),
        ({"model_type": "falcon", "alibi": True, "max_position_embeddings": 2048}, 0),
        ({"model_type": "mpt", "max_seq_len": 300}, 300),
        ({"model_type": "gptj", "n_positions": 2048}, 2048),
        ({"model_type": "somebody's own"}, 0),
        (
            {
                "model_type": "llama",
                "max_position_embeddings": 131072,
                "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192},
            },
            131072,
        ),
        (
            {
                "model_type": "qwen2",
                "max_position_embeddings": 32768,
                "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768},
            },
            131072,
        ),
        (
            {
                "model_type": "llama",
                "max_position_embeddings": 2048,
                "rope_scaling": {"type": "linear", "factor": 2.0},
            },
            4096,
        ),
        (
            {"model_type": "llama", "max_position_embeddings": 2048, "rope_parameters": {"rope_theta": 10000.0}},
            2048,
        ),
        (
            {"model_type": "llama", "max_position_embeddings": 2048, "rope_scaling": {"factor": 1e300}},
            2048,
        ),
    ],
)
def test_that_positions_are_those_of_the_family(config: dict[str, Any], positions: int) -> None:
    assert families.read(config).position_limit == positions


def test_that_the_rows_of_the_embedding_are_read_from_its_header(tmp_path: Path) -> None:
    config = {"model_type": "llama", "vocab_size": 300, "max_position_embeddings": 64}
    (tmp_path / "config.json").write_text(json.dumps(config))
    write_tensors(tmp_path / "model.safetensors", {"model.embed_tokens.weight": fp32([[0.0, 1.0]] * 260)})
    assert limits_of(tmp_path) == ModelLimits(tmp_path.name, 260, 64)
    (tmp_path / "config.json").write_text(json.dumps({**config, "model_type": "somebody's own"}))
    assert limits_of(tmp_path).words == 300


def test_that_tokens_beyond_are_named_with_both_numbers() -> None:
    limits = ModelLimits("mine", 260, 64)
    limits.refuse_tokens({}, {}, "Row 0")
    with pytest.raises(UserError) as error:
        limits.refuse_tokens({261: 5, 260: 2}, {260: "<tool>", 261: "<think>"}, "Row 3")
    assert error.value.what == (
        'Row 3 has a token that the model has no embedding for: "<tool>" (260), "<think>" (261).'
    )
    assert "The embedding of mine has 260 rows" in error.value.why
    assert "5 rows have one of them." in error.value.why
    assert "resize_token_embeddings(262)" in error.value.remedy


def test_that_rows_beyond_the_positions_are_counted() -> None:
    limits = ModelLimits("mine", 260, 64)
    limits.refuse_length(64, 0)
    ModelLimits("mine", 260, 0).refuse_length(10**6, 3)
    with pytest.raises(UserError) as error:
        limits.refuse_length(100, 2)
    assert error.value.what == "2 rows are longer than the 64 positions of mine: the longest has 100 tokens."
    assert "Set training.max_length = 64, which cuts them" in error.value.remedy
