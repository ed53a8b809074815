"""Adapters as GGUF files: what llama.cpp adds to each weight is what PEFT adds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.core.llamacpp.conftest import Written
from workbench.core.llamacpp import lora, packing
from workbench.core.llamacpp.tensors import turned
from workbench.core.problems import UserError

_LAYERS = {
    "model.layers.0.self_attn.q_proj": (64, 64),
    "model.layers.0.self_attn.k_proj": (32, 64),
    "model.layers.1.mlp.down_proj": (64, 96),
}


def _adapter(folder: Path, extra: dict[str, tuple[int, ...]] | None = None, **settings: Any) -> Path:
    folder.mkdir()
    said = {"peft_type": "LORA", "r": 4, "lora_alpha": 6, **settings}
    (folder / "adapter_config.json").write_text(json.dumps(said))
    shapes: dict[str, tuple[int, ...]] = dict(extra or {})
    for layer, (rows, columns) in _LAYERS.items():
        rank = 2 if "down" in layer else 4
        shapes[f"base_model.model.{layer}.lora_A.weight"] = (rank, columns)
        shapes[f"base_model.model.{layer}.lora_B.weight"] = (rows, rank)
    random = np.random.default_rng(0)
    held = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(held, folder / "adapter_model.safetensors")
    return folder


def _nobody(_done: int) -> None:
    pass


@pytest.mark.parametrize(
    ("settings", "strengths"),
    [
        ({}, (6 / 4, 6 / 4, 6 / 2)),
        ({"use_rslora": True}, (3, 3, 6 / 2**0.5)),
        ({"alpha_pattern": {"k_proj": 12}}, (6 / 4, 12 / 4, 6 / 2)),
    ],
    ids=["plain", "rslora", "patterns"],
)
def test_that_llama_cpp_adds_what_peft_adds(
    settings: dict[str, Any], strengths: tuple[float, ...], written: Written, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    adapter = _adapter(tmp_path / "adapter", **settings)
    planned, out = lora.plan(adapter, written("llama"), "mine"), tmp_path / "mine.gguf"
    packing.write(planned, out, _nobody)
    assert out.stat().st_size == planned.size_bytes
    assert all(check.is_right for check in packing.compare(planned, out, _nobody))
    own = load_file(adapter / "adapter_model.safetensors")
    made = {each.name: np.concatenate(list(each.pieces())) for each in planned.tensors}
    for (layer, _), strength, name, heads in zip(
        _LAYERS.items(), strengths, ("blk.0.attn_q", "blk.0.attn_k", "blk.1.ffn_down"), (4, 2, 0), strict=True
    ):
        first, second = (own[f"base_model.model.{layer}.lora_{part}.weight"] for part in "AB")
        wanted = strength * second @ first
        if heads:
            wanted = turned(wanted, len(wanted) // heads)
        second, first = made[f"{name}.weight.lora_b"], made[f"{name}.weight.lora_a"]
        np.testing.assert_allclose(6 / len(first) * second @ first, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector",
        "base_model.model.model.embed_tokens.weight",
        "base_model.model.lm_head.lora_A.weight",
    ],
)
def test_that_what_llama_cpp_cannot_add_is_refused_with_what_can_be_done(
    name: str, written: Written, tmp_path: Path
) -> None:
    extra = {name: (4, 64), name.replace("lora_A", "lora_B"): (4, 4)}
    with pytest.raises(UserError) as caught:
        lora.plan(_adapter(tmp_path / "adapter", extra), written("llama"), "mine")
    assert "merged model as GGUF" in caught.value.remedy


def test_that_half_an_adapter_is_refused(written: Written, tmp_path: Path) -> None:
    extra = {"base_model.model.model.layers.0.self_attn.o_proj.lora_A.weight": (4, 64)}
    with pytest.raises(UserError, match=r"not whole: model\.layers\.0\.self_attn\.o_proj"):
        lora.plan(_adapter(tmp_path / "adapter", extra), written("llama"), "mine")
