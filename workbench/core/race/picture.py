"""The one picture of a race: memory to the right, perplexity upwards, speed as area, and an arrow from BF16 to NF4."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.measures import title_of
from workbench.core.race.race import Race
from workbench.core.race.svg_plots import LETTER_WIDTH, colour, is_second, tick_text, ticks
from workbench.core.report.curves import LINE_HEIGHT, spread
from workbench.core.units import bytes_in_words

WIDTH, HEIGHT = 960, 460
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 20, 56
LARGEST_RADIUS, SMALLEST_RADIUS = 30.0, 5.0
LEG_LABEL_GAP = 76  # below the leg: clear of the discs that lie on it, and of their names
NAME_WIDTH = 170  # of a name with its speed
ON_A_LEG = 26.0


@dataclass(frozen=True)
class _Disc:
    row: PrecisionMeasured
    x: float
    y: float
    radius: float


def picture(race: Race) -> str:
    """An SVG; nothing where no precision has both a size and a perplexity."""
    rows = [row for row in race.ran if row.size_bytes and math.isfinite(row.perplexity or math.nan)]
    if not rows:
        return ""
    sizes = [float(row.size_bytes or 0) for row in rows]
    values = [row.perplexity or 0.0 for row in rows]
    most = max(sizes) * (WIDTH - LEFT - RIGHT) / (WIDTH - LEFT - RIGHT - LARGEST_RADIUS - NAME_WIDTH)
    span = (max(values) - min(values)) or 0.1 * max(values)
    low, high = max(0.0, min(values) - 0.5 * span), max(values) + 0.22 * span
    fastest = max((row.answer_tokens_per_second or 0.0 for row in rows), default=0.0)

    def x_of(size: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * size / most

    def y_of(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    discs = [_disc(row, x_of(row.size_bytes or 0), y_of(row.perplexity or 0.0), fastest) for row in rows]
    parts = [*_axes(x_of, y_of, most, low, high)]
    for disc in sorted(discs, key=lambda disc: -disc.radius):
        dashes = ' stroke-dasharray="4 3"' * is_second(disc.row.precision)
        parts.append(
            f'<circle cx="{disc.x:.1f}" cy="{disc.y:.1f}" r="{disc.radius:.1f}" fill="{colour(disc.row.precision)}" '
            f'fill-opacity="0.35" stroke="{colour(disc.row.precision)}" stroke-width="2"{dashes}/>'
        )
    by_name = {disc.row.precision: disc for disc in discs}
    base, bought = (by_name.get(row.precision) if row else None for row in (race.baseline, race.bought))
    if base and bought:
        parts += _arrow(base, bought)
    below = [disc for disc in discs if base and bought and _is_on_the_leg(disc, base, bought)]
    parts += [_name(disc, disc.x, disc.y + disc.radius + LINE_HEIGHT, "middle") for disc in below]
    is_upward = base is not None and bought is not None and base.y > bought.y
    parts += _names([disc for disc in discs if disc not in below], is_upward)
    label = escape(race.sentence or "Size and perplexity by precision", quote=True)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _disc(row: PrecisionMeasured, x: float, y: float, fastest: float) -> _Disc:
    rate = row.answer_tokens_per_second or 0.0
    radius = LARGEST_RADIUS * math.sqrt(rate / fastest) if fastest else SMALLEST_RADIUS
    return _Disc(row, x, y, max(SMALLEST_RADIUS, radius))


def _axes(
    x_of: Callable[[float], float], y_of: Callable[[float], float], most: float, low: float, high: float
) -> list[str]:
    base = HEIGHT - BOTTOM
    parts = []
    for value in ticks(low, high, 6):
        y = y_of(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick_text(value)}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>')
    for value in ticks(0.0, most, 8):
        x = x_of(value)
        words = bytes_in_words(value) if value else "0"
        parts.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{base}" y2="{base + 4}"/>')
        parts.append(f'<text class="quiet" x="{x:.1f}" y="{base + 20}" text-anchor="middle">{words}</text>')
    parts.append(
        f'<text class="quiet" x="{LEFT}" y="{HEIGHT - 8}">Size of the weights in memory: further left is smaller</text>'
        f'<text class="quiet" x="{LEFT + 6}" y="{TOP - 4}">Perplexity: lower predicts the text better</text>'
        f'<text class="quiet" x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">'
        "A disc's area is its speed of answering</text>"
    )
    return parts


def _arrow(base: _Disc, bought: _Disc) -> list[str]:
    """The two legs, what is bought and what it costs, and the arrow from rim to rim."""
    across, up = bought.x - base.x, bought.y - base.y
    length = math.hypot(across, up)
    if length <= base.radius + bought.radius + 12:
        return []
    unit_x, unit_y = across / length, up / length
    x0, y0 = base.x + unit_x * base.radius, base.y + unit_y * base.radius
    x1, y1 = bought.x - unit_x * (bought.radius + 2), bought.y - unit_y * (bought.radius + 2)
    back_x, back_y = x1 - 11 * unit_x, y1 - 11 * unit_y
    head = (
        f"{x1:.1f},{y1:.1f} {back_x - 5 * unit_y:.1f},{back_y + 5 * unit_x:.1f} "
        f"{back_x + 5 * unit_y:.1f},{back_y - 5 * unit_x:.1f}"
    )
    return [
        f'<path class="leg" d="M {base.x:.1f} {base.y:.1f} H {bought.x:.1f} V {bought.y:.1f}"/>',
        f'<line class="arrow" x1="{x0:.1f}" y1="{y0:.1f}" x2="{back_x:.1f}" y2="{back_y:.1f}"/>',
        f'<polygon class="head" points="{head}"/>',
        *_buys(base, bought),
        *_costs(base, bought),
    ]


def _buys(base: _Disc, bought: _Disc) -> list[str]:
    before, after = base.row.size_bytes or 0, bought.row.size_bytes or 0
    share = abs(1 - after / before)
    words = f"{'buys' if after <= before else 'costs'} {bytes_in_words(abs(before - after))} ({share:.0%})"
    x = min(max((base.x + bought.x) / 2, LEFT + len(words) * LETTER_WIDTH / 2), WIDTH - RIGHT)
    y = min(base.y + LEG_LABEL_GAP, HEIGHT - BOTTOM - 8)
    return [f'<text class="strong halo" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{words}</text>']


def _costs(base: _Disc, bought: _Disc) -> list[str]:
    before, after = base.row.perplexity or 0.0, bought.row.perplexity or 0.0
    share = abs(after / before - 1)
    lines = [f"{'costs' if after >= before else 'gains'} {abs(after - before):.2f}", "perplexity", f"({share:.1%})"]
    wide = max(map(len, lines)) * LETTER_WIDTH
    is_left = bought.x - 12 - wide >= LEFT
    x, anchor = (bought.x - 12, "end") if is_left else (bought.x + 12, "start")
    y = (base.y + bought.y) / 2 + 4 - LINE_HEIGHT
    return [
        f'<text class="strong halo" x="{x:.1f}" y="{y + place * LINE_HEIGHT:.1f}" text-anchor="{anchor}">{line}</text>'
        for place, line in enumerate(lines)
    ]


def _is_on_the_leg(disc: _Disc, base: _Disc, bought: _Disc) -> bool:
    """Whether its name would lie on the leg, were it to the right of it."""
    left, right = sorted((base.x, bought.x))
    return left < disc.x - 1 and disc.x + 1 < right and abs(disc.y - base.y) < ON_A_LEG


def _names(discs: list[_Disc], is_upward: bool) -> list[str]:
    """A name to the right of each disc; where it would lie on another it is moved, away from where the arrow comes."""
    parts = []
    low, high = TOP + 12.0, HEIGHT - BOTTOM - 6.0
    for group in _neighbours(discs):
        if is_upward:
            places = [-y for y in spread([-disc.y for disc in group], LINE_HEIGHT, -high, -low)]
        else:
            places = spread([disc.y for disc in group], LINE_HEIGHT, low, high)
        x = max(disc.x + disc.radius for disc in group) + 14
        for disc, y in zip(group, places, strict=True):
            parts.append(
                f'<line class="leader" x1="{disc.x + disc.radius:.1f}" y1="{disc.y:.1f}" x2="{x - 3:.1f}" '
                f'y2="{y - 0.5:.1f}"/>'
            )
            parts.append(_name(disc, x, y + 4, "start"))
    return parts


def _name(disc: _Disc, x: float, y: float, anchor: str) -> str:
    rate = disc.row.answer_tokens_per_second
    speed = "" if rate is None else f'<tspan class="quiet">  {rate:.1f} tokens/s</tspan>'
    title = escape(title_of(disc.row.precision))
    return f'<text class="strong halo" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{title}{speed}</text>'


def _neighbours(discs: list[_Disc]) -> list[list[_Disc]]:
    """Discs whose names would stand side by side are named together."""
    groups: list[list[_Disc]] = []
    for disc in sorted(discs, key=lambda disc: disc.x):
        if groups and disc.x - groups[-1][-1].x < LARGEST_RADIUS:
            groups[-1].append(disc)
        else:
            groups.append([disc])
    return groups
