"""Curves over each other as SVG, each named at its end."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from workbench.core.ticks import marks, spacing_of

LINE_HEIGHT = 17
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 960, 320, 62, 110, 12, 34
# More points than this are not told apart in a page's width.
MOST_POINTS = 1200

Point = tuple[float, float]
Words = Callable[[float], str]


@dataclass(frozen=True)
class Curve:
    """Points of finite numbers in the order of x; without a title it is not named. As rings, no line joins them."""

    title: str
    points: Sequence[Point]
    colour: str  # of CSS
    is_dashed: bool = False
    is_faint: bool = False
    is_rings: bool = False


def curves(drawn: Sequence[Curve], label: str, *, y_words: Words | None = None) -> str:
    """The curves over whole steps, or nothing where no curve has a point; `y_words` says what the ticks of y say."""
    drawn = [curve for curve in (_finite(curve) for curve in drawn) if curve.points]
    if not drawn:
        return ""
    xs = [x for curve in drawn for x, _ in curve.points]
    ys = [y for curve in drawn for _, y in curve.points]
    first, last = min(xs), max(max(xs), min(xs) + 1)
    low, high = min(ys), max(ys)
    margin = 0.06 * ((high - low) or 1.0)
    low, high = low - margin, high + margin

    def place(point: Point) -> Point:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (point[0] - first) / (last - first)
        return x, TOP + (HEIGHT - TOP - BOTTOM) * (high - point[1]) / (high - low)

    base = HEIGHT - BOTTOM
    parts = []
    for value, words in marks(low, high, spacing_of(high - low, 6)):
        y = place((first, value))[1]
        text = escape(y_words(value) if y_words else words)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
    for value, words in marks(first, last, spacing_of(last - first, 9, whole=True)):
        x = place((value, low))[0]
        parts.append(f'<text class="quiet" x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(words)}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>')
    parts += [_line(curve, [place(point) for point in curve.points]) for curve in drawn]
    parts += _names([curve for curve in drawn if curve.title], place, base)
    about = escape(label, quote=True)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{about}">{"".join(parts)}</svg>'


def _finite(curve: Curve) -> Curve:
    points = [point for point in curve.points if math.isfinite(point[1])]
    return Curve(curve.title, thinned(points), curve.colour, curve.is_dashed, curve.is_faint, curve.is_rings)


def _line(curve: Curve, places: Sequence[Point]) -> str:
    look = f'fill="none" stroke="{curve.colour}" stroke-width="{1 if curve.is_faint else 2}"'
    look += ' stroke-opacity="0.4"' * curve.is_faint
    if curve.is_rings:
        return "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {look}/>' for x, y in places)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dashed = ' class="dashed"' * curve.is_dashed
    return f'<polyline{dashed} points="{path}" {look}/>'


def _names(named: Sequence[Curve], place: Callable[[Point], Point], base: float) -> list[str]:
    """Each curve's name beside its end, none over another."""
    ends = spread([place(curve.points[-1])[1] for curve in named], LINE_HEIGHT, TOP + 4, base)
    parts = []
    for curve, end in zip(named, ends, strict=True):
        x, y = place(curve.points[-1])
        parts.append(
            f'<line class="leader" x1="{x + 2:.1f}" y1="{y:.1f}" x2="{x + 10:.1f}" y2="{end:.1f}"/>'
            f'<text class="strong" x="{x + 13:.1f}" y="{end + 4:.1f}">{escape(curve.title)}</text>'
        )
    return parts


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most about `most` of the points: of each stretch of them the lowest and the highest, in their order."""
    if len(points) <= most:
        return list(points)
    length = math.ceil(2 * len(points) / most)
    kept: list[Point] = []
    for start in range(0, len(points), length):
        stretch = points[start : start + length]
        kept += sorted({min(stretch, key=lambda point: point[1]), max(stretch, key=lambda point: point[1])})
    if kept[-1] != points[-1]:
        kept.append(points[-1])
    return kept


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
