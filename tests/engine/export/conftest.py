"""Exports of tiny trained runs in this process."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import tiny_recipe, tiny_tokenizer
from workbench.core.job.export_kinds import ExportRequest
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study

Export = Callable[..., History]
Trained = Callable[..., RunFolder]
Adapt = Callable[..., Path]


@pytest.fixture
def trained(tiny_model: Callable[[str], Path], rows: Path) -> Trained:
    """A run folder with the adapter of a training, whose numbers PEFT has drawn; its rows are still to be prepared."""

    def make(family: str = "llama", *changes: str) -> RunFolder:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        base = tiny_model(family)
        run = RunFolder.create(tiny_recipe(base, rows, "evaluation.rows=6", *changes))
        torch.manual_seed(1)
        config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.2 * torch.randn_like(parameter))
        model.save_pretrained(run.adapter, save_embedding_layers=False)
        tiny_tokenizer().save_pretrained(run.adapter)
        (run.adapter / "README.md").write_text("# A card", encoding="utf-8")
        return run

    return make


@pytest.fixture
def export_here(work_here: Callable[[RunFolder], History], tmp_path: Path) -> Export:
    """Exports items of a run into a folder, tmp_path/"out" where none is named, and gives what the journal holds."""

    def export(run: RunFolder | Path, *items: str, out: Path | str | None = None, **settings: object) -> History:
        path = run.path if isinstance(run, RunFolder) else run
        asked = {"run": str(path), "items": items, "out": str(tmp_path / "out" if out is None else out), **settings}
        return work_here(create_study(ExportRequest.model_validate(asked)))

    return export


@pytest.fixture
def in_order(tmp_path: Path) -> Callable[..., History]:
    """Exports items in this process, with orders that are there as it begins."""
    from workbench.engine.__main__ import work
    from workbench.engine.job.job import Job

    def export(run: RunFolder, items: Sequence[str], *orders: Order) -> History:
        study = create_study(ExportRequest(run=str(run.path), items=tuple(items), out=str(tmp_path / "out")))
        for order in orders:
            study.give(order)
        with study.hold():
            work(Job(study, 0))
        return study.history()

    return export


@pytest.fixture
def adapt(tmp_path: Path) -> Adapt:
    """Saves an adapter of random numbers for a model folder, with LoraConfig's settings as given."""

    def make(base: Path, **settings: Any) -> Path:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        torch.manual_seed(1)
        asked = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear", "task_type": "CAUSAL_LM", **settings}
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), LoraConfig(**asked))
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.2 * torch.randn_like(parameter))
        folder = tmp_path / "made-adapter"
        model.save_pretrained(folder, save_embedding_layers=False)
        return folder

    return make
