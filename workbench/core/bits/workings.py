"""A code worked out with its own numbers: fields, weights, equation, a sentence, neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from workbench.core.bits.digits import column_text, digits, digits_for
from workbench.core.bits.inspection import Inspection, hexadecimal, spaced_bits
from workbench.core.figures import TIMES, with_minus
from workbench.numerics.decimal_text import exact_decimal
from workbench.numerics.neighbours import gap
from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import FieldKind

NONE = "\u2013"
ULP_DIGITS = 6
SHORT_POWER = 12  # characters; a power of two of more is written as one


class Role(StrEnum):
    """What words of an equation stand for: the bits of a field, a number that no field has, or what joins numbers."""

    SIGN = FieldKind.SIGN
    EXPONENT = FieldKind.EXPONENT
    FRACTION = FieldKind.FRACTION
    INTEGER = FieldKind.INTEGER
    INDEX = FieldKind.INDEX
    PLAIN = "plain"
    QUIET = "quiet"


@dataclass(frozen=True)
class Run:
    """Words of an equation with one role; raised ones are an exponent."""

    text: str
    role: Role = Role.PLAIN
    is_raised: bool = False


Line = tuple[Run, ...]
EQUALS, BY = Run(" = ", Role.QUIET), Run(f" {TIMES} ", Role.QUIET)


@dataclass(frozen=True)
class Rule:
    """What stands under the line below a field: its name, its value, and how that comes about."""

    kind: FieldKind
    high: int
    low: int
    name: str
    value: str = ""
    sum: str = ""
    has_ghost: bool = False  # whether the hidden bit belongs to it
    is_long: bool = False  # its sum is not looked for below its line

    @property
    def text(self) -> str:
        """Its name and how its value comes about: "exponent: 8 + 2 + 1 = 11"."""
        return f"{self.name}: {self.sum or self.value}"


@dataclass(frozen=True)
class Workings:
    """All that there is to say of one code; `sentence` has the rounding of the number in it, where that needs words."""

    title: str
    weights: dict[int, tuple[str, ...]] = field(default_factory=dict)  # by the number of the bit, the shortest last
    ghost_weight: str = ""
    rules: tuple[Rule, ...] = ()
    equation: tuple[Line, ...] = ()
    sentence: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """To be copied."""
        lines = [self.title, ""]
        lines += [rule.text for rule in self.rules]
        lines += [plain_text(line) for line in self.equation]
        lines += ["", self.sentence, ""]
        lines += [f"{name}: {value}" for name, value in self.facts]
        return "\n".join(lines) + "\n"

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides of the equation as text, from what the bits say to the value."""
        text = " ".join(plain_text(line) for line in self.equation)
        return tuple(side.removeprefix("= ") for side in text.split(EQUALS.text))


def plain_text(line: Sequence[Run]) -> str:
    """An equation's line as text, raised words after a caret."""
    text = ""
    for run in line:
        if run.is_raised:
            text += f"^{run.text}" if run.text.isdigit() else f"^({run.text})"
        else:
            text += run.text
    return text.strip()


def sum_text(terms: str, result: str) -> str:
    """A sum and what it comes to; once where both are the same."""
    return terms if terms == result else f"{terms} = {result}"


def power_runs(exponent: int) -> Line:
    """Two to an exponent: its digits where they are few, else 2 with the exponent raised."""
    plain_power = digits(Fraction(2) ** exponent, 40)
    if len(plain_power) <= SHORT_POWER:
        return (Run(plain_power, Role.EXPONENT),)
    return (Run("2", Role.EXPONENT), Run(with_minus(exponent), Role.EXPONENT, True))


def title_of(inspection: Inspection) -> str:
    """The first line of what is copied: format, code, bits and the exact value."""
    assert inspection.decoded is not None
    format_, code = inspection.format, inspection.code or 0
    named = f"{format_.name}: {hexadecimal(format_, code)}"
    return f"{named}, {spaced_bits(format_, code)}, {exact_decimal(inspection.decoded.number)}"


def facts_of(inspection: Inspection) -> tuple[tuple[str, str], ...]:
    """Neighbours, one ulp, class."""
    format_, decoded = inspection.format, inspection.decoded
    assert decoded is not None
    below, above = (
        "none" if code is None else column_text(format_.decode(code).number, digits_for(format_))
        for code in (inspection.previous, inspection.next)
    )
    ulp = NONE if decoded.value is None else column_text(Number.of(gap(format_, decoded.value)), ULP_DIGITS)
    return (
        ("Neighbour below", below),
        ("Neighbour above", above),
        ("One ulp", ulp),
        ("Class", class_words(inspection)),
    )


def class_words(inspection: Inspection) -> str:
    """ "normal, not exact"; of infinity and NaN there is no more to say."""
    assert inspection.decoded is not None
    kind = inspection.decoded.number_class
    if kind in (NumberClass.INFINITY, NumberClass.NAN):
        return kind.value
    return f"{kind.value}, {'exact' if inspection.is_exact else 'not exact'}"


def no_facts() -> tuple[tuple[str, str], ...]:
    return tuple((name, NONE) for name in ("Neighbour below", "Neighbour above", "One ulp", "Class"))
