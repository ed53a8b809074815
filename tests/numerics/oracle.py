"""Rounding by looking through all values of a format, decoded by others than the program."""

import bisect
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from random import Random

import ml_dtypes
import numpy as np

from workbench.numerics.float_format import FloatFormat, Specials
from workbench.numerics.named_formats import NUMBER_FORMATS, UINT8
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.rounding import Rounding

SMALL: dict[str, NumberFormat] = {name: entry for name, entry in NUMBER_FORMATS.items() if entry.bits <= 16}
SMALL[UINT8.name] = UINT8
PLAIN = [rounding for rounding in Rounding if rounding is not Rounding.STOCHASTIC]

# bitsandbytes 0.50.2, functional.py, get_4bit_type
NF4_LEVELS = [
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
    -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
]  # fmt: skip
FP4_TWELFTHS = [0.0, 0.0625, 8.0, 12.0, 4.0, 6.0, 2.0, 3.0, 0.0, -0.0625, -8.0, -12.0, -4.0, -6.0, -2.0, -3.0]

ML_DTYPES = {
    "BF16": ml_dtypes.bfloat16,
    "FP8 E4M3": ml_dtypes.float8_e4m3fn,
    "FP8 E5M2": ml_dtypes.float8_e5m2,
    "FP4 E2M1": ml_dtypes.float4_e2m1fn,
    "E8M0": ml_dtypes.float8_e8m0fnu,
}


def decoded_by_others(name: str, code: int) -> float | Fraction:
    """A code's value without the program's help."""
    match name:
        case "FP16":
            return struct.unpack("<e", struct.pack("<H", code))[0]  # type: ignore[no-any-return]
        case "BF16":
            return struct.unpack("<f", struct.pack("<I", code << 16))[0]  # type: ignore[no-any-return]
        case "INT8":
            return Fraction(code - 256 * (code > 127), 127)
        case "UINT8":
            return Fraction(code, 255)
        case "NF4":
            return NF4_LEVELS[code]
        case "FP4 (bitsandbytes)":
            return float(np.float32(FP4_TWELFTHS[code]) / np.float32(12))
        case "Article 6+10":
            exponent, mantissa = code >> 10, code & 1023
            mantissa -= 1024 * (mantissa > 511)
            return Fraction(mantissa, 512) * Fraction(2) ** (exponent - 64 * (exponent > 31))
    if name in ML_DTYPES:
        return float(np.array([code], np.uint8).view(ML_DTYPES[name])[0])
    return _by_definition(SMALL[name], code)


def _by_definition(entry: NumberFormat, code: int) -> float | Fraction:
    """A number as IEEE 754 and the OCP define it, of a format that nobody else has."""
    assert isinstance(entry, FloatFormat), f"an oracle of its own is wanted for {entry.name}"
    text = f"{code:0{entry.bits}b}"
    sign = -1 if entry.signed and text[0] == "1" else 1
    exponent = int(text[entry.signed :][: entry.exponent_bits], 2)
    tail = text[entry.signed + entry.exponent_bits :]
    if entry.specials is not Specials.NONE and "0" not in text[entry.signed :][: entry.exponent_bits]:
        if entry.specials is Specials.IEEE:
            return math.nan if "1" in tail else sign * math.inf
        if "0" not in tail:
            return math.nan
    hidden = 0 if exponent == 0 and entry.subnormals else 1
    fraction = hidden + Fraction(int(tail or "0", 2), 1 << len(tail))
    value = sign * fraction * Fraction(2) ** (max(exponent, 1 if entry.subnormals else 0) - entry.bias)
    return -0.0 if value == 0 and sign < 0 else value


OVERFLOW_CODES = {"FP16": 0x7C00, "BF16": 0x7F80, "FP8 E4M3": 0x7F, "FP8 E5M2": 0x7C, "E8M0": 0xFF}
SIGN_BITS = {"FP16": 0x8000, "BF16": 0x8000, "FP8 E4M3": 0x80, "FP8 E5M2": 0x80, "FP4 E2M1": 0x8}


def _sign_bit(name: str) -> int:
    entry = SMALL[name]
    is_known = name in OVERFLOW_CODES or name in SIGN_BITS or not isinstance(entry, FloatFormat)
    return SIGN_BITS.get(name, 0) if is_known else entry.signed << entry.bits - 1


def _overflow_code(name: str) -> int | None:
    """That of infinity or of the NaN in its place; None where there is none, and the largest number is held."""
    entry = SMALL[name]
    if name in OVERFLOW_CODES or name in SIGN_BITS or not isinstance(entry, FloatFormat):
        return OVERFLOW_CODES.get(name)
    if entry.specials is Specials.NONE:
        return None
    magnitude = (1 << entry.exponent_bits + entry.fraction_bits) - 1
    return magnitude >> entry.fraction_bits << entry.fraction_bits if entry.specials is Specials.IEEE else magnitude


@dataclass(frozen=True)
class Table:
    """All finite values upward as multiples of `unit`, which is quicker than fractions, each with its codes.

    `beyond` is one more value on either side, for what overflows.
    """

    name: str
    unit: Fraction
    multiples: list[int]
    codes: list[list[int]]
    beyond: int | None

    @cached_property
    def values(self) -> list[Fraction]:
        return [multiple * self.unit for multiple in self.multiples]

    def code_of(self, x: Fraction, rounding: Rounding) -> int:
        """The code that x is rounded to, by looking for its neighbours."""
        place = self.rounded(x / self.unit, rounding)
        sign_bit = _sign_bit(self.name) if x < 0 else 0
        if place is None:
            return (_overflow_code(self.name) or 0) | sign_bit
        return sign_bit if sign_bit and self.multiples[place] == 0 else self.codes[place][0]

    def rounded(self, x: Fraction, rounding: Rounding) -> int | None:
        """The place of the value that x is rounded to; None for what overflows."""
        multiples, last = self.multiples, len(self.multiples) - 1
        floor, rest = divmod(x.numerator, x.denominator)
        below = bisect.bisect_right(multiples, floor) - 1
        if below >= 0 and rest == 0 and multiples[below] == floor:
            return below
        if 0 <= below < last:
            return below + self._takes_upper(x, multiples[below], multiples[below + 1], rounding, below)
        end = max(below, 0)
        if self.beyond is None or (below < 0 and multiples[0] > 0):
            return end
        away = {Rounding.UP: x > 0, Rounding.DOWN: x < 0, Rounding.TOWARD_ZERO: False}
        if rounding in away:
            return None if away[rounding] else end
        beside = 2 * abs(x) - multiples[last] - self.beyond
        if beside:
            return None if beside > 0 else end
        return None if rounding is Rounding.NEAREST_AWAY or self.is_odd(end) else end

    def _takes_upper(self, x: Fraction, low: int, high: int, rounding: Rounding, below: int) -> bool:
        if rounding is Rounding.UP:
            return True
        if rounding is Rounding.DOWN:
            return False
        if rounding is Rounding.TOWARD_ZERO:
            return x < 0
        beside = 2 * x.numerator - (low + high) * x.denominator
        if beside:
            return beside > 0
        return x > 0 if rounding is Rounding.NEAREST_AWAY else self.is_odd(below)

    def is_odd(self, place: int) -> bool:
        """Whether the code that is preferred for a value has an odd last bit."""
        return self.codes[place][0] % 2 == 1


@cache
def table_of(name: str) -> Table:
    codes: dict[Fraction, list[int]] = {}
    for code in range(1 << SMALL[name].bits):
        value = decoded_by_others(name, code)
        if isinstance(value, Fraction) or math.isfinite(value):
            codes.setdefault(Fraction(value), []).append(code)
    if name == "Article 6+10":  # the mantissa that is normalized, or the least exponent
        for value, same in codes.items():
            same.sort(key=lambda code: (not is_normalized(code), (code >> 10) ^ 32) if value else code)
    values = sorted(codes)
    unit = Fraction(1, math.lcm(*(value.denominator for value in values)))
    multiples = [int(value / unit) for value in values]
    beyond = None
    if _overflow_code(name) is not None:  # the value that one more step would give; in E8M0 it is an exponent
        beyond = 2 * multiples[-1] - (0 if name == "E8M0" else multiples[-2])
    return Table(name, unit, multiples, [codes[value] for value in values], beyond)


def is_normalized(code: int) -> bool:
    """Whether the first two bits of the article's mantissa differ."""
    return code >> 9 & 1 != code >> 8 & 1


def random_numbers(name: str, count: int, seed: int) -> Iterator[Fraction]:
    """As many of each power of two, a little beyond the ends too, with more digits than FP64 has."""
    random, values = Random(seed), table_of(name).values
    smallest = min(abs(value) for value in values if value)
    least, most = math.floor(math.log2(smallest)) - 2, math.floor(math.log2(values[-1])) + 2
    for _ in range(count):
        mantissa = random.getrandbits(70) | 1 << 70
        sign = -1 if random.random() < 0.5 and values[0] < 0 else 1
        yield sign * Fraction(mantissa, 1 << 70) * Fraction(2) ** random.randint(least, most)


def ties(name: str) -> Iterator[Fraction]:
    """Every number halfway between two values, and that between the last and the one there would be beyond."""
    table = table_of(name)
    half = table.unit / 2
    for low, high in pairwise(table.multiples):
        yield (low + high) * half
    if table.beyond is not None:
        yield (table.multiples[-1] + table.beyond) * half
        if table.multiples[0] < 0:
            yield -(table.multiples[-1] + table.beyond) * half
