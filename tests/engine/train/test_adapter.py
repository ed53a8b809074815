"""An adapter, or what a run has made, is trained further on its base; what does not fit is refused by name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.fakes import tiny_recipe
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory import ledger
from workbench.core.model import adapter_folder
from workbench.core.model import shape as model_shape
from workbench.core.model.named import named_shape
from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

Train = Callable[[Recipe], tuple[RunFolder, History]]
FEW = ("lora.rank=3", "lora.alpha=5", "lora.targets=q_proj,v_proj", "training.save_steps=0", "samples.count=0")


@pytest.fixture
def trained(llama: Path, rows: Path, train_here: Train) -> RunFolder:
    """A run whose adapter has rank 3 on two layers."""
    return train_here(tiny_recipe(llama, rows, *FEW))[0]


@pytest.mark.parametrize("of", ["adapter", "run"])
def test_that_an_adapter_goes_on_from_its_own_weights(
    of: str, trained: RunFolder, rows: Path, train_here: Train, llama: Path
) -> None:
    source = trained.adapter if of == "adapter" else trained.path
    # Nothing is learned at a rate of 0, so what comes out is what went in.
    recipe = tiny_recipe(source, rows, "training.learning_rate=0", "training.max_steps=1", "samples.count=0")
    preflight.check(recipe)
    run, history = train_here(recipe)
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    before, after = (load_file(folder / "adapter_model.safetensors") for folder in (trained.adapter, run.adapter))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name].to(before[name].dtype)) for name in before)
    said = json.loads((run.adapter / "adapter_config.json").read_text())
    assert (said["r"], said["lora_alpha"], sorted(said["target_modules"])) == (3, 5, ["q_proj", "v_proj"])
    assert said["base_model_name_or_path"] == str(llama)
    notices = [notice.text for notice in history.notices]
    assert f"The adapter in {trained.adapter} is trained further, on its base {llama}." in notices
    assert (
        "The adapter keeps what it has, rank 3, alpha 5, on q_proj, v_proj; the recipe's lora.rank = 4, "
        "lora.alpha = 32, lora.targets = all-linear has no effect."
    ) in notices
    assert "rank = 3" in (run.adapter / "README.md").read_text()


def test_that_it_learns_from_where_it_was(trained: RunFolder, rows: Path, train_here: Train) -> None:
    first = trained.history()
    history = train_here(tiny_recipe(trained.adapter, rows, "samples.count=0"))[1]
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    assert history.steps[0].loss < first.steps[0].loss


def test_that_the_ledger_counts_the_adapter_that_is_there(trained: RunFolder, rows: Path) -> None:
    held = load_file(trained.adapter / "adapter_model.safetensors")
    for shape in (model_shape.from_path(trained.path), named_shape(str(trained.adapter))):
        assert shape is not None
        assert shape.adapter is not None
        assert shape.adapter.in_words == "rank 3, alpha 5, on q_proj, v_proj"
        recipe = tiny_recipe(trained.adapter, rows)
        assert ledger.adapter_parameters(shape, recipe) == sum(tensor.numel() for tensor in held.values())
        assert ledger.trainable_parameters(shape, recipe) == ledger.adapter_parameters(shape, recipe)


def test_that_training_all_weights_of_an_adapter_is_refused(trained: RunFolder, rows: Path) -> None:
    recipe = tiny_recipe(trained.adapter, rows, "lora.enabled=false", "model.precision=bf16")
    with pytest.raises(UserError, match=r"lora\.enabled is false, and model.source is an adapter"):
        preflight.check(recipe)


def test_that_a_base_which_is_gone_is_named(trained: RunFolder, llama: Path, rows: Path) -> None:
    shutil.rmtree(llama)
    with pytest.raises(UserError) as error:
        preflight.check(tiny_recipe(trained.path, rows))
    assert error.value.what.endswith(f"is not on this machine: {llama}.")
    assert "base_model_name_or_path" in error.value.remedy


@pytest.mark.parametrize("damage", ["lacks", "more", "base"])
def test_that_an_adapter_which_is_not_whole_is_refused_by_name(
    damage: str, trained: RunFolder, rows: Path, train_here: Train, tiny_model: Callable[[str], Path]
) -> None:
    path = trained.adapter / "adapter_model.safetensors"
    weights = load_file(path)
    name = sorted(weights)[0]
    if damage == "lacks":
        weights.pop(name)
        said = "is not whole: it lacks model.layers.0.self_attn.q_proj.lora_A.weight."
    elif damage == "more":
        weights[name.replace("q_proj", "k_proj")] = weights[name].clone()
        said = "is not whole: it holds model.layers.0.self_attn.k_proj.lora_A.weight"
    else:
        settings = json.loads((trained.adapter / "adapter_config.json").read_text())
        settings["base_model_name_or_path"] = str(tiny_model("gpt2"))
        (trained.adapter / "adapter_config.json").write_text(json.dumps(settings))
        said = "does not fit its base."
    save_file(weights, path)
    ended = train_here(tiny_recipe(trained.adapter, rows, "training.packing=false"))[1].ended
    assert ended is not None
    assert ended.is_refusal
    assert said in ended.what


def test_that_other_kinds_and_pickles_are_refused(trained: RunFolder) -> None:
    path = trained.adapter / "adapter_config.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps({**settings, "peft_type": "IA3"}))
    with pytest.raises(UserError, match='not of the kind LORA: its peft_type is "IA3"'):
        adapter_folder.find_model(trained.adapter)
    path.write_text(json.dumps({**settings, "base_model_name_or_path": None}))
    with pytest.raises(UserError, match="does not say which model it belongs to"):
        adapter_folder.find_model(trained.adapter)
    path.write_text(json.dumps(settings))
    (trained.adapter / "adapter_model.safetensors").rename(trained.adapter / "adapter_model.bin")
    with pytest.raises(UserError, match="It has a pickle") as error:
        adapter_folder.find_model(trained.adapter)
    assert error.value.what.endswith("has no adapter_model.safetensors.")


def test_that_a_base_of_the_hub_may_be_fetched_later(trained: RunFolder, rows: Path) -> None:
    path = trained.adapter / "adapter_config.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps({**settings, "base_model_name_or_path": "someone/something"}))
    found = adapter_folder.find_model(trained.path)
    assert found.folder is None
    preflight.check(tiny_recipe(trained.path, rows))
    assert model_shape.from_path(trained.path) is None
