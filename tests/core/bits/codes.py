"""Formats of every kind, known ones and ones of one's own, and codes of theirs to try."""

import random
from fractions import Fraction

from workbench.numerics.codebook import Codebook
from workbench.numerics.float_format import FloatFormat, Specials
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.named_formats import NUMBER_FORMATS, find_format
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.twos_format import TwosFormat

OF_ONES_OWN: list[NumberFormat] = [
    FloatFormat("E3M4 without subnormals", "", 3, 4, 3, subnormals=False),
    FloatFormat("E2M3 unsigned", "", 2, 3, -1, signed=False, specials=Specials.NONE),
    FloatFormat("E6M9", "", 6, 9, 0),
    TwosFormat("Twos 3+5", "", 3, 5),
    IntegerFormat("INT8 lopsided", "", 8, True, Fraction(4, 255), -64),
    IntegerFormat("UINT8 of a decimal", "", 8, False, Fraction(3, 1000), 17),
    IntegerFormat("INT16", "", 16),
    Codebook("Eight levels", "", tuple(Fraction(n, 7) for n in range(8)), Fraction(5, 2)),
]
FORMATS = [*NUMBER_FORMATS.values(), find_format("uint8"), *OF_ONES_OWN]


def codes_of(format_: NumberFormat, most: int = 300) -> list[int]:
    """All codes of a small format; of a large one the corners and a few hundred at random."""
    size = 1 << format_.bits
    if size <= 256:
        return list(range(size))
    chosen = random.Random(format_.bits)
    corners = [0, 1, 2, size - 1, size - 2, size // 2, size // 2 - 1, size // 2 + 1]
    for field in format_.fields:
        ones = ((1 << field.bits) - 1) << field.low
        corners += [ones, ones - (1 << field.low), 1 << field.low, 1 << field.high]
    corners += [format_.code_at(place) for place in (0, format_.value_count - 1, format_.value_count // 2)]
    return sorted({*corners, *(chosen.randrange(size) for _ in range(most))})
