"""Perplexity beside a plain loss computation, and divergences of which the answer is known."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bitsandbytes.nn import Linear4bit

from tests.fakes import tiny_recipe
from workbench.engine.job import devices
from workbench.engine.model import load
from workbench.engine.model.weights_size import size_bytes
from workbench.engine.study import perplexity


class Nobody:
    def see(self, log_probabilities: torch.Tensor) -> None:
        pass


def model_of(folder: Path, rows: Path, *changes: str) -> Any:
    recipe = tiny_recipe(folder, rows, "model.precision=fp32", "model.compute_dtype=fp32", *changes)
    return load.load_model(folder, recipe, devices.choose("cpu")).eval()


def read(model: Any, ids: torch.Tensor, witness: perplexity.Witness | None = None) -> perplexity.Reading:
    chosen = perplexity.chosen_positions(len(ids), 384)
    return perplexity.read(model, ids, chosen, witness or Nobody(), lambda done, total: None)


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma2"])
@pytest.mark.parametrize("tokens", [2, 3, 100, 512])
def test_that_a_text_of_one_window_has_the_perplexity_of_the_models_own_loss(
    family: str, tokens: int, tiny_model: Callable[[str], Path], rows: Path
) -> None:
    model = model_of(tiny_model(family), rows)
    ids = torch.randint(4, 260, (tokens,), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        loss = model(ids.unsqueeze(0), labels=ids.unsqueeze(0)).loss
    reading = read(model, ids)
    assert reading.tokens == tokens - 1
    assert reading.perplexity == pytest.approx(math.exp(float(loss)), rel=1e-5)


@pytest.mark.parametrize("tokens", [513, 700, 768, 1500])
def test_that_windows_count_every_token_once_with_what_is_before_it(
    tokens: int, tiny_model: Callable[[str], Path], rows: Path
) -> None:
    model = model_of(tiny_model("llama"), rows)
    ids = torch.randint(4, 260, (tokens,), generator=torch.Generator().manual_seed(tokens))
    # The way the transformers documentation goes: the labels of what was counted before are left out.
    total, counted = 0.0, 1
    for start in range(0, tokens, perplexity.STRIDE):
        end = min(start + perplexity.CONTEXT, tokens)
        window = ids[start:end].unsqueeze(0)
        with torch.no_grad():
            logits = model(window).logits[0].double()
        losses = torch.nn.functional.cross_entropy(logits[:-1], window[0, 1:], reduction="none")
        total += float(losses[counted - start - 1 :].sum())
        counted = end
        if end == tokens:
            break
    reading = read(model, ids)
    assert (reading.tokens, reading.context) == (tokens - 1, 512)
    assert reading.perplexity == pytest.approx(math.exp(total / (tokens - 1)), rel=1e-5)


def test_that_a_model_of_few_positions_reads_as_many(tiny_model: Callable[[str], Path], rows: Path) -> None:
    model = model_of(tiny_model("gpt2"), rows)
    model.config.n_positions = model.config.max_position_embeddings = 64
    assert read(model, torch.arange(4, 204)).context == 64


def test_that_a_model_diverges_from_itself_by_nothing(
    tiny_model: Callable[[str], Path], rows: Path, tmp_path: Path
) -> None:
    model = model_of(tiny_model("llama"), rows)
    ids = torch.randint(4, 260, (600,), generator=torch.Generator().manual_seed(3))
    keeper = perplexity.Keeper(tmp_path / "kept")
    read(model, ids, keeper)
    keeper.finish()
    assert (tmp_path / "kept").stat().st_size == 599 * 384 * 4
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []
    comparer = perplexity.Comparer(tmp_path / "kept", 384)
    read(model, ids, comparer)
    comparer.close()
    assert (comparer.mean_divergence, comparer.same_top_token) == (0.0, 1.0)
    quantized = model_of(tiny_model("llama"), rows, "model.precision=fp4")
    other = perplexity.Comparer(tmp_path / "kept", 384)
    read(quantized, ids, other)
    other.close()
    assert other.mean_divergence > 0
    assert other.same_top_token < 1


def test_that_the_divergence_is_the_sum_that_defines_it() -> None:
    kept = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
    seen = np.array([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]])
    found = perplexity.divergence(torch.tensor(kept).log(), torch.tensor(seen).log())
    assert found.tolist() == pytest.approx([0.25 * math.log(2), math.log(2)])


def test_that_of_a_long_text_positions_at_even_distances_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert perplexity.chosen_positions(100, 384).tolist() == [False, *[True] * 99]
    monkeypatch.setattr(perplexity, "REFERENCE_BYTES", 4 * 384 * 10)
    places = perplexity.chosen_positions(100, 384).nonzero().flatten().tolist()
    assert len(places) == 10
    assert set(np.diff(places)) == {10}


def test_that_weights_are_counted_with_their_constants(tiny_model: Callable[[str], Path], rows: Path) -> None:
    whole = model_of(tiny_model("llama"), rows)
    assert size_bytes(whole) == 4 * whole.num_parameters() + sum(
        buffer.numel() * buffer.element_size() for buffer in whole.buffers()
    )
    sizes = {}
    for name, changes in {
        "nf4": ("model.precision=nf4", "model.double_quant=false"),
        "dq": ("model.precision=nf4", "model.double_quant=true"),
        "int8": ("model.precision=int8",),
    }.items():
        model = model_of(tiny_model("llama"), rows, *changes)
        sizes[name] = size_bytes(model)
        if name == "nf4":
            layers = [layer for layer in model.modules() if isinstance(layer, Linear4bit)]
            numbers = sum(layer.in_features * layer.out_features for layer in layers)
            rest = sum(p.numel() * 4 for n, p in model.named_parameters() if p.dtype == torch.float32)
            tables = len(layers) * 16 * 4
            buffers = sum(buffer.numel() * buffer.element_size() for buffer in model.buffers())
            assert sizes[name] == numbers // 2 + numbers // 64 * 4 + rest + tables + buffers
        before = size_bytes(model)
        with torch.no_grad():
            model(torch.arange(4, 20).unsqueeze(0))
        assert size_bytes(model) == before  # nothing is counted twice once layers have their constants
    assert sizes["nf4"] < sizes["int8"] < size_bytes(whole)
