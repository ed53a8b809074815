"""GGUF files of whole models: read back number by number, of the size that was foreseen, whole or not at all."""

from pathlib import Path

import numpy as np
import psutil
import pytest
from gguf import GGUFReader
from safetensors.numpy import load_file, save_file

from tests.core.llamacpp.conftest import Sourced, Written
from workbench.core.llamacpp import gguf_types, packing, tensors
from workbench.core.llamacpp.gguf_types import TYPES
from workbench.core.problems import UserError

KINDS = {
    "llama": {"attention_bias": True},
    "mistral": {},
    "qwen2": {},
    "qwen3": {},
    "gemma": {},
    "gemma2": {"query_pre_attn_scalar": 16, "attn_logit_softcapping": 50.0, "sliding_window": 8},
    "gemma3_text": {"query_pre_attn_scalar": 16, "sliding_window": 8, "sliding_window_pattern": 2},
    "phi3": {},
}


class _CancelledError(Exception):
    pass


def _nobody(_done: int) -> None:
    pass


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_model_of_each_family_reads_back_as_it_was(
    kind: str, written: Written, sourced: Sourced, tmp_path: Path
) -> None:
    folder, out = written(kind, **KINDS[kind]), tmp_path / "out.gguf"
    planned = sourced(folder).plan(gguf_types.named("f32"))
    packing.write(planned, out, _nobody)
    assert out.stat().st_size == planned.size_bytes
    (found,) = packing.compare(planned, out, _nobody)
    assert (found.is_right, found.largest, found.tensors) == (True, 0, len(planned.tensors))
    own = load_file(folder / "model.safetensors")
    back = dict(packing.weights(planned, out))
    assert back.keys() == own.keys()
    for name, numbers in back.items():
        np.testing.assert_allclose(numbers, own[name], rtol=0, atol=1e-6 if "norm" in name else 0)


@pytest.mark.parametrize("kind", [each for each in TYPES if not each.needs_library], ids=lambda each: each.name)
def test_that_each_type_keeps_what_it_promises(
    kind: gguf_types.GgufType, written: Written, sourced: Sourced, tmp_path: Path
) -> None:
    planned, out = sourced(written("llama", np.float16)).plan(kind), tmp_path / "out.gguf"
    asked: list[int] = []
    packing.write(planned, out, asked.append)
    assert out.stat().st_size == planned.size_bytes
    checks = packing.compare(planned, out, asked.append)
    assert all(check.is_right for check in checks), [check.in_words for check in checks]
    assert sum(check.tensors for check in checks) == len(planned.tensors)
    assert max(asked) == planned.numbers


def test_that_rows_of_queries_and_keys_are_put_in_pairs() -> None:
    rows = np.arange(8, dtype=np.float32).reshape(8, 1)
    assert tensors.turned(rows, 4).ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert tensors.turned_back(tensors.turned(rows, 4), 4).ravel().tolist() == rows.ravel().tolist()


def test_that_a_tensor_is_the_same_in_pieces(
    written: Written, sourced: Sourced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = sourced(written("llama")).plan(gguf_types.named("q8_0"))
    packing.write(planned, tmp_path / "whole.gguf", _nobody)
    monkeypatch.setattr(tensors, "PIECE_NUMBERS", 100)
    packing.write(planned, tmp_path / "pieces.gguf", _nobody)
    assert (tmp_path / "pieces.gguf").read_bytes() == (tmp_path / "whole.gguf").read_bytes()
    assert all(check.is_right for check in packing.compare(planned, tmp_path / "pieces.gguf", _nobody))


def test_that_a_number_that_differs_is_found(written: Written, sourced: Sourced, tmp_path: Path) -> None:
    planned, out = sourced(written("qwen3")).plan(gguf_types.named("q8_0")), tmp_path / "out.gguf"
    packing.write(planned, out, _nobody)
    data = bytearray(out.read_bytes())
    data[-40] ^= 0x7F
    out.write_bytes(data)
    wrong = [check for check in packing.compare(planned, out, _nobody) if not check.is_right]
    assert [check.worst for check in wrong] == [planned.tensors[-1].name]
    assert wrong[0].worst in wrong[0].in_words


def test_that_a_file_that_is_cut_does_not_read_back(written: Written, sourced: Sourced, tmp_path: Path) -> None:
    planned, out = sourced(written("llama")).plan(gguf_types.named("f16")), tmp_path / "out.gguf"
    packing.write(planned, out, _nobody)
    out.write_bytes(out.read_bytes()[:-1000])
    with pytest.raises(UserError, match="does not read back"):
        packing.compare(planned, out, _nobody)


def test_that_nothing_is_left_of_a_file_that_is_cancelled(written: Written, sourced: Sourced, tmp_path: Path) -> None:
    def cancelled(done: int) -> None:
        if done > 10_000:
            raise _CancelledError

    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(_CancelledError):
        packing.write(sourced(written("llama")).plan(gguf_types.named("f16")), folder / "out.gguf", cancelled)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("number", "kind", "said"), [(np.nan, "f32", "NaN"), (1e6, "f16", "F16 ends at 65504")])
def test_that_numbers_that_a_type_cannot_hold_are_refused(
    number: float, kind: str, said: str, written: Written, sourced: Sourced, tmp_path: Path
) -> None:
    folder = written("llama")
    own = load_file(folder / "model.safetensors")
    own["model.layers.1.mlp.up_proj.weight"][3, 3] = number
    save_file(own, folder / "model.safetensors")
    with pytest.raises(UserError, match=f"blk.1.ffn_up.weight .*{said}"):
        packing.write(sourced(folder).plan(gguf_types.named(kind)), tmp_path / "out.gguf", _nobody)


def test_that_a_tensor_without_a_place_and_a_layer_that_lacks_one_are_named(written: Written, sourced: Sourced) -> None:
    folder = written("llama")
    own = load_file(folder / "model.safetensors")
    save_file({**own, "model.extra.weight": np.zeros((2, 2), np.float32)}, folder / "model.safetensors")
    with pytest.raises(UserError, match=r"no place for the tensor model.extra.weight"):
        sourced(folder).plan(gguf_types.named("f16"))
    del own["model.layers.1.mlp.up_proj.weight"]
    save_file(own, folder / "model.safetensors")
    with pytest.raises(UserError, match=r"1 tensor missing, such as blk.1.ffn_up.weight"):
        sourced(folder).plan(gguf_types.named("f16"))


def test_that_a_head_that_is_missing_is_named(written: Written, sourced: Sourced) -> None:
    with pytest.raises(UserError, match=r"1 tensor missing, such as output.weight"):
        sourced(written("llama", tie_word_embeddings=False)).plan(gguf_types.named("f16"))


def test_that_what_reads_pictures_is_left_out_and_told(written: Written, sourced: Sourced) -> None:
    folder = written("gemma3_text", query_pre_attn_scalar=16)
    own = {f"language_model.{name}": each for name, each in load_file(folder / "model.safetensors").items()}
    save_file({**own, "vision_tower.a.weight": np.zeros((2, 2), np.float32)}, folder / "model.safetensors")
    planned = sourced(folder).plan(gguf_types.named("f16"))
    assert "pictures is left out: 1 tensor" in planned.notes[-1]
    assert not any("vision" in each.name for each in planned.tensors)


def test_that_a_file_says_what_it_is(written: Written, sourced: Sourced, tmp_path: Path) -> None:
    folder, out = written("gemma2", **KINDS["gemma2"]), tmp_path / "out.gguf"
    packing.write(sourced(folder).plan(gguf_types.named("q8_0")), out, _nobody)
    fields = GGUFReader(out).fields  # type: ignore[no-untyped-call,unused-ignore]
    said = {name: field.contents() for name, field in fields.items()}
    assert said["general.architecture"] == "gemma2"
    assert said["gemma2.attn_logit_softcapping"] == 50
    assert said["gemma2.attention.sliding_window"] == 8
    assert said["gemma2.block_count"] == 2
    assert said["gemma2.attention.key_length"] == 16
    assert len(said["tokenizer.ggml.tokens"]) == 288


def test_that_a_large_tensor_takes_little_memory(written: Written, sourced: Sourced, tmp_path: Path) -> None:
    folder = written("llama", vocab_size=288)
    own = load_file(folder / "model.safetensors")
    large = np.zeros((288, 400_000), np.float16)  # 461 MB as FP32
    save_file({**own, "model.embed_tokens.weight": large}, folder / "model.safetensors")
    del large
    planned, out = sourced(folder).plan(gguf_types.named("q8_0")), tmp_path / "out.gguf"
    process = psutil.Process()
    before, most = process.memory_info().rss, 0

    def told(_done: int) -> None:
        nonlocal most
        most = max(most, process.memory_info().rss)

    packing.write(planned, out, told)
    packing.compare(planned, out, told)
    assert most - before < 150_000_000
