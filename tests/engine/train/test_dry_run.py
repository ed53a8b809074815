"""Two steps before the real ones: what they find out, and that nothing of them is left."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import tiny_recipe
from workbench.core.job.events import Phase, Predicted
from workbench.core.job.history import History
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.recipe.recipe import Recipe

Train = Callable[[Recipe], tuple[RunFolder, History]]
Tiny = Callable[..., Recipe]


@pytest.fixture
def tiny(tiny_model: Callable[[str], Path], rows: Path) -> Tiny:
    return lambda *changes: tiny_recipe(tiny_model("llama"), rows, *changes)


def results(run: RunFolder) -> dict[str, Any]:
    """Every file of the last checkpoint and of the result, but what names the recipe or holds seconds."""
    folders = [*sorted(run.checkpoints.iterdir())[-1:], *(path for path in (run.adapter, run.model) if path.exists())]
    files: dict[str, Any] = {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.name not in ("README.md", "manifest.json", "trainer_state.json")
    }
    state = json.loads((folders[0] / "trainer_state.json").read_text())
    return files | {"state": {key: value for key, value in state.items() if key != "log_history"}}


@pytest.mark.parametrize(
    "changes",
    [
        ["lora.dropout=0.2"],
        ["training.batch_size=2", "training.accumulation=3", "training.optimizer=adamw_8bit"],
        ["lora.enabled=false", "model.precision=bf16", "training.learning_rate=0.001"],
        ["lora.enabled=false", "model.precision=fp32", "model.compute_dtype=bf16", "training.packing=false"],
        ["model.precision=int8", "training.packing=false", "training.batch_size=3"],
        ["lora.dora=true", "lora.adapter_dtype=bf16", "training.max_grad_norm=0"],
        ["evaluation.fraction=0.25", "evaluation.every_steps=2", "training.gradient_checkpointing=false"],
    ],
    ids=" ".join,
)
def test_that_a_run_with_a_dry_run_is_the_same_to_the_bit(changes: list[str], tiny: Tiny, train_here: Train) -> None:
    runs = [train_here(tiny(*changes, f"training.dry_run={word}")) for word in ("off", "on")]
    for _, history in runs:
        assert history.ended is not None
        assert history.ended.state == "finished", history.ended
    (plain, without), (tried, with_it) = runs
    assert [name.name for name in with_it.milestones if name.name == "dry run"] == ["dry run"]
    assert not any(entry.name == "dry run" for entry in without.milestones)
    assert [(step.step, step.loss, step.grad_norm) for step in with_it.steps] == [
        (step.step, step.loss, step.grad_norm) for step in without.steps
    ]
    assert [entry.loss for entry in with_it.evaluations] == [entry.loss for entry in without.evaluations]
    assert [sample.answer for sample in with_it.samples] == [sample.answer for sample in without.samples]
    left, right = results(tried), results(plain)
    assert {name for name in left if left[name] != right[name]} == set()


def test_that_a_dry_run_is_told_beside_the_prediction_before_anything_is_answered(
    tiny: Tiny, train_here: Train
) -> None:
    run, history = train_here(tiny("training.dry_run=on", "training.packing=false"))
    events = JournalReader(run.journal).read()
    names = list(dict.fromkeys(event.name for event in events if isinstance(event, Phase)))
    assert names.index("dry run") < names.index("sample") < names.index("train")
    told = history.predicted
    assert isinstance(told, Predicted)
    # The longest of the rows, which are far shorter than training.max_length.
    assert told.sequence_tokens < run.recipe().training.max_length
    said = [notice.text for notice in history.notices if "dry run" in notice.text]
    assert len(said) == 1
    assert f"{told.sequence_tokens} tokens" in said[0]
    assert "predicted" in said[0]
    peaks = [entry.memory.peak_bytes for entry in history.milestones]
    assert peaks == sorted(peaks)


def test_that_a_resumed_run_may_try_first_too(
    tiny: Tiny, train_here: Train, work_here: Callable[[RunFolder], History]
) -> None:
    changes = ["training.schedule=constant", "samples.count=0", "training.packing=false", "lora.dropout=0.1"]
    _, at_once = train_here(tiny(*changes, "training.max_steps=6"))
    run, _ = train_here(tiny(*changes, "training.max_steps=4", "training.dry_run=on"))
    run.give(Order(order="extend", steps=6))
    longer = work_here(run)
    assert [step.loss for step in longer.steps] == [step.loss for step in at_once.steps]
    assert sum(entry.name == "dry run" for entry in longer.milestones) == 2


def prediction(**changes: object) -> Predicted:
    lines = dict.fromkeys(("frozen_weights", "activations"), 4_000_000_000) | {"overhead": 1_000_000_000}
    facts: dict[str, object] = {
        "formula": 1, "device": "cuda", "card": "A card", "family": "Llama", "lines": lines, "after_load_bytes": 1,
        "peak_bytes": 9_000_000_000, "moment": "m", "sequence_tokens": 1, "micro_batch": 1,
        "free_bytes": 12_000_000_000,
    }  # fmt: skip
    return Predicted.model_validate(facts | changes)


@pytest.mark.parametrize(
    ("setting", "optimizer", "told", "is_wanted"),
    [
        ("auto", "adamw_8bit", prediction(), False),
        ("auto", "adamw_8bit", prediction(free_bytes=11_000_000_000), True),  # 18 % would be left
        ("auto", "adamw_8bit", prediction(device="cpu", free_bytes=1), False),
        ("auto", "adamw_8bit", prediction(free_bytes=0), False),
        ("auto", "adamw_8bit", None, False),
        ("on", "adamw_8bit", None, True),
        ("off", "adamw_8bit", prediction(free_bytes=1), False),
        ("on", "galore_adamw_layerwise", prediction(), False),
    ],
)
def test_that_auto_tries_first_on_a_card_that_is_tight(
    setting: str, optimizer: str, told: Predicted | None, is_wanted: bool
) -> None:
    from workbench.engine.train import dry_run

    assert dry_run.is_wanted(setting, optimizer, told) is is_wanted
