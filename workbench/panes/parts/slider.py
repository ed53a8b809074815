"""A slider as the window draws it: the track is filled up to the knob."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider

from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_part
from workbench.panes.parts.focus_ring import FocusRing, paint_ring


class Slider(FocusRing, QSlider):
    """Whole steps from left to right; arrows, Page Up and Down, Home and End move it, the wheel does not."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self._marks: tuple[int, ...] = ()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.updateGeometry)

    def set_marks(self, values: Sequence[int]) -> None:
        """Values that mean something: a short line each below the track."""
        self._marks = tuple(values)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(120), self._theme.size("size.control"))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(60), self._theme.size("size.control"))

    def _track(self) -> QRectF:
        """From the knob's middle at the least value to that at the largest."""
        half, high = self._knob() / 2 + 1, self._theme.px(4)
        return QRectF(half, (self.height() - high) / 2, self.width() - 2 * half, high)

    def _knob(self) -> int:
        return self._theme.px(16)

    def _share(self) -> float:
        steps = self.maximum() - self.minimum()
        return (self.value() - self.minimum()) / steps if steps else 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, track = self._theme, self._track()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        paint_part(painter, track, self._share(), theme.color("border.control"), theme.color("accent.base"))
        x = track.left() + self._share() * track.width()
        painter.setPen(QPen(theme.color("text.secondary"), theme.px(1)))
        for mark in self._marks:
            at = track.left() + (mark - self.minimum()) / max(1, self.maximum() - self.minimum()) * track.width()
            painter.drawLine(QPointF(at, track.bottom() + theme.px(4)), QPointF(at, track.bottom() + theme.px(9)))
        radius = self._knob() / 2 - 1
        painter.setBrush(theme.color("surface.card"))
        painter.setPen(QPen(theme.color("accent.base"), 2))
        painter.drawEllipse(QRectF(x - radius, self.height() / 2 - radius, 2 * radius, 2 * radius))
        if self.has_ring:
            paint_ring(painter, theme, QRectF(self.rect()).adjusted(1, 1, -1, -1), 6)

    def _move_to(self, x: float) -> None:
        track = self._track()
        share = min(1.0, max(0.0, (x - track.left()) / max(1.0, track.width())))
        self.setValue(self.minimum() + round(share * (self.maximum() - self.minimum())))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._move_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._move_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
