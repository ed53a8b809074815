"""What a person has chosen to export."""

from dataclasses import replace
from pathlib import Path

from tests.panes.runs.export.offers import CHOICE, OFFERED
from workbench.panes.runs.export.choice import choice_of, clean_name


def test_that_the_request_has_the_items_that_can_be_made_and_are_not_there() -> None:
    request = CHOICE.request(OFFERED, without=("adapter",))
    assert request is not None
    assert request.items == ("merged-nf4", "gguf:q8_0")
    assert (request.into, request.out) == ("nf4", "/out")
    assert replace(CHOICE, targets=("ollama",)).request(OFFERED) is None
    assert choice_of(request, request.items) == replace(
        CHOICE, targets=("merged", "gguf"), way="nf4", run=Path("/runs/one")
    )
    assert CHOICE.measuring("gguf:f16", OFFERED).out == ""


def test_that_types_bring_their_line_along_and_take_it_with_them() -> None:
    one = replace(CHOICE, targets=("adapter",), types=()).with_type("f16", is_wanted=True)
    assert (one.targets, one.types) == (("adapter", "gguf"), ("f16",))
    assert one.with_type("f16", is_wanted=False).targets == ("adapter",)


def test_that_ollama_brings_the_file_along_that_it_reads() -> None:
    one = replace(CHOICE, targets=("adapter",)).with_target("ollama", is_wanted=True)
    assert set(one.targets) == {"adapter", "ollama", "gguf"}
    assert set(one.with_target("gguf", is_wanted=False).targets) == {"adapter"}
    assert set(one.with_target("ollama", is_wanted=False).targets) == {"adapter", "gguf"}


def test_that_a_name_is_one_that_files_and_shells_take() -> None:
    assert clean_name("Fahrrad & Antworten / 2") == "Fahrrad-Antworten-2"
    assert clean_name("-..") == ""
