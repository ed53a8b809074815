"""The colours of a heat map: vermillion below zero, blue above, the ground at zero."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from workbench.core.figures import in_digits, with_minus
from workbench.panes.look.theme import Theme

# Shades 0 to 254 go from below over the middle to above; the others are no shades.
MIDDLE, MOST, NOT_FINITE, MISSING = 127, 254, 255, 256
# Of a hundred weights this many keep a shade of their own; the largest few share the strongest.
SHADED_PERCENT = 99.5

Shades = NDArray[np.uint16]


def limit_of(values: NDArray[np.float64]) -> float:
    """The magnitude that gets the strongest colour; 0 where all is zero."""
    finite = np.abs(values[np.isfinite(values)])
    if not finite.size:
        return 0.0
    limit = float(np.percentile(finite, SHADED_PERCENT))
    return limit if limit > 0 else float(finite.max())


def shades_of(values: NDArray[np.float64], limit: float, missing: int = 0) -> Shades:
    """The shade of each value; the last `missing` of the last line have none."""
    is_finite = np.isfinite(values)
    share = np.clip(np.where(is_finite, values, 0.0) / (limit or 1.0), -1, 1)
    shades = (MIDDLE + np.rint(share * MIDDLE)).astype(np.uint16)
    shades[~is_finite] = NOT_FINITE
    if missing:
        shades[-1, shades.shape[1] - missing :] = MISSING
    return shades


def image_of(shades: Shades, theme: Theme) -> QImage:
    """One pixel a value."""
    names = ("heat.below", "heat.middle", "heat.above", "heat.none")
    table = _table(*(theme.color(name).rgb() for name in names))
    pixels = np.ascontiguousarray(table[shades])
    lines, columns = pixels.shape
    return QImage(pixels.data, columns, lines, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied).copy()


@lru_cache(maxsize=4)
def _table(below: int, middle: int, above: int, none: int) -> NDArray[np.uint32]:
    """The colour of every shade, as Qt writes it."""
    shades = np.arange(MOST + 1)
    channels = [
        np.rint(np.interp(shades, (0, MIDDLE, MOST), [color >> shift & 0xFF for color in (below, middle, above)]))
        for shift in (16, 8, 0)
    ]
    red, green, blue = (channel.astype(np.uint32) for channel in channels)
    colors = np.uint32(0xFF000000) | red << 16 | green << 8 | blue
    return np.concatenate([colors, np.array([none, 0], np.uint32)])


def paint_scale(painter: QPainter, box: QRectF, theme: Theme, _color: str) -> None:
    """All shades, with a stroke at zero."""
    painter.drawImage(box, image_of(np.arange(MOST + 1, dtype=np.uint16)[None, :], theme))
    painter.setPen(theme.color("text.tertiary"))
    middle = round(box.center().x())
    painter.drawLine(middle, round(box.top()) - 2, middle, round(box.bottom()) + 1)


def number_in_words(value: float) -> str:
    """A magnitude in three digits: 0.213, 1.2e-5."""
    if not value or not math.isfinite(value):
        return "0" if not value else "infinity"
    return with_minus(in_digits(value))
