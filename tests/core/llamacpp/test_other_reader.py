"""What is written is what another reader of GGUF files takes it for: transformers turns, shifts and names it back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.core.llamacpp.conftest import CONFIG, Sourced
from tests.fakes import save_tiny_model
from workbench.core.llamacpp import gguf_types, packing

pytestmark = pytest.mark.slow

CONFIGS: dict[str, dict[str, Any]] = {
    "LlamaConfig": {},
    "MistralConfig": {"sliding_window": None},
    "Qwen2Config": {},
    "Qwen3Config": {"head_dim": 128},  # what transformers takes, whatever the file says
    "Gemma2Config": {"query_pre_attn_scalar": 16, "sliding_window": 8},
    "Gemma3TextConfig": {"query_pre_attn_scalar": 16, "sliding_window": 8},
    "Phi3Config": {"sliding_window": None},
}
SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


@pytest.mark.parametrize("kind", CONFIGS)
def test_that_transformers_reads_the_same_weights(kind: str, sourced: Sourced, tmp_path: Path) -> None:
    import torch
    import transformers

    settings = {**CONFIG, **SPECIAL, "tie_word_embeddings": "Gemma" in kind, **CONFIGS[kind]}
    folder = save_tiny_model(getattr(transformers, kind)(**settings), tmp_path / "tiny")
    own = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    planned = sourced(folder).plan(gguf_types.named("f32"))
    packing.write(planned, tmp_path / "tiny.gguf", lambda _done: None)
    other = transformers.AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="tiny.gguf", dtype=torch.float32)
    found = dict(other.named_parameters())
    assert found.keys() == dict(own.named_parameters()).keys()
    for name, weight in own.named_parameters():
        np.testing.assert_allclose(found[name].detach().numpy(), weight.detach().numpy(), atol=1e-6, err_msg=name)
