"""A snapshot of the card's allocator, as torch describes it, attributed to the ledger's lines."""

from typing import Any

import pytest

from workbench.engine.train.allocator import OTHER, attribute, line_of


def frames(*names: str) -> list[dict[str, Any]]:
    """Frames from the innermost out, each "file:function"."""
    return [{"filename": name.partition(":")[0], "name": name.partition(":")[2], "line": 1} for name in names]


FORWARD = frames("torch/nn/functional.py:silu", "modeling_llama.py:forward", "trainer.py:compute_loss")
LOSS = frames("trl/kernels/chunked_logprob.py:forward", "trl/trainer/utils.py:_fused_forward")
DEQUANTIZED = frames("bitsandbytes/functional.py:dequantize_4bit", "bitsandbytes/autograd/_functions.py:forward")


def alloc(address: int, size: int, stack: Any = ()) -> dict[str, Any]:
    return {"action": "alloc", "addr": address, "size": size, "frames": stack}


def free(address: int, size: int) -> dict[str, Any]:
    return {"action": "free_requested", "addr": address, "size": size, "frames": []}


def snapshot(trace: list[dict[str, Any]], held: dict[int, int]) -> dict[str, Any]:
    blocks = [
        {"address": address, "size": size + 100, "requested_size": size, "state": "active_allocated"}
        for address, size in held.items()
    ]
    blocks.append({"address": 9_000, "size": 77, "requested_size": 0, "state": "inactive"})
    elsewhere = {"device": 1, "address": 1, "blocks": [{"address": 1, "size": 5, "state": "active_allocated"}]}
    noise = [{"action": "segment_alloc", "addr": 1, "size": 10**9}, {"action": "snapshot", "addr": 0, "size": 0}]
    return {
        "segments": [{"device": 0, "address": 1, "blocks": blocks}, elsewhere],
        "device_traces": [[*noise, *trace], []],
    }


@pytest.mark.parametrize(
    ("stack", "line"),
    [
        (FORWARD, "activations"),
        (LOSS, "logits"),
        (frames("torch/nn/functional.py:cross_entropy", "loss_utils.py:ForCausalLMLoss"), "logits"),
        (DEQUANTIZED, "workspace"),
        (frames("bitsandbytes/autograd/_functions.py:backward"), "workspace"),
        (frames("modeling_llama.py:forward", "torch/utils/checkpoint.py:backward"), "activations"),
        (frames("torch/optim/adamw.py:_fused_adamw"), "workspace"),
        ([], "workspace"),  # the backward pass, in C++
    ],
)
def test_that_frames_tell_the_line(stack: Any, line: str) -> None:
    assert line_of(stack) == line


def test_that_the_lines_are_those_of_the_peak() -> None:
    weights, states, gradient = 100, 200, 300
    trace = [
        alloc(1000, 50, FORWARD),
        alloc(1100, 70, LOSS),  # the peak: 40 + 20 + 9 + 50 + 70
        free(1100, 70),
        alloc(gradient, 30),
        free(1000, 50),
        free(500, 9),
    ]
    known = {weights: "frozen_weights", states: "optimizer", gradient: "gradients"}
    lines, peak = attribute(snapshot(trace, {weights: 40, states: 20, gradient: 30}), 0, known)
    assert lines == {"frozen_weights": 40, "optimizer": 20, "activations": 50, "logits": 70, OTHER: 9}
    assert peak == sum(lines.values()) == 189


def test_that_an_address_handed_out_again_is_known_for_its_last_owner_alone() -> None:
    gradient = 1000
    trace = [alloc(gradient, 80, FORWARD), free(gradient, 80), alloc(gradient, 30)]
    lines, peak = attribute(snapshot(trace, {gradient: 30}), 0, {gradient: "gradients"})
    assert (lines, peak) == ({"activations": 80}, 80)
    lines, _ = attribute(snapshot([*trace, alloc(2, 60, FORWARD)], {gradient: 30, 2: 60}), 0, {gradient: "gradients"})
    assert lines == {"gradients": 30, "activations": 60}


def test_that_what_lived_before_and_moved_within_is_counted_once() -> None:
    # An address that was taken before the window, freed in it, and taken again.
    trace = [free(10, 5), alloc(10, 7, FORWARD), free(10, 7)]
    assert attribute(snapshot(trace, {}), 0, {10: "frozen_weights"}) == ({"activations": 7}, 7)


def test_that_a_window_that_forgot_its_beginning_still_adds_up() -> None:
    lines, peak = attribute(snapshot([free(3, 11), free(4, 12)], {5: 13}), 0, {5: "adapters"})
    assert (lines, peak) == ({OTHER: 23, "adapters": 13}, 36)


def test_that_blocks_without_addresses_are_counted_out() -> None:
    blocks = [{"size": 512, "state": "inactive"}, {"size": 512, "requested_size": 500, "state": "active_allocated"}]
    bare = {"segments": [{"address": 4096, "blocks": blocks}], "device_traces": [[]]}
    assert attribute(bare, 0, {4096 + 512: "optimizer"}) == ({"optimizer": 500}, 500)
