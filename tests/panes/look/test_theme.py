"""The tokens: text that can be read on every ground it stands on, in both themes."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from workbench.panes.look.theme import Theme, tokens

LEAST = 4.5  # WCAG 2.2, 1.4.3
GROUNDS = ("rail", "page", "card", "inset", "field", "hover", "selected")
WORDS = ("primary", "secondary", "tertiary", "link")
STATES = ("success", "warn", "danger", "info")


def luminance(shade: str) -> float:
    color = QColor(shade)
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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


def test_that_who_follows_the_theme_is_called_at_once_and_with_every_change(qapp: QApplication) -> None:
    theme = Theme("light")
    sizes: list[int] = []
    theme.follow(lambda: sizes.append(theme.px(100)))
    theme.set_projector(True)
    theme.set_projector(False)
    assert len(sizes) == 3
    assert sizes[0] == sizes[2] < sizes[1]
