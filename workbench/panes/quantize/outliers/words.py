"""What the Outliers view says of magnitudes, thresholds and features."""

from collections.abc import Sequence

from workbench.core.quantized.outliers import THRESHOLDS, Feature, Magnitudes
from workbench.core.units import grouped
from workbench.numerics.llm_int8 import OUTLIER_THRESHOLD
from workbench.panes.parts.controls import isolated

PAPER_STEP = THRESHOLDS.index(OUTLIER_THRESHOLD)
MOST_NAMED = 4


def magnitude(value: float) -> str:
    """A magnitude as people compare it: "11.3", "0.084", "3 024"."""
    if value >= 1000:
        return grouped(round(value))
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def threshold_in_words(step: int) -> str:
    """A threshold, by its place among THRESHOLDS, with at least one decimal below 100: "6.0", "0.55", "100"."""
    value = THRESHOLDS[step]
    return f"{value:g}" if value >= 100 or round(value, 1) != value else f"{value:.1f}"


def cell_in_words(seen: Magnitudes, layer: int, feature: int, step: int, tokens: Sequence[str]) -> str:
    """How large a feature grows in a layer, at which token, and how many tokens reach the threshold there."""
    place = int(seen.where[layer, feature])
    at = f"at token {grouped(place)}"
    if place < len(tokens) and tokens[place].strip():
        at = f"{at}, \u201c{isolated(tokens[place].strip())}\u201d"
    count = int(seen.counts[step, layer, feature])
    largest = magnitude(float(seen.largest[layer, feature]))
    reach = f"{grouped(count)} of {grouped(seen.tokens)} tokens reach {threshold_in_words(step)} here"
    return f"Layer {layer}, feature {grouped(feature)}: {largest} {at}; {reach}"


def rule_in_words(passing: Sequence[Feature], step: int, outliers: frozenset[int]) -> str:
    """How many features are as widespread as the paper asks, at this threshold and at its own."""
    names = ", ".join(map(grouped, sorted(outliers)[:MOST_NAMED])) + (", \u2026" if len(outliers) > MOST_NAMED else "")
    said = f"{len(outliers)} at 6.0" + (f" ({names})" if outliers else "")
    if step != PAPER_STEP:
        widespread = sum(feature.is_widespread for feature in passing)
        said = f"{widespread} at {threshold_in_words(step)}, {said}"
    return f"By the paper\u2019s shares: {said}"
