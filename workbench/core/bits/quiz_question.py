"""One question of the quiz about bits."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from workbench.numerics.number_format import NumberFormat


class Kind(StrEnum):
    """What is asked for."""

    DECIMAL = "decimal"
    FLIP = "flip"
    NEARER = "nearer"
    NEXT = "next"


@dataclass(frozen=True)
class Question:
    """One question; `answer` is the code whose value, or which itself, is right.

    `shown` are the bits to start from: to read, or to flip. NEARER gives two codes to choose from, the lower value
    first.
    """

    kind: Kind
    text: str
    hint: str
    format: NumberFormat
    answer: int
    shown: int = 0
    given: Fraction = Fraction(0)  # the number that NEARER asks about
    choices: tuple[int, ...] = ()
