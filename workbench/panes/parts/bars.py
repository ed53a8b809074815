"""Bars with rounded ends, alone or as the part of a track."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

RADIUS = 2


def paint_bar(painter: QPainter, box: QRectF, color: QColor) -> None:
    """Fills a box; the painter keeps its pen, and edges between pixels are soft in the bar alone."""
    pen, is_soft = painter.pen(), painter.testRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_soft)
    painter.setPen(pen)


def paint_part(painter: QPainter, track: QRectF, share: float, ground: QColor, color: QColor) -> None:
    """A track, and in it from the left the share from 0 to 1 that is reached."""
    paint_bar(painter, track, ground)
    paint_bar(painter, QRectF(track.left(), track.top(), share * track.width(), track.height()), color)
