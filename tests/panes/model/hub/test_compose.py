"""From what the Hub says of a model to its row."""

from dataclasses import replace

import pytest

from workbench.bridge.arrival import Arrival
from workbench.core.model.hub_search import HubModel
from workbench.panes.model.hub.compose import Known, row_of

MODEL = HubModel(
    id="org/model",
    downloads=9,
    likes=1,
    licence="apache-2.0",
    gated="",
    is_private=False,
    weights="safetensors",
    parameters=1_000_000,
    size_bytes=2_000_000,
    model_type="llama",
    task="text-generation",
    updated="2026-01-02",
)


@pytest.mark.parametrize(
    ("quantized", "verdict"),
    [
        ("", "config not read yet"),
        ("bitsandbytes", "config not read yet"),
        ("GPTQ", "already GPTQ: not trained"),
        ("FP8", "already FP8: not trained"),
    ],
)
def test_that_weights_that_are_quantized_in_a_way_that_is_not_trained_say_so(quantized: str, verdict: str) -> None:
    assert row_of(replace(MODEL, quantized=quantized), Known(), 10**9).verdict == verdict


def test_that_a_row_says_how_far_a_model_is_on_its_way() -> None:
    def state(known: Known) -> str:
        return row_of(MODEL, known, 10**9).state_words

    assert state(Known()) == ""
    assert state(Known(is_here=True)) == "here"
    assert state(Known(arrival=Arrival("org/model", "arriving", 41, 100))) == "arriving, 41 %"
    assert state(Known(arrival=Arrival("org/model", "paused", 41, 100))) == "paused at 41 %"
    assert state(Known(arrival=Arrival("org/model"), is_here=True)) == "waiting"
