"""An adapter for others than PEFT: the same logits without what they read otherwise, or what they lack of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from tests.engine.export.conftest import Adapt, Export, Trained
from workbench.core.job.export_kinds import StepChecked
from workbench.engine.export import plain_adapter


def logits(base: Path, adapter: Path) -> torch.Tensor:
    model: Any = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
    ids = torch.randint(3, 250, (2, 24), generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(input_ids=ids).logits
    return found


@pytest.mark.parametrize(
    "settings",
    [
        {"use_rslora": True, "r": 8},
        {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.mlp.up_proj": 3}},
        {"use_rslora": True, "target_modules": ["q_proj", "embed_tokens"]},
    ],
    ids=["rsLoRA", "patterns", "an embedding"],
)
def test_that_scales_and_ranks_of_single_layers_are_folded_into_the_numbers(
    settings: dict[str, Any], tiny_model: Callable[[str], Path], adapt: Adapt, tmp_path: Path
) -> None:
    base = tiny_model("llama")
    adapter = adapt(base, **settings)
    assert plain_adapter.reading_of(adapter, base).changes
    plain_adapter.write(adapter, base, tmp_path / "plain")
    said = json.loads((tmp_path / "plain" / "adapter_config.json").read_text())
    assert [said[name] for name in ("use_rslora", "rank_pattern", "alpha_pattern")] == [False, {}, {}]
    expected = logits(base, adapter)
    assert torch.linalg.norm(logits(base, tmp_path / "plain") - expected) < 1e-5 * torch.linalg.norm(expected)


def test_that_what_others_do_not_load_is_said_and_nothing_is_made_for_them(
    tiny_model: Callable[[str], Path], adapt: Adapt
) -> None:
    base = tiny_model("llama")
    reading = plain_adapter.reading_of(adapt(base, use_dora=True, modules_to_save=["lm_head"]), base)
    assert reading.in_words == (
        "llama.cpp and vLLM do not load it, for it has DoRA and whole layers of its own: export a merged model."
    )


def test_that_an_export_has_the_plain_adapter_where_others_need_it_alone(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    run = trained("llama", "model.compute_dtype=fp32")
    history = export_here(run, "adapter")
    checks = {event.name: event.found for event in history.findings if isinstance(event, StepChecked)}
    assert checks["elsewhere"] == "llama.cpp and vLLM read it as it is."
    assert not (tmp_path / "out" / "adapter" / "plain").exists()

    config = run.adapter / "adapter_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"use_rslora": True}))
    history = export_here(run, "adapter", out=tmp_path / "other")
    checks = {event.name: event.found for event in history.findings if isinstance(event, StepChecked)}
    assert "read rsLoRA's scale otherwise: for them the adapter in plain says the same" in checks["elsewhere"]
    assert "Loaded back" in checks["plain"]
    assert (tmp_path / "other" / "adapter" / "plain" / "adapter_model.safetensors").is_file()
