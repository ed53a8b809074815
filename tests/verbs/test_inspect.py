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


def explanation(*words: str) -> list[str]:
    """What stands below the table, without the indents."""
    told = workbench("inspect", *words, "--explain").stdout
    assert all(len(line) <= 120 and line == line.rstrip() for line in told.partition("\n\n")[2].splitlines())
    return [line.strip() for line in told.partition("\n\n")[2].splitlines()]


def test_that_a_number_is_explained_step_by_step() -> None:
    lines = explanation("65520", "--format", "fp16")
    assert lines[:6] == [
        "FP16: 0x7C00, 0 11111 0000000000, inf",
        "sign: +",
        "exponent: 16 + 8 + 4 + 2 + 1 = 31",
        "fraction: 0",
        "(\u22121)^0 \u00d7 \u221e",
        "= \u221e",
    ]
    said = " ".join(lines)
    assert "65520 lies half way between 65504, the largest value of FP16, and 65536, the next it would have." in said
    assert "The tie goes to the even one, 65536, which it cannot hold." in said
    assert "Neighbour below: 65504" in lines


def test_that_a_code_is_explained_the_other_way() -> None:
    lines = explanation("--code", "0x7BFF", "--format", "fp16")
    assert lines[0] == "FP16: 0x7BFF, 0 11110 1111111111, 65504"
    assert "= +1 \u00d7 32768 \u00d7 1.9990234375 = 65504" in lines
    assert not [line for line in lines if "half way" in line]


def test_that_integers_and_tables_are_explained() -> None:
    lines = explanation("0.3", "--format", "int8", "--format", "nf4", "--rounding", "up")
    assert lines.count("") == 1
    said = " ".join(lines)
    assert "0.3 / (1/127) = 38.1, rounded to a whole number." in said
    assert "The rounding is up: it becomes the upper one." in said
    assert "index: 8 + 2 + 1 = 11" in lines
    assert "The bits are the number of a line in a table of 16" in said


def test_that_without_a_format_each_one_is_explained_in_brief() -> None:
    lines = explanation("0.1")
    for name in NUMBER_FORMATS:
        assert any(line.startswith(f"{name}: 0x") for line in lines)
    factors = "(\u22121)^0 \u00d7 2^(11 \u2212 15) \u00d7 (1 + 614/1024)"
    assert f"{factors} = +1 \u00d7 0.0625 \u00d7 1.599609375 = 0.0999755859375" in lines
    assert not [line for line in lines if line.startswith("Neighbour")]


def test_that_the_explanation_stands_in_the_document_where_it_is_asked_for() -> None:
    row = rows("65520", "--format", "fp16", "--explain")[0]
    assert row["explanation"][0] == "FP16: 0x7C00, 0 11111 0000000000, inf"
    assert all(isinstance(line, str) and line for line in row["explanation"])
    assert "explanation" not in rows("65520", "--format", "fp16")[0]
    locked = rows("bits value=65520 formats=fp16,bf16 lock=fp16:0x7C00", "--explain")
    assert [row["explanation"][0].partition(",")[0] for row in locked] == ["FP16: 0x7C00", "BF16: 0x4780"]
    assert "half way" not in " ".join(locked[0]["explanation"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["1e"], "is missing, as in 1e-5"),
        (["0x"], "are missing, as in 0x3F81"),
        (["9**9**9"], "too large or too fine"),
        (["9" * 10_000], "2,000 characters at most"),
        (["nan(7)"], "an operator is missing"),
        (["\U0001f600"], "is not part of a number"),
        ([], "There is nothing to inspect"),
        (["1", "--format", "fp17"], "There is no format"),
        (["1", "--rounding", "half"], "A rounding is one of"),
        (["--code", "0x1"], "A code is read in one format"),
        (["--code", "0x1", "--explain"], "A code is read in one format"),
        (["--code", "0x1", "--explain", "--format", "fp16", "--format", "bf16"], "A code is read in one format"),
        (["--explain"], "There is nothing to inspect"),
        (["--explian"], 'The nearest one is "--explain"'),
        (["--code", "0x10000", "--format", "fp16"], "does not fit FP16"),
        (["--formt"], 'The nearest one is "--format"'),
        (["bits formats=fp17"], "There is no format"),
    ],
)
def test_that_what_is_wrong_is_a_sentence_and_exit_code_2(words: list[str], sentence: str) -> None:
    done = workbench("inspect", *words, "--json", code=2)
    assert sentence in done.stderr
    assert done.stdout == ""
