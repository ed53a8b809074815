"""A thing to export is how it is planned and how it is made and checked: the verb, the plan and the job have it."""

import json
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

from tests.house.scratch import Scratch

PLAN = "workbench/core/export/targets/poem.py"
STEP = "workbench/engine/export/steps/poem.py"
PLANNED = '''
"""A poem of the run's name, in as many lines as its type says."""

from workbench.core.export.item import Item
from workbench.core.export.subject import Subject
from workbench.core.export.target import Offer, Target
from workbench.core.job.export_kinds import PlannedStep


def _plan(subject: Subject, item: Item) -> PlannedStep:
    needs = () if item.type == "short" else ("poem:short",)
    return PlannedStep(
        item=str(item), title=f"Poem, {item.type}", path=f"{item.type}.txt", size_bytes=100, seconds=1, needs=needs
    )


def _offers(subject: Subject) -> list[Offer]:
    return [Offer(kind, kind, 8.0, 100) for kind in ("short", "long", "empty")]


TARGET = Target("poem", "Poem", 20, _plan, _offers)
'''
MADE = '''
"""A poem written, and read again: it has to have a line."""

from collections.abc import Iterator
from pathlib import Path

from workbench.engine.export.step import Check, Step


class PoemStep(Step):
    def make(self, staging: Path) -> None:
        self.work.phase("export", self.planned.item, 1)
        before = "" if self.item.type == "short" else self.work.path_of("poem:short").read_text()
        staging.write_text("" if self.item.type == "empty" else before + self.work.subject.name)
        self.work.progress(1)

    def check(self, made: Path) -> Iterator[Check]:
        lines = made.read_text().splitlines()
        yield Check("lines", bool(lines), f"It has {len(lines)} lines.")


STEP = PoemStep
'''


def save_adapter(folder: Path, base: Path) -> None:
    folder.mkdir()
    tensors = {}
    for part, size in (("A", (2, 64)), ("B", (64, 2))):
        tensors[f"base_model.model.model.layers.0.self_attn.q_proj.lora_{part}.weight"] = torch.ones(size)
    save_file(tensors, folder / "adapter_model.safetensors")
    said = {"peft_type": "LORA", "base_model_name_or_path": str(base), "r": 2, "lora_alpha": 4}
    (folder / "adapter_config.json").write_text(
        json.dumps({**said, "target_modules": ["model.layers.0.self_attn.q_proj"]})
    )


def test_that_a_thing_to_export_is_a_plan_and_a_step_of_one_name(
    scratch: Scratch, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    scratch.create(PLAN, PLANNED)
    scratch.create(STEP, MADE)
    save_adapter(tmp_path / "adapter", tiny_model("llama"))
    out = tmp_path / "out"
    asked = ("export", str(tmp_path / "adapter"), "--to", "poem", "--out", str(out), "--json")
    done = scratch.workbench(*asked, "--type", "long")
    printed = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert printed["path"] == str(out / "long.txt")
    assert printed["checks"] == [{"name": "poem:long lines", "ok": True, "found": "It has 1 lines."}]
    assert (out / "long.txt").read_text() == "adapteradapter"
    assert not (out / "short.txt").exists(), "it was made for the other alone"

    done = scratch.workbench(*asked, "--type", "empty", "--to", "adapter")
    assert done.returncode == 2, done.stderr
    assert "Poem, empty is not what it should be: It has 0 lines." in json.loads(done.stdout)["problems"][0]
    assert {path.name for path in out.iterdir()} == {
        "README.md",
        "adapter",
        "export.json",
        "long.txt",
        "empty.txt.rejected",
    }
    assert scratch.touched == {PLAN, STEP}
