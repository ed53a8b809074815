"""An adapter merged tensor by tensor: of every family, and of every kind of adapter, what PEFT says beside the base."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from tests.engine.export.conftest import Adapt
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.text import with_overrides
from workbench.engine.export.merge.merged_folder import write_merged
from workbench.engine.export.merge.merging import Merging
from workbench.engine.job import devices

FAMILIES = ("llama", "qwen3", "gemma3", "phi3", "gpt2", "falcon")
# Of what an adapter changes of the logits, how much a merge may lose: FP32 rounding.
MOST_LOST = 1e-3
Tiny = Callable[[str], Path]


def merge(base: Path, adapter: Path | None, out: Path, *changes: str, largest: int = 10**9) -> Merging:
    recipe = with_overrides(Recipe(), ["model.compute_dtype=fp32", "model.device=cpu", *changes])
    rounded = recipe.model.precision in ("nf4", "fp4", "int8")
    merging = Merging(base, adapter, recipe, devices.choose("cpu"), is_rounded=rounded)
    for _ in write_merged(merging, out, largest):
        pass
    return merging


def logits(model: Any) -> torch.Tensor:
    ids = torch.randint(3, 250, (2, 24), generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(input_ids=ids).logits
    return found


def loaded(folder: Path, **settings: Any) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **settings)


def lost(base: torch.Tensor, beside: torch.Tensor, merged: torch.Tensor) -> float:
    """Of what the adapter changes, the share that the merged model has otherwise."""
    changed = float(torch.linalg.norm(beside - base))
    assert changed > 0.05 * float(torch.linalg.norm(base)), "the adapter has to be seen"
    return float(torch.linalg.norm(merged - beside)) / changed


@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_model_merged_into_the_original_weights_says_what_the_adapter_says_beside_them(
    family: str, tiny_model: Tiny, adapt: Adapt, tmp_path: Path
) -> None:
    base, out = tiny_model(family), tmp_path / "merged"
    adapter = adapt(base)
    merge(base, adapter, out, "model.precision=fp32")
    beside = PeftModel.from_pretrained(loaded(base), adapter)
    assert lost(logits(loaded(base)), logits(beside), logits(loaded(out))) < MOST_LOST


@pytest.mark.parametrize("family", ["llama", "gemma3", "phi3", "gpt2"])
@pytest.mark.parametrize("precision", ["nf4", "int8"])
def test_that_a_model_merged_into_rounded_weights_says_what_the_adapter_says_on_the_quantized_base(
    family: str, precision: str, tiny_model: Tiny, adapt: Adapt, tmp_path: Path
) -> None:
    base, out = tiny_model(family), tmp_path / "merged"
    adapter = adapt(base)
    merge(base, adapter, out, f"model.precision={precision}", "model.int8_threshold=0")
    asked = (
        BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=0.0)
        if precision == "int8"
        else BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.float32,
        )
    )
    quantized = loaded(base, quantization_config=asked, device_map={"": "cpu"})
    alone = logits(quantized)
    share = lost(alone, logits(PeftModel.from_pretrained(quantized, adapter)), logits(loaded(out)))
    # LLM.int8() rounds what it multiplies by too, and bitsandbytes multiplies NF4 in BF16 on CPUs that have it.
    assert share < (0.1 if precision == "int8" else 0.01)
    rounding = float(torch.linalg.norm(alone - logits(loaded(base))))
    assert rounding > 20 * float(torch.finfo(torch.float32).eps) * float(torch.linalg.norm(alone)), "it is seen too"


@pytest.mark.parametrize(
    "settings",
    [
        {"use_dora": True},
        {"use_rslora": True, "r": 8},
        {"lora_bias": True, "target_modules": ["c_attn", "c_fc"]},
        {"bias": "all", "target_modules": ["c_attn"]},
        {"target_modules": ["c_attn"], "rank_pattern": {"1.attn.c_attn": 2}, "alpha_pattern": {"c_attn": 3}},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_that_every_kind_of_adapter_is_merged_into_turned_weights_with_biases(
    settings: dict[str, Any], tiny_model: Tiny, adapt: Adapt, tmp_path: Path
) -> None:
    base, out = tiny_model("gpt2"), tmp_path / "merged"
    adapter = adapt(base, **settings)
    merge(base, adapter, out, "model.precision=fp32")
    beside = PeftModel.from_pretrained(loaded(base), adapter)
    assert lost(logits(loaded(base)), logits(beside), logits(loaded(out))) < MOST_LOST


@pytest.mark.parametrize(
    "settings",
    [
        {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]},
        {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens"]},
        {"target_modules": ["q_proj", "embed_tokens"]},
        {"target_modules": ["q_proj", "lm_head"]},
        {"target_modules": ["q_proj"], "modules_to_save": ["input_layernorm"]},
    ],
    ids=["a saved head", "a saved embedding", "an embedding", "a head", "norms"],
)
@pytest.mark.filterwarnings("ignore:.*tie.*")
def test_that_an_embedding_that_was_also_the_head_is_parted_from_it_where_the_adapter_changes_one(
    settings: dict[str, Any], adapt: Adapt, tmp_path: Path
) -> None:
    from tests.fakes import FAMILIES, save_tiny_model

    config = FAMILIES["llama"]()
    config.tie_word_embeddings = True
    base, out = save_tiny_model(config, tmp_path / "tied"), tmp_path / "merged"
    assert "lm_head.weight" not in load_file(base / "model.safetensors")
    adapter = adapt(base, **settings)
    merging = merge(base, adapter, out, "model.precision=fp32")
    beside = PeftModel.from_pretrained(loaded(base), adapter)
    assert lost(logits(loaded(base)), logits(beside), logits(loaded(out))) < MOST_LOST
    assert merging.is_untied == ("input_layernorm" not in str(settings))
    assert loaded(out).config.tie_word_embeddings != merging.is_untied


def test_that_tied_weights_stay_one_tensor_where_nothing_changes_them(adapt: Adapt, tmp_path: Path) -> None:
    from tests.fakes import FAMILIES, save_tiny_model

    config = FAMILIES["llama"]()
    config.tie_word_embeddings = True
    base, out = save_tiny_model(config, tmp_path / "tied"), tmp_path / "merged"
    merge(base, adapt(base), out, "model.precision=fp32")
    assert set(load_file(out / "model.safetensors")) == set(load_file(base / "model.safetensors"))


def test_that_experts_that_lie_in_one_tensor_are_merged_and_those_in_pieces_are_refused_by_name(
    adapt: Adapt, tmp_path: Path
) -> None:
    from transformers import GptOssConfig, Qwen3MoeConfig

    from tests.fakes import save_tiny_model

    shape = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    shape |= {"vocab_size": 384, "head_dim": 16, "num_experts_per_tok": 2, "intermediate_size": 32}
    experts = {"target_modules": ["q_proj"], "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]}
    base, out = save_tiny_model(GptOssConfig(**shape, num_local_experts=4), tmp_path / "one"), tmp_path / "merged"
    adapter = adapt(base, **experts)
    merge(base, adapter, out, "model.precision=fp32")
    beside = PeftModel.from_pretrained(loaded(base), adapter)
    assert lost(logits(loaded(base)), logits(beside), logits(loaded(out))) < MOST_LOST

    base = save_tiny_model(Qwen3MoeConfig(**shape, num_experts=4, moe_intermediate_size=32), tmp_path / "pieces")
    with pytest.raises(UserError) as refused:
        merge(base, adapt(base, **experts), tmp_path / "other", "model.precision=fp32")
    assert "_proj cannot be merged: its files hold it in pieces, such as model.layers.0.mlp.experts.0." in (
        refused.value.what
    )
    assert "Export the adapter" in refused.value.remedy


def test_that_several_files_have_an_index_and_are_no_larger_than_asked(
    tiny_model: Tiny, adapt: Adapt, tmp_path: Path
) -> None:
    base, out = tiny_model("llama"), tmp_path / "merged"
    adapter = adapt(base)
    merge(base, adapter, out, "model.precision=fp32", largest=100_000)
    files = sorted(out.glob("*.safetensors"))
    assert len(files) > 3
    assert all(path.stat().st_size < 110_000 for path in files)
    beside = PeftModel.from_pretrained(loaded(base), adapter)
    assert lost(logits(loaded(base)), logits(beside), logits(loaded(out))) < MOST_LOST


def test_that_an_adapter_with_numbers_that_are_none_is_refused(tiny_model: Tiny, adapt: Adapt, tmp_path: Path) -> None:
    base = tiny_model("llama")
    adapter = adapt(base)
    held = load_file(adapter / "adapter_model.safetensors")
    name = next(name for name in held if "lora_B" in name)
    save_file(held | {name: torch.full_like(held[name], torch.inf)}, adapter / "adapter_model.safetensors")
    with pytest.raises(UserError, match="has numbers that are none"):
        merge(base, adapter, tmp_path / "merged", "model.precision=fp32")


def test_that_an_adapter_of_another_base_and_a_base_that_is_not_whole_are_refused(
    tiny_model: Tiny, adapt: Adapt, tmp_path: Path
) -> None:
    import shutil

    other = adapt(tiny_model("phi3"))
    with pytest.raises(UserError, match=r"it holds .*, which its layers have no place for"):
        merge(tiny_model("llama"), other, tmp_path / "merged", "model.precision=fp32")
    base = Path(shutil.copytree(tiny_model("llama"), tmp_path / "base"))
    held = load_file(base / "model.safetensors")
    held.pop("model.norm.weight")
    save_file(held, base / "model.safetensors")
    with pytest.raises(UserError, match=r"is not whole: it lacks model\.norm\.weight"):
        merge(base, other, tmp_path / "merged", "model.precision=fp32")
    assert not (tmp_path / "merged").exists()
