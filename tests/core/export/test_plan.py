"""The plan of an export: what comes before what, what it takes of the disk at most, and what a disk does not hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from workbench.core.export.plan import planned_steps, refuse_without_room, told
from workbench.core.export.subject import Subject, subject_of
from workbench.core.job.export_kinds import ExportRequest
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.text import with_overrides


@pytest.fixture
def subject(tmp_path: Path) -> Any:
    """Of a run with an adapter of some numbers on a base of some more; `precision` is what it was trained in."""

    def make(precision: str = "nf4", base: Path = tmp_path / "base", **settings: Any) -> Subject:
        if not base.exists():
            base.mkdir()
            (base / "config.json").write_text('{"model_type": "llama"}')
            save_file({"weight": np.zeros((1000, 500), np.float16)}, base / "model.safetensors")
        run = RunFolder.create(with_overrides(Recipe(), [f"model.source={base}", f"model.precision={precision}"]))
        run.adapter.mkdir()
        (run.adapter / "adapter_config.json").write_text(
            f'{{"peft_type": "LORA", "base_model_name_or_path": "{base}", "r": 4, "lora_alpha": 8}}'
        )
        save_file({"x.q_proj.lora_A.weight": np.zeros((4, 64), np.float32)}, run.adapter / "adapter_model.safetensors")
        out = str(tmp_path / "out")
        return subject_of(ExportRequest(run=str(run.path), items=("adapter",), out=out, **settings))

    return make


def test_that_what_others_need_comes_before_them_and_goes_with_the_last_of_them(
    subject: Any, tiny_model: Callable[[str], Path]
) -> None:
    of = subject(base=tiny_model("llama"))
    steps = planned_steps(of, ["gguf:f16", "adapter"])
    assert [step.item for step in steps] == ["adapter", "merged-nf4", "gguf:f16"]
    assert [step.is_passing for step in steps] == [False, True, False]
    assert steps[2].needs == ("merged-nf4",)
    found = told(of, steps)
    assert found.size_bytes == steps[0].size_bytes + steps[2].size_bytes
    assert found.peak_bytes >= found.size_bytes + steps[1].size_bytes
    asked = planned_steps(of, ["gguf:f16", "merged-nf4"])
    assert not any(step.is_passing for step in asked)
    there = planned_steps(of, ["gguf:f16"], made=["merged-nf4"])
    assert [step.item for step in there] == ["gguf:f16"]


def test_that_each_precision_has_its_ways_and_another_is_refused(subject: Any) -> None:
    assert subject("nf4").ways == ("nf4", "original")
    assert subject("bf16").ways == ("original",)
    with pytest.raises(UserError, match="was trained on BF16 weights, which were never rounded"):
        planned_steps(subject("bf16"), ["merged-nf4"])
    assert planned_steps(subject("int8"), ["merged-nf4"])[0].title == "Merged into INT8's values"
    assert subject("nf4", into="original").merged_item == "merged"
    assert subject("nf4").merged_item == "merged-nf4"


def test_that_a_merged_model_takes_what_its_base_takes(subject: Any) -> None:
    (step,) = planned_steps(subject(), ["merged"])
    assert 1_000_000 < step.size_bytes < 20_000_000
    assert step.seconds > 0


def test_that_an_upload_takes_as_long_as_what_is_sent(subject: Any, tiny_model: Callable[[str], Path]) -> None:
    base = tiny_model("llama")
    seconds = {}
    for sent in ("adapter", "gguf:f16", "gguf:f32"):
        of = subject(base=base, hub_name="somebody/bicycle", hub_sends=(sent,))
        seconds[sent] = planned_steps(of, ["hub"])[-1].seconds
    assert seconds["adapter"] < seconds["gguf:f16"] < seconds["gguf:f32"]


def test_that_a_disk_that_does_not_hold_it_is_refused_with_what_is_missing(subject: Any) -> None:
    planned = told(subject(), planned_steps(subject(), ["merged"]))
    refuse_without_room(planned)
    with pytest.raises(UserError) as refused:
        refuse_without_room(planned.model_copy(update={"free_bytes": 10_000_000}))
    assert "has too little room: 23.0 MB are missing." in refused.value.what
    assert "10.0 MB are free" in refused.value.why


def test_that_an_unknown_target_is_refused_with_the_nearest(subject: Any) -> None:
    with pytest.raises(UserError, match=r'Nothing can be exported to "ollamma"\. The nearest one is "ollama"'):
        planned_steps(subject(), ["ollamma"])
