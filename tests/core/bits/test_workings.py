"""The workings' text: every equation, sum and weight holds exactly, for many codes of every format."""

import random
import re
from fractions import Fraction

import pytest

from tests.core.bits.codes import FORMATS, codes_of
from workbench.core.bits.codebook_workings import boundaries
from workbench.core.bits.digits import digits, power_of_two, weight
from workbench.core.bits.inspection import inspect_code, inspect_number
from workbench.core.bits.work_out import workings_of
from workbench.core.bits.workings import Workings, plain_text
from workbench.numerics.codebook import Codebook
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.named_formats import NF4, find_format
from workbench.numerics.number import NumberClass
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.number_text import read_number
from workbench.numerics.rounding import Rounding
from workbench.numerics.twos_format import TwosFormat

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def worked(format_: NumberFormat, code: int) -> Workings:
    return workings_of(inspect_code(format_, code), Rounding.NEAREST_EVEN)


def text_to_python(text: str) -> str:
    """An equation's side as Python would write it, exactly."""
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "^(" + found.group().translate(RAISED) + ")", text)
    text = text.replace("\u2212", "-").replace("\u00d7", "*").replace("½", "(1/2)").replace("^", "**")
    return re.sub(r"\d+(?:\.\d+)?(?:e-?\d+)?", lambda found: f"Fraction('{found.group()}')", text)


def value_of(side: str) -> Fraction:
    """What a side of an equation comes to; the text is the program's own."""
    value = eval(text_to_python(side), {"Fraction": Fraction})
    assert isinstance(value, Fraction)
    return value


def agrees(side: str, value: Fraction) -> bool:
    """Exactly; where digits were cut off, the number must lie in what the digits before that leave open."""
    if "\u2026" not in side:
        return value_of(side) == value
    low, high = Fraction(1), Fraction(1)
    for factor in side.split(" \u00d7 "):
        ends = ends_of(factor)
        low, high = low * ends[0], high * ends[1]
    return min(low, high) <= value <= max(low, high)


def ends_of(factor: str) -> tuple[Fraction, Fraction]:
    """The least and the largest size that a factor can have, with its sign."""
    if "\u2026" not in factor:
        return value_of(factor), value_of(factor)
    shown, _dots, power = factor.partition("\u2026")
    least = value_of(shown + power)
    step = value_of("1" + power) / 10 ** len(shown.partition(".")[2])
    return least, least + (step if least >= 0 and not factor.startswith("\u2212") else -step)


def sides_of(made: Workings) -> list[str]:
    text = " ".join(plain_text(line) for line in made.equation)
    return [side.strip() for side in text.split(" = ") if side.strip()]


@pytest.mark.parametrize("format_", FORMATS, ids=lambda entry: entry.name)
def test_that_every_side_of_the_equation_is_the_value(format_: NumberFormat) -> None:
    for code in codes_of(format_):
        decoded, made = format_.decode(code), worked(format_, code)
        if decoded.value is None:
            assert made.equation
            continue
        sides = [side.lstrip("= ") for side in sides_of(made)]
        if isinstance(format_, Codebook):
            assert sides[0].startswith(f"level {code} \u00d7 absmax")
            sides = sides[1:]
        assert sides
        for side in sides:
            assert agrees(side, decoded.value), (format_.name, hex(code), side)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda entry: entry.name)
def test_that_every_sum_is_what_it_says(format_: NumberFormat) -> None:
    for code in codes_of(format_):
        decoded = format_.decode(code)
        for rule in worked(format_, code).rules:
            if rule.name == "sign":
                continue
            sides = [value_of(side) for side in rule.sum.split(" = ")]
            assert len(set(sides)) == 1, (format_.name, hex(code), rule.sum)
            field = next(field for field in format_.fields if field.high == rule.high)
            raw = field.of(code)
            if rule.name == "exponent":
                assert sides[0] == decoded.exponent_field
            elif rule.name == "mantissa":
                assert isinstance(format_, TwosFormat)
                assert sides[0] == decoded.significand
            elif "fraction" in rule.name:
                assert sides[0] == Fraction(raw, 1 << field.bits)
            else:
                assert sides[0] == raw


@pytest.mark.parametrize("format_", FORMATS, ids=lambda entry: entry.name)
def test_that_the_weights_below_the_ones_add_up(format_: NumberFormat) -> None:
    for code in codes_of(format_, most=60):
        decoded, made = format_.decode(code), worked(format_, code)
        for field in format_.fields:
            ones = [bit for bit in range(field.low, field.high + 1) if code >> bit & 1]
            if made.weights.get(field.high, ("",))[0] in ("+", "\u2212"):
                continue
            total = sum((value_of(made.weights[bit][0]) for bit in ones), Fraction(0))
            assert total == sum((value_of(made.weights[bit][-1]) for bit in ones), Fraction(0))
            match field.kind.value:
                case "exponent":
                    assert total == decoded.exponent_field
                case "fraction" if isinstance(format_, TwosFormat):
                    assert total == decoded.significand
                case "fraction":
                    assert total == Fraction(decoded.fraction or 0, 1 << field.bits)
                case "index":
                    assert total == code
                case "integer":
                    assert total == field.of(code)
                case "sign":
                    assert total == -(code & (1 << field.low))


@pytest.mark.parametrize("format_", FORMATS, ids=lambda entry: entry.name)
def test_that_the_neighbours_lie_on_either_side(format_: NumberFormat) -> None:
    for code in codes_of(format_, most=60):
        decoded = format_.decode(code)
        facts = dict(worked(format_, code).facts)
        if decoded.value is None:
            continue
        for name, way in (("Neighbour below", -1), ("Neighbour above", 1)):
            if facts[name] not in ("none", "\u221e", "\u2212\u221e"):
                assert (value_of(facts[name]) - decoded.value) * way > 0, (format_.name, hex(code), facts)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda entry: entry.name)
def test_that_each_class_is_explained_in_whole_sentences(format_: NumberFormat) -> None:
    for code in codes_of(format_):
        made = worked(format_, code)
        assert made.sentence.endswith("."), made.sentence
        assert "  " not in made.sentence
        assert "None" not in made.text
        assert format_.name in made.title
        match format_.decode(code).number_class:
            case NumberClass.NAN:
                assert "NaN" in made.sentence
            case NumberClass.INFINITY:
                assert "infinity" in made.sentence
            case NumberClass.SUBNORMAL if isinstance(format_, FloatFormat):
                assert "subnormal" in made.sentence


def sentence(name: str, text: str, rounding: Rounding = Rounding.NEAREST_EVEN, *, saturate: bool = False) -> str:
    format_ = find_format(name)
    return workings_of(inspect_number(format_, read_number(text), rounding, saturate=saturate), rounding).sentence


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("FP16", "65520", "65520 lies half way between 65504, the largest value of FP16, and 65536"),
        ("FP16", "65520", "The tie goes to the even one, 65536, which it cannot hold."),
        ("FP16", "65519.996", "It is nearer to 65504: from 65520 on it would not be."),
        ("FP16", "65530", "It is nearer to 65536, which FP16 cannot hold."),
        ("FP16", "-1e9", "1000000000 is beyond \u221265504, the lowest value of FP16."),
        ("FP16", "2^-25", "is half of 2⁻²⁴, the smallest value above 0: the tie goes to the even one, 0."),
        ("FP16", "2^-26", "is less than half of 2⁻²⁴"),
        ("FP16", "0.1", "15 is the bias of FP16. The hidden 1 is not stored"),
        ("FP8 E4M3", "464", "464 lies half way between 448, the largest value of FP8 E4M3, and 480"),
        ("FP8 E4M3", "464", "The tie goes to the even one, 448."),
        ("FP8 E4M3", "465", "It is nearer to 480, which FP8 E4M3 cannot hold."),
        ("FP32", "16777217", "16777217 lies half way between 16777216 and 16777218: the tie goes to the even one"),
        ("BF16", "257", "257 lies half way between 256 and 258"),
        ("INT8", "0.3", "0.3 / (1/127) = 38.1, rounded to a whole number."),
        ("INT8", "7", "7 is beyond 1, the largest value of INT8, and is held there."),
        ("NF4", "nan", "NF4 has no code for NaN."),
        ("Article 6+10", "0", "so 64 codes stand for it"),
    ],
)
def test_that_rounding_is_explained_with_the_numbers_at_hand(name: str, text: str, expected: str) -> None:
    assert expected in sentence(name, text)


def test_that_a_saturated_value_is_said_to_be_held() -> None:
    assert "is held there" in sentence("FP8 E4M3", "1000", saturate=True)
    assert "held at the last value" in sentence("FP8 E4M3", "470", saturate=True)


def test_that_a_directed_rounding_is_not_called_a_tie() -> None:
    for rounding in (Rounding.UP, Rounding.DOWN, Rounding.TOWARD_ZERO, Rounding.STOCHASTIC):
        assert "tie" not in sentence("BF16", "257", rounding)
        assert "nearer" not in sentence("FP16", "65530", rounding)


def test_that_locked_bits_are_not_explained_as_rounded() -> None:
    inspection = inspect_code(find_format("FP16"), 0x7C00, read_number("65520"))
    assert "half way" not in workings_of(inspection, None).sentence


def test_that_the_drawn_example_reads_as_drawn() -> None:
    made = workings_of(inspect_number(find_format("FP16"), read_number("0.1")), Rounding.NEAREST_EVEN)
    assert [plain_text(line) for line in made.equation] == [
        "(\u22121)^0 \u00d7 2^(11 \u2212 15) \u00d7 (1 + 614/1024)",
        "= +1 \u00d7 0.0625 \u00d7 1.599609375 = 0.0999755859375",
    ]
    assert [(rule.name, rule.value) for rule in made.rules] == [
        ("sign", "+"), ("exponent", "11"), ("1 hidden + fraction", "614 of 1024"),
    ]  # fmt: skip
    assert made.rules[1].sum == "8 + 2 + 1 = 11"
    assert dict(made.facts)["Class"] == "normal, not exact"
    assert made.text.startswith("FP16: 0x2E66, 0 01011 1001100110, 0.0999755859375\n")


def test_that_the_articles_example_shows_its_negative_weights() -> None:
    made = worked(find_format("article"), 0b111110_0100000000)
    assert plain_text(made.equation[0]) == "(256/512) \u00d7 2^(\u221232 + 30)"
    assert plain_text(made.equation[1]) == "= 0.5 \u00d7 0.25 = 0.125"
    assert made.weights[15] == ("\u221232",)
    assert made.weights[9] == ("\u22121",)


def test_that_boundaries_are_where_rounding_changes() -> None:
    for code in range(16):
        low, high = boundaries(NF4, code)
        tiny = Fraction(1, 10**9)
        if low is not None:
            assert NF4.encode(low + tiny) == code
            assert NF4.encode(low - tiny) == code - 1
        if high is not None:
            assert NF4.encode(high - tiny) == code


@pytest.mark.parametrize("seed", range(20))
def test_that_cut_digits_are_the_first_ones(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(200):
        value = Fraction(chosen.randrange(-(10**9), 10**9), chosen.randrange(1, 10**9))
        value *= Fraction(2) ** chosen.randrange(-200, 200)
        low, high = ends_of(digits(value)) if value else (Fraction(0), Fraction(0))
        assert min(low, high) <= value <= max(low, high), (value, digits(value))
        assert len(digits(value)) <= 24


def test_that_weights_are_powers_of_two() -> None:
    for exponent in range(-60, 60):
        assert value_of(weight(exponent)) == Fraction(2) ** exponent
        assert value_of(power_of_two(exponent)) == Fraction(2) ** exponent
