"""The header's tag that counts the rows that are left out, and shows them when it is clicked."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent

from workbench.core.units import counted
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.controls import is_activation
from workbench.panes.parts.focus_ring import FocusRing, paint_ring


class LeftOutTag(FocusRing, Tag):
    """A tag that can be clicked.

    Signals:
        clicked: By the mouse, Space or Enter.
    """

    clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Show these rows alone")

    def show_count(self, count: int) -> None:
        """Of the rows that are left out; none takes the tag away."""
        self.show_state(f"{counted(count, 'row')} left out" if count else "", "warn")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_activation(event):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.has_ring:
            paint_ring(QPainter(self), self._theme, self.rect().adjusted(1, 1, -1, -1), 4)
