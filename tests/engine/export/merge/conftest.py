"""Adapters made by PEFT alone on tiny models, large enough that every logit shows them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Adapt = Callable[..., Path]


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
