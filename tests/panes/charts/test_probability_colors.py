"""Probabilities have shades that say more the less likely they are, with words that can be read on each."""

import math

import pytest

from workbench.panes.charts.probability_colors import (
    SHADES,
    ground_of,
    inks_on,
    legend_pieces,
    probability_words,
    shade_of,
)
from workbench.panes.look.ink import contrast
from workbench.panes.look.theme import Theme

LEAST_CONTRAST = 4.5


@pytest.mark.parametrize("look", ["light", "dark"])
def test_that_every_shade_is_read_well(theme: Theme, look: str) -> None:
    theme.choose("dark" if look == "dark" else "light")
    for shade in SHADES:
        for ink in inks_on(theme, shade):
            assert contrast(ink, ground_of(theme, shade)) >= LEAST_CONTRAST, shade


@pytest.mark.parametrize(
    ("probability", "words", "place"),
    [
        (1.0, "100 %", 0),
        (0.9, "90 %", 0),
        (0.899, "90 %", 1),
        (0.5, "50 %", 1),
        (0.1, "10 %", 2),
        (0.0312, "3.1 %", 3),
        (0.0099, "0.99 %", 4),
        (0.0, "< 0.01 %", 4),
        (math.nan, "nan %", 4),
    ],
)
def test_that_a_probability_has_its_shade_and_its_words(probability: float, words: str, place: int) -> None:
    assert SHADES.index(shade_of(probability)) == place
    assert probability_words(probability).replace("\u2009", " ") == words


def test_that_the_legend_says_what_the_shades_mean() -> None:
    _, name = legend_pieces()
    assert name.startswith("Probability of a token")
