"""A codebook's code worked out: the bits are the number of a line in a table."""

from fractions import Fraction

from workbench.core.bits.digits import digits, rounded, sum_of_weights, weights
from workbench.core.bits.inspection import Inspection
from workbench.core.bits.workings import (
    BY,
    EQUALS,
    Line,
    Role,
    Rule,
    Run,
    Workings,
    class_words,
    facts_of,
    sum_text,
    title_of,
)
from workbench.numerics.codebook import Codebook
from workbench.numerics.number import Number


def work_out_codebook(format_: Codebook, inspection: Inspection, rounding_text: str) -> Workings:
    """The bits are the number of a line in a table."""
    decoded, code = inspection.decoded, inspection.code or 0
    assert decoded is not None
    assert decoded.value is not None
    part = format_.fields[0]
    total = sum_text(sum_of_weights(code, part.bits, part.bits - 1), str(code))
    level = format_.levels[code]
    absmax = digits(format_.absmax, 14)
    first: Line = (Run(f"level {code}", Role.INDEX), BY, Run("absmax", Role.QUIET), Run(" 1" if absmax == "1" else ""))
    second = () if absmax == "1" else ((EQUALS, Run(digits(level, 14), Role.INDEX), BY, Run(absmax)),)
    return Workings(
        title=title_of(inspection),
        weights={bit: weights(bit) for bit in range(part.bits)},
        rules=(Rule(part.kind, part.high, part.low, "index", str(code), total),),
        equation=(first, *second, (EQUALS, Run(digits(decoded.value, 14)))),
        sentence=f"{rounding_text} {_codebook_words(format_, inspection)}".strip(),
        facts=_codebook_facts(format_, inspection),
    )


def _codebook_facts(format_: Codebook, inspection: Inspection) -> tuple[tuple[str, str], ...]:
    below, above, _ulp, _kind = facts_of(inspection)
    low, high = boundaries(format_, inspection.code or 0)
    ends = ("" if low is None else rounded(Number.of(low), 5), "" if high is None else rounded(Number.of(high), 5))
    if ends[0] and ends[1]:
        takes = f"{ends[0]} to {ends[1]}"
    else:
        takes = f"up to {ends[1]}" if ends[1] else f"from {ends[0]} on"
    return (below, above, ("Takes", takes), ("Class", class_words(inspection)))


def boundaries(format_: Codebook, code: int) -> tuple[Fraction | None, Fraction | None]:
    """Half way to the neighbours: what lies between is rounded to this level; None at the ends."""
    ordinal = format_.ordinal_at_or_below(format_.levels[code] * format_.absmax)
    low = boundary(format_, ordinal - 1) if ordinal else None
    high = boundary(format_, ordinal) if ordinal < format_.value_count - 1 else None
    return low, high


def boundary(format_: Codebook, ordinal: int) -> Fraction:
    """Half way from the level of this ordinal to the next higher one."""
    return (format_.value_at(ordinal) + format_.value_at(ordinal + 1)) / 2


def _codebook_words(format_: Codebook, inspection: Inspection) -> str:
    size = len(format_.levels)
    table = f"The bits are the number of a line in a table of {size}: no sign, no exponent, no fraction."
    given, stored = inspection.given.value, inspection.decoded.value if inspection.decoded else None
    if given is None or given == stored:
        return table
    ends = (format_.value_at(0), format_.value_at(format_.value_count - 1))
    if not ends[0] <= given <= ends[1]:
        return f"{rounded(Number.of(given), 6)} is beyond the last level. {table}"
    return table
