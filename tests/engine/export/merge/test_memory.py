"""A model of many files is merged in the memory of one matrix, however large it is."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig

from workbench.core.model.folder import INDEX

LAYERS, HIDDEN, INNER, WORDS = 9, 768, 2048, 4096
# The matrix that is merged in FP32 and as its codes, an adapter's layers, and what PyTorch keeps for the next matrix:
# 58 MB with 4 layers, 75 MB with 12, 74 MB with 24. The model has 134 MB.
MOST_GROWN_BYTES = 100_000_000
MERGE = """
import sys
from pathlib import Path
import psutil, torch
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.text import with_overrides
from workbench.engine.export.merge.merged_folder import write_merged
from workbench.engine.export.merge.merging import Merging
from workbench.engine.job import devices

base, adapter, out = map(Path, sys.argv[1:])
recipe = with_overrides(Recipe(), ["model.device=cpu"])
Merging(base, adapter, recipe, devices.choose("cpu"), is_rounded=True)  # what libraries load as they are first used
process = psutil.Process()
before = largest = process.memory_info().rss
for _ in write_merged(Merging(base, adapter, recipe, devices.choose("cpu"), is_rounded=True), out, 40_000_000):
    largest = max(largest, process.memory_info().rss)
print(largest - before)
"""


def sparse_model(folder: Path) -> list[str]:
    """A model in BF16 whose numbers are all 0 and take no room on the disk, a file a layer; gives its matrices."""
    folder.mkdir()
    config = LlamaConfig(
        hidden_size=HIDDEN,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HIDDEN // 64,
        num_key_value_heads=HIDDEN // 64,
        vocab_size=WORDS,
        tie_word_embeddings=True,
        architectures=["LlamaForCausalLM"],
        dtype="bfloat16",
    )
    config.save_pretrained(folder)
    ends = {"model.embed_tokens.weight": (WORDS, HIDDEN), "model.norm.weight": (HIDDEN,)}
    shards = [ends] + [layer(number) for number in range(LAYERS)]
    weight_map = {}
    for number, tensors in enumerate(shards):
        header, start = {}, 0
        for name, shape in tensors.items():
            end = start + 2 * torch.Size(shape).numel()
            header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [start, end]}
            start = end
            weight_map[name] = f"model-{number:05d}.safetensors"
        text = json.dumps(header).encode()
        with (folder / f"model-{number:05d}.safetensors").open("wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.truncate(8 + len(text) + start)
    (folder / INDEX).write_text(json.dumps({"weight_map": weight_map}))
    return [name for name in weight_map if name.endswith("_proj.weight")]


def layer(number: int) -> dict[str, tuple[int, ...]]:
    beginning = f"model.layers.{number}"
    square = {f"{beginning}.self_attn.{name}_proj.weight": (HIDDEN, HIDDEN) for name in "qkvo"}
    wide = {f"{beginning}.mlp.{name}_proj.weight": (INNER, HIDDEN) for name in ("gate", "up")}
    norms = {f"{beginning}.{name}_layernorm.weight": (HIDDEN,) for name in ("input", "post_attention")}
    return {**square, **wide, f"{beginning}.mlp.down_proj.weight": (HIDDEN, INNER), **norms}


def save_adapter(folder: Path, base: Path, matrices: list[str]) -> None:
    sizes = {name: shape for number in range(LAYERS) for name, shape in layer(number).items()}
    tensors = {}
    for name in matrices:
        stem, (rows, columns) = f"base_model.model.{name.removesuffix('.weight')}", sizes[name]
        tensors[f"{stem}.lora_A.weight"] = torch.ones(2, columns)
        tensors[f"{stem}.lora_B.weight"] = torch.ones(rows, 2)
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors")
    targets = sorted({name.split(".")[-2] for name in matrices})
    said = {
        "peft_type": "LORA",
        "base_model_name_or_path": str(base),
        "r": 2,
        "lora_alpha": 4,
        "task_type": "CAUSAL_LM",
    }
    (folder / "adapter_config.json").write_text(json.dumps({**said, "target_modules": targets}))


def test_that_a_model_of_many_files_is_merged_in_the_memory_of_a_matrix(tmp_path: Path) -> None:
    base, adapter, out = tmp_path / "base", tmp_path / "adapter", tmp_path / "out"
    save_adapter(adapter, base, sparse_model(base))
    command = [sys.executable, "-c", MERGE, str(base), str(adapter), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    size = sum(path.stat().st_size for path in out.glob("*.safetensors"))
    assert size > 130_000_000
    assert len(list(out.glob("*.safetensors"))) > 3
    assert int(done.stdout) < MOST_GROWN_BYTES, done.stdout
