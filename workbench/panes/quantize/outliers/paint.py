"""How the map of outliers is painted: its shades, its rulers, and the marks above the features that pass."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen

from workbench.core.quantized.outliers import Feature
from workbench.core.ticks import marks, spacing_of, ticks
from workbench.core.units import grouped
from workbench.panes.charts.axes import paint_ticks
from workbench.panes.charts.cell_map import LEAST_MARK, grown, paint_mark
from workbench.panes.look.theme import Theme

# A lit feature is drawn so broad at least, where they are few; as many of them have their numbers above the map.
LIT_PIXELS, MOST_BROADENED, MOST_NUMBERS = 3, 48, 12
# A lit cell at the threshold itself, and how many times the threshold gets the full colour.
FAINTEST, FULL_AT = 0.75, 3.0
# What is not lit stays paler.
FLATTER, STRONGEST = 1.3, 0.7
MOST_TICKS = 8


Fp32 = NDArray[np.float32]


@dataclass(frozen=True)
class Sight:
    """What is in sight, and where: all layers, and some features."""

    box: QRect
    layers: int
    features: range

    def x(self, feature: float) -> float:
        share = (feature - self.features.start) / max(1, len(self.features))
        return self.box.left() + share * self.box.width()

    @property
    def row_height(self) -> float:
        return self.box.height() / self.layers


def drawn(part: Fp32, sight: Sight, limit: float, threshold: float, theme: Theme, *, are_few: bool) -> QImage:
    """One pixel a layer and a feature, or a layer and what shares a column of the screen."""
    count, width = len(sight.features), sight.box.width()
    if count > width:
        part = np.maximum.reduceat(part, np.arange(width) * count // width, axis=1)
    columns = math.ceil(theme.px(LIT_PIXELS) * part.shape[1] / width) if are_few else 1
    return shaded(_broadened(part, columns, threshold), limit, threshold, theme)


def _broadened(part: Fp32, columns: int, threshold: float) -> Fp32:
    """What is lit takes this many columns: a single feature would be too thin to be seen from afar."""
    lit = np.where(part >= np.float32(threshold), part, np.float32(0))
    broad = part.copy()
    for by in range(-(columns // 2), columns - columns // 2):
        if by < 0:
            broad[:, :by] = np.maximum(broad[:, :by], lit[:, -by:])
        elif by > 0:
            broad[:, by:] = np.maximum(broad[:, by:], lit[:, :-by])
    return broad


def shaded(sizes: Fp32, limit: float, threshold: float, theme: Theme) -> QImage:
    """One pixel a magnitude: blue up to `limit`, and what reaches the threshold in the other colour."""
    ground = _channels(theme, "heat.middle")
    below, lit = _channels(theme, "heat.above"), _channels(theme, "heat.below")
    share = np.clip(sizes / limit, 0, 1)[..., None]
    colors = ground + (below - ground) * share**FLATTER * STRONGEST
    over = sizes >= np.float32(threshold)
    strength = np.clip(np.log(np.maximum(sizes, threshold) / threshold) / math.log(FULL_AT), 0, 1)[..., None]
    hot = ground + (lit - ground) * (FAINTEST + (1 - FAINTEST) * strength)
    colors = np.where(over[..., None], hot, colors)
    pixels = np.full((*sizes.shape, 4), 255, np.uint8)
    pixels[..., :3] = np.rint(colors)[..., ::-1]
    lines, columns = sizes.shape
    return QImage(pixels.tobytes(), columns, lines, 4 * columns, QImage.Format.Format_RGB32).copy()


def paint_scale(painter: QPainter, box: QRectF, theme: Theme, _color: str) -> None:
    """The shades up to the strongest blue."""
    shares = np.linspace(0, 1, 64, dtype=np.float32)[None, :]
    painter.drawImage(box, shaded(shares, 1.0, 2.0, theme))


def _channels(theme: Theme, name: str) -> NDArray[np.float64]:
    color = theme.color(name)
    return np.array([color.red(), color.green(), color.blue()], np.float64)


def paint_rulers(painter: QPainter, theme: Theme, sight: Sight, right: int) -> None:
    """Layers at the left, features below, up to the right edge."""
    px, box = theme.px, sight.box
    painter.setFont(theme.font("axis"))
    metrics = QFontMetricsF(painter.font())
    high = sight.row_height
    painter.setPen(theme.color("text.tertiary"))
    most = max(2, int(box.height() / (metrics.height() * 1.1)))
    for layer in map(round, ticks(0, sight.layers - 1, spacing_of(sight.layers, most, whole=True))):
        y = box.top() + (layer + 0.5) * high
        words = QRectF(0, y - metrics.height() / 2, box.left() - px(8), metrics.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(layer))
    shown = sight.features
    spacing = spacing_of(max(1, len(shown)), MOST_TICKS, whole=True)
    bottom = box.bottom() + 1
    found = [(round(sight.x(value + 0.5)) + 0.5, words) for value, words in marks(shown.start, shown.stop - 1, spacing)]
    paint_ticks(painter, theme, found, bottom, length=px(4) + 1, gap=px(4), ends=(0, right), is_centered=True)


def paint_marks(painter: QPainter, theme: Theme, sight: Sight, passing: Sequence[Feature], right: int) -> None:
    """Above the map, where features pass: a tick each, and the numbers of the most widespread that have room."""
    px, box = theme.px, sight.box
    painter.setFont(theme.font("axis", weight=600))
    metrics = QFontMetricsF(painter.font())
    taken: list[tuple[float, float]] = []
    lit = QPen(theme.color("heat.below"), max(1, px(1)))
    for feature in passing:
        if feature.number not in sight.features:
            continue
        x = sight.x(feature.number + 0.5)
        painter.setPen(lit)
        painter.drawLine(QPointF(x, box.top() - px(4)), QPointF(x, box.top() - 1))
        wide = metrics.horizontalAdvance(grouped(feature.number)) + px(6)
        left = min(max(0.0, x - wide / 2), right - wide)
        if len(taken) < MOST_NUMBERS and all(left > end or left + wide < start for start, end in taken):
            taken.append((left, left + wide))
            painter.setPen(theme.color("text.primary"))
            words = QRectF(left, box.top() - px(5) - metrics.height(), wide, metrics.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, grouped(feature.number))


def paint_chosen(painter: QPainter, theme: Theme, sight: Sight, layer: int, feature: int) -> None:
    """A bar beside the layer, and a ring around the cell."""
    px, box = theme.px, sight.box
    high = sight.row_height
    top = box.top() + layer * high
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent.line"))
    painter.drawRect(QRectF(box.left() - px(6), top, px(4), max(3.0, high)))
    if feature not in sight.features:
        return
    left, right = sight.x(feature), sight.x(feature + 1)
    least = px(LEAST_MARK)
    paint_mark(painter, theme, grown(QRectF(left, top, right - left, high), least, least))
