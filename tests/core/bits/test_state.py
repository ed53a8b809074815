"""The Bits page as one line: out and back, and every broken line refused in a sentence."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.bits.state import BitsState, named_format, read_code
from workbench.core.problems import UserError
from workbench.numerics.codebook import Codebook
from workbench.numerics.float_format import FloatFormat, Specials
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.named_formats import BF16, FP16, INT8, NF4, NUMBER_FORMATS, UINT8
from workbench.numerics.rounding import Rounding
from workbench.numerics.twos_format import TwosFormat

MINE = FloatFormat(
    "My format, 8 bits", "4 bits of exponent, 3 of fraction", 4, 3, 9, specials=Specials.NAN_ONLY, subnormals=False
)
ROW_SCALE = IntegerFormat("INT8", INT8.title, 8, scale=Fraction("0.0123"), zero_point=-3)
BLOCK = Codebook("NF4 block", NF4.title, NF4.levels, absmax=Fraction(3, 7))
TWOS = TwosFormat("zweier", "exponent and mantissa in two's complement", 4, 8)


def test_that_a_page_comes_back_from_its_line() -> None:
    state = BitsState(
        value="(1+2**-11) / 3",
        formats=(MINE, FP16, ROW_SCALE, UINT8, BLOCK, TWOS),
        own=(MINE, ROW_SCALE, BLOCK, TWOS),
        rounding=Rounding.STOCHASTIC,
        seed=7,
        saturate=True,
        locks={"fp16": 0x3C01, "my-format-8-bits": 0x7F},
    )
    line = state.to_text()
    assert "\n" not in line
    assert line.isascii()
    again = BitsState.from_text(line)
    assert again == state
    assert again.to_text() == line
    assert again.formats[1] is FP16
    scaled = again.formats[2]
    assert isinstance(scaled, IntegerFormat)
    assert (scaled.scale, scaled.zero_point) == (ROW_SCALE.scale, -3)
    assert again.formats[0].decode(0x7F).number.is_nan


def test_that_a_short_line_is_enough() -> None:
    assert BitsState.from_text("bits") == BitsState("0")
    state = BitsState.from_text("  bits   value=1/3 formats=bf16,FP16 rounding=up\n")
    assert (state.value, state.formats, state.rounding) == ("1/3", (BF16, FP16), Rounding.UP)
    assert BitsState.from_text("bits value=-0").formats == tuple(NUMBER_FORMATS.values())
    slugs = [entry.slug for entry in NUMBER_FORMATS.values()]
    assert slugs[:7] == ["fp32", "fp16", "bf16", "fp64", "int8", "fp8-e4m3", "fp8-e5m2"]
    assert {"fp4-e2m1", "e8m0", "nf4", "fp4-bitsandbytes", "article-6-10"} <= set(slugs)
    assert BitsState("0.1").to_text() == f"bits value=0.1 formats={','.join(slugs)}"


def test_that_a_format_one_made_takes_the_place_of_one_with_its_name() -> None:
    state = BitsState.from_text("bits value=0.3 own=INT8:integer:scale=1/10")
    row = next(entry for entry in state.formats if entry.name == "INT8")
    assert isinstance(row, IntegerFormat)
    assert row.scale == Fraction(1, 10)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", 'begins with "bits"'),
        ("bytes value=1", 'begins with "bits"'),
        ("bits value=1e", "after “e” is missing"),
        ("bits value=" + "9" * 10_000, "2,000 characters at most"),
        ("bits value=" + "9" * 30_000, "20,000 characters at most"),
        ("bits value=nan(7)", "is not a number"),
        ("bits value=1 value=2", "value more than once"),
        ("bits 1/3", '"1/3" says nothing'),
        ("bits valu=1/3", 'The nearest one is "value"'),
        ("bits formats=fp17", "There is no format"),
        ("bits formats=fp16,float16", "names FP16 twice"),
        ("bits formats=" + "fp16," * 50, "40 formats at most"),
        ("bits rounding=half", "A rounding is one of"),
        ("bits seed=-1", "A seed is a whole number"),
        ("bits seed=" + "9" * 40, "A seed is a whole number"),
        ("bits saturate=maybe", "saturate is yes or no"),
        ("bits formats=fp16 lock=bf16:0x1", '"bf16" is locked'),
        ("bits formats=fp16 lock=fp16:0x1FFFF", "does not fit FP16"),
        ("bits formats=fp16 lock=fp16:zz", '"zz" is not a code'),
        ("bits own=mine", "A format's description begins with"),
        ("bits own=:float:exponent=4:fraction=3", "A format's name has"),
        ("bits own=mine:float:exponent=4", "fraction is a whole number"),
        ("bits own=mine:float:exponent=40:fraction=3", "An exponent has 1 to 11 bits"),
        ("bits own=mine:float:exponent=99999999:fraction=3", "exponent is a whole number"),
        ("bits own=mine:float:colour=red", "says nothing of a format"),
        ("bits own=mine:float:exponent=4:fraction=3:subnormals=perhaps", "subnormals is yes or no"),
        ("bits own=mine:float:exponent=4:fraction=3:specials=some", "specials is one of"),
        ("bits own=mine:integer:scale=0", "A scale is above zero"),
        ("bits own=mine:integer:scale=inf", "scale is a finite number"),
        ("bits own=mine:integer:scale=1/", "scale: After"),
        ("bits own=mine:nf4:absmax=-1", "An absmax is above zero"),
        ("bits own=mine:twos:exponent=1:mantissa=3", "two bits each"),
    ],
)
def test_that_a_broken_line_is_refused_in_a_sentence(line: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        BitsState.from_text(line)
    assert sentence in str(refused.value)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_that_any_line_is_a_page_or_a_sentence(text: str) -> None:
    for line in (text, f"bits {text}", f"bits value={text}", f"bits own={text}"):
        try:
            state = BitsState.from_text(line)
        except UserError:
            continue
        assert BitsState.from_text(state.to_text()).to_text() == state.to_text()


def test_that_codes_are_read_in_three_ways() -> None:
    assert [read_code(FP16, text) for text in ("0x3F81", "0X3f81", "0b11", "16257", " 0x1 ", "0x00_01")] == [
        0x3F81, 0x3F81, 3, 16257, 1, 1,
    ]  # fmt: skip
    for text in ("", "0x", "-1", "3F81", "1.5", "0x10000", "9" * 100, "\u0663"):
        with pytest.raises(UserError):
            read_code(FP16, text)


def test_that_a_format_is_found_by_any_of_its_names() -> None:
    assert [named_format(text) for text in ("INT8", "int8", "uint8", "FP4 (bitsandbytes)", "fp4")] == [
        INT8, INT8, UINT8, NUMBER_FORMATS["FP4 (bitsandbytes)"], NUMBER_FORMATS["FP4 (bitsandbytes)"],
    ]  # fmt: skip
