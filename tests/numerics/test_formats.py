"""Formats as data: their bits add up, and their cost is that of the papers."""

import pytest

from workbench.core.recipe.recipe import Recipe, settings, stored_as
from workbench.core.recipe.text import with_overrides
from workbench.numerics.formats import FORMATS, bits_per_weight


def test_that_sign_exponent_and_fraction_add_up() -> None:
    for entry in FORMATS.values():
        if entry.kind == "float":
            assert 1 + entry.exponent_bits + entry.fraction_bits == entry.bits
            assert entry.bias == 2 ** (entry.exponent_bits - 1) - 1
        else:
            assert entry.exponent_bits == entry.fraction_bits == entry.bias == 0


@pytest.mark.parametrize(
    ("name", "double_quant", "bits"),
    [("fp32", False, 32), ("bf16", True, 16), ("int8", False, 8), ("nf4", False, 4.5), ("nf4", True, 4.126953125)],
)
def test_that_a_weight_costs_what_the_papers_say(name: str, double_quant: bool, bits: float) -> None:
    assert bits_per_weight(name, double_quant=double_quant) == bits


def test_that_every_precision_of_a_recipe_is_a_format() -> None:
    assert set(settings()["model.precision"].choices) <= set(FORMATS)
    with pytest.raises(KeyError):
        bits_per_weight("fp128")


def test_that_storage_is_said_in_words() -> None:
    assert stored_as(Recipe()) == "NF4 with double quantization, 4.127 bits per weight"
    assert stored_as(with_overrides(Recipe(), ["model.precision=bf16"])) == "BF16, 16 bits per weight"


def test_that_a_share_of_the_weights_is_said_where_not_all_are_quantized() -> None:
    assert stored_as(Recipe(), 0.09) == (
        "NF4 with double quantization, 4.127 bits per weight, for 9\u2009% of them; the others as BF16"
    )
    assert stored_as(with_overrides(Recipe(), ["model.precision=bf16"]), 0.0) == "BF16, 16 bits per weight"
