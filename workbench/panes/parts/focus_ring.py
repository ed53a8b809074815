"""The ring of what has the keyboard: who gets one, and how it is painted."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from workbench.panes.look.theme import Theme


class FocusRing:
    """Goes before the Qt class of a widget that paints its ring: the keyboard brings one, a click does not."""

    RING_REASONS: tuple[Qt.FocusReason, ...] = (
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
        Qt.FocusReason.OtherFocusReason,
    )
    has_ring = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.show_ring(event.reason() in self.RING_REASONS)
        super().focusInEvent(event)  # type: ignore[misc]

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.show_ring(False)
        super().focusOutEvent(event)  # type: ignore[misc]

    def show_ring(self, has_ring: bool) -> None:
        assert isinstance(self, QWidget)
        self.has_ring = has_ring
        (self.viewport() if isinstance(self, QAbstractScrollArea) else self).update()


def paint_ring(painter: QPainter, theme: Theme, box: QRectF | QRect, radius: float = 0) -> None:
    """A ring along a box, its corners rounded by a radius in pixels; the painter keeps its pen."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("focus.ring"), 2))
    painter.drawRoundedRect(box, radius, radius)
