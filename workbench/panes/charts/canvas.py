"""What every painted widget has: its size as drawn, a ring, words at the pointer, and the look of the theme."""

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.focus_ring import FocusRing


class Painted(FocusRing):
    """Goes before the Qt class of a widget that is painted by hand.

    Attributes:
        SIZE: Width and height that it would like to have, in pixels of the drawing.
        LEAST: Those that it can do with.
    """

    SIZE = (0, 0)
    LEAST = (0, 0)
    _theme: Theme

    def sizeHint(self) -> QSize:
        return QSize(*map(self._theme.px, self.SIZE))

    def minimumSizeHint(self) -> QSize:
        return QSize(*map(self._theme.px, self.LEAST))

    def _follow(self, theme: Theme, name: str, *, has_focus: bool) -> None:
        assert isinstance(self, QWidget)
        self._theme = theme
        self.setAccessibleName(name)
        if has_focus:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        """Sizes and colours are others now."""
        assert isinstance(self, QWidget)
        self.updateGeometry()
        self.update()

    def tip_at(self, at: QPointF) -> str | None:
        """Words for what is at a point, "" for nothing; None leaves it to the tooltip of the whole."""
        return None

    def _shows_tip(self, event: QEvent) -> bool:
        """Whether the event asks for words at the pointer, and has got them."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        words = self.tip_at(QPointF(event.pos()))
        if words is None:
            return False
        assert isinstance(self, QWidget)
        QToolTip.showText(event.globalPos(), plain_tip(words), self)
        return True


class Canvas(Painted, QWidget):
    """A widget that is painted as a whole, and grows into the room that there is."""

    def __init__(self, theme: Theme, name: str = "", *, has_focus: bool = False) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._follow(theme, name, has_focus=has_focus)

    def event(self, event: QEvent) -> bool:
        return self._shows_tip(event) or super().event(event)


class CanvasArea(Painted, QAbstractScrollArea):
    """What is painted on the viewport of an area with scroll bars."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        self._follow(theme, name, has_focus=True)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        return self._shows_tip(event) or super().viewportEvent(event)
