"""A map of cells: one is chosen by a click or by the keys, described at the pointer, and marked."""

from typing import Generic, TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent

from workbench.panes.charts.arrow_keys import STEPS, Step
from workbench.panes.charts.canvas import Canvas, CanvasArea, Painted
from workbench.panes.look.theme import Theme

# A mark is so large at least, however small its cell.
LEAST_MARK = 7

Cell = TypeVar("Cell")


class Pointed(Painted, Generic[Cell]):
    """Choosing by hand, whatever a cell is: a number, a line with a column."""

    def cell_at(self, at: QPointF) -> Cell | None:
        """The cell that is drawn at a point."""
        raise NotImplementedError

    def words_of(self, cell: Cell) -> str:
        """What is written of a cell at the pointer."""
        raise NotImplementedError

    def cell_after(self, step: Step) -> Cell | None:
        """Where a step leads from the chosen cell; None where there is no cell to choose."""
        raise NotImplementedError

    def choose_by_hand(self, cell: Cell) -> None:
        """Chooses a cell, and tells it."""
        raise NotImplementedError

    def tip_at(self, at: QPointF) -> str | None:
        cell = self.cell_at(at)
        return "" if cell is None else self.words_of(cell)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.choose_by_hand(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(event.key())
        cell = None if step is None else self.cell_after(step)
        if cell is None:
            super().keyPressEvent(event)  # type: ignore[misc]
        else:
            self.choose_by_hand(cell)


class CellMap(Pointed[Cell], Canvas):
    """A map that is seen as a whole."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, takes_keys=True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)


class ZoomedMap(Pointed[Cell], CanvasArea):
    """A map of which a part is in sight: plus, minus and the wheel with Ctrl zoom, 0 shows all, Shift goes sideways."""

    def zoom_at(self, steps: int, at: QPointF) -> None:
        """Closer or farther by powers of two; what is at a point of the viewport stays there."""
        raise NotImplementedError

    def zoom_by(self, steps: int) -> None:
        """Closer or farther by powers of two, around the chosen cell where it is in sight."""
        raise NotImplementedError

    def show_whole(self) -> None:
        """As far away as it takes to see all."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_by(1)
            case Qt.Key.Key_Minus:
                self.zoom_by(-1)
            case Qt.Key.Key_0:
                self.show_whole()
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if turned:
                self.zoom_at(1 if turned > 0 else -1, event.position())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - turned * bar.singleStep() // 120)
        else:
            super().wheelEvent(event)
            return
        event.accept()


def grown(box: QRectF, wide: float, high: float) -> QRectF:
    """A box around the same middle that is so large at least."""
    across, down = max(0.0, (wide - box.width()) / 2), max(0.0, (high - box.height()) / 2)
    return box.adjusted(-across, -down, across, down)


def paint_mark(
    painter: QPainter, theme: Theme, box: QRectF, color: str = "text.primary", *, pen: float = 1.5, edge: float = 3.5
) -> None:
    """A box in a colour of the theme, with an edge in the card's, so that it is seen on any ground."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shade, wide in (("surface.card", edge), (color, pen)):
        painter.setPen(QPen(theme.color(shade), wide))
        painter.drawRect(box)
