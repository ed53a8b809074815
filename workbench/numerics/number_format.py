"""What every number format can be asked: its bits, its values in order, the code of a number."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from workbench.numerics.number import Number, NumberClass
from workbench.numerics.rounding import DRAW_BITS, Rounding, draw


class FormatError(ValueError):
    """Raised for a format that cannot be; its text is a sentence."""


class NotRepresentable(ValueError):
    """Raised for a number that no code of a format stands for; its text is a sentence."""


class FieldKind(StrEnum):
    """What a group of bits means."""

    SIGN = "sign"
    EXPONENT = "exponent"
    FRACTION = "fraction"
    INTEGER = "integer"
    INDEX = "index"


@dataclass(frozen=True)
class Field:
    """Bits `high` to `low` of a code, both counted from 0 at the right."""

    kind: FieldKind
    high: int
    low: int

    @property
    def bits(self) -> int:
        return self.high - self.low + 1

    def of(self, code: int) -> int:
        """The field's bits in a code, as an unsigned integer."""
        return (code >> self.low) & ((1 << self.bits) - 1)


@dataclass(frozen=True)
class Decoded:
    """A code taken apart. What a format does not have is None.

    The value is (-1)**sign * significand * 2**exponent where there is a significand. In two's complement `fraction` and
    `exponent_field` carry their own signs.
    """

    code: int
    number: Number
    number_class: NumberClass
    sign: int | None = None
    exponent_field: int | None = None
    exponent: int | None = None
    hidden_bit: int | None = None
    fraction: int | None = None
    significand: Fraction | None = None
    integer: int | None = None

    @property
    def value(self) -> Fraction | None:
        """None for infinity and NaN."""
        return self.number.value


@dataclass(frozen=True)
class NumberFormat(ABC):
    """One way to give a meaning to some bits.

    A format's distinct finite values are counted upward from the lowest, which has ordinal 0: its neighbours, its
    density and its rounding are arithmetic on ordinals.
    """

    name: str
    title: str
    has_ulp: ClassVar[bool] = True  # whether the gap between neighbours is a measure of error

    @property
    @abstractmethod
    def bits(self) -> int: ...

    @property
    @abstractmethod
    def fields(self) -> tuple[Field, ...]:
        """From the highest bit to the lowest."""

    @property
    @abstractmethod
    def value_count(self) -> int:
        """How many distinct finite values there are."""

    @abstractmethod
    def decode(self, code: int) -> Decoded:
        """Raises ValueError for a code that has more bits than the format."""

    @abstractmethod
    def value_at(self, ordinal: int) -> Fraction: ...

    @abstractmethod
    def code_at(self, ordinal: int) -> int:
        """The code that encoding gives for this value, where several stand for it."""

    @abstractmethod
    def ordinal_at_or_below(self, x: Fraction) -> int:
        """The ordinal of the greatest value that is not above `x`; -1 where there is none."""

    @property
    def saturable(self) -> bool:
        """Whether `saturate` makes a difference."""
        return False

    @property
    def slug(self) -> str:
        """The name as one types it: "fp8-e4m3"."""
        return slug_of(self.name)

    @property
    def hex_digits(self) -> int:
        return (self.bits + 3) // 4

    def ordinal_of(self, code: int) -> int | None:
        """None for infinity and NaN."""
        value = self.decode(code).value
        return None if value is None else self.ordinal_at_or_below(value)

    def encode(
        self,
        given: Number | Fraction | int | float,
        rounding: Rounding = Rounding.NEAREST_EVEN,
        *,
        saturate: bool = False,
        seed: int = 0,
    ) -> int:
        """The code of a number, rounded once. `seed` is that of stochastic rounding.

        Raises NotRepresentable where no code can stand for it.
        """
        number = Number.of(given)
        if number.is_nan:
            return self._code_of_nan(number)
        if number.value is None:
            return self._code_of_infinity(number, saturate=saturate)
        return self._code_of_finite(number, rounding, saturate=saturate, seed=seed)

    def _code_of_nan(self, number: Number) -> int:
        raise NotRepresentable(f"{self.name} has no code for NaN.")

    def _code_of_infinity(self, number: Number, *, saturate: bool) -> int:
        return self.code_at(0 if number.is_negative else self.value_count - 1)

    def _code_of_finite(self, number: Number, rounding: Rounding, *, saturate: bool, seed: int) -> int:
        assert number.value is not None
        below = self.ordinal_at_or_below(number.value)
        if below < 0:
            return self.code_at(0)
        if below == self.value_count - 1:
            return self.code_at(below)
        return self.code_at(self._chosen(number.value, below, rounding, seed))

    def _chosen(self, x: Fraction, below: int, rounding: Rounding, seed: int) -> int:
        """The ordinal `below` or the next one."""
        low = self.value_at(below)
        if x == low:
            return below
        takes_upper = goes_up(x, low, self.value_at(below + 1), rounding, seed, is_low_even=self.is_even(below))
        return below + takes_upper

    def is_even(self, ordinal: int) -> bool:
        """Whether a tie goes to this value and not to its neighbours."""
        return self.code_at(ordinal) % 2 == 0

    def checked(self, code: int) -> int:
        """The code itself. Raises ValueError where it has more bits than the format."""
        if not 0 <= code < 1 << self.bits:
            most = (1 << self.bits) - 1
            raise ValueError(f"A code of {self.name} has {self.bits} bits: 0x0 to 0x{most:X}.")
        return code


def goes_up(x: Fraction, low: Fraction, high: Fraction, rounding: Rounding, seed: int, *, is_low_even: bool) -> bool:
    """Whether `x`, strictly between two neighbours on one side of zero, is rounded to the upper one."""
    is_negative = x < 0
    match rounding:
        case Rounding.UP:
            return True
        case Rounding.DOWN:
            return False
        case Rounding.TOWARD_ZERO:
            return is_negative
        case Rounding.STOCHASTIC:
            away = (high - x if is_negative else x - low) / (high - low)
            return (draw(seed) < away * (1 << DRAW_BITS)) is not is_negative
        case Rounding.NEAREST_EVEN | Rounding.NEAREST_AWAY:
            twice = 2 * x - low - high
            if twice:
                return twice > 0
            return not is_negative if rounding is Rounding.NEAREST_AWAY else not is_low_even


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
