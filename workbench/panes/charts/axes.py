"""Axes painted by hand: levels with their numbers at the left, ticks with theirs below."""

import math
from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from workbench.panes.look.theme import Theme

# A place in pixels with its words.
Mark = tuple[float, str]

# Pixels of the drawing between the words of two ticks.
APART = 6
BESIDE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_levels(
    painter: QPainter, theme: Theme, area: QRectF, marks: Iterable[Mark], *, gap: float, reach: float = 0
) -> None:
    """A line across the area for each mark from the top down, which reaches out at both ends; its words before it.

    Words that would lie over those above them are left out.
    """
    painter.setFont(theme.font("axis"))
    high = QFontMetricsF(painter.font()).height()
    line, ink = theme.color("border.divider"), theme.color("text.tertiary")
    above = -math.inf
    for y, words in marks:
        painter.fillRect(QRectF(area.left() - reach, math.floor(y), area.width() + 2 * reach, 1), line)
        if y - above >= high - 2:
            above = y
            painter.setPen(ink)
            painter.drawText(QRectF(0, y - high / 2, area.left() - gap, high), BESIDE, words)


def paint_ticks(
    painter: QPainter,
    theme: Theme,
    marks: Iterable[Mark],
    top: float,
    *,
    length: float,
    gap: float,
    ends: tuple[float, float] = (-math.inf, math.inf),
    is_centered: bool = False,
) -> None:
    """A tick below an axis for each mark from the left, and its words further below, held between two ends.

    Ticks take whole pixels, or lie around their places where `is_centered`. Words too near to others are left out.
    """
    painter.setFont(theme.font("axis"))
    metrics = QFontMetricsF(painter.font())
    line, ink = theme.color("border.control"), theme.color("text.tertiary")
    taken = -math.inf
    for x, words in marks:
        if is_centered:
            painter.setPen(line)
            painter.drawLine(QPointF(x, top), QPointF(x, top + length - 1))
        else:
            painter.fillRect(QRectF(round(x), round(top), 1, length), line)
        wide = metrics.horizontalAdvance(words) + 2
        left = min(max(ends[0], x - wide / 2), ends[1] - wide)
        if left >= taken:
            taken = left + wide + theme.px(APART)
            painter.setPen(ink)
            painter.drawText(QRectF(left, top + gap, wide, metrics.height()), Qt.AlignmentFlag.AlignCenter, words)
