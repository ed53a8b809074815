"""The ground of a row in a list: chosen, under the pointer, and with the keyboard's ring."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring

# Of the bar that marks the chosen row.
BAR_PIXELS = 3
RADIUS = 6


def paint_ground(
    painter: QPainter, theme: Theme, row: QRect, *, is_chosen: bool, is_near: bool, has_ring: bool, radius: int = RADIUS
) -> None:
    """What is neither chosen nor under the pointer has no ground of its own; leaves the painter without a pen."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if is_chosen or is_near:
        painter.setBrush(theme.color("surface.selected" if is_chosen else "surface.hover"))
        painter.drawRoundedRect(row, radius, radius)
    if is_chosen:
        painter.save()
        painter.setClipRect(QRect(row.left(), row.top(), BAR_PIXELS, row.height()), Qt.ClipOperation.IntersectClip)
        painter.setBrush(theme.color("accent.line"))
        painter.drawRoundedRect(row, radius, radius)
        painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if has_ring:
        paint_ring(painter, theme, row.adjusted(1, 1, -1, -1), max(0, radius - 1))
        painter.setPen(Qt.PenStyle.NoPen)


def is_under_mouse(option: QStyleOptionViewItem) -> bool:
    from PySide6.QtWidgets import QStyle  # its 1000 names take 5 ms to make, which the first paint need not wait for

    return bool(option.state & QStyle.StateFlag.State_MouseOver)
