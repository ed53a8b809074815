"""One number in one format: the facts, the outcome, and the row that is printed."""

import json
from fractions import Fraction

import pytest

from workbench.core.bits.inspection import Outcome, field_texts, inspect_code, inspect_number
from workbench.numerics.named_formats import ARTICLE, E8M0, FP4_E2M1, FP8_E4M3, FP16, FP64, INT8, NF4, NUMBER_FORMATS
from workbench.numerics.number import Number
from workbench.numerics.number_format import FieldKind, NumberFormat
from workbench.numerics.number_text import read_number

KEYS = [
    "name", "code", "bits", "sign", "exponent", "fraction", "class", "value", "exact", "error_absolute",
    "error_relative", "error_ulp", "previous", "next",
]  # fmt: skip


def test_that_a_row_says_all_of_a_tenth_in_fp16() -> None:
    row = inspect_number(FP16, read_number("0.1")).row()
    assert list(row) == KEYS
    assert row == {
        "name": "FP16",
        "code": "0x2E66",
        "bits": "0010111001100110",
        "sign": 0,
        "exponent": 11,
        "fraction": 614,
        "class": "normal",
        "value": "0.1",
        "exact": "0.0999755859375",
        "error_absolute": 2.44140625e-05,
        "error_relative": 0.000244140625,
        "error_ulp": 0.4,
        "previous": "0.0999",
        "next": "0.10004",
    }


@pytest.mark.parametrize(
    "text", ["0", "-0", "0.1", "-1/3", "65520", "inf", "-inf", "nan", "1e400", "-1e-400", "1e4000"]
)
def test_that_every_row_is_json_with_all_keys(text: str) -> None:
    for entry in NUMBER_FORMATS.values():
        row = inspect_number(entry, read_number(text)).row()
        assert list(row) == KEYS
        assert json.loads(json.dumps(row, allow_nan=False)) == row
        assert row["code"] is None or int(row["code"], 16) == int(row["bits"], 2)


@pytest.mark.parametrize(
    ("entry", "text", "outcome", "word"),
    [
        (FP16, "0.5", Outcome.EXACT, ""),
        (FP16, "-0", Outcome.EXACT, ""),
        (FP16, "-inf", Outcome.EXACT, ""),
        (FP16, "nan", Outcome.EXACT, ""),
        (FP16, "0.1", Outcome.ROUNDED, ""),
        (FP16, "65519.99", Outcome.ROUNDED, ""),
        (
            FP16,
            "65520",
            Outcome.OVERFLOWED,
            "The largest value of FP16 is 65504; what is rounded beyond it is infinity.",
        ),
        (FP16, "2^-26", Outcome.UNDERFLOWED, "Nearer to zero than FP16 can tell apart."),
        (
            FP8_E4M3,
            "465",
            Outcome.OVERFLOWED,
            "The largest value of FP8 E4M3 is 448; what is rounded beyond it is NaN.",
        ),
        (
            FP8_E4M3,
            "-inf",
            Outcome.OVERFLOWED,
            "The largest value of FP8 E4M3 is 448; what is rounded beyond it is NaN.",
        ),
        (FP8_E4M3, "464", Outcome.ROUNDED, ""),
        (FP4_E2M1, "7", Outcome.CLIPPED, "Held at the largest value of FP4 E2M1."),
        (INT8, "-2", Outcome.CLIPPED, "Held at the lowest value of INT8."),
        (NF4, "-1.5", Outcome.CLIPPED, "Held at the lowest value of NF4."),
        (NF4, "nan", Outcome.NO_CODE, "NF4 has no code for NaN."),
        (E8M0, "0", Outcome.NO_CODE, "E8M0 has no code for 0."),
        (E8M0, "-0.5", Outcome.NO_CODE, "E8M0 has no code for -0.5."),
        (E8M0, "2^-130", Outcome.CLIPPED, "Held at the lowest value of E8M0."),
        (ARTICLE, "0.125", Outcome.EXACT, ""),
    ],
)
def test_that_what_became_of_a_number_is_said(entry: NumberFormat, text: str, outcome: Outcome, word: str) -> None:
    inspection = inspect_number(entry, read_number(text))
    assert inspection.outcome is outcome
    assert inspection.note == word
    assert inspection.is_exact is (outcome is Outcome.EXACT)
    assert inspection.is_clipped is (outcome is Outcome.CLIPPED)


def test_that_a_saturated_number_is_clipped() -> None:
    inspection = inspect_number(FP8_E4M3, read_number("1000"), saturate=True)
    assert (inspection.code, inspection.outcome) == (0x7E, Outcome.CLIPPED)


def test_that_a_code_is_read_by_itself_or_beside_a_number() -> None:
    alone = inspect_code(FP16, 0x3C00)
    assert alone.is_exact
    assert alone.given == Number.of(1)
    beside = inspect_code(FP16, 0x3C00, Number.of(Fraction(1, 3)))
    assert beside.error is not None
    assert beside.error.signed == Fraction(2, 3)
    assert beside.outcome is Outcome.ROUNDED
    assert (beside.previous, beside.next) == (0x3BFF, 0x3C01)
    with pytest.raises(ValueError, match="16 bits"):
        inspect_code(FP16, 1 << 16)


def test_that_an_error_too_small_for_fp64_is_not_zero() -> None:
    row = inspect_number(FP64, read_number("1e-400")).row()
    assert row["class"] == "zero"
    assert row["error_absolute"] > 0
    assert row["error_relative"] == 1.0


def test_that_codebooks_and_integers_have_no_exponent_to_show() -> None:
    assert inspect_number(NF4, read_number("0.1")).row()["exponent"] is None
    assert inspect_number(INT8, read_number("0.3")).row() | {"exact": "38/127", "value": "0.2992126", "sign": 0} == (
        inspect_number(INT8, read_number("0.3")).row()
    )
    row = inspect_number(ARTICLE, read_number("0.125")).row()
    assert (row["bits"], row["exponent"], row["fraction"], row["sign"]) == ("1111100100000000", -2, 256, None)
    assert field_texts(ARTICLE, 0b111110_0100000000) == [
        (FieldKind.EXPONENT, "111110"),
        (FieldKind.FRACTION, "0100000000"),
    ]
