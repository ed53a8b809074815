"""One copy of the weights speaks for all sides, and what is at work is read from its layers."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file

from tests.fakes import tiny_recipe
from workbench.core.chat.speakers import speaker, speakers_of
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.engine.chat.voices import Voices, Witness
from workbench.engine.job import devices
from workbench.engine.model import load

Train = Callable[[Recipe], tuple[RunFolder, History]]
IDS = torch.tensor([[3, 17, 40, 99, 120, 8]])


def base_of(llama: Path, *changes: str) -> torch.nn.Module:
    return load.load_model(llama, tiny_recipe(llama, llama, *changes), devices.choose("cpu"))


def logits(voices: Voices, side: str, strength: float = 1.0) -> torch.Tensor:
    with torch.inference_mode(), voices.speaking(side, strength):
        found: torch.Tensor = voices.model(IDS).logits
        return found


@pytest.mark.parametrize("changes", [(), ("lora.dora=true",), ("lora.rslora=true", "model.precision=fp32")])
def test_that_the_base_is_the_base_and_strength_0_is_it_bit_for_bit(
    changes: tuple[str, ...], llama: Path, rows: Path, train_here: Train
) -> None:
    run, _ = train_here(tiny_recipe(llama, rows, "training.learning_rate=0.05", "samples.count=0", *changes))
    plain = base_of(llama, *changes).eval()
    with torch.inference_mode():
        alone = plain(IDS).logits
    voices = Voices(base_of(llama, *changes), speakers_of(str(run.path), ["base"]))
    assert torch.equal(logits(voices, "base"), alone)
    assert torch.equal(logits(voices, "tuned", 0.0), alone)
    tuned = logits(voices, "tuned")
    assert not torch.equal(tuned, alone)
    with torch.inference_mode():
        peft = PeftModel.from_pretrained(base_of(llama, *changes), str(run.adapter)).eval()(IDS).logits
    assert torch.equal(tuned, peft), "plain peft gives the same"
    near = logits(voices, "tuned", 1e-4)
    assert (near - alone).abs().max() < 0.05 * (tuned - alone).abs().max(), "a small strength is nearly the base"
    assert not torch.equal(logits(voices, "tuned", 1.5), tuned)
    assert torch.equal(logits(voices, "tuned"), tuned), "a strength lasts as long as one answer"


def test_that_two_adapters_stand_on_one_base_each_under_its_own_hash(
    llama: Path, rows: Path, tuned: RunFolder, train_here: Train
) -> None:
    other, _ = train_here(tiny_recipe(llama, rows, "lora.rank=2", "training.learning_rate=0.02", "samples.count=0"))
    model = base_of(llama)
    before = sum(parameter.numel() for parameter in model.parameters())
    voices = Voices(model, speakers_of(str(tuned.path), ["base", str(other.path)]))
    adapters = sum(
        load_file(run.adapter / "adapter_model.safetensors")[name].numel()
        for run in (tuned, other)
        for name in load_file(run.adapter / "adapter_model.safetensors")
    )
    assert sum(parameter.numel() for parameter in voices.model.parameters()) == before + adapters
    hashes = set()
    for side, strength in (("tuned", 1.0), (other.name, 0.5), ("base", 1.0)):
        with voices.speaking(side, strength) as witness:
            assert witness.strength == (0.0 if side == "base" else strength)
            hashes.add(voices.adapter_sha256(witness))
    assert hashes == {voices.sha256["tuned"], voices.sha256[other.name], ""}
    with torch.inference_mode():
        alone = PeftModel.from_pretrained(base_of(llama), str(other.adapter)).eval()(IDS).logits
    assert torch.equal(logits(voices, other.name), alone)


def test_that_a_merged_adapter_is_never_taken_for_one_beside_the_base(llama: Path, tuned: RunFolder) -> None:
    voices = Voices(base_of(llama), speakers_of(str(tuned.path), ["base"]))
    with voices.speaking("base", 1.0) as witness:
        assert witness == Witness("", 0.0)
    voices.model.merge_adapter()
    with pytest.raises(RuntimeError, match="merged"), voices.speaking("base", 1.0):
        pass


def broken(adapter: Path, folder: Path, kind: str) -> Path:
    shutil.copytree(adapter, folder)
    weights, config = folder / "adapter_model.safetensors", folder / "adapter_config.json"
    tensors = load_file(weights)
    if kind == "lacks":
        tensors.popitem()
    elif kind == "is of another size":
        tensors = {name: tensor[:, :-1].contiguous() for name, tensor in tensors.items()}
    else:
        config.write_text(json.dumps(json.loads(config.read_text()) | {"bias": "all"}))
    save_file(tensors, weights)
    return folder


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("lacks", "is not whole: it lacks"),
        ("is of another size", "does not fit its base"),
        ("has biases", "changes the base's own biases"),
    ],
)
def test_that_of_an_adapter_that_is_refused_nothing_stays(
    kind: str, said: str, llama: Path, tuned: RunFolder, tmp_path: Path
) -> None:
    bad = speaker(str(broken(tuned.adapter, tmp_path / "bad", kind)))
    good = speaker(str(tuned.path))
    with pytest.raises(UserError, match=said):
        Voices(base_of(llama), [bad])
    voices = Voices(base_of(llama), speakers_of(str(llama), []))
    alone = logits(voices, "base")
    for _ in range(2):  # on the bare base, then beside another
        with pytest.raises(UserError, match=said):
            voices.add(replace(bad, side="bad"))
        assert torch.equal(logits(voices, "base"), alone)
        if "tuned" not in voices.sha256:
            voices.add(good)
            tuned_logits = logits(voices, "tuned")
        assert torch.equal(logits(voices, "tuned"), tuned_logits)
    with torch.inference_mode():
        peft = PeftModel.from_pretrained(base_of(llama), str(tuned.adapter)).eval()(IDS).logits
    assert torch.equal(tuned_logits, peft)
