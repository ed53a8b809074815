"""Rows of numbers worth quantizing, each with the method in which there is something to see."""

from dataclasses import dataclass, field

from workbench.core.quantized.steps import Method


@dataclass(frozen=True)
class Preset:
    """A whole example; `top` is the number that the largest integer stands for, where it is not the largest number."""

    name: str
    title: str
    sentence: str
    text: str
    method: Method = field(default_factory=Method)
    top: float | None = None


ARTICLE = "article"
PRESETS = (
    Preset(
        "eight",
        "Eight numbers",
        "the worked example of the 8-bit article",
        "1.2, -0.5, -4.3, 1.2, -3.1, 0.8, 2.4, 5.4",
    ),
    Preset(ARTICLE, "The article\u2019s 0.3", "one number, scale 1/127", "0.3", top=1.0),
    Preset("outlier", "One outlier", "seven small numbers and a 60", "0.2, -0.4, 0.7, -0.9, 0.3, 1.1, -0.6, 60"),
    Preset(
        "lopsided",
        "Not symmetric",
        "\u22121 to 3, where a zero point pays",
        "-1, -0.4, 0.1, 0.5, 1.2, 1.9, 2.6, 3",
        Method("int8-zeropoint"),
    ),
)


def preset_named(name: str) -> Preset:
    """Raises KeyError for a name that is none."""
    return {preset.name: preset for preset in PRESETS}[name]
