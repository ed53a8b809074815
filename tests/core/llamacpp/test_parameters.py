"""What llama.cpp is told of a model, and what it cannot be told."""

from typing import Any

import pytest

from tests.core.llamacpp.conftest import CONFIG
from workbench.core.llamacpp import parameters
from workbench.core.llamacpp.parameters import Parameters
from workbench.core.model.families import known as families
from workbench.core.model.families.family import Family
from workbench.core.problems import UserError

_WINDOW = "sliding_attention"


def _read(kind: str, **said: Any) -> Parameters:
    return parameters.read(families.read({**CONFIG, "model_type": kind, **said}))


@pytest.mark.parametrize("kind", ["gpt2", "falcon", "mixtral", "qwen3_moe", "bert"])
def test_that_a_kind_that_is_not_written_is_named_with_what_can_be_exported_instead(kind: str) -> None:
    with pytest.raises(UserError) as caught:
        _read(kind)
    assert families.title_of(kind) in caught.value.what
    assert "Llama" in caught.value.why
    assert "Phi-3" in caught.value.why
    assert "merged" in caught.value.remedy


def test_that_a_window_which_llama_cpp_does_not_look_through_is_told() -> None:
    assert "window of 64 tokens" in _read("mistral", sliding_window=64).notes[0]
    assert _read("mistral", sliding_window=None).notes == ()
    assert _read("mistral", sliding_window=512).notes == ()
    assert _read("qwen2", sliding_window=64, use_sliding_window=False).notes == ()


def test_that_scores_which_a_file_cannot_say_are_refused() -> None:
    with pytest.raises(UserError, match="the root of 16, and this model by that of 256"):
        _read("gemma2")
    assert _read("gemma2", query_pre_attn_scalar=16).notes == ()


def test_that_windows_in_no_order_are_refused() -> None:
    kinds = [_WINDOW, "full_attention", "full_attention", _WINDOW]
    with pytest.raises(UserError, match="no order"):
        _read("gemma3_text", query_pre_attn_scalar=16, sliding_window=8, layer_types=kinds, num_hidden_layers=4)


def test_that_a_gemma_with_a_head_of_its_own_is_refused() -> None:
    with pytest.raises(UserError, match="takes the head of Gemma 2 for its embeddings"):
        _read("gemma2", tie_word_embeddings=False)


@pytest.mark.parametrize("family", [each for each in families.families() if each.gguf], ids=lambda family: family.title)
def test_that_what_config_json_leaves_out_is_what_transformers_takes(family: Family) -> None:
    from transformers import CONFIG_MAPPING

    (kind,) = family.kinds
    config = CONFIG_MAPPING[kind]()
    assert family.gguf is not None
    for name, value in family.gguf.usual.items():
        if name.startswith("rope_"):
            layers = "full_attention" if name == "rope_theta" else "sliding_attention"
            assert config.rope_parameters[layers]["rope_theta"] == value
        else:
            assert getattr(config, name) == value, name
    for name in ("max_position_embeddings", "rms_norm_eps", "sliding_window", "final_logit_softcapping"):
        if getattr(config, name, None):
            assert name in family.gguf.usual, name
