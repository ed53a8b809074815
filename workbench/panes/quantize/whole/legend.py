"""The scale of the map of errors, and the colours between its two ends."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from workbench.panes.look.ink import mixed, readable_on
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill

# The least that loses something is distinct from the ground.
FAINTEST = 0.10


def ink_on(theme: Theme, ground: QColor) -> QColor:
    """The light or the dark one of the theme, whichever has more contrast on a shade."""
    return readable_on(ground, map(theme.color, ("text.primary", "text.on_accent", "surface.window")))


def paint_scale(painter: QPainter, box: QRectF, theme: Theme, _color: str) -> None:
    """All shades, from the faintest to the darkest."""
    palest, darkest = theme.color("heat.middle"), theme.color("heat.below")
    wide = round(box.width())
    for step in range(wide):
        share = FAINTEST + (1 - FAINTEST) * step / (wide - 1)
        fill(painter, QRectF(box.left() + step, box.top(), 1, box.height()), mixed(palest, darkest, share))
