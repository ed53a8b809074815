"""Small real things: models built from their configs, a tokenizer, rows, recipes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

VOCABULARY = 384
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def _config(name: str, **settings: Any) -> Any:
    import transformers

    return getattr(transformers, name)(
        vocab_size=VOCABULARY, bos_token_id=1, eos_token_id=2, pad_token_id=0, **settings
    )


def _llama_like(name: str, **settings: Any) -> Any:
    shape = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
    }
    return _config(name, **{**shape, **settings})


FAMILIES: dict[str, Callable[[], Any]] = {
    "llama": lambda: _llama_like("LlamaConfig"),
    "mistral": lambda: _llama_like("MistralConfig"),
    "qwen2": lambda: _llama_like("Qwen2Config"),
    "qwen3": lambda: _llama_like("Qwen3Config", head_dim=16),
    "gemma2": lambda: _llama_like("Gemma2Config", head_dim=16),
    "gemma3": lambda: _llama_like("Gemma3TextConfig", head_dim=16),
    "phi3": lambda: _llama_like("Phi3Config"),
    "gpt2": lambda: _config(
        "GPT2Config", n_embd=64, n_layer=2, n_head=4, n_positions=512, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0
    ),
    "opt": lambda: _config(
        "OPTConfig",
        hidden_size=64,
        ffn_dim=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        word_embed_proj_dim=64,
        dropout=0,
        max_position_embeddings=512,
    ),
    "gpt_neox": lambda: _config(
        "GPTNeoXConfig",
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=512,
    ),
    "falcon": lambda: _config("FalconConfig", hidden_size=64, num_hidden_layers=2, num_attention_heads=4),
    "bloom": lambda: _config("BloomConfig", hidden_size=64, n_layer=2, n_head=4),
}


def save_tiny_model(config: Any, folder: Path, *, template: str | None = CHATML) -> Path:
    """Saves a model with random weights (seed 0) and the tiny tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tiny_tokenizer(template).save_pretrained(folder)
    return folder


def save_tiny_adapter(base: Path, folder: Path, seed: int = 0) -> None:
    """Saves a LoRA adapter of a tiny Llama that changes what it says; as PEFT writes it, and without PyTorch."""
    import numpy as np
    from safetensors.numpy import save_file

    said = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": str(base)}
    said |= {"r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "o_proj"], "bias": "none"}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(said), encoding="utf-8")
    draw = np.random.default_rng(seed)
    tensors = {}
    for layer in range(2):
        for name in ("q_proj", "o_proj"):
            place = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            tensors[f"{place}.lora_A.weight"] = draw.normal(size=(2, 64)).astype(np.float32)
            tensors[f"{place}.lora_B.weight"] = draw.normal(size=(64, 2)).astype(np.float32)
    save_file(tensors, folder / "adapter_model.safetensors")


def tiny_tokenizer(template: str | None = CHATML) -> Any:
    """A byte-level tokenizer with the ChatML tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<s>", "<|im_end|>", "<|im_start|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate([*special, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="<|im_end|>",
        chat_template=template,
    )


def write_rows(path: Path, count: int) -> Path:
    """Rows of prompt and completion, each a little different."""
    lines = [json.dumps({"prompt": f"What is {n} and {n}?", "completion": f"It is {2 * n}."}) for n in range(count)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def tiny_recipe(model: Path, data: Path, *changes: str) -> Recipe:
    """A recipe of four quick steps on the CPU, with changes as --set takes them."""
    base = [
        f"model.source={model}",
        f"data.path={data}",
        "model.device=cpu",
        "training.max_steps=4",
        "training.max_length=128",
        "training.learning_rate=0.01",
        "training.save_steps=2",
        "samples.count=1",
        "samples.max_new_tokens=4",
        "lora.rank=4",
    ]
    return recipe_text.with_overrides(Recipe(), [*base, *changes])
