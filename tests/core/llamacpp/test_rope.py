"""Positions: what config.json says of them in the old words and the new, as transformers works it out."""

from typing import Any

import numpy as np
import pytest

from tests.core.llamacpp.conftest import CONFIG
from workbench.core.llamacpp import rope
from workbench.core.llamacpp.rope import Rope
from workbench.core.model.families import known as families
from workbench.core.problems import UserError

_LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


def _read(kind: str = "llama", **said: Any) -> Rope:
    return rope.read(families.read({**CONFIG, "model_type": kind, **said}))


def test_that_the_base_is_read_from_where_it_stands() -> None:
    assert _read().base == 10_000
    assert _read(rope_theta=5e5).base == 5e5
    assert _read(rope_parameters={"rope_type": "default", "rope_theta": 7e5}).base == 7e5


def test_that_gemma_3_has_another_base_under_its_windows() -> None:
    nested = {
        "full_attention": {"rope_type": "linear", "rope_theta": 1e6, "factor": 8.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    }
    for found in (
        _read("gemma3_text", rope_parameters=nested),
        _read(
            "gemma3_text",
            rope_theta=1e6,
            rope_local_base_freq=1e4,
            rope_scaling={"rope_type": "linear", "factor": 8.0},
        ),
    ):
        assert (found.base, found.sliding_base, found.factor) == (1e6, 1e4, 8)
        assert found.scaling is not None
        assert found.scaling.value == "linear"


@pytest.mark.parametrize("kind", ["llama3", "longrope", "yarn"])
def test_that_angles_are_those_of_transformers(kind: str) -> None:
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    said: dict[str, Any] = {
        "llama3": _LLAMA3,
        "longrope": {
            "rope_type": "longrope",
            "long_factor": [1.5 + at / 10 for at in range(8)],
            "short_factor": [1 + at / 20 for at in range(8)],
            "original_max_position_embeddings": 64,
            "factor": 8.0,
        },
        "yarn": {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64},
    }[kind]
    config = LlamaConfig(**CONFIG, rope_parameters={**said, "rope_theta": 1e4})
    wanted, attention = ROPE_INIT_FUNCTIONS[kind](config, "cpu", seq_len=512)
    found = _read(rope_parameters={**said, "rope_theta": 1e4})
    usual = 1e4 ** (-np.arange(0, 16, 2) / 16)
    if kind == "yarn":
        assert (found.factor, found.trained, found.attention) == (8, 64, 0)  # llama.cpp works it out as it does
        return
    factors = found.factors["rope_freqs.weight" if kind == "llama3" else "rope_factors_long.weight"]
    np.testing.assert_allclose(usual / factors, wanted.numpy(), rtol=1e-5)
    if kind == "longrope":
        assert found.attention == pytest.approx(attention)


@pytest.mark.parametrize("said", [{**_LLAMA3, "factor": 0}, {**_LLAMA3, "high_freq_factor": 1.0}])
def test_that_a_stretch_without_its_numbers_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="not by how much"):
        _read(rope_parameters=said)


def test_that_factors_of_another_number_of_angles_are_refused() -> None:
    said = {"rope_type": "longrope", "long_factor": [1.0] * 7, "short_factor": [1.0] * 7}
    with pytest.raises(UserError, match="not 8 numbers each"):
        _read(rope_parameters=said)


def test_that_a_stretch_that_llama_cpp_does_not_know_is_named() -> None:
    with pytest.raises(UserError, match='"dynamic"'):
        _read(rope_scaling={"type": "dynamic", "factor": 2.0})
