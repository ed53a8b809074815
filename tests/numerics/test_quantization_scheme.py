"""What an entry of SCHEMES has to say: names, codes, levels, and what it costs beside its codes."""

import tomllib
from fractions import Fraction

import numpy as np
import pytest

from workbench.core import places
from workbench.numerics.affine_quantizer import AbsmaxQuantizer
from workbench.numerics.block_quantizer import BlockQuantizer, CodebookQuantizer, integer_codebook
from workbench.numerics.codebook import Codebook
from workbench.numerics.quantization_scheme import SCHEMES, Grouping, Scheme, SchemeError
from workbench.numerics.round_trip import round_trip

INT8 = AbsmaxQuantizer("INT8 absmax", "formats.INT8")
INT4 = CodebookQuantizer("INT4 absmax", "formats.INT8", integer_codebook(4), is_whole=True)
EVERY = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.name)


@EVERY
def test_that_every_format_has_its_names_and_a_colour_of_the_theme(scheme: Scheme) -> None:
    assert SCHEMES[scheme.name] is scheme
    names = (scheme.title, scheme.label, scheme.short_title, scheme.quantizer.title)
    assert all(name and name == name.strip() for name in names)
    assert len(scheme.short_title) <= len(scheme.title)
    tokens = tomllib.loads((places.resources() / "themes" / "tokens.toml").read_text(encoding="utf-8"))
    room, _, token = scheme.quantizer.color.partition(".")
    assert token in tokens["light"][room]
    assert token in tokens["dark"][room]


@pytest.mark.parametrize("named", ["title", "label", "short_title"])
def test_that_no_two_formats_have_a_name_in_common(named: str) -> None:
    assert len({getattr(scheme, named) for scheme in SCHEMES.values()}) == len(SCHEMES)


@EVERY
def test_that_levels_rise_and_every_number_comes_back_as_one(scheme: Scheme) -> None:
    quantizer = scheme.quantizer
    levels, stored = quantizer.levels()
    assert (np.diff(levels) > 0).all()
    assert not np.signbit(levels[levels == 0]).any()
    assert len(levels) == len(stored) <= 1 << scheme.bits
    low, high = quantizer.ends
    assert low < high
    values = np.random.default_rng(7).standard_normal(64, dtype=np.float32)
    made = round_trip(values, scheme, 64).restored.astype(np.float64)
    if isinstance(quantizer, BlockQuantizer):
        blocks = quantizer.quantize(values, scheme.block_size)
        scales = np.repeat(blocks.scales.numbers.astype(np.float64), scheme.block_size)
        assert np.array_equal(blocks.restored(), made.astype(np.float32))
    else:
        affine = quantizer.affine(values.min(), values.max())
        made += float(affine.step * affine.zero_point)
        scales = np.full(64, float(affine.step) * quantizer.unit)
    assert np.abs((made / scales)[:, None] - levels).min(axis=1).max() < 1e-4


@EVERY
def test_that_packed_codes_fill_their_bytes(scheme: Scheme) -> None:
    quantizer, each = scheme.quantizer, 8 // scheme.bits
    codes = (np.arange(4 * each + 1) % (1 << scheme.bits)).astype(np.uint8)
    packed = quantizer.pack(codes)
    assert len(packed) == 4 + 1
    shifts = [scheme.bits * place for place in range(each)]
    for place, shift in enumerate(shifts if quantizer.is_first_low else reversed(shifts)):
        assert ((packed[:4] >> shift) & ((1 << scheme.bits) - 1)).tolist() == codes[place : 4 * each : each].tolist()


def test_that_integers_of_any_width_are_sixteenths_sevenths_and_so_on() -> None:
    assert integer_codebook(2).levels == (0, 1, -2, -1)
    assert integer_codebook(4).levels[7:10] == (1, Fraction(-8, 7), -1)
    assert INT4.signed(np.array([0, 7, 8, 15])).tolist() == [0, 7, -8, -1]
    wide = AbsmaxQuantizer("INT4 absmax", "formats.INT8", 4)
    assert (wide.bits, wide.integers, wide.unit) == (4, (-7, 7), 7)
    assert wide.codes(np.array([-7, -1, 0, 7], np.int32)).tolist() == [9, 15, 0, 7]


@pytest.mark.parametrize(
    ("quantizer", "grouping", "block_size", "said"),
    [
        (INT8, Grouping.BLOCK, 64, "BlockQuantizer"),
        (INT4, Grouping.ROW, 0, "BlockQuantizer"),
        (INT4, Grouping.BLOCK, 0, "have a size"),
        (CodebookQuantizer("", "", Codebook("", "", (Fraction(0),) * 8)), Grouping.BLOCK, 64, "none of 3 bits"),
    ],
)
def test_that_an_entry_that_cannot_be_says_why(
    quantizer: AbsmaxQuantizer | CodebookQuantizer, grouping: Grouping, block_size: int, said: str
) -> None:
    with pytest.raises(SchemeError, match=said):
        Scheme("x", "X", "X", "X", quantizer, grouping, block_size)
