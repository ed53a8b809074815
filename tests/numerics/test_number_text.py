"""What a person types, read exactly, or refused in a sentence and at once."""

import re
import time
from contextlib import suppress
from fractions import Fraction

import pytest

from workbench.numerics.number_text import NumberTextError, read_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        (" .5 ", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("1e-3", Fraction(1, 1000)),
        ("1E+3", Fraction(1000)),
        ("1e\u22123", Fraction(1, 1000)),
        ("65 504", Fraction(65504)),
        ("1\u2009234\u202f567.5", Fraction(2469135, 2)),
        ("1_000", Fraction(1000)),
        ("0xFF", Fraction(255)),
        ("0x1.8p-3", Fraction(3, 16)),
        ("0x.8", Fraction(1, 2)),
        ("0b101", Fraction(5)),
        ("1/3", Fraction(1, 3)),
        ("2**-24", Fraction(1, 1 << 24)),
        ("2^-24", Fraction(1, 1 << 24)),
        ("-2^2", Fraction(-4)),
        ("2^3^2", Fraction(512)),
        ("(1 + 2**-11) * 3", Fraction(6147, 2048)),
        ("3\u00d72\u00f74\u22121", Fraction(1, 2)),
        ("7*-3", Fraction(-21)),
        ("--1", Fraction(1)),
        ("(-1)**99999999999", Fraction(-1)),
        ("0^0", Fraction(1)),
        ("1e-5*3", Fraction(3, 100000)),
        ("9" * 2000, Fraction(10**2000 - 1)),
    ],
)
def test_that_a_number_is_read_exactly(text: str, value: Fraction) -> None:
    assert read_number(text).value == value


def test_that_zero_infinity_and_nan_have_signs() -> None:
    assert [read_number(text).is_negative for text in ("0", "-0", "-0.0", "--0", "-(0)")] == [
        False, True, True, False, True,
    ]  # fmt: skip
    assert read_number("-inf").is_infinite
    assert read_number("-inf").is_negative
    assert read_number("Infinity") == read_number("\u221e") == read_number("+inf")
    assert read_number("NaN").is_nan


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        ("", 0, "Type a number"),
        ("   ", 0, "Type a number"),
        ("1e", 2, "The exponent after \u201ce\u201d is missing"),
        ("0x", 2, "The digits after \u201c0x\u201d are missing"),
        ("0b", 2, "The digits after \u201c0b\u201d are missing"),
        ("0x1p", 4, "The exponent after \u201cp\u201d is missing"),
        ("9" * 10_000, 0, "2,000 characters at most; this has 10,000"),
        ("nan(7)", 3, "an operator is missing"),
        ("\U0001f600", 0, "is not part of a number"),
        ("\u0663", 0, "is not part of a number"),
        ("abc", 0, "\u201cabc\u201d at character 1"),
        ("1,5", 1, "The decimal sign is a point"),
        ("1..2", 2, "an operator is missing"),
        ("12 34", 3, "an operator is missing"),
        (".", 0, "needs a digit"),
        ("3*", 2, "After \u201c*\u201d a number is missing"),
        ("*3", 0, "Before \u201c*\u201d a number is missing"),
        ("(1", 0, "not closed"),
        ("1)", 1, "no opening one"),
        ("()", 1, "a number is missing"),
        ("1/0", 1, "Division by zero"),
        ("0**-1", 1, "no negative power"),
        ("2**(1/2)", 1, "whole number as its exponent"),
        ("inf-inf", 3, "stand alone"),
        ("9**9**9", 1, "too large or too fine"),
        ("1e9999999999", 0, "too large: 4,000 at most"),
        ("1e4000*1e4000", 6, "too large or too fine"),
        ("2**16385", 1, "too large or too fine"),
        ("1.5**20000", 3, "too large or too fine"),
        ("(" * 200, 32, "64 signs or parentheses"),
        ("-" * 200 + "1", 64, "64 signs or parentheses"),
        ("\x00", 0, "is not part of a number"),
        ("__import__('os')", 0, "is not part of a number"),
    ],
)
def test_that_what_is_no_number_is_refused_in_a_sentence(text: str, position: int, sentence: str) -> None:
    with pytest.raises(NumberTextError, match=re.escape(sentence)) as refused:
        read_number(text)
    assert refused.value.position == position


@pytest.mark.parametrize(
    "text",
    ["9**9**9", "9**9**9**9", "*".join(["1e99"] * 400), "1" + "+1/1009" * 280, "**".join("9" * 600), "9" * 10_000,
     "+".join(f"1/{n}" for n in range(1001, 1250)), "(" * 2000, "0x" + "F" * 1990, "1e4000"],
)  # fmt: skip
def test_that_no_text_takes_long(text: str) -> None:
    started = time.perf_counter()
    with suppress(NumberTextError):
        read_number(text)
    assert time.perf_counter() - started < 60  # a millisecond or two; unlimited, the first takes for ever
