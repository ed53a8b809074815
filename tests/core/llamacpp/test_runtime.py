"""GGUF files in llama.cpp itself, where it is installed: the same answers, token by token, as transformers gives."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.llamacpp.conftest import CONFIG, ROWS
from tests.fakes import save_tiny_model
from workbench.core.llamacpp import gguf_export, lora, packing
from workbench.core.llamacpp.runtime import Runtime, Sampling
from workbench.core.problems import UserError

pytestmark = [pytest.mark.usefixtures("llama_cpp"), pytest.mark.slow]

SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
PROMPT = list(range(4, 60))
# Layers of a period and one more, so that a window and its end are both looked through.
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("LlamaConfig", {"attention_bias": True, "tie_word_embeddings": True}),
    "llama 3.1": (
        "LlamaConfig",
        {
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 5e5,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            }
        },
    ),
    "yarn": (
        "LlamaConfig",
        {
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 1e4,
                "factor": 4.0,
                "original_max_position_embeddings": 128,
            }
        },
    ),
    "mistral": ("MistralConfig", {"sliding_window": None, "rms_norm_eps": 1e-5}),
    "qwen2": ("Qwen2Config", {}),
    "qwen3": ("Qwen3Config", {}),
    "gemma2": ("Gemma2Config", {"query_pre_attn_scalar": 16, "sliding_window": 8, "num_hidden_layers": 3}),
    "gemma3": ("Gemma3TextConfig", {"query_pre_attn_scalar": 16, "sliding_window": 8, "num_hidden_layers": 7}),
    "phi3": (
        "Phi3Config",
        {
            "sliding_window": None,
            "tie_word_embeddings": True,
            "original_max_position_embeddings": 256,
            "rope_parameters": {
                "rope_type": "longrope",
                "rope_theta": 1e4,
                "long_factor": [2.0] * 8,
                "short_factor": [1 + at / 20 for at in range(8)],
            },
        },
    ),
}


def _nobody(_done: int) -> None:
    pass


def _model(name: str, folder: Path) -> Any:
    """A tiny model whose answers are no accident of rounding: its weights are large, its norms not all one."""
    import torch
    import transformers

    kind, changes = CONFIGS[name]
    config = getattr(transformers, kind)(**{**CONFIG, **SPECIAL, "tie_word_embeddings": "gemma" in name, **changes})
    save_tiny_model(config, folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    torch.manual_seed(1)
    with torch.no_grad():
        for key, weight in model.named_parameters():
            if "norm" in key or "bias" in key:
                weight.add_(torch.randn_like(weight) * 0.3)
            else:
                weight.mul_(6)
    model.save_pretrained(folder)
    return model


def _greedy(model: Any, count: int) -> list[int]:
    import torch

    given = torch.tensor([PROMPT])
    made = model.generate(input_ids=given, max_new_tokens=count, do_sample=False, eos_token_id=None, pad_token_id=0)
    return [int(token) for token in made[0, len(PROMPT) :]]


def _written(folder: Path, kind: str = "f32") -> Path:
    out = folder / f"out-{kind}.gguf"
    packing.write(gguf_export.plan(folder, kind), out, _nobody)
    return out


@pytest.mark.parametrize("name", CONFIGS)
def test_that_each_family_answers_as_in_transformers(name: str, tmp_path: Path) -> None:
    wanted = _greedy(_model(name, tmp_path), 16)
    with Runtime(_written(tmp_path), context=256, threads=1) as loaded:
        assert loaded.tokens == ROWS
        assert [token for token, _ in loaded.ask(PROMPT, Sampling(16), ())] == wanted


@pytest.mark.parametrize("name", ["llama 3.1", "gemma3", "phi3"])
def test_that_an_adapter_answers_as_in_peft(name: str, tmp_path: Path) -> None:
    import peft
    import torch

    settings = peft.LoraConfig(r=4, lora_alpha=6, target_modules="all-linear", use_rslora=True)
    model = peft.get_peft_model(_model(name, tmp_path), settings)
    with torch.no_grad():
        for key, weight in model.named_parameters():
            if "lora_" in key:
                weight.add_(torch.randn_like(weight) * 0.3)
    model.save_pretrained(tmp_path / "adapter")
    adapter = tmp_path / "adapter.gguf"
    packing.write(lora.plan(tmp_path / "adapter", tmp_path, "mine"), adapter, _nobody)
    base = _written(tmp_path)
    with Runtime(base, context=256, threads=1, adapters=[adapter]) as loaded:
        tuned = [token for token, _ in loaded.ask(PROMPT, Sampling(16), ())]
    assert tuned == _greedy(model, 16)
    with Runtime(base, context=256, threads=1) as loaded:
        assert [token for token, _ in loaded.ask(PROMPT, Sampling(16), ())] != tuned


def test_that_a_closed_answer_ends_and_the_next_question_is_answered(tmp_path: Path) -> None:
    _model("qwen3", tmp_path)
    with Runtime(_written(tmp_path, "q8_0"), context=256, threads=1) as loaded:
        whole = list(loaded.ask(PROMPT, Sampling(12), ()))
        answer = loaded.ask(PROMPT, Sampling(150), ())
        next(answer)
        answer.close()  # type: ignore[attr-defined]
        assert list(loaded.ask(PROMPT, Sampling(12), ())) == whole
        assert (
            list(loaded.ask(PROMPT, Sampling(12), (whole[3][0],))) == whole[: [t for t, _ in whole].index(whole[3][0])]
        )
        drawn = [list(loaded.ask(PROMPT, Sampling(12, temperature=1.0, seed=seed), ())) for seed in (3, 3, 4)]
    assert drawn[0] == drawn[1]


def test_that_a_file_that_llama_cpp_refuses_is_refused_with_its_words(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(UserError, match=r"llama\.cpp cannot do it"):
        Runtime(tmp_path / "bad.gguf")
