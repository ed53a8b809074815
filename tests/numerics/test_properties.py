"""What holds for any number in any format, looked for by hypothesis."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.numerics.conversion import rounded_twice
from workbench.numerics.decimal_text import exact_decimal, shortest_decimal
from workbench.numerics.float_format import FloatFormat, Specials
from workbench.numerics.format_text import format_text, read_format
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.named_formats import FP64, NUMBER_FORMATS
from workbench.numerics.neighbours import error_of, gap, next_code, previous_code
from workbench.numerics.number import Number
from workbench.numerics.number_format import FormatError, NumberFormat
from workbench.numerics.number_text import NumberTextError, read_number
from workbench.numerics.rounding import Rounding
from workbench.numerics.twos_format import TwosFormat


@st.composite
def floats(draw: st.DrawFn) -> FloatFormat:
    """Formats that a person could make."""
    exponent_bits = draw(st.integers(2, 8))
    return FloatFormat(
        "mine",
        "",
        exponent_bits,
        draw(st.integers(1, 12)),
        2 ** (exponent_bits - 1) - 1 + draw(st.integers(-20, 20)),
        signed=draw(st.booleans()),
        specials=draw(st.sampled_from(Specials)),
        subnormals=draw(st.booleans()),
    )


formats: st.SearchStrategy[NumberFormat] = st.one_of(
    st.sampled_from(list(NUMBER_FORMATS.values())),
    floats(),
    st.builds(TwosFormat, st.just("mine"), st.just(""), st.integers(2, 6), st.integers(2, 10)),
    st.builds(
        IntegerFormat, st.just("mine"), st.just(""), st.integers(7, 12), st.booleans(),
        st.fractions(Fraction(1, 1000), 1000), st.integers(0, 63),
    ),
)  # fmt: skip
numbers = st.builds(
    lambda mantissa, power, extra: mantissa * Fraction(2) ** power + extra,
    st.integers(-(2**60), 2**60),
    st.integers(-240, 140),
    st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1, 10**40)]),
)
roundings = st.sampled_from(Rounding)


@settings(max_examples=400, deadline=None)
@given(formats, st.integers(0, 2**64 - 1))
def test_that_a_code_comes_back_as_the_same_number(entry: NumberFormat, bits: int) -> None:
    decoded = entry.decode(bits % (1 << entry.bits))
    if decoded.number.is_nan:
        assert entry.decode(entry.encode(decoded.number)).number.is_nan
        return
    again = entry.encode(decoded.number)
    assert entry.decode(again).value == decoded.value
    assert entry.encode(entry.decode(again).number) == again


@settings(max_examples=400, deadline=None)
@given(formats, numbers, numbers, roundings, st.integers(0, 2**32))
def test_that_a_larger_number_is_never_rounded_below_a_smaller_one(
    entry: NumberFormat, one: Fraction, other: Fraction, rounding: Rounding, seed: int
) -> None:
    low, high = (entry.decode(entry.encode(x, rounding, seed=seed)).number for x in sorted((one, other)))
    if low.is_nan or high.is_nan:
        return  # beyond the end of a format without infinity
    assert sort_key(low) <= sort_key(high)


def sort_key(number: Number) -> tuple[int, Fraction]:
    if number.value is None:
        return (-1 if number.is_negative else 1), Fraction(0)
    return 0, number.value


@settings(max_examples=400, deadline=None)
@given(formats, numbers)
def test_that_the_nearest_is_off_by_half_a_gap_at_most(entry: NumberFormat, x: Fraction) -> None:
    lowest, largest = entry.value_at(0), entry.value_at(entry.value_count - 1)
    x = min(max(x, lowest), largest)
    if entry.ordinal_at_or_below(x) < 0 or (x == 0 and not isinstance(entry.decode(0).value, Fraction)):
        return
    error = error_of(entry, Number.of(x), entry.encode(x))
    if error is not None:  # E8M0 has NaN for zero and below
        assert error.absolute <= gap(entry, x) / 2
        directed = {rounding: entry.decode(entry.encode(x, rounding)).value for rounding in Rounding}
        down, up = directed[Rounding.DOWN], directed[Rounding.UP]
        assert down is not None
        assert up is not None
        assert down <= x <= up
        assert set(directed.values()) <= {down, up}


@settings(max_examples=300, deadline=None)
@given(formats, st.integers(0, 2**64 - 1))
def test_that_next_and_previous_undo_each_other(entry: NumberFormat, bits: int) -> None:
    code = bits % (1 << entry.bits)
    number = entry.decode(code).number
    up = next_code(entry, code)
    if up is not None:
        back = previous_code(entry, up)
        assert back is not None
        assert sort_key(entry.decode(back).number) == sort_key(number) < sort_key(entry.decode(up).number)


@settings(max_examples=200, deadline=None)
@given(formats, st.integers(0, 2**64 - 1))
def test_that_text_is_read_back(entry: NumberFormat, bits: int) -> None:
    decoded = entry.decode(bits % (1 << entry.bits))
    assert read_number(exact_decimal(decoded.number)) == decoded.number or decoded.number.is_nan
    if decoded.value is not None and decoded.value > 0:
        shortest = shortest_decimal(entry, decoded.code)
        assert entry.decode(entry.encode(read_number(shortest))).value == decoded.value


@settings(max_examples=200, deadline=None)
@given(numbers, st.sampled_from(list(NUMBER_FORMATS.values())))
def test_that_a_stop_in_fp64_changes_little_and_a_stop_in_the_format_itself_nothing(
    x: Fraction, entry: NumberFormat
) -> None:
    assert not rounded_twice(Number.of(x), entry, entry).differs or entry.decode(entry.encode(x)).number.is_nan
    found = rounded_twice(Number.of(x), FP64, entry)
    direct, twice = entry.decode(found.direct).value, entry.decode(found.twice).value
    if direct is not None and twice is not None:
        assert abs(direct - twice) <= max(gap(entry, direct), gap(entry, x))


@settings(deadline=None)
@given(formats)
def test_that_a_format_comes_back_from_its_text(entry: NumberFormat) -> None:
    again = read_format(entry.name, format_text(entry))
    assert format_text(again) == format_text(entry)
    assert [again.value_at(n) for n in (0, again.value_count - 1)] == [
        entry.value_at(n) for n in (0, entry.value_count - 1)
    ]
    assert again.fields == entry.fields


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.eExpXbB+-*/^() infa\u2212_,", max_size=24))
def test_that_any_text_is_a_number_or_a_sentence(text: str) -> None:
    refusal = None
    try:
        read_number(text)
    except NumberTextError as error:
        refusal = error
    assert refusal is None or (str(refusal).endswith(".") and 0 <= refusal.position <= len(text))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="floatwsiegrnpbim:=0123456789-/", max_size=40))
def test_that_any_text_is_a_format_or_a_sentence(text: str) -> None:
    for described in (text, f"float:{text}", f"integer:scale={text}"):
        refusal = None
        try:
            read_format("mine", described)
        except FormatError as error:
            refusal = error
        assert refusal is None or str(refusal).endswith(".")
