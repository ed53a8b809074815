"""`workbench inspect`, as a process of its own."""

import json
from typing import Any

import pytest

from tests.runs import workbench
from workbench.numerics.named_formats import NUMBER_FORMATS


def rows(*words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(workbench("inspect", *words, "--json").stdout)
    return found


def test_that_a_number_is_shown_in_every_format() -> None:
    assert [row["name"] for row in rows("0.1")] == list(NUMBER_FORMATS)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("-0.1", "0xAE66"),
        ("-0", "0x8000"),
        ("-1/3", "0xB555"),
        ("-inf", "0xFC00"),
        ("-2^-24", "0x8001"),
        ("65520", "0x7C00"),
    ],
)
def test_that_a_negative_number_is_no_option(value: str, code: str) -> None:
    assert rows(value, "--format", "fp16")[0]["code"] == code


def test_that_a_code_is_read() -> None:
    row = rows("--format", "BF16", "--code", "0x3F81")[0]
    assert (row["exact"], row["class"], row["bits"]) == ("1.0078125", "normal", "0011111110000001")
    assert rows("--format", "article", "--code", "0b1111100100000000")[0]["exact"] == "0.125"
    assert rows("1/3", "--format", "fp16", "--code", "0x3C00")[0]["error_absolute"] == pytest.approx(2 / 3)


def test_that_rounding_and_saturation_are_obeyed() -> None:
    assert rows("1/3", "--format", "fp16", "--rounding", "up")[0]["code"] == "0x3556"
    two = rows("465", "--format", "e4m3", "--format", "e5m2", "--saturate")
    assert [row["code"] for row in two] == ["0x7E", "0x5F"]
    assert rows("465", "--format", "e4m3")[0]["class"] == "NaN"


def test_that_a_line_of_the_page_is_a_value_too() -> None:
    found = rows("bits value=1/3 own=mine:float:exponent=3:fraction=2:bias=3 formats=mine,fp16 lock=fp16:0x3C00")
    assert [(row["name"], row["code"]) for row in found] == [("mine", "0x05"), ("FP16", "0x3C00")]


def test_that_a_person_gets_a_table() -> None:
    told = workbench("inspect", "65520").stdout
    assert all(name in told for name in NUMBER_FORMATS)
    assert "The largest value of FP16 is 65504; what is rounded beyond it is infinity." in told


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["1e"], "is missing, as in 1e-5"),
        (["0x"], "are missing, as in 0x3F81"),
        (["9**9**9"], "too large or too fine"),
        (["9" * 10_000], "2,000 characters at most"),
        (["nan(7)"], "an operator is missing"),
        (["\U0001f600"], "is no part of a number"),
        ([], "There is nothing to inspect"),
        (["1", "--format", "fp17"], "There is no format"),
        (["1", "--rounding", "half"], "A rounding is one of"),
        (["--code", "0x1"], "A code is read in one format"),
        (["--code", "0x10000", "--format", "fp16"], "does not fit FP16"),
        (["--formt"], 'The nearest one is "--format"'),
        (["bits formats=fp17"], "There is no format"),
    ],
)
def test_that_what_is_wrong_is_a_sentence_and_exit_code_2(words: list[str], sentence: str) -> None:
    done = workbench("inspect", *words, "--json", code=2)
    assert sentence in done.stderr
    assert done.stdout == ""
