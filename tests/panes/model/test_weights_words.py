"""What the Model page says of weights that are not as a person may think."""

from dataclasses import replace
from pathlib import Path

from workbench.core.model import catalogue
from workbench.core.model.adapter_folder import AdapterFolder
from workbench.core.model.already_quantized import AlreadyQuantized
from workbench.panes.model.weights_words import said_of_weights


def test_that_a_plain_model_needs_no_word() -> None:
    shape = catalogue.find("Qwen3-8B").shape()
    assert said_of_weights(shape, "nf4") == ""
    assert said_of_weights(shape, "bf16") == ""


def test_that_experts_which_stay_in_16_bits_are_told_by_share() -> None:
    shape = catalogue.find("Qwen3-30B-A3B").shape()
    said = said_of_weights(shape, "nf4")
    assert said.startswith("bitsandbytes quantizes 3\u2009% of its weights: its experts are held as one tensor")
    assert said_of_weights(shape, "bf16") == ""


def test_that_quantized_weights_and_an_adapter_are_told() -> None:
    shape = catalogue.find("Qwen3-8B").shape()
    adapter = AdapterFolder(Path("a"), "org/base", 8, 16, ("q_proj",), rslora=False, dora=False)
    whole = replace(shape, quantized=AlreadyQuantized("nf4", True, 64), adapter=adapter)
    assert said_of_weights(whole, "int8") == (
        "An adapter of org/base, trained further: rank 8, alpha 16, on q_proj. "
        "Its weights are stored as NF4 with double quantization, and trained upon as they are. Choose NF4."
    )
