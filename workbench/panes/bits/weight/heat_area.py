"""Which of a tensor's numbers an area shows: its zoom, its scroll bars, and the place of the rulers."""

from PySide6.QtCore import QPointF, QRect

from workbench.core.model.stored_tensor import StoredTensor
from workbench.core.units import grouped
from workbench.panes.bits.weight.heat_view import (
    CLOSEST,
    FARTHEST,
    FIRST,
    Axis,
    axis,
    sight_in_words,
    whole_zoom,
    zoomed,
)
from workbench.panes.charts.cell_map import ZoomedMap
from workbench.panes.look.theme import Theme

MOST_SCROLL = 2**31 - 1
LINES_A_NOTCH = 3


class HeatArea(ZoomedMap[int]):
    """Lines and columns of a tensor, of which a part is in sight; who draws them has a `look`."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name)
        self._tensor: StoredTensor | None = None
        self._zoom: float = FIRST
        self._place: int | None = None

    def look(self) -> None:
        """Called when other numbers are in sight."""
        raise NotImplementedError

    @property
    def tensor(self) -> StoredTensor | None:
        return self._tensor

    @property
    def is_whole(self) -> bool:
        return self._zoom <= self._whole_zoom()

    @property
    def is_closest(self) -> bool:
        return self._zoom >= CLOSEST

    def axes(self) -> tuple[Axis, Axis]:
        """Lines and columns as they are in sight now."""
        box = self._plot()
        tensor = self._tensor
        lines, columns = (tensor.lines, tensor.line_length) if tensor else (0, 0)
        first_line, first_column = self.verticalScrollBar().value(), self.horizontalScrollBar().value()
        return axis(lines, box.height(), self._zoom, first_line), axis(columns, box.width(), self._zoom, first_column)

    def in_words(self) -> str:
        """What is in sight."""
        if self._tensor is None or self._tensor.problem:
            return ""
        return sight_in_words(*self.axes())

    def zoom_by(self, steps: int, around: QPointF | None = None) -> None:
        """Closer or farther by powers of two, around a point of the map, by default the chosen cell or the middle."""
        zoom = zoomed(self._zoom, steps, self._whole_zoom())
        if zoom == self._zoom or self._tensor is None:
            return
        lines, columns = self.axes()
        box = self._plot()
        if around is None:
            around = QPointF(box.width() / 2, box.height() / 2)
            if self._place is not None:
                line, column = divmod(self._place, self._tensor.line_length)
                x, y = columns.pixel_of(column), lines.pixel_of(line)
                if 0 <= x < box.width() and 0 <= y < box.height():
                    around = QPointF(x, y)
        line = lines.first + int(around.y() / lines.cell * lines.step)
        column = columns.first + int(around.x() / columns.cell * columns.step)
        self._zoom = zoom
        self._fit()
        lines, columns = self.axes()
        self.verticalScrollBar().setValue(line - int(around.y() / lines.cell * lines.step))
        self.horizontalScrollBar().setValue(column - int(around.x() / columns.cell * columns.step))
        self.look()

    def zoom_at(self, steps: int, at: QPointF) -> None:
        self.zoom_by(steps, at - QPointF(self._plot().topLeft()))

    def show_whole(self) -> None:
        self.zoom_by(FARTHEST)

    def _whole_zoom(self) -> float:
        if self._tensor is None or not self._tensor.numbers:
            return FIRST
        box = self._plot()
        return whole_zoom(self._tensor.lines, self._tensor.line_length, box.width(), box.height())

    def _plot(self) -> QRect:
        """The part of the viewport beside the rulers."""
        px = self._theme.px
        digits = len(grouped(max(0, self._tensor.lines - 1))) if self._tensor else 1
        left = px(12) + round(digits * self._theme.size("font.caption") * 0.62)
        top = px(18)
        return QRect(left, top, max(1, self.viewport().width() - left), max(1, self.viewport().height() - top))

    def _fit(self) -> None:
        """Gives the scroll bars the range of what is not in sight."""
        lines, columns = self.axes()
        for bar, along in ((self.verticalScrollBar(), lines), (self.horizontalScrollBar(), columns)):
            bar.setRange(0, min(MOST_SCROLL, along.last_first))
            bar.setPageStep(min(MOST_SCROLL, along.page))
            bar.setSingleStep(min(MOST_SCROLL, LINES_A_NOTCH * along.step))
