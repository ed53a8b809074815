"""Plots of a race as SVG: bars of one measure, and curves of loss over each other."""

import math
from collections.abc import Sequence
from html import escape

from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.measures import Measure, color_key_of, title_of
from workbench.core.race.race import Race
from workbench.core.report.curves import Curve, curves

# An em of 13 px, of letters and digits on average.
LETTER_WIDTH = 7.2


def colour(precision: str) -> str:
    return f"var(--format-{color_key_of(precision).lower()}, var(--second))"


def is_second(precision: str) -> bool:
    """Whether it shares its colour with another and is told apart by dashes."""
    return "-" in precision


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from `low` to `high`, at most about `most`."""
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return [low]
    rough = span / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def tick_text(value: float) -> str:
    return f"{value:.6g}"


# -- bars --------------------------------------------------------------------------------------------------------------


def bars(race: Race, measure: Measure) -> str:
    """One bar a precision, from zero; nothing where no precision has the measure."""
    rows = [row for row in race.ran if measure.value(row) is not None]
    finite = [value for row in rows if (value := measure.value(row) or 0.0) < math.inf]
    if not rows or not finite:
        return ""
    width, name_width, figure_width, pitch = 330, 76, 100, 25
    largest = max(finite) or 1.0
    lines = []
    for place, row in enumerate(rows):
        value = measure.value(row) or 0.0
        length = max(1.0, (width - name_width - figure_width) * min(1.0, value / largest)) if value == value else 1.0
        y = place * pitch
        dashes = f' stroke="{colour(row.precision)}" stroke-dasharray="4 3" fill-opacity="0.45"' * is_second(
            row.precision
        )
        lines.append(
            f'<text x="0" y="{y + 17}">{escape(title_of(row.precision))}</text>'
            f'<rect x="{name_width}" y="{y + 4}" width="{length:.1f}" height="17" rx="2" '
            f'fill="{colour(row.precision)}"{dashes}/>'
            f'<text x="{name_width + length + 8:.1f}" y="{y + 17}">{escape(measure.words(row))}</text>'
        )
    label = escape(f"{measure.title} by precision", quote=True)
    return f'<svg viewBox="0 0 {width} {len(rows) * pitch}" role="img" aria-label="{label}">{"".join(lines)}</svg>'


# -- curves ------------------------------------------------------------------------------------------------------------


def loss_curves(rows: Sequence[PrecisionMeasured]) -> str:
    """The loss of each training by step, named at its end; nothing where none was trained."""
    drawn = [
        Curve(title_of(row.precision), row.losses, colour(row.precision), is_dashed=is_second(row.precision))
        for row in rows
    ]
    return curves(drawn, "Loss by step")
