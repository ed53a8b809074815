"""A model's shape from its folder, from its config.json alone, and as transformers builds it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import FAMILIES
from workbench.core import places
from workbench.core.model import shape as model_shape
from workbench.core.model.shape import ModelShape, from_config, from_folder, in_words
from workbench.core.problems import UserError

TinyModel = Callable[[str], Path]
BY_CONFIG_ALONE = ("llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "phi3")

LLAMA_3_8B: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}


def config_of(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config


@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_folder_has_the_parameters_that_transformers_and_bitsandbytes_count(
    family: str, tiny_model: TinyModel
) -> None:
    import bitsandbytes
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    folder = tiny_model(family)
    shape = from_folder(folder)
    plain = AutoModelForCausalLM.from_pretrained(folder)
    assert shape.parameters == sum(entry.numel() for entry in plain.parameters())
    embeddings = {plain.get_input_embeddings(), plain.get_output_embeddings()}
    embeddings |= {module for module in plain.modules() if isinstance(module, torch.nn.Embedding)}
    weights = {module.weight for module in embeddings}
    assert shape.embedding_parameters == sum(weight.numel() for weight in weights)

    quantized = AutoModelForCausalLM.from_pretrained(
        folder, quantization_config=BitsAndBytesConfig(load_in_4bit=True), device_map={"": "cpu"}
    )
    layers = [module for module in quantized.modules() if isinstance(module, bitsandbytes.nn.Linear4bit)]
    assert shape.linear_parameters == sum(layer.in_features * layer.out_features for layer in layers)
    assert shape.linear_rows == sum(layer.out_features for layer in layers)
    assert shape.other_parameters == shape.parameters - shape.linear_parameters


@pytest.mark.parametrize("family", BY_CONFIG_ALONE)
def test_that_config_json_alone_says_what_the_tensors_say(family: str, tiny_model: TinyModel) -> None:
    exact = from_folder(tiny_model(family))
    computed = from_config(config_of(tiny_model(family)), exact.name)
    same = {"stored_as": "", "is_local": False, "path": None}
    assert replace(computed, **same) == replace(exact, **same)  # type: ignore[arg-type]
    assert computed.stored_as == "FP32"
    assert exact.stored_as == "FP32 in 1 safetensors file"


def test_that_a_block_lists_its_linear_layers_in_the_order_they_work(tiny_model: TinyModel) -> None:
    llama = from_folder(tiny_model("llama"))
    assert dict(zip(llama.linear_names, llama.linears, strict=True)) == {
        "q_proj": (64, 64),
        "k_proj": (32, 64),
        "v_proj": (32, 64),
        "o_proj": (64, 64),
        "gate_proj": (128, 64),
        "up_proj": (128, 64),
        "down_proj": (64, 128),
    }
    gpt2 = from_folder(tiny_model("gpt2"))
    assert gpt2.linear_names == ("c_attn", "c_fc", "c_proj", "c_proj")
    assert gpt2.linears[:2] == ((192, 64), (256, 64)), "(out, in), though GPT-2 stores (in, out)"
    assert gpt2.intermediate_size == 256


def test_that_the_published_counts_come_out() -> None:
    # The number of parameters on the model's page.
    shape = from_config(LLAMA_3_8B, "Llama-3-8B")
    assert shape.parameters == 8_030_261_248
    assert shape.embedding_parameters == 2 * 128256 * 4096
    qwen = {
        **LLAMA_3_8B,
        "model_type": "qwen2",
        "hidden_size": 896,
        "intermediate_size": 4864,
        "num_hidden_layers": 24,
        "num_attention_heads": 14,
        "num_key_value_heads": 2,
        "vocab_size": 151936,
        "tie_word_embeddings": True,
    }
    assert from_config(qwen, "Qwen2.5-0.5B").parameters == 494_032_768


def test_that_what_a_config_does_not_say_is_0_and_unknown_in_words() -> None:
    shape = from_config({"model_type": "nothing_known", "hidden_size": 64}, "org/nothing")
    assert (shape.parameters, shape.layers, shape.linears) == (0, 0, ())
    assert shape.hidden_size == 64
    rows = in_words(shape)
    assert rows[0] == ("Parameters", "unknown", "")
    assert rows[2] == ("Hidden size", "64", "numbers a token")


@pytest.mark.parametrize("wrong", ["4096", -1, 0, None, True, [1, 2], 4096.5])
def test_that_a_config_of_nonsense_is_no_crash(wrong: object) -> None:
    for name in LLAMA_3_8B:
        shape = from_config({**LLAMA_3_8B, name: wrong}, "x")
        assert shape.parameters >= 0
        in_words(shape)


def test_that_a_model_of_words_and_pictures_says_its_words() -> None:
    shape = from_config({"model_type": "gemma3", "text_config": {**LLAMA_3_8B, "model_type": "gemma3_text"}}, "x")
    assert (shape.family, shape.layers, shape.hidden_size) == ("Gemma 3", 32, 4096)
    assert shape.parameters == 0, "its vision tower is not known"


def test_that_facts_stand_as_on_the_page() -> None:
    shape = replace(from_config(LLAMA_3_8B, "Llama-3.1-8B"), stored_as="BF16 in 4 safetensors files")
    assert in_words(shape) == [
        ("Parameters", "8.03 billion", ""),
        ("Layers", "32", "decoder blocks"),
        ("Hidden size", "4\u2009096", "numbers a token"),
        ("Attention", "32 heads", "8 for keys, values"),
        ("Vocabulary", "128\u2009256", "words, not tied"),
        ("Stored as", "BF16", "4 safetensors files"),
    ]


def test_that_the_starter_is_known_before_it_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-cache"))
    shape = model_shape.starter()
    assert not shape.is_local
    # config.json and the headers of HuggingFaceTB/SmolLM2-135M-Instruct.
    assert (shape.parameters, shape.stored_bytes, shape.licence) == (134_515_008, 269_030_016, "Apache-2.0")
    assert in_words(shape)[5] == ("Stored as", "BF16", "1 safetensors file")


def test_that_a_fetched_starter_is_read_from_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_model: TinyModel
) -> None:
    cache = tmp_path / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    snapshot = cache / f"models--HuggingFaceTB--{places.STARTER}" / "snapshots" / "0123"
    shutil.copytree(tiny_model("llama"), snapshot)
    shape = model_shape.starter()
    assert (shape.path, shape.name, shape.is_local) == (snapshot, places.STARTER, True)
    kept = places.models() / places.STARTER
    shutil.copytree(tiny_model("llama"), kept)
    assert model_shape.starter().path == kept
    (kept / "model.safetensors").unlink()
    assert model_shape.starter().path == snapshot, "half a folder is passed over"


def test_that_a_model_in_the_hubs_cache_has_its_id_as_name(tmp_path: Path, tiny_model: TinyModel) -> None:
    snapshot = tmp_path / "models--org--some-name" / "snapshots" / "0123"
    shutil.copytree(tiny_model("llama"), snapshot)
    assert from_folder(snapshot).name == "org/some-name"
    assert from_folder(tiny_model("llama")).name == "llama"


def test_that_a_head_stored_beside_its_embedding_is_counted_once(tmp_path: Path, tiny_model: TinyModel) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "model"
    shutil.copytree(tiny_model("gemma2"), folder)
    tensors = load_file(folder / "model.safetensors")
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    save_file(tensors, folder / "model.safetensors")
    alone: ModelShape = from_folder(tiny_model("gemma2"))
    assert from_folder(folder).parameters == alone.parameters


def test_that_shards_are_read_as_one_model(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    AutoModelForCausalLM.from_config(FAMILIES["llama"]()).save_pretrained(tmp_path, max_shard_size="150kB")
    shape = from_folder(tmp_path)
    assert shape.parameters == 123_200
    count = len(list(tmp_path.glob("*.safetensors")))
    assert count > 1
    assert shape.stored_as == f"FP32 in {count} safetensors files"


def test_that_a_folder_that_is_no_model_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"it has no config\.json"):
        from_folder(tmp_path)


@pytest.mark.parametrize("name", ["hidden_size", "num_hidden_layers", "num_attention_heads"])
def test_that_a_folder_of_a_known_family_says_what_its_activations_need(
    name: str, tmp_path: Path, tiny_model: TinyModel
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model("llama"), folder)
    said = {key: value for key, value in config_of(folder).items() if key != name}
    (folder / "config.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(UserError, match=rf"model/config\.json does not say {name} \("):
        from_folder(folder)
    (folder / "config.json").write_text(json.dumps({**said, "model_type": "newest"}), encoding="utf-8")
    assert from_folder(folder).parameters == 123_200, "of a family that is not known the ledger says what is missing"
