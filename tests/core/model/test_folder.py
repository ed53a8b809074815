"""What a model folder says of itself, and every way in which it can be refused."""

import json
import os
import shutil
import struct
from pathlib import Path
from typing import Any

import psutil
import pytest

from workbench.core.model.folder import INDEX, WEIGHTS, inspect, inspect_for_text
from workbench.core.problems import UserError

LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "max_position_embeddings": 256,
    "tie_word_embeddings": True,
}
TWO = {
    "embed": {"dtype": "BF16", "shape": [100, 64], "data_offsets": [0, 12800]},
    "norm": {"dtype": "F32", "shape": [64], "data_offsets": [12800, 13056]},
}


def safetensors(header: Any, body: int) -> bytes:
    """A file of that header before `body` zero bytes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(body)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.mkdir()
    (path / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    (path / WEIGHTS).write_bytes(safetensors({"__metadata__": {"format": "pt"}, **TWO}, 13056))
    (path / "tokenizer.json").write_text("{}", encoding="utf-8")
    return path


def configure(folder: Path, **changes: Any) -> None:
    (folder / "config.json").write_text(json.dumps({**LLAMA, **changes}), encoding="utf-8")


def shard(folder: Path, **file_of: str) -> None:
    """Turns the folder's weights into those that an index of these entries names."""
    (folder / WEIGHTS).unlink(missing_ok=True)
    (folder / INDEX).write_text(json.dumps({"weight_map": file_of}), encoding="utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(UserError) as error:
        inspect(folder)
    assert error.value.remedy
    return str(error.value)


def test_that_shape_and_storage_are_read(folder: Path) -> None:
    facts = inspect(folder)
    assert (facts.model_type, facts.architecture) == ("llama", "LlamaForCausalLM")
    assert (facts.parameters, facts.stored_bytes, facts.max_positions) == (6464, 13056, 256)
    assert facts.stored_dtypes == {"BF16": 6400, "F32": 64}
    assert facts.has_tokenizer
    assert not facts.has_chat_template
    assert not facts.needs_remote_code


def test_that_positions_are_read_by_any_name_and_what_config_json_does_not_say_is_empty(folder: Path) -> None:
    config = {"model_type": "newest", "text_config": {"n_ctx": 512}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    facts = inspect(folder)
    assert (facts.model_type, facts.max_positions, facts.architecture) == ("newest", 512, "")


def test_that_tokenizer_template_and_code_are_seen(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert not inspect(folder).has_tokenizer
    (folder / "vocab.json").write_text("{}")
    assert not inspect(folder).has_tokenizer
    with pytest.raises(UserError, match="has no tokenizer"):
        inspect_for_text(folder)
    (folder / "merges.txt").touch()
    (folder / "tokenizer_config.json").write_text('{"chat_template": "{{ messages }}"}', encoding="utf-8")
    configure(folder, auto_map={"AutoModel": "modeling_x.X"})
    facts = inspect(folder)
    assert facts.has_tokenizer
    assert inspect_for_text(folder) == facts
    assert facts.has_chat_template
    assert facts.needs_remote_code


def test_that_a_broken_tokenizer_config_holds_no_template(folder: Path) -> None:
    (folder / "tokenizer_config.json").write_text("[" * 100_000, encoding="utf-8")
    assert not inspect(folder).has_chat_template
    (folder / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    assert inspect(folder).has_chat_template


def test_that_of_ten_gigabytes_only_the_header_is_read(folder: Path) -> None:
    numbers = 5_000_000_000
    header = {"embed": {"dtype": "BF16", "shape": [numbers], "data_offsets": [0, 2 * numbers]}}
    (folder / WEIGHTS).write_bytes(safetensors(header, 0))
    os.truncate(folder / WEIGHTS, (folder / WEIGHTS).stat().st_size + 2 * numbers)  # a hole, not ten gigabytes
    before = psutil.Process().io_counters().read_chars
    facts = inspect(folder)
    assert psutil.Process().io_counters().read_chars - before < 1_000_000
    assert (facts.parameters, facts.stored_bytes) == (numbers, 2 * numbers)


def test_that_four_bit_numbers_are_counted(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(safetensors({"w": {"dtype": "F4", "shape": [10], "data_offsets": [0, 5]}}, 5))
    assert inspect(folder).stored_dtypes == {"F4": 10}


def test_that_what_is_no_model_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    assert "There is no model folder" in refusal(tmp_path / "nowhere")
    assert "is a file, not a model folder" in refusal(folder / WEIGHTS)
    (folder / "config.json").unlink()
    assert "has no config.json" in refusal(folder)
    (folder / "tiny.gguf").touch()
    assert "GGUF" in refusal(folder)
    (folder / "adapter_config.json").touch()
    assert "It holds an adapter" in refusal(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not valid JSON"),
        ("[" * 100_000, "is not valid JSON: it nests too deeply"),
        ("\xff", "is not valid JSON"),
        ("[]", "holds no JSON object"),
        ("{}", "has no model_type"),
        ('{"model_type": 7}', "has no model_type"),
    ],
)
def test_that_a_broken_config_is_refused(folder: Path, text: str, said: str) -> None:
    (folder / "config.json").write_text(text, encoding="latin-1")
    assert said in refusal(folder)


def test_that_pickles_and_missing_weights_are_refused(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / "training_args.bin").touch()
    assert "has no weights" in refusal(folder)
    (folder / "pytorch_model.bin").touch()
    said = refusal(folder)
    assert "only as a pickle (pytorch_model.bin)" in said
    assert "because a pickle can run code" in said
    assert "revision of the model that has safetensors" in said
    (folder / "model-00001-of-00002.safetensors").touch()
    assert f"has neither {WEIGHTS} nor {INDEX}" in refusal(folder)


def test_that_shards_are_added_up(folder: Path) -> None:
    (folder / "a.safetensors").write_bytes(safetensors({"embed": TWO["embed"]}, 12800))
    (folder / "b.safetensors").write_bytes(
        safetensors({"norm": {"dtype": "F32", "shape": [64], "data_offsets": [0, 256]}}, 256)
    )
    shard(folder, embed="a.safetensors", norm="b.safetensors")
    assert inspect(folder).stored_dtypes == {"BF16": 6400, "F32": 64}
    shard(folder, embed="a.safetensors", norm="b.safetensors", lm_head="b.safetensors")
    assert 'lacks 1 of the 3 tensors that model.safetensors.index.json names. "lm_head"' in refusal(folder)


def test_that_half_a_model_says_how_much_is_missing(folder: Path) -> None:
    (folder / "a.safetensors").write_bytes(safetensors({"embed": TWO["embed"]}, 12800))
    shard(folder, embed="a.safetensors", norm="b.safetensors", other="c.safetensors")
    assert "is half a model: 2 of its 3 weight files are missing. b.safetensors" in refusal(folder)


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.safetensors", "..", "", "x/y", "a\\b", "C:x", "a\0b", "a" * 300])
def test_that_an_index_cannot_name_a_file_elsewhere(folder: Path, name: str) -> None:
    (folder.parent / "a.safetensors").write_bytes(safetensors({"embed": TWO["embed"]}, 12800))
    shard(folder, embed=name)
    said = refusal(folder)
    assert "points at weights outside the model's folder" in said
    assert len(said) < 400 + len(str(folder))


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"weight_map": {}}', '{"weight_map": {"a": 1}}'])
def test_that_a_broken_index_is_refused(folder: Path, text: str) -> None:
    shard(folder)
    (folder / INDEX).write_text(text, encoding="utf-8")
    assert INDEX in refusal(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_that_a_link_out_of_the_folder_is_refused(folder: Path) -> None:
    shutil.move(folder / WEIGHTS, folder.parent / "elsewhere")
    (folder / WEIGHTS).symlink_to("../elsewhere")
    assert "It is a link that leads out of it" in refusal(folder)
    shard(folder, embed="a.safetensors")
    (folder / "a.safetensors").symlink_to(folder.parent / "elsewhere")
    assert '"a.safetensors" is a link that leads out of it' in refusal(folder)
    (folder / "a.safetensors").unlink()
    (folder / "a.safetensors").symlink_to("a.safetensors")
    assert "leads out of it" in refusal(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_that_the_links_of_the_hub_cache_are_followed_and_no_further(folder: Path, tmp_path: Path) -> None:
    cached = tmp_path / "hub" / "models--org--name"
    snapshot = cached / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (cached / "blobs").mkdir()
    for path in list(folder.iterdir()):
        path.rename(cached / "blobs" / f"sha-{path.name}")
        (snapshot / path.name).symlink_to(f"../../blobs/sha-{path.name}")
    assert inspect(snapshot).parameters == 6464
    (snapshot / WEIGHTS).unlink()
    shutil.move(cached / "blobs" / f"sha-{WEIGHTS}", cached.parent / "other")
    (snapshot / WEIGHTS).symlink_to("../../../other")
    assert "outside the model's folder" in refusal(snapshot)


@pytest.mark.parametrize("kept", [0, 7, 40, 500, 13200])
def test_that_a_truncated_file_is_refused(folder: Path, kept: int) -> None:
    os.truncate(folder / WEIGHTS, kept)
    assert "is cut short" in refusal(folder)


@pytest.mark.parametrize(
    ("header", "body", "said"),
    [
        (b"not json", 0, "header is not JSON"),
        (b"[" * 100_000, 0, "header is not JSON"),
        (b"[]", 0, "not a JSON object"),
        ({"a": {"dtype": "F32", "shape": [1]}}, 4, "lacks a type, a shape or a range"),
        ({"a": {"dtype": "F32", "shape": None, "data_offsets": [0, 4]}}, 4, "lacks a type, a shape or a range"),
        ({"a": 3}, 4, "lacks a type, a shape or a range"),
        ({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, 4, "impossible shape or range"),
        ({"a": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}}, 4, "impossible shape or range"),
        ({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, 4, "impossible shape or range"),
        ({"a": {"dtype": "F32", "shape": [10**40], "data_offsets": [0, 4]}}, 4, "impossible shape or range"),
        ({"a": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}, 4, "unknown type"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, 4, "not what its shape takes"),
        ({"a": {"dtype": "F4", "shape": [3], "data_offsets": [0, 1]}}, 1, "not what its shape takes"),
        (
            {
                "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
                "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]},
            },
            12,
            "overlaps the tensor before it",
        ),
        ({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, 8, "leaves a gap"),
        ({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, 9, "5 bytes follow its last tensor"),
        ({"a": {"dtype": "F32", "shape": [100], "data_offsets": [0, 400]}}, 4, "holds 4 of the 400 bytes"),
    ],
)
def test_that_a_nonsense_header_is_refused(folder: Path, header: Any, body: int, said: str) -> None:
    (folder / WEIGHTS).write_bytes(safetensors(header, body))
    assert said in refusal(folder)


def test_that_a_header_of_a_thousand_terabytes_is_not_read(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", 10**15) + bytes(100))
    assert "claims a header of 1000000000000000 bytes" in refusal(folder)
