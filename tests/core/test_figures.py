"""Numbers as people of the field write them."""

import math

import pytest

from workbench.core.figures import (
    in_digits,
    in_powers,
    measured_text,
    percent,
    setting_text,
    short_power,
    with_minus,
    with_sign,
)

MINUS = "\u2212"


def test_that_a_hyphen_becomes_a_true_minus_sign() -> None:
    assert with_minus(-127) == f"{MINUS}127"
    assert with_minus("-1.2e-5") == f"{MINUS}1.2e{MINUS}5"
    assert with_sign("1.4", 0.3) == with_sign("1.4", 0) == "+1.4"
    assert with_sign("1.4", -0.3) == f"{MINUS}1.4"


@pytest.mark.parametrize(
    ("python", "short"),
    [("1.2e-05", "1.2e-5"), ("1.0e+07", "1.0e7"), ("3e-100", "3e-100"), ("1.8e+19", "1.8e19"), ("0.25", "0.25")],
)
def test_that_a_power_of_ten_has_no_zeros_and_no_plus(python: str, short: str) -> None:
    assert short_power(python) == short


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.05034, 3, "0.0503"),
        (-0.05034, 3, f"{MINUS}0.0503"),
        (-1.234e-5, 3, f"{MINUS}1.23e-5"),
        (1_500_000.0, 3, "1.5e6"),
        (38.1, 4, "38.1"),
        (0.0, 3, "0"),
        (math.inf, 3, "inf"),
    ],
)
def test_that_a_number_has_the_digits_asked_for(value: float, digits: int, text: str) -> None:
    assert in_digits(value, digits) == text


def test_that_a_setting_is_written_so_that_no_zeros_have_to_be_counted() -> None:
    assert [setting_text(value) for value in (2e-4, 0.00015, 0.001, 0.05, 1.0, 0.0)] == [
        "2e-4",
        "1.5e-4",
        "0.001",
        "0.05",
        "1",
        "0",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.10949, "0.109"),
        (4.49e-5, "4.5e-5"),
        (12.4, "12.40"),
        (123.4, "123"),
        (250_000.0, "2.5e5"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (0.0, "0.000"),
    ],
)
def test_that_what_was_measured_has_three_or_four_digits(value: float, text: str) -> None:
    assert measured_text(value) == text


def test_that_a_share_is_in_percent() -> None:
    assert percent(0.125) == "12\u2009%"
    assert percent(0.0114, 2) == "1.14\u2009%"
    assert in_powers(1.8e19, 1) == "1.8e19"
