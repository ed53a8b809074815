"""The memory of a training step as a small bar against what is free: hatched beyond it."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from workbench.panes.charts.memory_blocks import hatch, paint_block
from workbench.panes.look.theme import Theme
from workbench.panes.model.hub.row import StepPeak
from workbench.panes.parts.bars import paint_bar
from workbench.panes.parts.controls import fill

# The limit stands at this share of the track, whatever it is: bars of several rows have one scale.
LIMIT_SHARE = 0.84
# How far the limit's line stands out of the track, above and below.
LIMIT_STANDS_OUT = 4


def paint_peak(painter: QPainter, theme: Theme, track: QRectF, peak: StepPeak | None, limit_bytes: int) -> None:
    """Paints the parts from the left, and the limit's line over them."""
    paint_bar(painter, track, theme.color("surface.inset"))
    limit = track.left() + LIMIT_SHARE * track.width()
    if peak is not None and limit_bytes > 0:
        scale = LIMIT_SHARE * track.width() / limit_bytes
        left = track.left()
        for name, size in (("weights", peak.weights), ("unquantized", peak.unquantized), ("overhead", peak.rest)):
            right = min(left + size * scale, track.right())
            _paint_part(painter, theme, name, QRectF(left, track.top(), right - left, track.height()), limit)
            left = right
    out = theme.px(LIMIT_STANDS_OUT)
    fill(painter, QRectF(limit - 1, track.top() - out, 2, track.height() + 2 * out), theme.color("memory.limit"))


def _paint_part(painter: QPainter, theme: Theme, name: str, box: QRectF, limit: float) -> None:
    """One part, as a block within the limit and hatched beyond it."""
    within = QRectF(box.left(), box.top(), min(box.right(), limit) - box.left(), box.height())
    gap = 1 if within.width() > theme.px(6) else 0
    if within.width() > 0:
        paint_block(painter, theme, name, within.adjusted(0, 0, -gap, 0))
    beyond = QRectF(max(box.left(), limit), box.top(), box.right() - max(box.left(), limit), box.height())
    if beyond.width() > 1:
        hatch(painter, theme, beyond, theme.color(f"memory.{name}"))
