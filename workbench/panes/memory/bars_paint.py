"""How the bars of the Memory page are drawn: axis, rows, blocks with their words, the limit over them."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from workbench.panes.charts.canvas import write_line
from workbench.panes.charts.memory_blocks import hatch, paint_block
from workbench.panes.look.ink import readable_on
from workbench.panes.look.theme import Theme
from workbench.panes.memory.scale import Scale, WayBar
from workbench.panes.memory.words import TITLES, amount
from workbench.panes.parts.focus_ring import paint_ring

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
# Parts drawn as hatching: the colour of their strokes.
HATCHED = {"learned": "text.secondary", "claim": "text.tertiary"}


@dataclass(frozen=True)
class BarsLook:
    """What is to be seen: rows on a scale with the boxes of their blocks, and what is chosen of them."""

    scale: Scale
    bars: tuple[WayBar, ...]
    boxes: tuple[list[QRectF], ...]
    chosen: int  # a row, -1 for none
    block: int  # of the chosen row, -1 for none
    limit_words: str
    sentence: str
    has_ring: bool


def paint_bars(painter: QPainter, theme: Theme, look: BarsLook) -> None:
    scale = look.scale
    _paint_axis(painter, theme, scale)
    for index, (bar, boxes) in enumerate(zip(look.bars, look.boxes, strict=True)):
        if index == look.chosen:
            _paint_chosen(painter, theme, scale.row(index), has_ring=look.has_ring)
        _paint_labels(painter, theme, scale, index, bar)
        _paint_blocks(painter, theme, scale, boxes, bar)
        if index == look.chosen and 0 <= look.block < len(boxes):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text.primary"), 2))
            painter.drawRect(boxes[look.block].adjusted(-1, -1, 1, 1))
    _paint_limit(painter, theme, scale, look.limit_words)
    for index, bar in enumerate(look.bars):
        _paint_figure(painter, theme, scale, index, bar)
    if look.sentence:
        _paint_sentence(painter, theme, scale, look.sentence)
    if look.has_ring and not 0 <= look.chosen < len(look.bars):
        _ring(painter, theme, QRectF(0, 0, scale.width, scale.height).adjusted(3, 1, -3, -1))


def _paint_axis(painter: QPainter, theme: Theme, scale: Scale) -> None:
    painter.setFont(theme.font("axis"))
    metrics = QFontMetricsF(painter.font())
    bottom = scale.top + scale.pitch * scale.rows
    for x, words in scale.ticks():
        painter.fillRect(QRectF(round(x), scale.top, 1, bottom - scale.top), theme.color("border.divider"))
        painter.setPen(theme.color("text.tertiary"))
        wide = metrics.horizontalAdvance(words) + 4
        painter.drawText(QRectF(x - wide / 2, 0, wide, scale.top - theme.px(4)), Qt.AlignmentFlag.AlignCenter, words)


def _ring(painter: QPainter, theme: Theme, rect: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_ring(painter, theme, rect, theme.size("radius.control"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_chosen(painter: QPainter, theme: Theme, row: QRectF, *, has_ring: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("surface.selected"))
    painter.drawRoundedRect(row, theme.size("radius.control"), theme.size("radius.control"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(row.left(), row.top() + 2, theme.px(3), row.height() - 4), theme.color("accent.line"))
    if has_ring:
        _ring(painter, theme, row.adjusted(1, 1, -1, -1))


def _paint_labels(painter: QPainter, theme: Theme, scale: Scale, index: int, bar: WayBar) -> None:
    row = scale.row(index)
    left, wide = theme.px(14), scale.label_width - theme.px(22)
    is_small = scale.rows > 4
    title = theme.font("small" if is_small else "body", weight=500 if is_small else 600)
    small = theme.font("small")
    high = QFontMetricsF(title).height()
    has_two = bool(bar.subtitle) and row.height() >= 1.9 * high
    below = QFontMetricsF(small).height() if has_two else 0
    top = row.center().y() - (high + below) / 2
    write_line(painter, theme, QRectF(left, top, wide, high), bar.title, title, "text.primary")
    if has_two:
        write_line(painter, theme, QRectF(left, top + high, wide, below), bar.subtitle, small, "text.tertiary")


def _paint_blocks(painter: QPainter, theme: Theme, scale: Scale, rects: list[QRectF], bar: WayBar) -> None:
    painter.save()
    limit = scale.x(scale.limit_bytes) if scale.shows_limit else -1.0
    end = scale.x(bar.total_bytes)
    for block, rect in zip(bar.blocks, rects, strict=True):
        if block.part in HATCHED:
            hatch(painter, theme, rect, theme.color(HATCHED[block.part]))
            continue
        paint_block(painter, theme, block.part, rect)
        if rect.right() > end + 1:  # what runs have shown not to be needed
            beyond = QRectF(rect)
            beyond.setLeft(max(rect.left(), end))
            hatch(painter, theme, beyond, theme.color(f"memory.{block.part}"))
        elif scale.rows <= 4:
            _paint_block_words(painter, theme, scale, block.part, block.size_bytes, rect, limit)
    painter.restore()


def _paint_block_words(
    painter: QPainter, theme: Theme, scale: Scale, part: str, size_bytes: float, rect: QRectF, limit: float
) -> None:
    """Name and size, where they fit on one side of the limit; else the size alone."""
    font = theme.font("small")
    metrics, pad = QFontMetricsF(font), theme.px(8)
    room = QRectF(rect)
    if rect.left() < limit < rect.right():
        if limit - rect.left() > rect.right() - limit:
            room.setRight(limit - 1)
        else:
            room.setLeft(limit + 1)
    size = amount(size_bytes, scale.unit, 0 if size_bytes > 9.95e9 else 1)
    for words in (f"{TITLES[part]} {size}", size):
        if metrics.horizontalAdvance(words) + 2 * pad <= room.width() and metrics.height() <= room.height():
            painter.setFont(font)
            painter.setPen(on_color(theme, theme.color(f"memory.{part}")))
            painter.drawText(room.adjusted(pad, 0, -2, 0), LEFT, words)
            return


def on_color(theme: Theme, ground: QColor) -> QColor:
    """The ink that is read best on a data colour."""
    primary = theme.color("text.primary")
    inks = (theme.color("text.on_accent"), theme.color("surface.window"), primary, primary.darker(300))
    return readable_on(ground, inks)


def _paint_limit(painter: QPainter, theme: Theme, scale: Scale, words: str) -> None:
    font = theme.font("small", weight=500)
    wide = QFontMetricsF(font).horizontalAdvance(words) + 4
    bottom = scale.top + scale.pitch * scale.rows
    gap = theme.px(8)
    if scale.shows_limit:
        x = round(scale.x(scale.limit_bytes))
        top = scale.top - theme.px(2)
        painter.fillRect(QRectF(x - 1, top, 2, bottom - top + theme.px(4)), theme.color("memory.limit"))
        left = x + gap if x + gap + wide < scale.width - gap else x - gap - wide
    else:
        left = scale.right + scale.figure_width - wide - gap
    painter.setFont(font)
    painter.setPen(theme.color("text.primary"))
    painter.drawText(QRectF(max(float(gap), left), bottom + theme.px(1), wide, theme.px(18)), LEFT, words)


def _paint_figure(painter: QPainter, theme: Theme, scale: Scale, index: int, bar: WayBar) -> None:
    """The total and the verdict right of the bar, and of the limit where that is near; a note under the bar."""
    box = scale.bar(index)
    end = scale.x(bar.longest_bytes)
    is_small = scale.rows > 4
    strong = theme.font("small" if is_small else "body", weight=600)
    small = theme.font("small")
    figure = QFontMetricsF(strong).horizontalAdvance(bar.figure)
    verdict = QFontMetricsF(small).horizontalAdvance(bar.verdict)
    gap = theme.px(8)
    left = end + gap
    limit = scale.x(scale.limit_bytes) if scale.shows_limit else -1.0
    if end - 1 <= limit < left + figure + gap + verdict + gap:
        left = limit + gap
    high = theme.px(20)
    line = QRectF(left, box.center().y() - high / 2, figure + 4, high)
    painter.setFont(strong)
    painter.setPen(theme.color("text.primary"))
    painter.drawText(line, LEFT, bar.figure)
    beside = QRectF(line.right() + theme.px(2), line.top(), scale.width - line.right() - theme.px(10), high)
    if bar.verdict and beside.width() > theme.px(20):
        color = f"status.{bar.state}" if bar.state else "text.secondary"
        write_line(painter, theme, beside, bar.verdict, small, color)
    if bar.mark_bytes:
        x = scale.x(bar.mark_bytes)
        painter.setPen(QPen(theme.color("text.primary"), 1.5, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, box.top() - theme.px(3)), QPointF(x, box.bottom() + 1))
    if bar.note:
        font = theme.font("caption")
        wide = QFontMetricsF(font).horizontalAdvance(bar.note) + 4
        right = min(max(end, scale.left + wide), float(scale.width - gap))
        under = QRectF(right - wide, box.bottom() + 2, wide, QFontMetricsF(font).height())
        painter.setFont(font)
        painter.setPen(theme.color("text.secondary"))
        painter.drawText(under, RIGHT, bar.note)


def _paint_sentence(painter: QPainter, theme: Theme, scale: Scale, words: str) -> None:
    box = QRectF(theme.px(14), scale.height - theme.px(24), scale.width - theme.px(28), theme.px(22))
    write_line(painter, theme, box, words, theme.font("body", weight=500), "text.primary")
