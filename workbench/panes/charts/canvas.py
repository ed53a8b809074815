"""What every painted widget has: its size as drawn, a ring, words at the pointer, and the look of the theme."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.focus_ring import FocusRing


class Painted(FocusRing):
    """Goes before the Qt class of a widget that is painted by hand.

    Attributes:
        SIZE: Width and height that it would like to have, in pixels of the drawing.
        LEAST: Those that it can do with.
        GROWS: Whether it takes more width, and more height, than it would like to have.
    """

    SIZE = (0, 0)
    LEAST = (0, 0)
    GROWS = (True, True)
    _theme: Theme

    def sizeHint(self) -> QSize:
        return QSize(*map(self._theme.px, self.SIZE))

    def minimumSizeHint(self) -> QSize:
        return QSize(*map(self._theme.px, self.LEAST))

    def _init_painted(self, theme: Theme, name: str, *, takes_keys: bool) -> None:
        assert isinstance(self, QWidget)
        self._theme = theme
        self.setAccessibleName(name)
        if takes_keys:
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

    def tell_at(self, at: QPointF, words: str) -> None:
        """Shows words at a point at once, "" takes those away that are shown."""
        assert isinstance(self, QWidget)
        QToolTip.showText(self.mapToGlobal(at.toPoint()), plain_tip(words), self)

    def _shows_tip(self, event: QEvent) -> bool:
        """Whether the event asks for words at the pointer, and has got them."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        words = self.tip_at(QPointF(event.pos()))
        if words is None:
            return False
        self.tell_at(QPointF(event.pos()), words)
        return True


class Canvas(Painted, QWidget):
    """A widget that is painted as a whole."""

    def __init__(self, theme: Theme, name: str = "", *, takes_keys: bool = False) -> None:
        super().__init__()
        across, down = (QSizePolicy.Policy.Expanding if grows else QSizePolicy.Policy.Fixed for grows in self.GROWS)
        self.setSizePolicy(across, down)
        self._init_painted(theme, name, takes_keys=takes_keys)

    def event(self, event: QEvent) -> bool:
        return self._shows_tip(event) or super().event(event)


class CanvasArea(Painted, QAbstractScrollArea):
    """What is painted on the viewport of an area with scroll bars."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        self._init_painted(theme, name, takes_keys=True)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        return self._shows_tip(event) or super().viewportEvent(event)


def write_line(
    painter: QPainter,
    theme: Theme,
    box: QRectF,
    words: str,
    font: QFont,
    color: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Words in the middle of a box's height, shortened at the right where they are too long for it."""
    painter.setFont(font)
    painter.setPen(theme.color(color))
    shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def write_notice(painter: QPainter, theme: Theme, box: QRectF, words: str, color: str = "text.tertiary") -> None:
    """Words in the middle of a box, in as many lines as they need, where there is nothing to be drawn."""
    painter.setPen(theme.color(color))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
