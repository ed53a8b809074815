"""Types of a GGUF file: none is further off than it says, whatever the numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.llamacpp import gguf_types
from workbench.core.llamacpp.gguf_types import TYPES
from workbench.core.problems import UserError


def _written(name: str) -> gguf_types.GgufType:
    found = next(each for each in TYPES if each.name == name)
    if why := gguf_types.why_not(found):
        pytest.skip(why)
    return found


@pytest.mark.parametrize("name", gguf_types.NAMES)
@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([1e-9, 1e-5, 1e-2, 1.0, 30.0]),
    middle=st.sampled_from([0.0, 0.0, 3.0]),
    outlier=st.sampled_from([0.0, 0.0, 50.0, -50.0]),
)
def test_that_no_number_is_further_off_than_the_type_says(
    name: str, seed: int, size: float, middle: float, outlier: float
) -> None:
    kind, random = _written(name), np.random.default_rng(seed)
    rows = np.asarray((random.normal(size=(4, 512)) + middle) * size, np.float32)
    rows[:, ::97] *= outlier or 1
    blocks = rows.reshape(-1, kind.block)
    off = np.abs(kind.unpack(kind.pack(rows)).reshape(blocks.shape) - blocks)
    assert (off <= kind.bound(blocks)).all()


@pytest.mark.parametrize("name", gguf_types.NAMES)
def test_that_a_packed_row_takes_the_bytes_that_were_foreseen(name: str) -> None:
    kind = _written(name)
    rows = np.random.default_rng(0).normal(size=(3, 256)).astype(np.float32)
    assert kind.pack(rows).nbytes == kind.size_of(rows.size) == kind.bits * rows.size / 8
    assert not kind.unpack(kind.pack(np.zeros((1, 256), np.float32))).any()


def test_that_a_row_of_no_whole_blocks_gets_a_type_that_fits() -> None:
    q4_k, q8_0 = (next(each for each in TYPES if each.name == name) for name in ("q4_k", "q8_0"))
    assert gguf_types.of_tensor(q4_k, 576).name == "q5_0"
    assert gguf_types.of_tensor(q4_k, 577).name == "f16"
    assert gguf_types.of_tensor(q8_0, 577).name == "f16"
    assert gguf_types.of_tensor(q4_k, 512, is_edge=True).name == "q8_0"


def test_that_an_unknown_type_is_named_with_the_nearest_one() -> None:
    with pytest.raises(UserError, match=r'no GGUF type "q8"\. The nearest one is "q8_0"'):
        gguf_types.named("q8")


def test_that_a_type_that_nothing_here_writes_says_what_can_instead(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_LLAMA_CPP", str(tmp_path))
    with pytest.raises(UserError, match=r"Q4_K cannot be written: the gguf package reads it .* Take q4_1"):
        gguf_types.named("q4_k")
