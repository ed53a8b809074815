"""The tokens: text that can be read on every ground it stands on, in both themes."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from workbench.panes.look.theme import Theme, tokens

LEAST = 4.5  # WCAG 2.2, 1.4.3
GROUNDS = ("rail", "page", "card", "inset", "field", "hover", "selected")
WORDS = ("primary", "secondary", "tertiary", "link")
STATES = ("success", "warn", "danger", "info")


# Of curves over each other, OKLab x100.
LEAST_APART = 8
# Linear RGB as the usual eye has it, and as one without red, green or blue cones (Machado et al. 2009, severity 1).
EYES = (
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
)
# Of linear RGB to cones, and of their cube roots to OKLab (Ottosson 2020).
CONES = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566),
         (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
OKLAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099),
         (0.0259040371, 0.7827717662, -0.8086757660))  # fmt: skip


def linear(shade: str) -> tuple[float, float, float]:
    color = QColor(shade)
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(shade: str) -> float:
    red, green, blue = linear(shade)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def oklab(shade: str, eye: tuple[tuple[float, ...], ...]) -> NDArray[np.float64]:
    """As an eye sees it, shape (3,)."""
    seen = np.clip(np.asarray(eye) @ np.asarray(linear(shade)), 0, 1)
    return np.asarray(np.asarray(OKLAB) @ np.cbrt(np.asarray(CONES) @ seen), np.float64)


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_that_words_can_be_read_on_every_ground(name: str) -> None:
    shades = tokens()[name]
    text, surface, status, accent = (shades[group] for group in ("text", "surface", "status", "accent"))
    pairs = [(text[role], surface[ground]) for role in WORDS for ground in GROUNDS]
    pairs += [(text["on_tooltip"], surface["tooltip"]), (text["on_accent"], status["danger_button"])]
    pairs += [(text["on_accent"], accent[key]) for key in ("base", "hover", "pressed")]
    for state in STATES:
        tint = status[f"{state}_tint"]
        pairs += [(status[state], ground) for ground in (surface["card"], surface["page"], tint)]
        pairs += [(text[role], tint) for role in ("primary", "secondary")]
    too_weak = [(one, other, round(contrast(one, other), 2)) for one, other in pairs if contrast(one, other) < LEAST]
    assert not too_weak


@pytest.mark.parametrize("name", ["light", "dark"])
def test_that_code_and_figures_can_be_read_on_their_card(name: str) -> None:
    shades = tokens()[name]
    for state in ("success", "info"):
        assert contrast(shades["status"][state], shades["surface"]["inset"]) >= LEAST


@pytest.mark.parametrize("name", ["light", "dark"])
def test_that_compared_runs_are_told_apart_by_every_eye_and_their_letters_can_be_read(name: str) -> None:
    shades = tokens()[name]
    colors = shades["compare"]
    card = shades["surface"]["card"]  # the ground of the curves, and the colour of a letter on its disc
    assert min(contrast(colors[letter], card) for letter in "abcd") >= LEAST
    apart = [
        100 * float(np.linalg.norm(oklab(colors[one], eye) - oklab(colors[other], eye)))
        for eye in EYES
        for one, other in combinations("abcd", 2)
    ]
    assert min(apart) >= LEAST_APART


def test_that_who_follows_the_theme_is_called_at_once_and_with_every_change(qapp: QApplication) -> None:
    theme = Theme("light")
    sizes: list[int] = []
    theme.follow(lambda: sizes.append(theme.px(100)))
    theme.set_projector(True)
    theme.set_projector(False)
    assert len(sizes) == 3
    assert sizes[0] == sizes[2] < sizes[1]
