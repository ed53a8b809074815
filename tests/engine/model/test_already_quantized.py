"""Folders that bitsandbytes has quantized are loaded and trained as they are, and counted as what they are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.fakes import save_tiny_model, tiny_recipe, tiny_tokenizer
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory import ledger
from workbench.core.model import folder as model_folder
from workbench.core.model import shape as model_shape
from workbench.core.model.already_quantized import AlreadyQuantized
from workbench.core.model.folder import stored_tensors
from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.engine.job import devices
from workbench.engine.model import load
from workbench.engine.model.weights_size import size_bytes

Train = Callable[[Recipe], tuple[RunFolder, History]]

KINDS: dict[str, tuple[dict[str, Any], AlreadyQuantized]] = {
    "nf4": ({"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}, AlreadyQuantized("nf4", block_size=64)),
    "nf4 twice": (
        {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True},
        AlreadyQuantized("nf4", double_quant=True, block_size=64),
    ),
    "fp4": ({"load_in_4bit": True, "bnb_4bit_quant_type": "fp4"}, AlreadyQuantized("fp4", block_size=64)),
    "int8": ({"load_in_8bit": True}, AlreadyQuantized("int8")),
}


@pytest.fixture(scope="module")
def quantized(tiny_model: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folders as transformers with bitsandbytes saves them: quantized("nf4")."""
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    made: dict[str, Path] = {}

    def make(kind: str, family: str = "llama") -> Path:
        key = f"{family} {kind}".replace(" ", "-")
        if key not in made:
            made[key] = tmp_path_factory.mktemp(key)
            model = AutoModelForCausalLM.from_pretrained(
                tiny_model(family),
                quantization_config=BitsAndBytesConfig(**KINDS[kind][0]),
                dtype=torch.bfloat16,
                device_map={"": "cpu"},
            )
            model.save_pretrained(made[key])
            tiny_tokenizer().save_pretrained(made[key])
        return made[key]

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_quantized_folder_is_recognised_and_counted(
    kind: str, quantized: Callable[[str], Path], tiny_model: Callable[[str], Path]
) -> None:
    folder, whole = quantized(kind), tiny_model("llama")
    facts = model_folder.inspect(folder)
    assert facts.quantized == KINDS[kind][1]
    assert facts.parameters == model_folder.inspect(whole).parameters
    shape, unquantized = model_shape.from_folder(folder), model_shape.from_folder(whole)
    assert shape.stored_as == f"{facts.quantized.title} in 1 safetensors file"
    assert shape.linear_sizes == unquantized.linear_sizes
    assert shape.other_parameters == unquantized.other_parameters


@pytest.mark.parametrize("kind", KINDS)
def test_that_it_takes_steps_as_it_is_and_what_the_ledger_says(
    kind: str, quantized: Callable[[str], Path], rows: Path, train_here: Train
) -> None:
    folder, stored = quantized(kind), KINDS[kind][1]
    # Twice is asked for whatever is stored: what is stored counts.
    recipe = tiny_recipe(folder, rows, f"model.precision={stored.precision}", "model.double_quant=true")
    model = load.load_model(folder, recipe, devices.choose("cpu"))
    shape = model_shape.from_folder(folder)
    expected = ledger.predict(shape, recipe, device="cpu")
    buffers = sum(buffer.numel() * buffer.element_size() for buffer in model.buffers())
    assert expected.parts["weights"] + sum(
        ledger.weights_bytes(model_shape.from_folder(folder), "bf16", False)[1:]
    ) == (size_bytes(model) - buffers)
    _, history = train_here(recipe)
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    assert all(0 < step.loss < 20 and step.grad_norm > 0 for step in history.steps)


def test_that_weights_of_gpt2_which_are_stored_turned_are_whole(quantized: Callable[..., Path], rows: Path) -> None:
    folder = quantized("nf4", "gpt2")
    load.load_model(folder, tiny_recipe(folder, rows), devices.choose("cpu"))


def test_that_another_precision_is_refused_before_a_process_and_in_it(
    quantized: Callable[[str], Path], rows: Path, train_here: Train
) -> None:
    folder = quantized("nf4 twice")
    recipe = tiny_recipe(folder, rows, "model.precision=int8")
    said = f"The weights of {folder.name} are stored as NF4 with double quantization, and model.precision is int8."
    with pytest.raises(UserError) as error:
        preflight.check(recipe)
    assert error.value.what == said
    assert error.value.remedy == "Set model.precision = nf4, or take the model's unquantized weights."
    ended = train_here(recipe)[1].ended
    assert ended is not None
    assert ended.is_refusal
    assert ended.what == said


def test_that_a_layer_without_its_constants_is_missed(quantized: Callable[[str], Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for kind, lost in (("nf4", "weight.absmax"), ("int8", "weight")):
        source = quantized(kind)
        weights = load_file(source / "model.safetensors")
        name = f"model.layers.0.mlp.up_proj.{lost}"
        folder = tmp_path / kind
        folder.mkdir()
        save_file({key: value for key, value in weights.items() if key != name}, folder / "model.safetensors")
        (folder / "config.json").write_bytes((source / "config.json").read_bytes())
        with pytest.raises(UserError, match=r"up_proj\.weight lacks what bitsandbytes stores of it"):
            model_folder.inspect(folder)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ({"quant_method": "gptq", "bits": 4}, "by GPTQ"),
        ({"quant_method": "awq"}, "by AWQ"),
        ({"quant_method": "fp8"}, "by FP8"),
        ({"quant_method": "mxfp4"}, "by MXFP4"),
        ({"quant_method": "compressed-tensors"}, "by compressed-tensors"),
        ({"quant_method": "hqq"}, "by HQQ"),
        ({"quant_method": "of-my-own"}, "by of-my-own"),
    ],
)
def test_that_other_ways_are_refused_by_their_names(
    said: dict[str, Any], title: str, llama: Path, rows: Path, train_here: Train
) -> None:
    config = json.loads((llama / "config.json").read_text())
    (llama / "config.json").write_text(json.dumps({**config, "quantization_config": said}))
    with pytest.raises(UserError) as error:
        model_folder.inspect(llama)
    assert error.value.what == f"The model in llama is already quantized, {title}."
    assert error.value.remedy == "Take its unquantized weights: this program quantizes them itself."


def test_that_a_config_which_promises_what_is_not_stored_is_refused(llama: Path) -> None:
    config = json.loads((llama / "config.json").read_text())
    promise = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    (llama / "config.json").write_text(json.dumps({**config, "quantization_config": promise}))
    with pytest.raises(UserError, match="none of its weights is quantized") as error:
        model_folder.inspect(llama)
    assert error.value.remedy.startswith("Take quantization_config out of config.json")


def _stored(folder: Path, change: Callable[[dict[str, Any]], object]) -> str:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError) as error:
        model_folder.inspect(folder)
    return f"{error.value.what} {error.value.why}"


def test_that_fp8_weights_with_scales_are_told_by_what_is_stored(llama: Path) -> None:
    def fp8(weights: dict[str, Any]) -> None:
        for name in [name for name in weights if "proj" in name]:
            scale = weights[name].abs().max() / 448
            weights[name] = (weights[name] / scale).to(torch.float8_e4m3fn)
            weights[f"{name}_scale"] = scale.reshape(1)

    said = _stored(llama, fp8)
    assert "The model in llama is already quantized, as FP8 with scales." in said
    assert "_proj.weight_scale" in said


def test_that_packed_weights_are_told_by_what_is_stored(llama: Path) -> None:
    name = "model.layers.0.mlp.up_proj"
    packed = torch.zeros(8, 128, dtype=torch.int32)
    assert "as GPTQ or AWQ." in _stored(llama, lambda weights: weights.update({f"{name}.qweight": packed}))


def test_that_a_model_whose_layers_are_all_left_out_is_unquantized(tmp_path: Path) -> None:
    from tests.fakes import FAMILIES

    folder = save_tiny_model(FAMILIES["llama"](), tmp_path / "model")
    assert model_folder.inspect(folder).quantized is None
    assert not any(".absmax" in name for name in stored_tensors(folder))
