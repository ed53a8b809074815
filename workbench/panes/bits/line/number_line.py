"""The number line as a widget: the part that is in sight, followed, zoomed and dragged."""

from fractions import Fraction

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)

from workbench.core.bits.inspection import hexadecimal
from workbench.numerics.decimal_text import shortest_decimal, significant
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat
from workbench.panes.bits.line.lanes import Lane, lane_of
from workbench.panes.bits.line.line_picture import Geometry, LinePicture, geometry_of
from workbench.panes.bits.line.line_views import first_power, first_view, least_power, whole_view, zoomed
from workbench.panes.bits.shown.letters import LetterCase, soon
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.scale import LinearView, View, WholeView
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring
from workbench.panes.parts.in_sight import RefreshedInSight

# Marks are 2 px wide; with less than this from one to the next they touch.
LEAST_GAP = 3.0
WHEEL_STEP = 120


class NumberLine(RefreshedInSight, Canvas):
    """Wheel, + and - zoom by powers of two; dragging and arrows move; a click chooses a row, two take its value.

    Signals:
        view_changed: Another part of the line is shown.
    """

    view_changed = Signal()
    SIZE, LEAST = (560, 260), (260, 110)

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__(theme, "Number line", takes_keys=True)
        self._model = model
        self._number = model.number
        self.view: View = first_view(model.number, model.formats)
        self._is_own = False  # whether the person chose this part of the line
        self.is_stale = False
        self._dragged_from: QPointF | None = None
        self._has_moved = False
        self._wheel = 0
        self._letters = LetterCase(theme)
        self._soon = soon(self, self._describe)
        self._lanes: dict[int, tuple[NumberFormat, Lane]] = {}  # by the identity of the format: hashing one is slow
        self._lanes_of: tuple[View, int] = (self.view, 0)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self._lanes.clear)
        model.changed.connect(self.refresh_in_sight)

    # -- which part of the line ---------------------------------------------------------------------------------------

    @property
    def is_whole(self) -> bool:
        return isinstance(self.view, WholeView)

    def show_whole(self) -> None:
        self._show(whole_view(self._model.formats), is_own=True)

    def show_near(self) -> None:
        """The part around the number, as wide as its own power of two."""
        self._show(first_view(self._model.number, self._model.formats), is_own=False)

    def zoom(self, powers: int, at: float | None = None) -> None:
        """Makes what is in sight larger (-1) or smaller (1) by a power of two; `at` stays, else the needle does."""
        share = self._needle_share() if at is None else at
        self._show(zoomed(self.view, share, powers, self._model.formats), is_own=True)

    def pan(self, share: float) -> None:
        """Moves to the right by a share of the width."""
        self._show(self.view.panned(share), is_own=True)

    def _needle_share(self) -> float:
        value = self._model.number.value
        share = 0.5 if value is None else self.view.share_of(value)
        return share if 0 <= share <= 1 else 0.5

    def _show(self, view: View, *, is_own: bool) -> None:
        self._is_own = is_own
        if view != self.view:
            self.view = view
            self.update()
            self._soon.start()
        self.view_changed.emit()

    # -- following the model ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Keeps the number in sight: the needle moves, and the line only where it must."""
        number, before = self._model.number, self._number
        self._number = number
        if isinstance(self.view, WholeView):
            whole = whole_view(self._model.formats)
            if (whole.bottom, whole.top) != (self.view.bottom, self.view.top):
                self._show(whole, is_own=self._is_own)
        if number != before and not (self.is_whole and self._is_own):
            near = first_view(number, self._model.formats)
            if isinstance(near, WholeView) or isinstance(self.view, WholeView):
                self._show(near, is_own=False)
            elif number.value is not None:
                share = self.view.share_of(number.value)
                if not self._is_own and not (0.1 <= share <= 0.9 and near.power == self.view.power):
                    self._show(near, is_own=False)
                elif not 0 <= share <= 1:  # the same zoom, measured by the number
                    power = self.view.power + near.power - first_power(before)
                    power = max(power, least_power(number.value, self._model.formats))
                    self._show(LinearView.around(number.value, power), is_own=True)
        self._soon.start()
        self.update()

    def _describe(self) -> None:
        said = []
        for row in self._model.rows:
            stored = "nothing" if row.code is None else shortest_decimal(row.format, row.code)
            said.append(f"{row.format.name} {stored}")
        low, high = (significant(Number.of(self.view.value_at(share)), 6) for share in (0.0, 1.0))
        self.setAccessibleDescription(f"From {low} to {high}. Stored: {'; '.join(said)}")

    def lane(self, format_: NumberFormat) -> Lane:
        """What is in sight of a format."""
        return self._lane(format_, round(self.geometry_now().plot.width()))

    def _lane(self, format_: NumberFormat, width: int) -> Lane:
        if self._lanes_of[0] is not self.view or self._lanes_of[1] != width:
            self._lanes_of = (self.view, width)
            self._lanes.clear()
        held = self._lanes.get(id(format_))
        if held is None or held[0] is not format_:
            least = LEAST_GAP * (1.5 if self._theme.projector else 1.0)
            held = self._lanes[id(format_)] = (format_, lane_of(format_, self.view, width, least))
        return held[1]

    def geometry_now(self) -> Geometry:
        return geometry_of(
            self._theme, self._letters, self._model.rows, self._model.selected, self.width(), self.height()
        )

    # -- painting -----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lanes.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        model, geometry = self._model, self.geometry_now()
        painter.fillRect(self.rect(), self._theme.color("surface.card"))
        picture = LinePicture(painter, self._theme, self._letters, geometry, self.view)
        last = min(len(model.rows), geometry.first + geometry.shown)
        width = round(geometry.plot.width())
        shown = [(index, row, self._lane(row.format, width)) for index, row in enumerate(model.rows)]
        shown = shown[geometry.first : last]
        for index, row, lane in shown:
            picture.paint_lane(index, row, lane, is_selected=index == model.selected, full_width=self.width())
        picture.paint_axis()
        picture.paint_needle(model.number)
        for index, row, lane in shown:
            picture.paint_count(index, row, lane, model.number)
            picture.paint_arrow(index, row, model.number, is_selected=index == model.selected)
        if self.has_ring:
            paint_ring(painter, self._theme, self.rect().adjusted(3, 1, -3, -3), 4)

    # -- pointer and keyboard -----------------------------------------------------------------------------------------

    def _share_at(self, x: float) -> float:
        plot = self.geometry_now().plot
        return min(1.0, max(0.0, (x - plot.left()) / plot.width()))

    def _row_at(self, point: QPointF) -> int | None:
        geometry = self.geometry_now()
        row = geometry.row_at(point.y())
        inside = geometry.plot.top() <= point.y() < geometry.plot.bottom()
        return row if inside and 0 <= row < len(self._model.rows) else None

    def nearest(self, row: int, x: float) -> tuple[int, Fraction]:
        """The value of a row that lies nearest to a place, with its code."""
        format_, value = self._model.rows[row].format, self.view.value_at(self._share_at(x))
        below = format_.ordinal_at_or_below(value)
        around = [ordinal for ordinal in (below, below + 1) if 0 <= ordinal < format_.value_count]
        share = self._share_at(x)
        ordinal = min(around, key=lambda place: abs(self.view.share_of(format_.value_at(place)) - share))
        return format_.code_at(ordinal), format_.value_at(ordinal)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged_from, self._has_moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is None:
            return
        moved = event.position().x() - self._dragged_from.x()
        if not self._has_moved and abs(moved) < 4:
            return
        self._has_moved = True
        self._dragged_from = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.pan(-moved / self.geometry_now().plot.width())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was_click = self._dragged_from is not None and not self._has_moved
        self._dragged_from = None
        self.unsetCursor()
        row = self._row_at(event.position())
        if was_click and row is not None:
            self._model.select(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position())
        if row is not None and event.position().x() >= self.geometry_now().plot.left():
            self._model.set_number(Number.of(self.nearest(row, event.position().x())[1]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._wheel += event.angleDelta().y()
        steps, self._wheel = int(self._wheel / WHEEL_STEP), self._wheel - int(self._wheel / WHEEL_STEP) * WHEEL_STEP
        for _step in range(abs(steps)):
            self.zoom(-1 if steps > 0 else 1, self._share_at(event.position().x()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, model = event.key(), self._model
        match key:
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom(-1)
            case Qt.Key.Key_Minus:
                self.zoom(1)
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                self.pan(-0.125 if key == Qt.Key.Key_Left else 0.125)
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                row = model.selected + (-1 if key == Qt.Key.Key_Up else 1)
                model.select(min(len(model.rows) - 1, max(0, row)))
            case Qt.Key.Key_Home:
                self.show_near()
            case Qt.Key.Key_End:
                self.show_whole()
            case _:
                super().keyPressEvent(event)

    def tip_at(self, at: QPointF) -> str | None:
        row = self._row_at(at)
        if row is None or at.x() < self.geometry_now().plot.left():
            return ""
        format_, code = self._model.rows[row].format, self.nearest(row, at.x())[0]
        return f"{format_.name}: {shortest_decimal(format_, code)}, {hexadecimal(format_, code)}"
