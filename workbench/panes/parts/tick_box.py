"""Boxes to tick, drawn by the theme: as widgets with their words, and within cells that are painted."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import FocusRing, paint_ring

SIDE = 14  # of a box, in pixels of the drawing


def paint_tick(painter: QPainter, theme: Theme, box: QRectF, *, is_ticked: bool, is_locked: bool = False) -> None:
    """A box with its tick; one that is locked is grey, and says so by that alone: its tick stays as dark."""
    color = "border.control_strong" if is_locked or not is_ticked else "accent.base"
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(color), 1))
    ground = "surface.disabled" if is_locked else "accent.base" if is_ticked else "surface.field"
    painter.setBrush(theme.color(ground))
    painter.drawRoundedRect(box, 3, 3)
    if is_ticked:
        tick = theme.icon("check", "text.secondary" if is_locked else "text.on_accent")
        tick.paint(painter, box.toAlignedRect().adjusted(1, 1, -1, -1))
    painter.restore()


class TickBox(FocusRing, QCheckBox):
    """A box to tick with its words; one that is locked keeps them readable."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(text)
        self._theme = theme
        self.is_locked = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_locked(self, is_locked: bool) -> None:
        """Whether it can be changed no more, since what it stands for has begun."""
        self.is_locked = is_locked
        self.setEnabled(not is_locked)
        self.update()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        return QSize(px(25) + self.fontMetrics().horizontalAdvance(self.text()) + px(6), px(24))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        is_off = not self.isEnabled() and not self.is_locked
        if is_off:
            painter.setOpacity(0.75)
        side = px(SIDE)
        box = QRectF(px(3) + 0.5, (self.height() - side) // 2 + 0.5, side, side)
        is_ticked = self.isChecked()
        paint_tick(painter, theme, box, is_ticked=is_ticked, is_locked=self.is_locked)
        painter.setPen(theme.color("text.primary" if is_ticked or self.is_locked else "text.secondary"))
        words = self.rect().adjusted(px(25), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.has_ring:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ring(painter, theme, QRectF(self.rect()).adjusted(1, 1, -1, -1), 4)
