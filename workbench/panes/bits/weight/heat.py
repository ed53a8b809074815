"""The heat map of a tensor: each cell a number, read from the file as it comes into sight."""

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)

from workbench.core.model.stored_tensor import StoredTensor
from workbench.panes.bits.weight.heat_area import HeatArea
from workbench.panes.bits.weight.heat_paint import RING_PIXELS, Part, paint_cells, paint_place, paint_rulers
from workbench.panes.bits.weight.heat_reader import PartReader
from workbench.panes.bits.weight.heat_view import FIRST, place_after
from workbench.panes.charts.arrow_keys import Step
from workbench.panes.charts.heat_colors import image_of
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import is_activation
from workbench.panes.parts.focus_ring import paint_ring

DRAG_PIXELS = 4


class HeatMap(HeatArea):
    """Numbers as colours, by pages; a click, or Enter, chooses one.

    Signals:
        chosen: The number that was chosen, counted from 0.
        moved: Other numbers are in sight.
        limit_known: The magnitude of the strongest colour.
        failed: The UserError that reading ended with.
    """

    chosen = Signal(object)
    moved = Signal()
    limit_known = Signal(float)
    failed = Signal(object)
    LEAST = (160, 120)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Heat map of the tensor")
        self._part: Part | None = None
        self._image: QImage | None = None
        self._reader = PartReader(self)
        self._reader.found.connect(self._show_part)
        self._reader.limit_known.connect(self.limit_known)
        self._reader.failed.connect(self.failed)
        self._pressed: tuple[QPoint, int, int] | None = None
        self._is_dragging = False
        self.setStyleSheet("QAbstractScrollArea::corner { background: transparent; border: none; }")
        self.horizontalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def place(self) -> int | None:
        """The chosen number."""
        return self._place

    def show_tensor(self, tensor: StoredTensor | None) -> None:
        """Shows another tensor from its first number on; its `problem` is the caller's to say."""
        self._tensor = tensor
        self._part, self._image, self._place = None, None, None
        self._zoom = FIRST
        self._reader.read_from(tensor)
        self._fit()
        self.horizontalScrollBar().setValue(0)
        self.verticalScrollBar().setValue(0)
        self.look()

    def choose(self, place: int) -> None:
        """Chooses a number and brings it into sight."""
        tensor = self._tensor
        if tensor is None:
            return
        place = min(max(place, 0), tensor.numbers - 1)
        lines, columns = self.axes()
        line, column = divmod(place, tensor.line_length)
        for bar, along, at in ((self.verticalScrollBar(), lines, line), (self.horizontalScrollBar(), columns, column)):
            if at < along.first:
                bar.setValue(at)
            elif at >= along.first + along.page:
                bar.setValue(at - along.page + along.step)
        if place != self._place:
            self._place = place
            self.setAccessibleDescription(f"Index {index_in_words(tensor, place)} is chosen")
            self.chosen.emit(place)
        self.viewport().update()

    # -- reading ------------------------------------------------------------------------------------------------------

    def _scrolled(self) -> None:
        self.look()

    def look(self) -> None:
        """Draws what is in sight, and reads it where that has not been done."""
        self.viewport().update()
        self.moved.emit()
        tensor = self._tensor
        if tensor is None or tensor.problem or not self.isVisible():
            return
        lines, columns = self.axes()
        wanted = (lines.shown, columns.shown)
        if self._part is not None and (self._part.lines, self._part.columns) == wanted:
            return
        self._reader.want(*wanted)

    def _show_part(self, part: Part) -> None:
        self._part = part
        self._image = image_of(part.shades, self._theme)
        self.viewport().update()

    # -- painting -----------------------------------------------------------------------------------------------------

    def _restyle(self) -> None:
        if self._part is not None:
            self._image = image_of(self._part.shades, self._theme)
        self._fit()
        self.look()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._theme.color("surface.card"))
        if self._tensor is None or self._tensor.problem:
            return
        lines, columns = self.axes()
        box = self._plot()
        paint_rulers(painter, self._theme, box, lines, columns)
        if self.has_ring:
            paint_ring(painter, self._theme, self.viewport().rect().adjusted(1, 1, -1, -1))
        # The ring of a number at the edge reaches out of the picture.
        painter.setClipRect(box.adjusted(-RING_PIXELS, -RING_PIXELS, 0, 0))
        painter.translate(box.topLeft())
        if self._part is not None and self._image is not None:
            paint_cells(painter, self._theme, self._part, self._image, lines, columns)
        if self._place is not None:
            paint_place(painter, self._theme, self._tensor, self._place, lines, columns)

    # -- hands --------------------------------------------------------------------------------------------------------

    def cell_at(self, at: QPointF) -> int | None:
        if self._tensor is None or self._tensor.problem:
            return None
        lines, columns = self.axes()
        box = self._plot()
        line, column = lines.at(at.y() - box.top()), columns.at(at.x() - box.left())
        if line is None or column is None:
            return None
        place = line * self._tensor.line_length + column
        return place if place < self._tensor.numbers else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            bars = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
            self._pressed, self._is_dragging = (event.position().toPoint(), *bars), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        start, column, line = self._pressed
        by = event.position().toPoint() - start
        self._is_dragging |= by.manhattanLength() > DRAG_PIXELS
        if self._is_dragging:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            lines, columns = self.axes()
            self.horizontalScrollBar().setValue(column - round(by.x() / columns.cell) * columns.step)
            self.verticalScrollBar().setValue(line - round(by.y() / lines.cell) * lines.step)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was_click = self._pressed is not None and not self._is_dragging
        self._pressed = None
        self.viewport().unsetCursor()
        place = self.cell_at(event.position())
        if was_click and place is not None:
            self.choose(place)

    def words_of(self, cell: int) -> str:
        return "" if self._tensor is None else f"Index {index_in_words(self._tensor, cell)}"

    def cell_after(self, step: Step) -> int | None:
        if self._tensor is None or self._tensor.problem:
            return None
        return place_after(step, self._here(), self._tensor.numbers, *self.axes())

    def choose_by_hand(self, cell: int) -> None:
        self.choose(cell)

    def _here(self) -> int:
        """The chosen number, else the first in sight."""
        lines, columns = self.axes()
        return lines.first * columns.count + columns.first if self._place is None else self._place

    def keyPressEvent(self, event: QKeyEvent) -> None:
        tensor = self._tensor
        is_all = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if tensor is None or tensor.problem:
            super().keyPressEvent(event)
        elif is_all and event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.choose(0 if event.key() == Qt.Key.Key_Home else tensor.numbers - 1)
        elif is_activation(event):
            self.choose(self._here())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self.look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()
        self.look()


def index_in_words(tensor: StoredTensor, place: int) -> str:
    """As numpy writes it: [12, 345]."""
    return f"[{', '.join(map(str, tensor.index_of(place)))}]"
