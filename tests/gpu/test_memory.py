"""Predicted memory beside what a card held: two shapes built at random, each trained in several ways.

`python3 main.py test -m gpu tests/gpu/test_memory.py` keeps the figures in tests/bench/results, with card and versions.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.bench.keeping import RESULTS
from tests.fakes import tiny_tokenizer
from workbench.core.job import launch
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory.line_names import LINES
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

pytestmark = pytest.mark.gpu

ALLOCATED_WITHIN, TOTAL_WITHIN = 0.05, 0.08
# Large enough that a card's context is not the most of it, small enough for a card of 8 GB.
SHAPES: dict[str, dict[str, Any]] = {
    "LlamaConfig": {
        "hidden_size": 2048,
        "intermediate_size": 5632,
        "num_hidden_layers": 12,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
        "vocab_size": 32000,
        "max_position_embeddings": 2048,
    },
    "Qwen2Config": {
        "hidden_size": 896,
        "intermediate_size": 4864,
        "num_hidden_layers": 24,
        "num_attention_heads": 14,
        "num_key_value_heads": 2,
        "vocab_size": 151936,
        "max_position_embeddings": 2048,
        "tie_word_embeddings": True,
    },
}
CHECKPOINTED, KEPT = "training.gradient_checkpointing=true", "training.gradient_checkpointing=false"
WAYS: dict[str, list[str]] = {
    "nf4, double": ["model.precision=nf4", CHECKPOINTED, "training.max_length=1024"],
    "nf4, kept": ["model.precision=nf4", "model.double_quant=false", KEPT, "training.batch_size=2"],
    "nf4, dropout, paged 8-bit": [
        "model.precision=nf4", KEPT, "lora.dropout=0.05", "training.batch_size=2",
        "training.optimizer=paged_adamw_8bit",
    ],
    "fp4, dora": ["model.precision=fp4", CHECKPOINTED, "lora.dora=true", "training.batch_size=2"],
    "int8": ["model.precision=int8", CHECKPOINTED, "training.max_length=1024"],
    "bf16": ["model.precision=bf16", CHECKPOINTED, "training.batch_size=2", "training.max_length=1024"],
    "bf16, eager, kept": ["model.precision=bf16", "model.attention=eager", KEPT],
    "bf16, all weights": [
        "model.precision=bf16", "lora.enabled=false", CHECKPOINTED, "training.learning_rate=1e-5",
        "training.optimizer=adamw_8bit",
    ],
}  # fmt: skip
BASE = [
    "training.max_steps=4",
    "training.max_length=512",
    "training.batch_size=1",
    "training.packing=false",
    "training.save_steps=0",
    "training.warmup=0",
    "training.dry_run=off",
    "training.heal=false",
    "data.chat_template=false",
    "evaluation.fraction=0",
    "samples.count=0",
]
Folder = Callable[[str], Path]


def save_model(config: str, folder: Path, **changes: Any) -> Path:
    """A model of a shape with random weights in BF16, and a tokenizer of bytes."""
    import torch
    import transformers

    torch.manual_seed(0)
    made = getattr(transformers, config)(bos_token_id=1, eos_token_id=2, pad_token_id=0, **SHAPES[config] | changes)
    transformers.AutoModelForCausalLM.from_config(made, dtype=torch.bfloat16).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def trained(model: Path, folder: Path, device: str, *changes: str) -> RunFolder:
    """A short run on rows that fill their sequences."""
    rows = folder / "rows.jsonl"
    lines = (json.dumps({"text": f"{number} is a number. " * 200}) + "\n" for number in range(16))
    rows.write_text("".join(lines), "utf-8")
    named = [f"model.source={model}", f"data.path={rows}", f"model.device={device}"]
    run = RunFolder.create(recipe_text.with_overrides(Recipe(), [*named, *BASE, *changes]))
    assert launch.start(run).wait() == 0, run.console.read_text()
    return run


def figures(run: RunFolder, used_before_bytes: int) -> dict[str, Any]:
    """What was predicted and measured of a run, in bytes, whole and by line."""
    history = run.history()
    told, found = history.predicted, history.attributed
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    assert told is not None
    assert found is not None
    memory = history.steps[-1].memory
    return {
        "predicted_allocated_bytes": told.allocated_bytes,
        "measured_allocated_bytes": memory.peak_bytes,
        "predicted_total_bytes": told.peak_bytes,
        "measured_total_bytes": memory.card_used_bytes - used_before_bytes,
        "moment": told.moment,
        "lines": {name: [told.lines[name], found.lines.get(name)] for name in LINES},
        "rest_bytes": found.rest_bytes,
    }


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    made: dict[str, Path] = {}

    def make(config: str) -> Path:
        if config not in made:
            made[config] = save_model(config, tmp_path_factory.mktemp("models") / config)
        return made[config]

    return make


@pytest.fixture(scope="module")
def kept() -> Iterator[dict[str, Any]]:
    """What is measured, written at the end with the card and the versions that it was measured with."""
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("there is no NVIDIA card")
    found: dict[str, Any] = {}
    yield found
    if found:
        from importlib.metadata import version

        packages = ("torch", "transformers", "trl", "peft", "bitsandbytes")
        document = {
            "device": torch.cuda.get_device_properties(0).name,
            "versions": {name: version(name) for name in packages},
            "runs": found,
        }
        path = RESULTS / f"card-memory-{date.today()}.json"
        path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def used_bytes() -> int:
    """What all programs hold on the first card."""
    from workbench.engine.job import devices

    return devices.choose("cuda").memory().card_used_bytes


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("config", SHAPES)
def test_that_a_card_holds_what_was_predicted(
    config: str, way: str, kept: dict[str, Any], model: Folder, tmp_path: Path
) -> None:
    before = used_bytes()
    told = figures(trained(model(config), tmp_path, "cuda", *WAYS[way]), before)
    kept[f"{config}, {way}"] = told
    assert told["measured_allocated_bytes"] == pytest.approx(told["predicted_allocated_bytes"], rel=ALLOCATED_WITHIN)
    assert told["measured_total_bytes"] == pytest.approx(told["predicted_total_bytes"], rel=TOTAL_WITHIN)
