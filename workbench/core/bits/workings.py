"""A code worked out with its own numbers: fields, weights, equation, a sentence, neighbours; as text alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.core.bits.digits import column
from workbench.core.bits.inspection import Inspection
from workbench.numerics.decimal_text import exact_decimal
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.neighbours import gap
from workbench.numerics.number import Number, NumberClass
from workbench.numerics.number_format import FieldKind, NumberFormat

PLAIN = "text.primary"
FAINT = "text.secondary"
NONE = "\u2013"


@dataclass(frozen=True)
class Run:
    """Words of an equation in one colour; raised ones are an exponent."""

    text: str
    color: str = PLAIN
    is_raised: bool = False


Line = tuple[Run, ...]


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


@dataclass(frozen=True)
class Workings:
    """All that the card says of one row."""

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
        for rule in self.rules:
            lines.append(f"{rule.name}: {rule.sum or rule.value}".rstrip(": "))
        lines += [plain(line) for line in self.equation]
        lines += ["", self.sentence, ""]
        lines += [f"{name}: {value}" for name, value in self.facts]
        return "\n".join(lines) + "\n"


def plain(line: Sequence[Run]) -> str:
    """An equation's line as text, raised words after a caret."""
    said = ""
    for run in line:
        if run.is_raised:
            said += f"^{run.text}" if run.text.isdigit() else f"^({run.text})"
        else:
            said += run.text
    return said.strip()


def color_of(kind: FieldKind) -> str:
    return f"bits.{kind.value}"


def title_of(inspection: Inspection) -> str:
    """The first line of what is copied: format, code, bits and the exact value."""
    assert inspection.decoded is not None
    format_, code = inspection.format, inspection.code or 0
    bits = " ".join(f"{part.of(code):0{part.bits}b}" for part in format_.fields)
    return f"{format_.name}: 0x{code:0{format_.hex_digits}X}, {bits}, {exact_decimal(inspection.decoded.number)}"


def facts_of(inspection: Inspection) -> tuple[tuple[str, str], ...]:
    """Neighbours, one ulp, class."""
    format_, decoded = inspection.format, inspection.decoded
    assert decoded is not None
    below, above = (
        "none" if code is None else column(format_.decode(code).number, digits_for(format_))
        for code in (inspection.previous, inspection.next)
    )
    ulp = NONE if decoded.value is None else rounded_gap(inspection)
    return (
        ("Neighbour below", below),
        ("Neighbour above", above),
        ("One ulp", ulp),
        ("Class", class_words(inspection)),
    )


def rounded_gap(inspection: Inspection) -> str:
    assert inspection.decoded is not None
    value = inspection.decoded.value
    assert value is not None
    return column(Number.of(gap(inspection.format, value)), 6)


def digits_for(format_: NumberFormat) -> int:
    """As many as tell a value from its neighbours."""
    bits = format_.fraction_bits + 1 if isinstance(format_, FloatFormat) else 0
    return max(10, math.ceil(bits * math.log10(2)) + 1)


def class_words(inspection: Inspection) -> str:
    """ "normal, not exact"; of infinity and NaN there is no more to say."""
    assert inspection.decoded is not None
    kind = inspection.decoded.number_class
    if kind in (NumberClass.INFINITY, NumberClass.NAN):
        return kind.value
    return f"{kind.value}, {'exact' if inspection.is_exact else 'not exact'}"


def no_facts() -> tuple[tuple[str, str], ...]:
    return tuple((name, NONE) for name in ("Neighbour below", "Neighbour above", "One ulp", "Class"))
