"""`convert`: a GGUF file becomes a model folder that can be trained, whole or not at all."""

import json
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.fakes import tiny_recipe
from tests.runs import workbench
from workbench.core.model import folder as model_folder
from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.engine.job import devices
from workbench.engine.model import load

# As llama.cpp names the tensors (gguf-py, constants.py).
NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "model.layers.": "blk.", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}  # fmt: skip


def write_gguf(path: Path, model: Path, architecture: str = "llama", left_out: str = "") -> Path:
    """A model folder of Llama's kind as a GGUF file of FP32 numbers, as llama.cpp's converter writes it."""
    config = json.loads((model / "config.json").read_text())
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config["hidden_size"] // config["num_attention_heads"])
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config["vocab_size"])
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    vocabulary = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].get)
    vocabulary += ["he"]  # transformers takes a file without a merge for one of SentencePiece
    vocabulary += [f"<unused{number}>" for number in range(config["vocab_size"] - len(vocabulary))]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(vocabulary)
    writer.add_token_types([3 if token.startswith("<") and len(token) > 1 else 1 for token in vocabulary])
    writer.add_token_merges(["h e"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    for name, tensor in load_file(model / "model.safetensors").items():
        numbers = tensor.float().numpy()
        layer = name.split(".")[-2]
        if layer in heads:  # llama.cpp turns pairs, transformers halves
            count = heads[layer]
            halves = numbers.reshape(count, 2, numbers.shape[0] // count // 2, numbers.shape[1])
            numbers = np.ascontiguousarray(halves.swapaxes(1, 2).reshape(numbers.shape))
        for theirs, short in NAMES.items():
            name = name.replace(theirs, short)
        if name != left_out:
            writer.add_tensor(name, numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_that_a_gguf_file_becomes_a_model_that_takes_the_same_steps(
    tiny_model: Callable[[str], Path], tmp_path: Path, home: Path, rows: Path
) -> None:
    model = tiny_model("llama")
    source = write_gguf(tmp_path / "mine.gguf", model)
    with pytest.raises(UserError) as error:
        preflight.check(tiny_recipe(source, rows))
    assert error.value.what == f"{source} is a GGUF file, which cannot be trained on."
    assert f"`workbench convert {source}`" in error.value.remedy

    said = json.loads(workbench("convert", str(source), "--json", code=0).stdout)
    folder = home / "models" / "mine"
    facts = model_folder.inspect_for_text(folder)
    assert said == {
        "state": "finished",
        "folder": str(folder),
        "parameters": facts.parameters,
        "bytes": facts.stored_bytes,
    }
    assert facts.stored_dtypes.keys() == {"BF16"}
    recipe = tiny_recipe(folder, rows, "model.precision=fp32", "model.compute_dtype=fp32")
    preflight.check(recipe)
    ours, theirs = (load.load_model(path, recipe, devices.choose("cpu")).eval() for path in (folder, model))
    ids = torch.arange(3, 40)[None]
    with torch.no_grad():
        apart = (ours(ids).logits - theirs(ids).logits).norm() / theirs(ids).logits.norm()
    assert apart < 1e-2  # of BF16
    again = workbench("convert", str(source), code=2).stderr
    assert "is there already" in again


@pytest.mark.parametrize("damage", ["architecture", "tensor", "cut", "text"])
def test_that_what_cannot_be_converted_whole_leaves_nothing(
    damage: str, tiny_model: Callable[[str], Path], tmp_path: Path, home: Path
) -> None:
    source = tmp_path / "mine.gguf"
    if damage == "architecture":
        write_gguf(source, tiny_model("llama"), architecture="rwkv6")
        said = "transformers cannot convert mine.gguf, whose architecture is rwkv6."
    elif damage == "tensor":
        write_gguf(source, tiny_model("llama"), left_out="blk.1.ffn_up.weight")
        said = "is not whole: it lacks model.layers.1.mlp.up_proj.weight."
    elif damage == "cut":
        write_gguf(source, tiny_model("llama"))
        source.write_bytes(source.read_bytes()[:2000])
        said = "is not a GGUF file that can be read, or is cut short."
    else:
        source.write_text("some text")
        said = "is not a GGUF file: it does not begin as one."
    assert said in workbench("convert", str(source), "--out", str(tmp_path / "out"), code=2).stderr
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".*.partial"))
    assert not (home / "studies").exists() or not list((home / "studies").iterdir())


def test_that_a_piece_of_several_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large-00001-of-00003.gguf"
    path.write_bytes(b"GGUF")
    assert "is one of several pieces" in workbench("convert", str(path), code=2).stderr
    assert "There is no GGUF file at" in workbench("convert", str(tmp_path / "none.gguf"), code=2).stderr
