"""The colours of probabilities: the less likely a token was held, the stronger the vermillion of a heat map."""

from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from workbench.core.figures import THIN_SPACE, percent
from workbench.panes.charts.legends import Mark, Piece
from workbench.panes.look.ink import mixed, readable_on
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill


class Shade(NamedTuple):
    """How strong a colour probabilities from `least` on have, and their word in a legend."""

    least: float
    share: float
    words: str


# The shares leave a contrast of 4.5 at least for the better of two inks, in both themes.
SHADES = (
    Shade(0.9, 0.0, f"90{THIN_SPACE}% and more"),
    Shade(0.5, 0.15, "50"),
    Shade(0.1, 0.28, "10"),
    Shade(0.01, 0.43, "1"),
    Shade(0.0, 1.0, f"less than 1{THIN_SPACE}%"),
)
# Up to here a smaller number below the word is read well in the secondary ink.
PALE = 0.2


def shade_of(probability: float) -> Shade:
    """The shade of a probability from 0 to 1; a value that is not a number is held as unlikely as can be."""
    return next((shade for shade in SHADES if probability >= shade.least), SHADES[-1])


def ground_of(theme: Theme, shade: Shade) -> QColor:
    return mixed(theme.color("heat.middle"), theme.color("heat.below"), shade.share)


def inks_on(theme: Theme, shade: Shade) -> tuple[QColor, QColor]:
    """The ink of words on a shade, and that of what is beside them."""
    ink = readable_on(ground_of(theme, shade), (theme.color("text.primary"), theme.color("surface.card")))
    return ink, theme.color("text.secondary") if shade.share < PALE else ink


def paint_steps(painter: QPainter, box: QRectF, theme: Theme, _color: str) -> None:
    """All shades side by side, the likeliest first, in a frame."""
    wide, high = round(box.width() / len(SHADES)), round(box.height())
    left, top = round(box.left()), round(box.top())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for place, shade in enumerate(SHADES):
        fill(painter, QRectF(left + place * wide, top, wide, high), ground_of(theme, shade))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.color("border.card"))
    painter.drawRect(QRectF(left, top, wide * len(SHADES) - 1, high - 1))


def legend_pieces() -> tuple[tuple[Piece, ...], str]:
    """What a legend of the shades shows, and what a screen reader says of it."""
    pieces: tuple[Piece, ...] = (SHADES[0].words, 6, Mark(90, 12, paint_steps), 6, SHADES[-1].words)
    return pieces, "Probability of a token: from 90 % and more, pale, by 50, 10 and 1 % to less than 1 %, strong"


def probability_words(probability: float) -> str:
    """A probability in percent: "93 %", "4.2 %", "0.03 %", "< 0.01 %"."""
    if 0 <= probability < 0.0001:
        return f"<{THIN_SPACE}{percent(0.0001, 2)}"
    return percent(probability, 0 if probability >= 0.0995 else 1 if probability >= 0.00995 else 2)
