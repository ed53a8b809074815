"""A number as a person gives it: an exact fraction, a signed zero, an infinity or NaN."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction


class NumberClass(StrEnum):
    """What a code stands for."""

    NORMAL = "normal"
    SUBNORMAL = "subnormal"
    ZERO = "zero"
    INFINITY = "infinity"
    NAN = "NaN"


@dataclass(frozen=True)
class Number:
    """An exact number; `value` is None for infinity and NaN, and `is_negative` is the sign of zero too."""

    value: Fraction | None
    is_negative: bool = False
    is_nan: bool = False

    @staticmethod
    def of(given: "Number | Fraction | int | float") -> "Number":
        """The same number, exactly; a float's binary value, not its decimal text."""
        if isinstance(given, Number):
            return given
        if isinstance(given, float):
            if not math.isfinite(given):
                return Number(None, is_negative=math.copysign(1.0, given) < 0, is_nan=math.isnan(given))
            return Number(Fraction(given), is_negative=math.copysign(1.0, given) < 0)
        return Number(Fraction(given), is_negative=given < 0)

    @property
    def is_finite(self) -> bool:
        return self.value is not None

    @property
    def is_infinite(self) -> bool:
        return self.value is None and not self.is_nan

    @property
    def is_zero(self) -> bool:
        return self.value == 0

    def negated(self) -> "Number":
        """With the other sign: zero, infinity and NaN have one too."""
        return replace(self, value=None if self.value is None else -self.value, is_negative=not self.is_negative)


INFINITY = Number(None)
NAN = Number(None, is_nan=True)
