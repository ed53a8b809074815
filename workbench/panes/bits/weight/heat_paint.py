"""How the heat map is painted: rulers, cells, and the ring around a chosen number with the outline of its block."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from workbench.core.figures import MINUS
from workbench.core.model.stored_tensor import StoredTensor
from workbench.core.quantized.requantized import BLOCK_SIZE
from workbench.core.units import grouped
from workbench.panes.bits.weight.heat_view import Axis
from workbench.panes.charts.heat_colors import MISSING, NOT_FINITE, Shades, number_in_words
from workbench.panes.look.theme import Theme

# From this size on cells are divided by lines, and the block of a chosen one is outlined.
DIVIDED_PIXELS = 8
# From this size on each cell has its number in it.
WRITTEN_PIXELS = 48
MOST_WRITTEN = 4096
RING_PIXELS = 3
LEAST_RING = 7
# sRGB from here on is light ground for dark letters.
LIGHT_GROUND = 0.55


@dataclass(frozen=True)
class Part:
    """What was read last: shades at these lines and columns, and the numbers where they are few."""

    lines: range
    columns: range
    shades: Shades
    values: NDArray[np.float64] | None


def paint_cells(painter: QPainter, theme: Theme, part: Part, image: QImage, lines: Axis, columns: Axis) -> None:
    """The image where its numbers are in sight now, which may be elsewhere than where they were read."""
    height = len(part.lines) * part.lines.step * lines.cell / lines.step
    width = len(part.columns) * part.columns.step * columns.cell / columns.step
    left = (part.columns.start - columns.first) * columns.cell / columns.step
    top = (part.lines.start - lines.first) * lines.cell / lines.step
    is_shrunk = min(lines.cell, columns.cell) < 1
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_shrunk)
    painter.drawImage(QRectF(left, top, width, height), image)
    painter.setPen(QPen(theme.color("surface.card"), 1))
    if columns.cell >= DIVIDED_PIXELS:
        cell = int(columns.cell)
        for x in range(cell - 1, round(left + width), cell):
            painter.drawLine(x, max(0, round(top)), x, round(top + height) - 1)
    if lines.cell >= DIVIDED_PIXELS:
        cell = int(lines.cell)
        for y in range(cell - 1, round(top + height), cell):
            painter.drawLine(max(0, round(left)), y, round(left + width) - 1, y)
    cell_box = QRectF(left, top, columns.cell, lines.cell)
    if min(lines.cell, columns.cell) >= DIVIDED_PIXELS:
        _cross_out(painter, theme, part, cell_box)
    if part.values is not None and columns.cell >= WRITTEN_PIXELS:
        _paint_numbers(painter, theme, part, image, cell_box)


def _cross_out(painter: QPainter, theme: Theme, part: Part, cell: QRectF) -> None:
    """A cross over each NaN and infinity; `cell` is the first of the part."""
    painter.setPen(QPen(theme.color("surface.card"), 1))
    for line, column in np.argwhere(part.shades == NOT_FINITE):
        box = cell.translated(int(column) * cell.width(), int(line) * cell.height()).adjusted(2, 2, -3, -3)
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.bottomLeft(), box.topRight())


def _paint_numbers(painter: QPainter, theme: Theme, part: Part, image: QImage, cell: QRectF) -> None:
    """Each number in its cell; `cell` is the first of the part."""
    assert part.values is not None
    painter.setFont(theme.font("caption"))
    dark, light = theme.color("text.primary"), theme.color("surface.card")
    if theme.is_dark:
        dark, light = light, dark
    for line, values in enumerate(part.values):
        for column, value in enumerate(values):
            if part.shades[line, column] == MISSING:
                continue
            ground = QColor(image.pixel(column, line))
            painter.setPen(dark if _lightness(ground) > LIGHT_GROUND else light)
            box = cell.translated(column * cell.width(), line * cell.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, signed_in_words(float(value)))


def signed_in_words(value: float) -> str:
    """Three digits with the sign: "-0.213" with a true minus."""
    if value != value:
        return "NaN"
    return (MINUS if value < 0 else "") + number_in_words(abs(value))


def _lightness(color: QColor) -> float:
    return 0.299 * color.redF() + 0.587 * color.greenF() + 0.114 * color.blueF()


def paint_place(painter: QPainter, theme: Theme, tensor: StoredTensor, place: int, lines: Axis, columns: Axis) -> None:
    """A ring around the chosen number, and the outline of its block."""
    length = tensor.line_length
    line, column = divmod(place, length)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if min(lines.cell, columns.cell) >= DIVIDED_PIXELS:
        block = tensor.block_of(place, BLOCK_SIZE)
        painter.setPen(QPen(theme.color("text.primary"), 1))
        first, last = block.start // length, (block.start + block.count - 1) // length
        for each in range(max(first, lines.first), min(last, lines.last + 1) + 1):
            start = max(block.start - each * length, 0)
            end = min(block.start + block.count - each * length, length)
            left, right = columns.pixel_of(start), columns.pixel_of(end)
            painter.drawRect(QRectF(left - 1, lines.pixel_of(each) - 1, right - left, lines.cell))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x, y = columns.pixel_of(column), lines.pixel_of(line)
    least = theme.px(LEAST_RING)
    ring = QRectF(x, y, columns.cell - 1, lines.cell - 1)
    if ring.width() < least:
        ring.setRect(x + columns.cell / 2 - least / 2, ring.y(), least, ring.height())
    if ring.height() < least:
        ring.setRect(ring.x(), y + lines.cell / 2 - least / 2, ring.width(), least)
    for color, pen_width in (("surface.card", 4), ("focus.ring", 2)):
        painter.setPen(QPen(theme.color(color), pen_width))
        painter.drawRoundedRect(ring.adjusted(-1, -1, 1, 1), 2, 2)


def paint_rulers(painter: QPainter, theme: Theme, box: QRect, lines: Axis, columns: Axis) -> None:
    """Indices beside some lines and columns, far enough apart to be read."""
    px = theme.px
    painter.setFont(theme.font("caption"))
    painter.setPen(theme.color("text.tertiary"))
    high = painter.fontMetrics().height()
    wide = painter.fontMetrics().horizontalAdvance(grouped(max(0, columns.count - 1)))
    for number in _marks(columns, wide + px(14)):
        x = box.left() + columns.pixel_of(number)
        if x + wide <= box.right():
            painter.drawText(QPointF(x, box.top() - px(5)), grouped(number))
    for number in _marks(lines, 2 * high):
        y = box.top() + lines.pixel_of(number)
        words = QRectF(0, y + min(0.0, (lines.cell - high) / 2), box.left() - px(6), high)
        if lines.cell > high:
            words.moveTop(y + (lines.cell - high) / 2)
        if words.bottom() <= box.bottom():
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, grouped(number))


def _marks(along: Axis, room: int) -> range:
    """The numbers that are written beside an axis: round ones, with a least distance in pixels."""
    step = 1
    while step / along.step * along.cell < room:
        step *= 2
    first = -(-along.first // step) * step
    return range(first, min(along.count, along.first + along.page), step)
