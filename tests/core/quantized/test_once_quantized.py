"""Weights that were in 4 bits once still show it."""

from pathlib import Path

import numpy as np
import pytest

from tests.tensors import bf16, write_model
from workbench.core.quantized.once_quantized import was_four_bit

NAME = "model.layers.0.mlp.up_proj.weight"


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(4).standard_normal(shape, dtype=np.float32) / 30


def four_bit(values: np.ndarray) -> np.ndarray:
    """What Q4_1 gives back: 32 numbers share a step and a lowest number."""
    blocks = values.reshape(-1, 32)
    low = blocks.min(axis=1, keepdims=True)
    step = (blocks.max(axis=1, keepdims=True) - low) / 15
    return (np.round((blocks - low) / step) * step + low).reshape(values.shape)


@pytest.mark.parametrize(
    ("values", "was"), [(normal(64, 96), False), (four_bit(normal(64, 96)), True), (np.zeros((64, 96)), False)]
)
def test_that_the_traces_of_four_bits_are_found(values: np.ndarray, was: bool, tmp_path: Path) -> None:
    folder = write_model(
        tmp_path / "m", {"model.safetensors": {NAME: bf16(values), "embed.weight": bf16(normal(64, 96))}}
    )
    assert was_four_bit(folder) is was


def test_that_a_model_without_layers_or_files_tells_nothing(tmp_path: Path) -> None:
    assert not was_four_bit(write_model(tmp_path / "m", {"model.safetensors": {"x": bf16(four_bit(normal(64, 96)))}}))
    assert not was_four_bit(tmp_path / "nowhere")
