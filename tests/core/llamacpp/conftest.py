"""Small models as files alone, and llama.cpp where it is installed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from workbench.core.llamacpp import parameters, runtime, vocabulary
from workbench.core.llamacpp.gguf_export import Source
from workbench.core.model import folder as model_folder
from workbench.core.model.families import known as families
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts

ROWS = 288
CONFIG: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-5,
    "vocab_size": ROWS,
    "tie_word_embeddings": True,
}
Written = Callable[..., Path]
Sourced = Callable[[Path], Source]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a model folder of a family: its config.json and random weights, without a tokenizer."""

    def write(kind: str, dtype: type[np.floating[Any]] = np.float32, **changes: Any) -> Path:
        folder = tmp_path / kind
        folder.mkdir()
        config = {**CONFIG, "model_type": kind, **changes}
        (folder / "config.json").write_text(json.dumps(config))
        save_file(weights(config, dtype), folder / "model.safetensors")
        return folder

    return write


@pytest.fixture
def sourced() -> Sourced:
    """A model folder as it can be written, with a tokenizer of bytes."""

    def make(folder: Path) -> Source:
        config = families.read(json.loads((folder / "config.json").read_bytes()))
        spoken = vocabulary.read(byte_tokenizer(), ROWS)
        return Source(folder.name, parameters.read(config), spoken, model_folder.stored_tensors(folder))

    return make


@pytest.fixture
def llama_cpp() -> None:
    """Skips a test where no llama.cpp is installed."""
    if why := runtime.why_not():
        pytest.skip(why)


def weights(config: dict[str, Any], dtype: type[np.floating[Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """Random weights by the names of a family's files, tied."""
    kind, random = config["model_type"], np.random.default_rng(0)
    hidden, inner, head = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    block: dict[str, tuple[int, ...]] = {"self_attn.o_proj.weight": (hidden, queries)}
    block["mlp.down_proj.weight"] = (hidden, inner)
    if kind == "phi3":
        block["self_attn.qkv_proj.weight"] = (queries + 2 * keys, hidden)
        block["mlp.gate_up_proj.weight"] = (2 * inner, hidden)
    else:
        block |= {f"self_attn.{name}_proj.weight": (keys, hidden) for name in ("k", "v")}
        block["self_attn.q_proj.weight"] = (queries, hidden)
        block |= {f"mlp.{name}_proj.weight": (inner, hidden) for name in ("gate", "up")}
    if kind == "qwen2" or config.get("attention_bias"):
        block |= {f"self_attn.{name}_proj.bias": (keys,) for name in ("k", "v")}
        block["self_attn.q_proj.bias"] = (queries,)
    if kind in ("qwen3", "gemma3_text"):
        block |= {f"self_attn.{name}_norm.weight": (head,) for name in ("q", "k")}
    norms = ["input_layernorm", "post_attention_layernorm"]
    norms += ["pre_feedforward_layernorm", "post_feedforward_layernorm"] if kind in ("gemma2", "gemma3_text") else []
    block |= {f"{norm}.weight": (hidden,) for norm in norms}
    outer = {"model.embed_tokens.weight": (config["vocab_size"], hidden), "model.norm.weight": (hidden,)}
    layers = {
        f"model.layers.{layer}.{name}": shape
        for layer in range(config["num_hidden_layers"])
        for name, shape in block.items()
    }
    return {name: random.normal(size=shape).astype(dtype) for name, shape in {**outer, **layers}.items()}


def byte_tokenizer() -> TextTokenizer:
    special = ["<pad>", "<s>", "<|im_end|>", "<|im_start|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE(vocab={token: at for at, token in enumerate([*special, *letters])}, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.add_special_tokens(special)
    return TextTokenizer(backend, TokenizerFacts({"bos_token": "<s>", "eos_token": "<|im_end|>", "pad_token": "<pad>"}))
