"""A model is loaded whole or refused by the names of what is not: no random weight is ever trained or measured."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.fakes import FAMILIES, save_tiny_model, tiny_recipe
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.model.folder import stored_tensors
from workbench.core.model.limits import limits_of
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.text import with_overrides
from workbench.engine.job import devices
from workbench.engine.model import load, whole

Weights = dict[str, Any]
Change = Callable[[Weights], object]
UP = "model.layers.1.mlp.up_proj.weight"


def _shape(**more: Any) -> dict[str, Any]:
    small = {
        "vocab_size": 384,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 128,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    return {**small, **more}


# Beside the families that tests/fakes.py has: more kins, heads tied and untied, experts of three makes.
MORE: dict[str, tuple[str, dict[str, Any]]] = {
    "llama tied": ("LlamaConfig", _shape(tie_word_embeddings=True)),
    "llama with biases": ("LlamaConfig", _shape(attention_bias=True, mlp_bias=True)),
    "gemma": ("GemmaConfig", _shape(head_dim=8)),
    "gpt2 untied": ("GPT2Config", {"n_embd": 32, "n_layer": 2, "n_head": 4, "tie_word_embeddings": False}),
    "gpt_neo": (
        "GPTNeoConfig",
        {"hidden_size": 32, "num_layers": 2, "num_heads": 4, "attention_types": [[["global", "local"], 1]]},
    ),
    "gptj": ("GPTJConfig", {"n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4}),
    "codegen": ("CodeGenConfig", {"n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4}),
    "mpt": ("MptConfig", {"d_model": 32, "n_layers": 2, "n_heads": 4, "vocab_size": 384}),
    "stablelm": ("StableLmConfig", _shape()),
    "phi": ("PhiConfig", _shape()),
    "cohere": ("CohereConfig", _shape()),
    "olmo2": ("Olmo2Config", _shape()),
    "granite": ("GraniteConfig", _shape()),
    "falcon of two norms": (
        "FalconConfig",
        {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "new_decoder_architecture": True},
    ),
    "mixtral": ("MixtralConfig", _shape(num_local_experts=4, num_experts_per_tok=2)),
    "qwen2_moe": (
        "Qwen2MoeConfig",
        _shape(num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16, shared_expert_intermediate_size=16),
    ),
    "qwen3_moe": (
        "Qwen3MoeConfig",
        _shape(num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16, head_dim=8),
    ),
}


def made(name: str, folder: Path) -> Path:
    import transformers

    if name in FAMILIES:
        return save_tiny_model(FAMILIES[name](), folder)
    kind, settings = MORE[name]
    return save_tiny_model(getattr(transformers, kind)(**settings), folder)


def changed(model: Path, folder: Path, change: Change) -> Path:
    """A copy of a model folder with its weights changed."""
    shutil.copytree(model, folder)
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def loaded(folder: Path, *changes: str) -> Any:
    return load.load_model(folder, with_overrides(Recipe(), ["model.device=cpu", *changes]), devices.choose("cpu"))


def refusal(folder: Path, *changes: str) -> str:
    with pytest.raises(UserError) as error:
        loaded(folder, *changes)
    assert "Get the model again" in error.value.remedy
    return error.value.what


# -- whole -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", [*FAMILIES, *MORE])
def test_that_a_whole_model_of_any_family_is_loaded(family: str, tmp_path: Path) -> None:
    folder = made(family, tmp_path / "model")
    for precision in ("nf4", "bf16"):
        model = loaded(folder, f"model.precision={precision}")
        assert not any(parameter.is_meta for parameter in model.parameters())
        assert limits_of(folder).words == model.get_input_embeddings().weight.shape[0], "ids beyond are refused"


@pytest.mark.parametrize("family", [*FAMILIES, *MORE])
def test_that_each_kind_of_tensor_is_missed_by_name(family: str, tmp_path: Path) -> None:
    model = made(family, tmp_path / "model")
    names = sorted(stored_tensors(model))
    # One of each kind: of the layers, of the experts, the embeddings, the norms, the head.
    kinds = {re.sub(r"\d+", "*", name): name for name in names}
    assert len(kinds) > 5
    for number, name in enumerate(kinds.values()):
        folder = changed(model, tmp_path / str(number), lambda weights, name=name: weights.pop(name))  # type: ignore[misc]
        with pytest.raises(UserError, match="is not whole"):
            load.check_weights(folder, Recipe())
        shutil.rmtree(folder)


def test_that_a_head_that_is_tied_need_not_be_stored_and_may_be(tmp_path: Path) -> None:
    folder = made("llama tied", tmp_path / "model")
    assert "lm_head.weight" not in stored_tensors(folder)
    model = loaded(folder, "model.precision=bf16")
    assert model.lm_head.weight.data_ptr() == model.model.embed_tokens.weight.data_ptr()
    twice = changed(
        folder,
        tmp_path / "twice",
        lambda weights: weights.update({"lm_head.weight": weights["model.embed_tokens.weight"].clone()}),
    )
    model = loaded(twice, "model.precision=bf16")
    assert torch.equal(model.lm_head.weight, model.model.embed_tokens.weight)


def test_that_tensors_which_are_computed_may_be_stored(tmp_path: Path) -> None:
    angles = changed(
        made("llama", tmp_path / "llama"),
        tmp_path / "angles",
        lambda weights: weights.update({"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(8)}),
    )
    loaded(angles)

    def with_masks(weights: Weights) -> None:
        for layer in range(2):
            weights[f"transformer.h.{layer}.attn.bias"] = torch.ones(1, 1, 64, 64, dtype=torch.bool)
            weights[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)

    loaded(changed(made("gpt2", tmp_path / "gpt2"), tmp_path / "masks", with_masks))


def test_that_of_a_model_with_eyes_what_it_sees_with_is_no_weight_too_many() -> None:
    from transformers import Gemma3Config, Qwen3_5Config

    eyes = {"model.visual.blocks.0.attn.proj.weight", "model.lost.weight"}
    assert whole.differences({"unexpected_keys": eyes}, {}, Qwen3_5Config()).unexpected == ["model.lost.weight"]
    # Of Gemma 3, transformers builds the eyes too.
    assert len(whole.differences({"unexpected_keys": eyes}, {}, Gemma3Config()).unexpected) == 2


def test_that_a_model_saved_without_its_prefix_is_loaded(tmp_path: Path) -> None:
    def without_prefix(weights: Weights) -> None:
        for name in list(weights):
            weights[name.removeprefix("transformer.")] = weights.pop(name)

    loaded(changed(made("gpt2", tmp_path / "gpt2"), tmp_path / "bare", without_prefix))


# -- not whole ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["nf4", "int8", "bf16"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda weights: weights.pop("lm_head.weight"), "it lacks lm_head.weight."),
        (
            lambda weights: weights.update({"lm_head.0.weight": weights.pop("lm_head.weight")}),
            "it lacks lm_head.weight; it holds lm_head.0.weight, which the architecture has no place for.",
        ),
        (lambda weights: weights.pop(UP), f"it lacks {UP}."),
        (
            lambda weights: weights.update({"model.layers.2.mlp.up_proj.weight": weights[UP].clone()}),
            "it holds model.layers.2.mlp.up_proj.weight, which the architecture has no place for.",
        ),
        (
            lambda weights: weights.update({"model.embed_tokens.weight": torch.zeros(260, 64)}),
            "model.embed_tokens.weight has the size (260, 64), where config.json asks for (384, 64).",
        ),
        (
            lambda weights: [weights.pop(name) for name in list(weights) if ".layers.1." in name],
            "it lacks model.layers.1.input_layernorm.weight, model.layers.1.mlp.down_proj.weight, "
            "model.layers.1.mlp.gate_proj.weight and 6 tensors more.",
        ),
    ],
    ids=["head", "renamed", "a matrix", "a layer too many", "another size", "a layer"],
)
def test_that_what_is_not_there_is_named_in_every_precision(
    change: Change, said: str, precision: str, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = changed(tiny_model("llama"), tmp_path / "damaged", change)
    compute = "bf16" if precision == "bf16" else "fp32"
    what = refusal(folder, f"model.precision={precision}", f"model.compute_dtype={compute}")
    assert what == f"The model in {folder} is not whole: {said}"


def test_that_embeddings_that_everything_is_tied_to_are_missed(tmp_path: Path) -> None:
    folder = changed(
        made("llama tied", tmp_path / "model"),
        tmp_path / "damaged",
        lambda weights: weights.pop("model.embed_tokens.weight"),
    )
    assert "model.embed_tokens.weight" in refusal(folder)


def test_that_an_expert_and_a_part_of_one_are_missed_by_name(tmp_path: Path) -> None:
    model = made("qwen3_moe", tmp_path / "model")
    stem = "model.layers.1.mlp.experts.2."
    part = changed(model, tmp_path / "part", lambda weights: weights.pop(f"{stem}up_proj.weight"))
    assert refusal(part) == f"The model in {part} is not whole: it lacks {stem}up_proj.weight."
    one = changed(
        model, tmp_path / "one", lambda weights: [weights.pop(name) for name in list(weights) if name.startswith(stem)]
    )
    assert f"it lacks {stem}down_proj.weight, {stem}gate_proj.weight, {stem}up_proj.weight." in refusal(one)
    last = stem.replace("2", "3")
    end = changed(
        model, tmp_path / "end", lambda weights: [weights.pop(name) for name in list(weights) if name.startswith(last)]
    )
    assert "has the size (3, 32, 16), where config.json asks for (4, 32, 16)" in refusal(end)


def test_that_a_bias_which_is_no_mask_is_not_taken_for_one() -> None:
    from transformers import GPT2Config

    report = {"unexpected_keys": {"h.0.attn.bias", "h.1.attn.bias"}}
    sizes = {"h.0.attn.bias": (64,), "h.1.attn.bias": (1, 1, 64, 64)}
    assert whole.differences(report, sizes, GPT2Config()).unexpected == ["h.0.attn.bias"]


def test_that_a_classifier_is_told_as_what_it_was_saved_as(tmp_path: Path) -> None:
    from transformers import LlamaConfig, LlamaForSequenceClassification

    folder = made("llama", tmp_path / "model")
    LlamaForSequenceClassification(LlamaConfig(**_shape())).save_pretrained(folder)
    with pytest.raises(UserError, match=r"it lacks lm_head.weight; it holds score.weight") as error:
        loaded(folder)
    assert "It was saved as a LlamaForSequenceClassification." in error.value.why


def test_that_a_run_on_a_model_without_its_head_ends_before_a_weight_is_loaded(
    llama: Path,
    rows: Path,
    tmp_path: Path,
    train_here: Callable[[Recipe], tuple[RunFolder, History]],
) -> None:
    folder = changed(llama, tmp_path / "headless", lambda weights: weights.pop("lm_head.weight"))
    run, history = train_here(tiny_recipe(folder, rows))
    assert history.ended is not None
    assert history.ended.is_refusal
    assert "it lacks lm_head.weight" in history.ended.what
    assert '"after load"' not in run.journal.read_text()
