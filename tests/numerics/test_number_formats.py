"""Codes: each decodes to what others make of it, and encodes to itself."""

import math
from fractions import Fraction

import pytest

from tests.numerics.oracle import SMALL, decoded_by_others, is_normalized, table_of
from workbench.numerics.float_format import FloatFormat, Specials
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.named_formats import ARTICLE, NUMBER_FORMATS, UINT8, find_format
from workbench.numerics.number import NumberClass
from workbench.numerics.number_format import FieldKind, FormatError, NotRepresentable, NumberFormat
from workbench.numerics.twos_format import TwosFormat

NAMES = [
    "FP32", "FP16", "BF16", "FP64", "INT8", "FP8 E4M3", "FP8 E5M2", "FP4 E2M1", "E8M0", "NF4", "FP4 (bitsandbytes)",
    "Article 6+10",
]  # fmt: skip

OWN = [
    FloatFormat("no subnormals", "", 4, 3, 7, subnormals=False),
    FloatFormat("numbers alone", "", 3, 2, 3, specials=Specials.NONE),
    FloatFormat("unsigned", "", 5, 4, 15, signed=False),
    FloatFormat("no fraction", "", 5, 0, 15, subnormals=False, specials=Specials.NONE),
    FloatFormat("one exponent bit", "", 1, 3, 1, specials=Specials.NONE),
    FloatFormat("far up", "", 4, 3, -100),
    TwosFormat("small twos", "", 3, 4),
    IntegerFormat("asymmetric", "", 8, signed=False, scale=Fraction(4, 255), zero_point=64),
    IntegerFormat("four bits", "", 4, scale=Fraction(1, 7)),
]


def all_formats() -> list[NumberFormat]:
    return [*SMALL.values(), *OWN]


def test_that_the_formats_have_their_names_and_order() -> None:
    assert [name for name in NUMBER_FORMATS if name in NAMES] == NAMES
    assert [entry.name for entry in NUMBER_FORMATS.values()] == list(NUMBER_FORMATS)
    assert [find_format(entry.slug) for entry in NUMBER_FORMATS.values()] == list(NUMBER_FORMATS.values())
    assert find_format("e4m3") is NUMBER_FORMATS["FP8 E4M3"]
    assert find_format("Uint8") is UINT8
    with pytest.raises(FormatError, match="There is no format"):
        find_format("FP17")


@pytest.mark.parametrize("entry", [*NUMBER_FORMATS.values(), *OWN], ids=lambda entry: entry.name)
def test_that_the_fields_cover_every_bit_once(entry: NumberFormat) -> None:
    bits = [bit for field in entry.fields for bit in range(field.high, field.low - 1, -1)]
    assert bits == list(range(entry.bits - 1, -1, -1))
    if entry.name in ("NF4", "FP4 (bitsandbytes)"):
        assert [field.kind for field in entry.fields] == [FieldKind.INDEX]


@pytest.mark.parametrize("name", SMALL)
def test_that_every_code_is_what_others_make_of_it(name: str) -> None:
    entry = SMALL[name]
    for code in range(1 << entry.bits):
        number, expected = entry.decode(code).number, decoded_by_others(name, code)
        if isinstance(expected, float) and not math.isfinite(expected):
            assert number.value is None
            assert number.is_nan is math.isnan(expected)
            assert math.isnan(expected) or number.is_negative is (expected < 0)
        else:
            assert number.value == Fraction(expected)
            if expected == 0 and isinstance(entry, FloatFormat):
                assert number.is_negative is (math.copysign(1, expected) < 0)


@pytest.mark.parametrize("entry", all_formats(), ids=lambda entry: entry.name)
def test_that_every_code_encodes_to_itself(entry: NumberFormat) -> None:
    """Or to the one code that is chosen of several for the same number."""
    doubles = 0
    for code in range(1 << entry.bits):
        decoded = entry.decode(code)
        again = entry.encode(decoded.number)
        if decoded.number.is_nan:
            assert entry.decode(again).number_class is NumberClass.NAN
        elif again != code:
            doubles += 1
            assert entry.decode(again).number == decoded.number
    expected = {"Article 6+10": 65536 - 33280, "FP4 (bitsandbytes)": 1, "small twos": 128 - 72, "no subnormals": 2 * 7}
    assert doubles == expected.get(entry.name, 0)


@pytest.mark.parametrize("entry", [*NUMBER_FORMATS.values(), *OWN], ids=lambda entry: entry.name)
def test_that_the_parts_make_up_the_value(entry: NumberFormat) -> None:
    for code in {*range(0, 1 << entry.bits, max(1, (1 << entry.bits) // 4096)), (1 << entry.bits) - 1}:
        decoded = entry.decode(code)
        if decoded.significand is not None:
            assert decoded.exponent is not None
            sign = (-1) ** (decoded.sign or 0)
            assert sign * decoded.significand * Fraction(2) ** decoded.exponent == decoded.value
        if decoded.hidden_bit is not None:
            assert (decoded.number_class is NumberClass.NORMAL) is (decoded.hidden_bit == 1)
        if decoded.integer is not None and isinstance(entry, IntegerFormat):
            assert (decoded.integer - entry.zero_point) * entry.scale == decoded.value


@pytest.mark.parametrize("entry", all_formats(), ids=lambda entry: entry.name)
def test_that_ordinals_count_the_values_upward(entry: NumberFormat) -> None:
    values = [entry.value_at(ordinal) for ordinal in range(entry.value_count)]
    assert values == sorted(set(values))
    places = range(0, len(values), max(1, len(values) // 2000))
    for ordinal in places:
        assert entry.ordinal_at_or_below(values[ordinal]) == ordinal
        assert entry.ordinal_of(entry.code_at(ordinal)) == ordinal
    middles = [
        (ordinal, (values[ordinal] + values[ordinal + 1]) / 2) for ordinal in places if ordinal + 1 < len(values)
    ]
    assert all(entry.ordinal_at_or_below(middle) == ordinal for ordinal, middle in middles)
    assert entry.ordinal_at_or_below(values[0] - 1) == -1
    assert entry.ordinal_at_or_below(values[-1] * 3) == len(values) - 1


def test_that_the_article_gives_an_eighth_for_its_own_example() -> None:
    code = 0b111110_0100000000
    assert ARTICLE.decode(code).value == Fraction(1, 8)
    assert ARTICLE.encode(Fraction(1, 8)) == code
    assert ARTICLE.value_count == 33280
    assert ARTICLE.value_at(33279) == 2143289344
    assert ARTICLE.value_at(0) == -(2**31)
    assert all(ARTICLE.encode(value) == codes[0] for value, codes in _article_values(97))
    normalized = sum(is_normalized(ARTICLE.code_at(ordinal)) for ordinal in range(ARTICLE.value_count))
    assert normalized == 64 * 512


def _article_values(step: int) -> list[tuple[Fraction, list[int]]]:
    table = table_of("Article 6+10")
    return list(zip(table.values, table.codes, strict=True))[::step]


@pytest.mark.parametrize("name", ["INT8", "FP4 E2M1", "NF4", "FP4 (bitsandbytes)", "Article 6+10"])
def test_that_nan_is_refused_where_there_is_none(name: str) -> None:
    with pytest.raises(NotRepresentable, match="has no code for NaN"):
        NUMBER_FORMATS[name].encode(math.nan)


def test_that_a_code_with_too_many_bits_is_refused() -> None:
    for code in (-1, 256):
        with pytest.raises(ValueError, match="8 bits"):
            NUMBER_FORMATS["INT8"].decode(code)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"exponent_bits": 0}, "1 to 11 bits"),
        ({"exponent_bits": 12}, "1 to 11 bits"),
        ({"fraction_bits": -1}, "0 to 52 bits"),
        ({"fraction_bits": 53}, "0 to 52 bits"),
        ({"fraction_bits": 0}, "Infinities and NaNs take"),
        ({"exponent_bits": 1}, "Infinities and NaNs take"),
        ({"bias": 1100}, "below those of FP64"),
        ({"bias": -1100}, "above those of FP64"),
        ({"zero": False}, "neither a sign nor subnormals"),
        ({"exponent_bits": 1, "fraction_bits": 0, "specials": Specials.NAN_ONLY}, "No number but zero"),
    ],
)
def test_that_a_format_that_cannot_be_is_refused_in_a_sentence(arguments: dict[str, object], sentence: str) -> None:
    usual: dict[str, object] = {"exponent_bits": 4, "fraction_bits": 3, "bias": 7}
    with pytest.raises(FormatError, match=sentence):
        FloatFormat("mine", "", **(usual | arguments))  # type: ignore[arg-type]


def test_that_other_formats_that_cannot_be_are_refused_too() -> None:
    for make in (
        lambda: TwosFormat("mine", "", 1, 4),
        lambda: TwosFormat("mine", "", 8, 10),
        lambda: TwosFormat("mine", "", 12, 4),
        lambda: IntegerFormat("mine", "", 1),
        lambda: IntegerFormat("mine", "", 17),
        lambda: IntegerFormat("mine", "", 8, scale=Fraction(0)),
        lambda: IntegerFormat("mine", "", 8, zero_point=200),
    ):
        with pytest.raises(FormatError):
            make()
