"""Outliers: counts are exact for every threshold of the slider, and a damaged file is a sentence."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.tensors import bf16, fp32, write_tensors
from workbench.core.problems import UserError
from workbench.core.quantized.outlier_products import PLAIN, read_factors
from workbench.core.quantized.outliers import (
    FILE,
    KEPT_BYTES,
    LEAST_KEPT,
    THRESHOLDS,
    About,
    Linear,
    Magnitudes,
    Seen,
    Site,
    counts_of,
    kept_tokens,
    nearest_step,
    open_seen,
    writing,
)
from workbench.numerics.llm_int8 import Product, int8_product, relative_error

TOKENS, FEATURES, LAYERS, KEPT = 40, 24, 4, 16
PAPER = THRESHOLDS.index(6.0)


def states() -> np.ndarray:
    """Hidden states of each layer: feature 3 is large everywhere, feature 7 once."""
    made = np.random.default_rng(0).standard_normal((LAYERS, TOKENS, FEATURES)).astype(np.float32)
    made[:, :20, 3] *= 0
    made[:, :20, 3] -= 20.5
    made[1, 30, 7] = 6.0
    return made


def about(**changes: object) -> About:
    linears = tuple((Linear(name="q_proj", tensor=f"layers.{layer}.q.weight", rows=10),) for layer in range(LAYERS))
    site = Site(key="attention", title="Attention input", features=FEATURES, linears=linears)
    tokens = tuple(f"t{number}" for number in range(TOKENS))
    made = About(model="m", text="prose.txt", tokens=tokens, kept_tokens=KEPT, layers=LAYERS, sites=(site,))
    return made.model_copy(update=changes)


def write_seen(folder: Path) -> Seen:
    with writing(folder / FILE) as writer:
        for layer, values in enumerate(states()):
            writer.add("attention", layer, values, KEPT)
        writer.finish(about())
    return open_seen(folder / FILE)


def magnitudes(folder: Path) -> Magnitudes:
    seen = write_seen(folder)
    return seen.magnitudes(seen.about.sites[0])


def test_that_the_thresholds_rise_from_a_half_to_a_hundred_and_hold_the_papers() -> None:
    assert (THRESHOLDS[0], THRESHOLDS[-1]) == (0.5, 100.0)
    assert list(THRESHOLDS) == sorted(set(THRESHOLDS))
    assert THRESHOLDS[nearest_step(6.1)] == 6.0
    assert (nearest_step(1e-9), nearest_step(1e9)) == (0, len(THRESHOLDS) - 1)


def test_that_tokens_are_counted_exactly_for_every_threshold() -> None:
    sizes = np.abs(np.random.default_rng(1).standard_normal((50, 9)).astype(np.float32) * 10)
    sizes[0] = 6.0  # a threshold itself is reached
    counts = counts_of(sizes)
    for step, threshold in enumerate(THRESHOLDS):
        assert np.array_equal(counts[step], (sizes >= np.float32(threshold)).sum(axis=0))


def test_that_what_was_written_is_read_back(tmp_path: Path) -> None:
    seen = write_seen(tmp_path)
    assert seen.about == about()
    found = seen.magnitudes(seen.about.sites[0])
    sizes = np.abs(states())
    assert np.array_equal(found.largest, sizes.max(axis=1))
    assert np.array_equal(found.where, sizes.argmax(axis=1))
    inputs = seen.inputs(seen.about.sites[0], 2)
    assert np.array_equal(inputs, states()[2, :KEPT].astype(np.float16).astype(np.float32))
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_that_a_feature_passes_by_layers_and_tokens_and_the_papers_rule_asks_for_both(tmp_path: Path) -> None:
    found = magnitudes(tmp_path)
    wide, once = found.passing(PAPER)
    assert (wide.number, wide.layers, wide.layer_share, wide.token_share) == (3, 4, 1.0, 0.5)
    assert wide.largest == 20.5
    assert (once.number, once.layers, once.token_share) == (7, 1, 1 / (LAYERS * TOKENS))
    assert (wide.is_widespread, once.is_widespread) == (True, False)
    assert found.outliers == {3}
    assert [feature.number for feature in found.passing(nearest_step(20))] == [3]
    assert found.passing(len(THRESHOLDS) - 1) == []
    assert len(found.passing(0)) == FEATURES


def test_that_fewer_tokens_are_kept_where_layers_are_many_and_wide() -> None:
    assert kept_tokens(512, 30, [576, 576, 576, 1536]) == 128
    assert kept_tokens(5, 30, [576]) == 5
    large = [4096, 4096, 4096, 11008]
    kept = kept_tokens(512, 80, large)
    assert LEAST_KEPT <= kept < 128
    assert 2 * kept * 80 * sum(large) <= KEPT_BYTES
    assert kept_tokens(512, 200, [50_000]) == LEAST_KEPT


def test_that_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    def fail() -> None:
        with writing(tmp_path / FILE) as writer:
            writer.add("attention", 0, states()[0], KEPT)
            raise UserError("Stopped.")

    with pytest.raises(UserError, match="Stopped"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_that_a_file_that_is_gone_or_damaged_is_a_sentence(tmp_path: Path) -> None:
    seen = write_seen(tmp_path)
    site = seen.about.sites[0]
    with pytest.raises(UserError, match="is damaged"):
        seen.magnitudes(site.model_copy(update={"features": FEATURES + 1}))
    with pytest.raises(UserError, match="is damaged"):
        seen.inputs(site.model_copy(update={"key": "other"}), 0)
    whole = seen.path.read_bytes()
    for data in (b"", b"no zip", whole[:200], whole[: len(whole) // 2]):
        seen.path.write_bytes(data)
        with pytest.raises(UserError, match="is damaged"):
            open_seen(seen.path)
    seen.path.unlink()
    with pytest.raises(UserError, match="is gone"):
        seen.magnitudes(site)


def test_that_a_pickle_in_the_file_is_not_opened(tmp_path: Path) -> None:
    class Bad:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(tmp_path / "made"),)

    with (tmp_path / FILE).open("wb") as file:
        np.savez(file, about=np.array([Bad()], dtype=object))
    with pytest.raises(UserError, match="is damaged"):
        open_seen(tmp_path / FILE)
    assert not (tmp_path / "made").exists()


# -- products ----------------------------------------------------------------------------------------------------------


def weight() -> np.ndarray:
    return (np.round(np.random.default_rng(2).standard_normal((10, FEATURES)) * 64) / 64).astype(np.float32)


def test_that_a_products_factors_are_the_inputs_and_the_stored_weight(tmp_path: Path) -> None:
    seen = write_seen(tmp_path)
    model = write_tensors(tmp_path / "model.safetensors", {"layers.1.q.weight": bf16(weight())})
    site = seen.about.sites[0]
    factors = read_factors(seen, model, site, 1, site.linears[1][0])
    assert factors.inputs.shape == (KEPT, FEATURES)
    assert np.array_equal(factors.weight, weight())
    assert np.allclose(factors.exact, factors.inputs @ weight().T)
    assert factors.all_rows == 10
    for how in (*PLAIN, Product.LLM_INT8):
        output = int8_product(factors.inputs, factors.weight, how, 6.0).output
        assert factors.error_of(how, 6.0) == relative_error(factors.exact, output)
    assert factors.columns(6.0) == (3,)
    assert factors.columns(100.0) == ()
    assert factors.error_of(Product.LLM_INT8, 6.0) < factors.error_of(Product.ABSMAX, 6.0)


def test_that_a_weight_stored_the_other_way_round_is_turned(tmp_path: Path) -> None:
    seen = write_seen(tmp_path)
    model = write_tensors(tmp_path / "model.safetensors", {"h.0.w": fp32(weight().T)})
    site = seen.about.sites[0]
    linear = Linear(name="c_attn", tensor="h.0.w", rows=10, is_transposed=True)
    assert np.array_equal(read_factors(seen, model, site, 0, linear).weight, weight())


@pytest.mark.parametrize(
    ("linear", "said"),
    [
        (Linear(name="q", rows=10), "is not stored by itself"),
        (Linear(name="q", tensor="gone", rows=10), "is not the one"),
        (Linear(name="q", tensor="h.0.w", rows=11), "is not the one"),
        (Linear(name="q", tensor="bad", rows=10), "holds infinities or NaN"),
    ],
)
def test_that_a_weight_that_cannot_be_multiplied_is_a_sentence(linear: Linear, said: str, tmp_path: Path) -> None:
    seen = write_seen(tmp_path)
    bad = weight()
    bad[0, 0] = np.nan
    model = write_tensors(tmp_path / "model.safetensors", {"h.0.w": fp32(weight()), "bad": fp32(bad)})
    with pytest.raises(UserError, match=said):
        read_factors(seen, model, seen.about.sites[0], 0, linear)


def test_that_a_model_that_was_deleted_is_a_sentence(tmp_path: Path) -> None:
    seen = write_seen(tmp_path)
    site = seen.about.sites[0]
    with pytest.raises(UserError, match="There is nothing at"):
        read_factors(seen, tmp_path / "gone", site, 0, site.linears[0][0])
