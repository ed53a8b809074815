"""The figures of the rows of the Bits page."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.numerics.number import Number
from workbench.panes.bits.shown.words import figure_text, relative_share, scientific, ulp_text, value_text


@given(st.fractions().filter(bool))
def test_that_a_figure_has_the_digits_that_decimal_arithmetic_has(x: Fraction) -> None:
    mantissa, power = scientific(x).split("e")
    assert abs(Fraction(mantissa) * Fraction(10) ** int(power) - x) <= abs(x) / 200
    assert 1 <= abs(float(mantissa)) < 10


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(149, 10**11), "+1.49e-9"),
        (Fraction(-9996, 10**6), "-1.00e-2"),
        (Fraction(1, 10), "+0.1"),
        (Fraction(-65519), "-65519"),
        (Fraction(10) ** 400, "+1.00e400"),
        (Fraction(1, 10**400), "+1.00e-400"),
    ],
)
def test_that_small_and_large_errors_have_a_power_of_ten(x: Fraction, text: str) -> None:
    assert figure_text(x, signed=True) == text


def test_that_an_error_in_ulp_is_short() -> None:
    shown = [
        ulp_text(ulp) for ulp in (None, Fraction(0), Fraction(2, 5), Fraction(1, 1000), Fraction(512), Fraction(10**6))
    ]
    assert shown == ["–", "0", "0.40", "1.0e-3", "512", "1.0e6"]  # noqa: RUF001


def test_that_a_value_keeps_as_many_digits_as_there_is_room_for() -> None:
    value = Number.of(Fraction(38, 127))
    assert value_text(value) == "38/127"
    for characters in range(6, 24):
        assert len(value_text(value, characters)) <= characters
    assert value_text(Number.of(0.1), 60) == "0.1000000000000000055511151231257827021181583404541015625"
    assert value_text(Number.of(float("-inf"))) == "−infinity"  # noqa: RUF001
    assert value_text(Number.of(-0.0)) == "−0"  # noqa: RUF001


def test_that_the_bar_of_an_error_grows_with_its_power_of_ten() -> None:
    shares = [relative_share(Fraction(1, 10**power)) for power in (400, 9, 6, 3, 1, 0)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.04, 1.0)
    assert relative_share(None) == 0
