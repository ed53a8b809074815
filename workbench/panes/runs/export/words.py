"""Figures of the view in words."""

from workbench.core.figures import THIN_SPACE
from workbench.core.units import duration_in_words

NONE = "\u2013"


def perplexity_in_words(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}" if value < 1000 else f"{value:.3g}"


def kl_in_words(value: float | None) -> str:
    """In four places; what is less than they can show is not said to be nothing."""
    if value is None:
        return NONE
    return "< 0.0001" if 0 < value < 0.00005 else f"{value:.4f}"


def same_in_words(share: float | None) -> str:
    """All are 100 % only where all of them are."""
    if share is None:
        return NONE
    if share == 1:
        return f"100{THIN_SPACE}%"
    return f"{min(99.9, 100 * share):.1f}{THIN_SPACE}%"


def in_short(seconds: float) -> str:
    """ "50 s"."""
    return duration_in_words(seconds).removeprefix("about ").replace(" seconds", " s").replace(" minutes", " min")
