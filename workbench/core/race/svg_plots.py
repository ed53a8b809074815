"""Plots of a race as SVG: bars of one measure, and curves of loss over each other."""

import math
from collections.abc import Sequence
from html import escape

from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.measures import Measure, color_key_of, title_of
from workbench.core.race.race import Race

# An em of 13 px, of letters and digits on average.
LETTER_WIDTH = 7.2
LINE_HEIGHT = 17


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


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places as near to those wanted as they can be with a gap between them, between two bounds; in the same order."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = list(wanted)
    edge = low
    for index in order:
        placed[index] = max(wanted[index], edge)
        edge = placed[index] + gap
    edge = high
    for index in reversed(order):
        placed[index] = min(placed[index], edge)
        edge = placed[index] - gap
    return placed


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


def curves(rows: Sequence[PrecisionMeasured]) -> str:
    """The loss of each training by step, named at its end; nothing where none was trained."""
    drawn = [(row, [(step, loss) for step, loss in row.losses if math.isfinite(loss)]) for row in rows]
    drawn = [(row, points) for row, points in drawn if points]
    if not drawn:
        return ""
    width, height, left, right, top, bottom = 960, 320, 48, 110, 12, 34
    steps = [step for _, points in drawn for step, _ in points]
    losses = [loss for _, points in drawn for _, loss in points]
    first, last = min(steps), max(max(steps), min(steps) + 1)
    low, high = min(losses), max(losses)
    margin = 0.06 * ((high - low) or 1.0)
    low, high = low - margin, high + margin

    def x_of(step: float) -> float:
        return left + (width - left - right) * (step - first) / (last - first)

    def y_of(loss: float) -> float:
        return top + (height - top - bottom) * (high - loss) / (high - low)

    parts = []
    for value in ticks(low, high, 5):
        y = y_of(value)
        parts.append(f'<line class="grid" x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="quiet" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{tick_text(value)}</text>')
    for value in ticks(first, last, 8):
        if value == int(value):
            parts.append(
                f'<text class="quiet" x="{x_of(value):.1f}" y="{height - 12}" text-anchor="middle">{int(value)}</text>'
            )
    base = height - bottom
    parts.append(f'<line class="axis" x1="{left}" x2="{width - right}" y1="{base}" y2="{base}"/>')
    ends = spread([y_of(points[-1][1]) for _, points in drawn], LINE_HEIGHT, top + 4, base)
    for (row, points), end in zip(drawn, ends, strict=True):
        path = " ".join(f"{x_of(step):.1f},{y_of(loss):.1f}" for step, loss in points)
        dashed = ' class="dashed"' * is_second(row.precision)
        parts.append(
            f'<polyline{dashed} points="{path}" fill="none" stroke="{colour(row.precision)}" stroke-width="2"/>'
        )
        x = x_of(points[-1][0])
        parts.append(
            f'<line class="leader" x1="{x + 2:.1f}" y1="{y_of(points[-1][1]):.1f}" x2="{x + 10:.1f}" y2="{end:.1f}"/>'
            f'<text class="strong" x="{x + 13:.1f}" y="{end + 4:.1f}">{escape(title_of(row.precision))}</text>'
        )
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="Loss by step">{"".join(parts)}</svg>'
