"""Adapters of random numbers on tiny models, large enough that every logit shows them, and runs that have made them."""

from pathlib import Path
from typing import Any

from tests.fakes import tiny_recipe, tiny_tokenizer
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import MODEL_PART, DataPrepared


def save_adapter(base: Path, folder: Path, **settings: Any) -> Path:
    """By PEFT alone, for a model folder, with LoraConfig's settings as given."""
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
    model.save_pretrained(folder, save_embedding_layers=False)
    return folder


def run_with_adapter(base: Path, rows: Path, *changes: str) -> RunFolder:
    """A run folder with an adapter as a training leaves it; its rows are still to be prepared."""
    run = RunFolder.create(tiny_recipe(base, rows, "evaluation.rows=6", *changes))
    save_adapter(base, run.adapter)
    tiny_tokenizer().save_pretrained(run.adapter)
    (run.adapter / "README.md").write_text("# A card", encoding="utf-8")
    return run


def note_base(run: RunFolder, base_hash: str) -> None:
    """Lets the run's journal say which weights it was trained on."""
    nothing: dict[str, Any] = dict.fromkeys(DataPrepared.model_fields, 0)
    texts = ("key", "folder", "data_sha256", "shape", "mapping", "template", "way", "unit", "model")
    known = dict.fromkeys(texts, "") | {"files": [], "found": [], "notes": [], "parts": {MODEL_PART: base_hash}}
    nothing = {name: value for name, value in nothing.items() if name not in ("kind", "at", "elapsed_seconds")}
    writer = JournalWriter(run.journal)
    writer.write(DataPrepared.model_validate({**nothing, **known, "is_from_cache": False}))
    writer.close()
