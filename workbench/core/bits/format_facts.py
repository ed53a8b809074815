"""What a format has: its largest and smallest values and the codes it wastes, for cards with room for it."""

import functools

from workbench.core.bits.digits import column_text
from workbench.core.figures import short_power
from workbench.core.units import grouped
from workbench.numerics.codebook import Codebook
from workbench.numerics.neighbours import limits_of, wasted_codes
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat

NONE = "\u2013"
DIGITS = 8
MOST_GROUPED = 1 << 32


@functools.lru_cache(maxsize=64)
def format_facts(format_: NumberFormat) -> tuple[tuple[str, str], ...]:
    """Names with their values, as many as a row's own facts; none of a codebook, whose table says it all."""
    if isinstance(format_, Codebook):
        return ()
    limits, wasted = limits_of(format_), wasted_codes(format_)
    normal, subnormal = limits.smallest_normal, limits.smallest_subnormal
    least = ("Smallest subnormal", subnormal) if subnormal is not None else ("Smallest above 0", limits.smallest)
    return (
        ("Largest value", column_text(Number.of(limits.largest), DIGITS)),
        ("Smallest normal", NONE if normal is None else column_text(Number.of(normal), DIGITS)),
        (least[0], column_text(Number.of(least[1]), DIGITS)),
        ("Wasted codes", f"{_count(wasted)} of {_count(1 << format_.bits)}" if wasted else "none"),
    )


def _count(codes: int) -> str:
    return grouped(codes) if codes <= MOST_GROUPED else short_power(f"{codes:.1e}")
